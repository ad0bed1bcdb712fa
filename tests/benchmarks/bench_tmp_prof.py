from .bench_price_import import *
@pytest.mark.django_db(transaction=True)
def test_prof(world, tmp_path):
    first = tmp_path / "first.csv"; first.write_text("".join(lines(raised=0)))
    print("with offers", import_(first, world, date(2027,2,1)))
    for m in (3,4):
        t=import_(first, world, date(2027,m,1))
        b=bare_copy(PriceList.objects.get(effective_on=date(2027,m,1)))
        PriceList.objects.get(effective_on=date(2028,1,1)).delete()
        print("second", t, "bare", b, t/b)

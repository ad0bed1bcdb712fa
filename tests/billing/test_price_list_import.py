import os
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from billing.models import Price, PriceList
from billing.services import price_lists
from subscriptions.models import Offer
from tenants.models import Activity
from tests import make
from tests.world import World

from .price_files import (
    FEBRUARY,
    JANUARY,
    LICENCE_BASED,
    LICENCE_BASED_SAMPLE,
    SAMPLE,
    file_of,
    import_file,
    import_rows,
    row,
)

REAL_LIST = Path(
    os.environ.get("CSP_REAL_PRICE_LIST", "")
    or Path(__file__).parents[3] / "shared" / "data" / "legacy-price-list-US-2016-02.csv"
)


def prices(world: World) -> list[tuple[str, str, str, str, str]]:
    found = Price.objects.order_by("pk")
    return [(p.segment, p.duration, p.plan, str(p.unit_price), str(p.erp)) for p in found]


def problems(refused: pytest.ExceptionInfo[price_lists.PriceListRefused]) -> list[tuple[int, str]]:
    return [(problem.line, problem.column) for problem in refused.value.problems]


def test_prices_of_the_current_format_are_for_the_term(world: World) -> None:
    done = import_rows(
        world,
        row(term="P1M,Monthly", price="17.30", erp="20.60"),
        row(term="P1Y,Monthly", price="207.60", erp="247.20"),
        row(term="P1Y,Annual", price="207.60", erp="247.20"),
    )

    assert prices(world) == [
        ("commercial", "P1M", "monthly", "17.3000", "20.6000"),
        ("commercial", "P1Y", "monthly", "17.3000", "20.6000"),  # a twelfth
        ("commercial", "P1Y", "annual", "207.6000", "247.2000"),
    ]
    assert done.price_list.scheduled_at is None


def test_a_twelfth_is_rounded_once_to_the_minor_unit(world: World) -> None:
    import_rows(world, row(price="3393.90", erp="3992.80"))

    # 3393.90 / 12 = 282.825, half a cent away from zero; 3992.80 / 12 = 332.7333...
    assert prices(world) == [("commercial", "P1Y", "monthly", "282.8300", "332.7300")]


def test_yen_have_no_minor_unit(world: World) -> None:
    import_rows(world, row(price="20000", erp="24000"), market="JP", currency="JPY")

    # 20000 / 12 = 1666.67
    assert prices(world) == [("commercial", "P1Y", "monthly", "1667.0000", "2000.0000")]


def test_prices_of_the_licence_based_format_are_per_month(world: World) -> None:
    sku = world.premium.sku
    import_rows(world, f",Premium,{sku},Corporate,1 Month(s),,17.30,20.60", header=LICENCE_BASED)

    assert prices(world) == [
        ("commercial", "P1Y", "monthly", "17.3000", "20.6000"),
        ("commercial", "P1Y", "annual", "207.6000", "247.2000"),  # 12 x 17.30, 12 x 20.60
    ]


@pytest.mark.parametrize(
    ("agreement", "segment"),
    [
        ("Corporate", "commercial"),
        ("Academic", "education"),
        ("Government", "government"),
        ("Charity", "charity"),
        ("Non-profit", "charity"),
    ],
)
def test_the_agreement_type_says_the_segment(world: World, agreement: str, segment: str) -> None:
    text = f"ADD,Premium,{world.premium.sku},{agreement},1 Month(s),NON-SPECIFIC,17.30,20.60"
    import_rows(world, text, header=LICENCE_BASED)

    assert {price.segment for price in Price.objects.all()} == {segment}


def test_rows_marked_del_are_not_part_of_the_list(world: World) -> None:
    done = import_rows(
        world,
        f"UNC,Premium,{world.premium.sku},Corporate,1 Month(s),,17.30,20.60",
        "DEL,Gone,unknown,Corporate,1 Month(s),,1.00,2.00",
        header=LICENCE_BASED,
    )

    assert done.prices == 2


def test_unknown_products_are_problems_of_their_rows(world: World) -> None:
    with pytest.raises(price_lists.PriceListRefused) as refused:
        import_rows(world, row(), row(sku="NEW:0001"), row(sku="NEW:0002"))

    assert problems(refused) == [(3, "SkuId"), (4, "SkuId")]
    assert not PriceList.objects.exists()


def test_unknown_products_become_draft_offers_when_the_operator_says_so(world: World) -> None:
    done = import_rows(
        world,
        "ADD,Meetings,meet-1,Corporate,1 Month(s),ADDON,6.40,8.00",
        "ADD,Meetings Trial,meet-2,Corporate,1 Month(s),TRIAL,0,0",
        "ADD,Meetings Trial,MEET-2,Academic,1 Month(s),TRIAL,0,0",
        header=LICENCE_BASED,
        creates_offers=True,
    )

    made = Offer.objects.filter(title__startswith="Meetings").order_by("sku")
    assert [(o.sku, o.state, o.is_add_on, o.is_trial) for o in made] == [
        ("meet-1", "draft", True, False),
        ("meet-2", "draft", False, True),
    ]
    assert (done.new_offers, done.prices) == (2, 6)


def test_five_thousand_rows_with_three_bad_ones_are_refused_whole(world: World) -> None:
    rows = [
        row(sku=f"MANY{number // 3:05}:0001", term=term)
        for number, term in enumerate(["P1M,Monthly", "P1Y,Monthly", "P1Y,Annual"] * 1667)
    ][:5000]
    bad = list(rows)
    bad[1232] = row(sku="MANY00410:0001", term="P1Y,Annual", price="1.234,50")  # line 1234
    bad[2498] = row(sku="MANY00832:0001", term="P3Y,Annual")  # line 2500
    bad[4998] = bad[4995]  # line 5000 repeats line 4997

    with pytest.raises(price_lists.PriceListRefused) as refused:
        import_rows(world, *bad, creates_offers=True)

    # a stray comma is a cell too many; the csv is what the operator sees
    assert problems(refused) == [(1234, ""), (2500, "TermDuration"), (5000, "")]
    assert not PriceList.objects.exists()
    assert Offer.objects.filter(sku__startswith="MANY").count() == 0

    done = import_rows(world, *rows, creates_offers=True)

    assert (done.prices, done.counts["ADD"]) == (5000, 5000)


@pytest.mark.parametrize(
    ("bad", "columns"),
    [
        (row(price="12,50"), [""]),
        (row(price="-1.00"), ["UnitPrice"]),
        (row(price="１２"), ["UnitPrice"]),  # noqa: RUF001 -- full-width digits are the point
        (row(price="NaN", erp="1e3"), ["ERP Price", "UnitPrice"]),
        (row(price="123456789.00"), ["UnitPrice"]),
        (row(price="1.23456"), ["UnitPrice"]),
        (row(price=""), ["UnitPrice"]),
        (row(term="P3Y,Annual"), ["TermDuration"]),
        (row(term="P1Y,Weekly"), ["BillingPlan"]),
        (row(term="P1M,Annual"), ["BillingPlan"]),
        (row(segment="Military"), ["Segment"]),
        (row(segment=""), ["Segment"]),
        (row(days="31/12/2026,"), ["EffectiveStartDate"]),
        (row(days="2026-02-30,"), ["EffectiveStartDate"]),
        (row(days=",1/1/2026 25:00:00"), ["EffectiveEndDate"]),
        (row(days="2027-02-01,2027-01-31"), ["EffectiveEndDate"]),
        (row(sku=":0002"), ["ProductId"]),
        (row(sku="X" * 61 + ":0002"), ["ProductId"]),
    ],
)
def test_a_bad_row_is_named_with_its_columns(world: World, bad: str, columns: list[str]) -> None:
    with pytest.raises(price_lists.PriceListRefused) as refused:
        import_rows(world, bad, creates_offers=True)

    assert problems(refused) == [(2, column) for column in columns]


def test_a_file_of_another_market_is_refused(world: World) -> None:
    header = "ProductId,SkuId,SkuTitle,TermDuration,BillingPlan,UnitPrice,ERP Price,Market,Currency"
    with pytest.raises(price_lists.PriceListRefused) as refused:
        import_rows(world, "CFQ7TTC0LCHC,0002,Premium,P1M,Monthly,1,2,US,USD", header=header)

    assert problems(refused) == [(2, "Currency"), (2, "Market")]


def test_a_header_of_neither_format_is_refused(world: World) -> None:
    with pytest.raises(price_lists.PriceListRefused) as refused:
        import_rows(world, "1,2", header="Product,Price")

    assert [str(problem) for problem in refused.value.problems] == [
        "line 1: The header is of neither price list format: it has no “SkuId” and no “Offer ID”."
    ]


def test_columns_may_come_in_any_order_and_unknown_ones_are_noticed(world: World) -> None:
    header = "ERP Price,Colour,UnitPrice,BillingPlan,TermDuration,SkuTitle,SkuId,ProductId"
    done = import_rows(
        world, "20.60,red,17.30,monthly,p1m,Premium,0002,cfq7ttc0lchc", header=header
    )

    assert prices(world) == [("commercial", "P1M", "monthly", "17.3000", "20.6000")]
    assert done.notices == ["Column “Colour” is not known and was left out."]


@pytest.mark.parametrize(
    ("cells", "start", "end"),
    [
        ("2027-01-01,9999-12-31", date(2027, 1, 1), None),
        ("1/15/2027,1/31/2027", date(2027, 1, 15), date(2027, 2, 1)),
        ("2027-01-15T00:00:00Z,2027-02-01T00:00:00Z", date(2027, 1, 15), date(2027, 2, 1)),
        ("1/15/2027 12:00:00 AM,1/31/2027 11:59:59 PM", date(2027, 1, 15), date(2027, 2, 1)),
        (",", None, None),
    ],
)
def test_days_are_iso_or_american_and_may_have_a_time(
    world: World, cells: str, start: date | None, end: date | None
) -> None:
    import_rows(world, row(days=cells))

    price = Price.objects.get()
    assert (price.valid_from, price.valid_until) == (start, end)


def test_prices_that_end_before_the_list_begins_are_left_out(world: World) -> None:
    done = import_rows(world, row(days="2026-01-01,2026-12-31"), row(days="2026-06-01,2027-06-30"))

    assert done.prices == 1
    assert done.notices == ["1 price ends before the list takes effect and was left out."]


def test_a_dry_run_previews_and_keeps_nothing(world: World) -> None:
    make.price_list(date(2026, 12, 1), {world.premium: ("17.30", "20.60")})

    done = import_rows(
        world,
        row(price="216.00"),  # 18.00 a month
        row(term="P1Y,Annual"),
        row(sku="NEW:1"),
        creates_offers=True,
        is_dry_run=True,
    )

    # P1M is gone, P1Y monthly is dearer, P1Y annual stays at 12 x 17.30 = 207.60
    assert done.counts == {"ADD": 1, "CHG": 1, "DEL": 1, "UNC": 1}
    assert [(change.mark, change.duration) for change in done.changes] == [
        ("ADD", "P1Y"),
        ("CHG", "P1Y"),
        ("DEL", "P1M"),
    ]
    assert PriceList.objects.count() == 1
    assert not Offer.objects.filter(sku="NEW:1").exists()
    assert not Activity.objects.exists()


def test_a_second_import_replaces_the_draft(world: World) -> None:
    first = import_rows(world, row(), row(term="P1M,Monthly"))
    second = import_rows(world, row(price="240.00"), name="corrected.csv")

    assert second.price_list == first.price_list
    assert prices(world) == [("commercial", "P1Y", "monthly", "20.0000", "20.6000")]
    assert PriceList.objects.get().source_name == "corrected.csv"


def test_a_scheduled_list_takes_no_import(world: World) -> None:
    done = import_rows(world, row())
    price_lists.schedule(price_list=done.price_list, act=world.act())

    with pytest.raises(price_lists.AlreadyScheduled):
        import_rows(world, row(price="240.00"))

    assert prices(world) == [("commercial", "P1Y", "monthly", "17.3000", "20.6000")]


def test_a_list_starts_a_month(world: World) -> None:
    with pytest.raises(price_lists.NotTheFirstOfAMonth):
        import_rows(world, row(), effective_on=date(2027, 1, 2))


def test_a_month_that_is_too_late_is_said_at_once(world: World) -> None:
    done = import_rows(world, row(), effective_on=date(2026, 12, 1))

    (notice,) = done.notices
    assert notice == (
        "Too late for December 2026: partners would have to see it since 2026-11-01. "
        "The next possible month is January 2027."
    )


def test_an_erp_below_cost_is_noticed(world: World) -> None:
    done = import_rows(world, row(price="300.00", erp="247.20"))

    assert done.notices == ["1 price has an ERP below what the partner pays."]


def test_an_import_is_recorded_for_the_vendor(world: World) -> None:
    import_rows(world, row())

    entry = Activity.objects.get()
    assert (entry.tenant, entry.action, entry.by) == (
        world.cirrus,
        "price_list.imported",
        world.ada,
    )
    assert entry.after == {"ADD": 1, "CHG": 0, "DEL": 0, "UNC": 0, "new_offers": 0}


def test_progress_is_told(world: World) -> None:
    told: list[int] = []
    import_rows(world, row(), row(term="P1M,Monthly"), progress=told.append)

    assert told == [2]


def test_the_sample_of_the_current_format_imports(world: World) -> None:
    with SAMPLE.open("rb") as file:
        done = import_file(world, file, creates_offers=True)

    assert (done.prices, done.new_offers) == (40, 10)  # premium and phone are known
    insights = Price.objects.get(offer__title="Customer Insights")
    assert insights.unit_price == Decimal("282.83")
    assert Price.objects.filter(segment="education").count() == 6


def test_the_sample_of_the_licence_based_format_imports(world: World) -> None:
    with LICENCE_BASED_SAMPLE.open("rb") as file:
        done = import_file(world, file, market="US", currency="USD", creates_offers=True)

    assert (done.prices, done.new_offers) == (80, 40)
    assert Offer.objects.filter(title__startswith="Lockbox", is_add_on=True).count() == 2


@pytest.mark.skipif(not REAL_LIST.is_file(), reason="the real list is not in the repository")
def test_the_real_list_of_february_2016_imports_as_it_is(world: World) -> None:
    with REAL_LIST.open("rb") as file:
        done = import_file(
            world,
            file,
            market="US",
            currency="USD",
            effective_on=date(2016, 2, 1),
            creates_offers=True,
        )

    assert (done.prices, done.new_offers) == (182, 91)  # monthly and annual
    assert Price.objects.filter(offer__is_add_on=True).count() == 2 * 26
    crm = Price.objects.filter(offer__title="Microsoft Dynamics CRM Online Basic")
    assert [(p.plan, str(p.unit_price), str(p.erp)) for p in crm.order_by("unit_price")] == [
        ("monthly", "22.5000", "30.0000"),
        ("annual", "270.0000", "360.0000"),
    ]


def test_lists_of_two_months_stand_side_by_side(world: World) -> None:
    import_rows(world, row())
    import_rows(world, row(price="240.00"), effective_on=FEBRUARY)

    assert [each.effective_on for each in PriceList.objects.order_by("effective_on")] == [
        JANUARY,
        FEBRUARY,
    ]


def test_nothing_of_a_broken_upload_stays(world: World) -> None:
    broken = file_of(row(), row(term="P1M,Monthly")).getvalue() + b'"unfinished'

    with pytest.raises(price_lists.PriceListRefused) as refused:
        import_file(world, BytesIO(broken))

    assert problems(refused) == [(4, "")]
    assert not Price.objects.exists()

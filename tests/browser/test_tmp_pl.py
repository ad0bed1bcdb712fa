from datetime import date, datetime, UTC
import pytest
from billing.models import *
from billing.services import price_lists
from tests import make
from tests.world import build_world
from tests.billing.price_files import SAMPLE, import_file
from tenants.acts import Act
pytestmark=[pytest.mark.browser, pytest.mark.django_db(transaction=True)]
def test_look(visit, live_server):
    world=build_world()
    more=[make.offer(f"Office Suite E{n}",f"CFQ7TTC0LF8{n}:0001",product_family="Enterprise") for n in range(1,9)]
    for i,m in enumerate([date(2026,9,1),date(2026,10,1),date(2026,11,1),date(2026,12,1)]):
        make.price_list(m,{world.premium:("17.30" if i<3 else "18.10","20.60"),world.phone:("6.30","7.50"),**{o:(f"{20+n+i*0.33:.2f}",f"{25+n}") for n,o in enumerate(more[:5+i])}})
    dec=PriceList.objects.get(effective_on=date(2026,12,1))
    for theme in ("light","dark"):
        for w in (1440,390):
            page=visit("ada@fabrikam.example",password=make.PASSWORD,viewport={"width":w,"height":900 if w>400 else 1400},color_scheme=theme)
            for name,path in (("index","/price-lists/"),("list",f"/price-lists/{dec.pk}/"),("diff",f"/price-lists/{dec.pk}/diff/"),("none",f"/price-lists/{dec.pk}/?q=zzz")):
                page.goto(path); page.screenshot(path=f"/tmp/pl/shot-{name}-{theme}-{w}.png")
                from axe_playwright_python.sync_playwright import Axe
                r=Axe().run(page); print(name,theme,w,r.violations_count, [ (v['id'],[n['html'][:120] for n in v['nodes']][:3]) for v in r.response['violations']])
    # works while typing, and the mark chips
    page=visit("ada@fabrikam.example",password=make.PASSWORD)
    page.goto(f"/price-lists/{dec.pk}/diff/"); page.fill("#q","phone"); page.wait_for_timeout(1500); print(page.url, page.locator("tbody tr.row").count()); page.click("text=Everything"); page.wait_for_selector("tbody tr.row"); print(page.url, page.locator("tbody tr.row").count())

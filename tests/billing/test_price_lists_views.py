import csv
import io
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Price, PriceList
from csp_portal.shared import clock
from tests import make
from tests.conftest import Browser
from tests.world import World

from .price_files import JANUARY, import_file, import_rows, row

SignIn = Callable[..., Browser]
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def lists(world: World) -> list[PriceList]:
    """Three lists; on 22 November the last one is scheduled and not public yet."""
    return [
        make.price_list(
            NOVEMBER, {world.premium: ("17.30", "20.60"), world.phone: ("6.30", "7.50")}
        ),
        make.price_list(DECEMBER, {world.premium: ("18.00", "21.40")}),
        make.price_list(JANUARY, {world.premium: ("18.50", "22.00")}),
    ]


def page(name: str, price_list: PriceList, *args: str) -> str:
    return reverse(f"billing:{name}", args=[price_list.pk, *args])


def test_the_overview_shows_the_list_in_force_and_the_upcoming_one(
    world: World, lists: list[PriceList], sign_in: SignIn
) -> None:
    response = sign_in(world.sam).get(reverse("billing:price-lists"))

    assert response.context["in_force"]["list"] == lists[0]
    assert [card["list"] for card in response.context["upcoming"]] == [lists[1]]
    # 3 rows of Business Premium are dearer, 3 of the phone are gone
    assert response.context["upcoming"][0]["counts"] == {"ADD": 0, "CHG": 3, "DEL": 3, "UNC": 0}
    assert "in 9 days" in response.text  # 1 December
    assert "January 2027" not in response.text


def test_the_overview_of_a_market_without_lists_says_so(world: World, sign_in: SignIn) -> None:
    response = sign_in(world.ada).get(reverse("billing:price-lists"))

    assert "No price list is in force" in response.text
    assert "2 Dec 2026" in response.text  # the day January's list can appear


@pytest.mark.parametrize("name", ["price-list", "price-list-diff"])
def test_a_list_that_is_not_public_is_the_same_404_as_none(
    world: World, lists: list[PriceList], sign_in: SignIn, name: str
) -> None:
    ada = sign_in(world.ada)
    missing = ada.get(reverse(f"billing:{name}", args=[987_654]))

    early = ada.get(page(name, lists[2]))
    with clock.pinned_to(date(2026, 12, 2)):
        in_time = ada.get(page(name, lists[2]))

    assert (early.status_code, missing.status_code, in_time.status_code) == (404, 404, 200)
    assert early.content == missing.content


def test_drafts_and_lists_of_other_markets_are_404(
    world: World, lists: list[PriceList], sign_in: SignIn
) -> None:
    abroad = make.price_list(NOVEMBER, {world.premium: ("19", "23")}, market="US", currency="USD")
    draft = import_rows(world, row(), effective_on=date(2027, 2, 1)).price_list
    ada = sign_in(world.ada)

    assert ada.get(page("price-list", abroad)).status_code == 404
    with clock.pinned_to(date(2027, 2, 1)):
        assert ada.get(page("price-list", draft)).status_code == 404
    assert ada.get(page("price-list-download", abroad, "csv")).status_code == 404
    assert ada.get(page("price-list-download", lists[2], "xlsx")).status_code == 404
    assert ada.get(f"/price-lists/{10**30}/").status_code == 404


def test_people_without_prices_are_refused(
    world: World, lists: list[PriceList], sign_in: SignIn
) -> None:
    for person in (world.helen, world.gita, world.carl):
        assert sign_in(person).get(page("price-list", lists[0])).status_code == 403


def test_a_list_is_searched_and_filtered(
    world: World, lists: list[PriceList], sign_in: SignIn
) -> None:
    ada, url = sign_in(world.ada), page("price-list", lists[0])

    everything = ada.get(url)
    phone = ada.get(url, {"q": "PHONE", "plan": "annual"})
    by_sku = ada.get(url, {"q": "lchc:0002", "term": "P1M"})
    nothing = ada.get(url, {"segment": "charity"})
    nonsense = ada.get(url, {"segment": "x", "family": "y", "page": "99", "term": "P9Y"})

    assert len(everything.context["rows"]) == len(nonsense.context["rows"]) == 6
    # 12 x 6.30 and 12 x 7.50
    assert [(r.title, r.price, r.erp) for r in phone.context["rows"]] == [
        ("Teams Phone Standard", "€75.60", "€90.00")
    ]
    assert [r.price for r in by_sku.context["rows"]] == ["€17.30"]
    assert "No price matches" in nothing.text
    assert "Add-on" in phone.text


def test_a_list_page_asks_as_much_for_fifty_rows_as_for_one(world: World, sign_in: SignIn) -> None:
    one = make.price_list(NOVEMBER, {world.premium: ("17.30", "20.60")})
    offers = [make.offer(f"Offer {n}", f"SKU:{n}") for n in range(20)]
    many = make.price_list(DECEMBER, dict.fromkeys(offers, ("1", "2")))
    ada = sign_in(world.ada)
    counts = []
    for shown in (one, one, many):
        for name in ("price-list", "price-list-diff"):
            with CaptureQueriesContext(connection) as queries:
                assert ada.get(page(name, shown)).status_code == 200
            counts.append(len(queries))

    assert counts[2] == counts[4]
    assert max(counts[2:]) <= 15  # five of them keep the session


def test_the_diff_shows_old_new_and_percent(
    world: World, lists: list[PriceList], sign_in: SignIn
) -> None:
    ada, url = sign_in(world.ada), page("price-list-diff", lists[1])

    changes = ada.get(url)
    gone = ada.get(url, {"mark": "DEL", "plan": "annual"})
    same = ada.get(url, {"mark": "UNC"})

    first = changes.context["rows"][0]
    assert (first.change.mark, first.old_price, first.new_price) == ("CHG", "€17.30", "€18.00")
    assert "4.0" in changes.text  # 0.70 / 17.30 = 4.05 %
    assert [(r.change.title, r.old_price, r.new_price) for r in gone.context["rows"]] == [
        ("Teams Phone Standard", "€75.60", "")
    ]
    assert same.context["rows"] == []
    assert {c.label: c.count for c in changes.context["chips"]} == {
        "All changes": 6,
        "New": 0,
        "Changed": 3,
        "Gone": 3,
        "Unchanged": 0,
        "Everything": 6,
    }


def test_lists_can_be_compared_across_months_and_only_with_public_ones(
    world: World, lists: list[PriceList], sign_in: SignIn
) -> None:
    ada = sign_in(world.ada)
    with clock.pinned_to(date(2026, 12, 2)):
        across = ada.get(page("price-list-diff", lists[2]), {"against": lists[0].pk})

    assert across.context["old"] == lists[0]
    for asked in (lists[2].pk, lists[1].pk, "x", 10**30):
        response = ada.get(page("price-list-diff", lists[1]), {"against": asked})
        assert response.status_code == 404


def test_the_csv_can_be_imported_again(
    world: World, lists: list[PriceList], sign_in: SignIn
) -> None:
    response = sign_in(world.ada).get(page("price-list-download", lists[0], "csv"))
    data = b"".join(response.streaming_content)

    assert response["Content-Disposition"] == (
        'attachment; filename="price-list-DE-EUR-2026-11.csv"'
    )
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    monthly = rows[0]
    assert (monthly["TermDuration"], monthly["BillingPlan"]) == ("P1Y", "Monthly")
    # for the whole term, and per seat and period
    assert (monthly["UnitPrice"], monthly["Price per seat and period"]) == ("207.6000", "17.3000")
    done = import_file(world, io.BytesIO(data), effective_on=date(2027, 2, 1))
    # January's list has no phone, and Premium at 18.50
    assert (done.prices, done.counts) == (6, {"ADD": 3, "CHG": 3, "DEL": 0, "UNC": 0})
    original = Price.objects.filter(price_list=lists[0]).order_by("offer", "duration", "plan")
    copy = Price.objects.filter(price_list=done.price_list).order_by("offer", "duration", "plan")
    assert [p.unit_price for p in copy] == [p.unit_price for p in original]


def test_the_workbook_has_the_same_cells_and_no_formula(world: World, sign_in: SignIn) -> None:
    evil = make.offer("=HYPERLINK(1)", "EVIL:1")
    shown = make.price_list(NOVEMBER, {evil: ("1", "2")})

    ada = sign_in(world.ada)
    book = b"".join(ada.get(page("price-list-download", shown, "xlsx")).streaming_content)
    text = b"".join(ada.get(page("price-list-download", shown, "csv")).streaming_content)

    archive = zipfile.ZipFile(io.BytesIO(book))
    sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "&#39;=HYPERLINK" in sheet or "'=HYPERLINK" in sheet
    assert b",'=HYPERLINK(1)," in text
    assert sheet.count("<row ") == 4
    assert ada.get(page("price-list-download", shown, "pdf")).status_code == 404

"""The customer's list of orders: its own and its partner's, each with its own leg only."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.urls import reverse

from billing.models import Order
from subscriptions.models import Subscription
from tests import make
from tests.billing.selling import FOUNDED, change, sell
from tests.billing.test_direct import buy
from tests.billing.test_direct import change as change_own
from tests.billing.test_recommendations import buy as buy_recommended
from tests.billing.test_recommendations import recommend
from tests.billing.test_three_legs import sell as sell_in_two_tiers
from tests.conftest import Browser
from tests.two_tier import two_tier
from tests.world import TODAY, World

from .reading import SignIn, csv_rows, main_words, queries, table_rows, text, words

PAGE = reverse("home:my-orders")


@pytest.fixture
def ordered(sold: World) -> World:
    """Northwind's orders: two of its partner, then three of its own, then an advised one."""
    through_csp = sell(sold, on=FOUNDED, reason="Ask for 12 % next year")
    change(sold, "seats", through_csp, on=date(2026, 11, 10), seats=66)
    own = buy(sold, seats=10, on=date(2026, 11, 12), reason="PO 4711")
    change_own(sold, "seats", own, on=date(2026, 11, 14), seats=12)
    change_own(sold, "cancel", own, on=date(2026, 11, 16))
    made, _ = recommend(sold, 25)
    buy_recommended(sold, made)  # today
    return sold


@pytest.fixture
def carl(ordered: World, sign_in: SignIn) -> Browser:
    return sign_in(ordered.carl)


def test_own_orders_and_the_partners_are_listed_newest_first(carl: Browser) -> None:
    rows = table_rows(carl.get(PAGE))

    assert [(row.split(" Business")[0], "Fabrikam Cloud" in row) for row in rows] == [
        ("New subscription", False),
        ("Cancellation", False),
        ("Change of seats", False),
        ("New subscription", False),
        ("Change of seats", True),
        ("New subscription", True),
    ]
    assert "Advisor" in rows[0]
    assert "Direct" in rows[1]
    assert "CSP" in rows[5]
    assert "Ada Keller" in rows[5]


def test_amounts_are_the_customers_own_leg_and_nothing_of_the_partners(
    carl: Browser,
) -> None:
    page = text(carl.get(PAGE))

    rows = table_rows(carl.get(PAGE))
    assert "€515.00" in rows[0]  # 20.60 x 25
    assert "€1,236.00" in rows[5]  # 20.60 x 60
    for cost in ("988.80", "16.48", "Ask for 12 %"):  # the partner's cost, and its own note
        assert cost not in page


def test_a_resellers_customer_sees_the_leg_it_pays_and_no_other(
    world: World, sign_in: SignIn
) -> None:
    tier = two_tier(world)
    make.price_list(date(2026, 3, 1), {world.premium: ("16.48", "20.60")})
    sell_in_two_tiers(tier)

    page = text(sign_in(tier.rita).get(PAGE))

    assert "€1,236.00" in page  # 20.60 x 60
    assert "Wingtip Distribution" in page
    for others in ("988.80", "1,112.40"):  # 16.48 x 60, 18.54 x 60
        assert others not in page


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({"kind": "cancel"}, ["Cancellation"]),
        ({"who": "partner"}, ["Change of seats", "New subscription"]),
        ({"who": "we", "kind": "new"}, ["New subscription", "New subscription"]),
        ({"channel": "advisor"}, ["New subscription"]),
        ({"days": "7"}, ["New subscription", "Cancellation"]),
        ({"q": "premium bus"}, ["New subscription", "Cancellation", "Change of seats"] * 2),
        ({"q": "visio"}, []),
        ({"sort": "placed"}, ["New subscription", "Change of seats"]),
    ],
)
def test_orders_are_found_filtered_and_sorted(
    carl: Browser, query: dict[str, str], kinds: list[str]
) -> None:
    rows = table_rows(carl.get(PAGE, query))

    shown = [row.split(" Business")[0] for row in rows]
    if "q" in query and kinds:
        assert len(shown) == 6
    elif "sort" in query:
        assert shown[:2] == kinds
    else:
        assert shown == kinds


def test_an_own_order_leads_to_its_numbers_and_a_partners_to_the_subscription(
    carl: Browser, ordered: World, sign_in: SignIn
) -> None:
    own = Order.objects.filter(partner=None).order_by("pk")[0]
    theirs = Order.objects.filter(partner=ordered.fabrikam).order_by("pk")[0]
    quote = reverse("billing:quote", args=[own.quote.public_id])
    panel = f"{reverse('home:my-subscriptions')}?panel={theirs.subscription.public_id}"

    page, reader = text(carl.get(PAGE)), text(sign_in(ordered.bea).get(PAGE))

    assert f'href="{quote}"' in page
    assert f'href="{panel}"' in page
    assert quote not in reader  # a billing reader buys nothing; the panel tells of it
    assert carl.get(quote).status_code == 200
    assert reverse("billing:quote", args=[theirs.quote.public_id]) not in page
    assert carl.get(reverse("billing:quote", args=[theirs.quote.public_id])).status_code == 404


def test_files_hold_what_is_shown(carl: Browser) -> None:
    rows = csv_rows(carl.get(PAGE, {"format": "csv", "who": "we", "kind": "cancel"}))

    assert [(row["Order"], row["Channel"], row["What"]) for row in rows] == [
        ("Cancellation", "Direct", "12 seats")
    ]
    # 20.60 x 12 x 26/30: from 16 Nov to 11 Dec of the period from 12 Nov
    assert Decimal(rows[0]["Charged to us"]) == Decimal("-214.24")
    book = carl.get(PAGE, {"format": "xlsx", "who": "partner"})
    with ZipFile(BytesIO(b"".join(book.streaming_content))) as sheets:
        assert sheets.read("xl/worksheets/sheet1.xml").decode().count("<row ") == 3  # the head


def test_a_view_of_it_is_saved_and_opened(carl: Browser) -> None:
    carl.post(
        reverse("tenants:save-view", args=["own-orders"]),
        {"name": "Ours", "query": "who=we", "back": PAGE, "is_default": "on"},
    )

    assert len(table_rows(carl.get(PAGE, follow=True))) == 4


def test_add_ons_that_follow_are_counted(sold: World, sign_in: SignIn) -> None:
    base = buy(sold, seats=10)
    buy(sold, seats=3, on=TODAY, offer=sold.phone, base=base)
    change_own(sold, "cancel", base, on=TODAY)

    assert "10 seats and 1 add-on" in table_rows(sign_in(sold.carl).get(PAGE))[0]


def test_nobody_sees_another_organisations_orders(ordered: World, sign_in: SignIn) -> None:
    theirs = main_words(sign_in(ordered.tom).get(PAGE))

    assert "No orders yet" in theirs
    assert "Buy from the vendor" in theirs
    for person in (ordered.mia, ordered.ada, ordered.nora):
        assert sign_in(person).get(PAGE).status_code == 403


def test_without_the_right_to_buy_an_empty_list_offers_nothing(
    sold: World, sign_in: SignIn
) -> None:
    page = main_words(sign_in(sold.bea).get(PAGE))

    assert "No orders yet" in page
    assert "Buy from the vendor" not in page


def test_it_takes_as_many_queries_for_many_orders_as_for_one(sold: World, sign_in: SignIn) -> None:
    carl = sign_in(sold.carl)
    subscription = buy(sold, seats=10, on=TODAY - timedelta(days=60))
    few = queries(carl, f"{PAGE}?per_page=100")
    for seats in range(11, 61):
        change_own(sold, "seats", subscription, on=TODAY, seats=seats)

    assert queries(carl, f"{PAGE}?per_page=100") == few <= 12
    assert "51 orders" in words(carl.get(PAGE))


def test_the_quote_that_was_ordered_leads_back_to_the_list(carl: Browser, ordered: World) -> None:
    order = Order.objects.filter(partner=None).order_by("pk")[0]

    page = text(carl.get(reverse("billing:quote", args=[order.quote.public_id])))

    assert f'href="{PAGE}"' in page
    assert Subscription.objects.filter(tenant=ordered.northwind).count() == 3

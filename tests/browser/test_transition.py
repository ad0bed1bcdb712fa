"""
A transition in a real browser, from the day it is found to the day it is clear.

Northwind holds mailboxes from an advisor; Fabrikam sells it a suite that has them. The
portal finds it, says who pays what, leads the customer to the right way to cancel (R17),
and ends nothing by itself.
"""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, transaction
from playwright.sync_api import Page, expect

from billing.services import orders, quotes
from subscriptions.models import OfferEquivalence, Subscription
from tests import make
from tests.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def place(transactional_db: None) -> World:
    world = build_world()
    mailboxes = make.offer("Exchange Online Plan 1", "CFQ7TTC0LH16:0001")
    OfferEquivalence.objects.create(offer=mailboxes, replacement=world.premium)
    make.price_list(
        date(2026, 3, 1), {world.premium: ("16.48", "20.60"), mailboxes: ("3.11", "3.70")}
    )
    make.other_channel(
        world.northwind,
        "advisor",
        "Exchange Online Plan 1",
        seats=35,
        assigned_seats=31,
        offer=mailboxes,
        partner_of_record=world.tailspin,
    )
    make.relationship(world.fabrikam, world.northwind)
    return world


def order(world: World) -> None:
    act = world.act(on=date(2026, 9, 1))
    asked = {"partner": world.fabrikam, "tenant": world.northwind, "offer": world.premium}
    orders.confirm(quote=quotes.quote(kind="new", seats=40, act=act, **asked), act=act)  # type: ignore[arg-type]


def assign(old: int, new: int) -> None:
    """Let so many licences of each be in use, as assigning them leaves it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('csp.owning_path', 'advisor', true)")
        Subscription.objects.filter(channel="advisor").update(assigned_seats=old)
        Subscription.objects.filter(channel="csp").update(assigned_seats=new)


def steps(page: Page) -> list[str]:
    return [page.locator(".steps > li").nth(n).get_attribute("class") or "" for n in range(6)]


def test_a_transition_from_detection_to_clear(place: World, visit: Callable[..., Page]) -> None:
    carl = visit("carl@northwind.example", password=make.PASSWORD)
    ada = visit("ada@fabrikam.example", password=make.PASSWORD)
    expect(carl.get_by_text("is paid twice")).to_have_count(0)

    order(place)
    ada.goto("/")
    ada.get_by_role("link", name="Paid twice by customers").click()
    expect(ada.locator("main")).to_contain_text("Northwind Traders")
    expect(ada.locator("main")).not_to_contain_text("129.50")  # R9
    carl.goto("/")
    expect(carl.locator("main")).to_contain_text("One subscription is paid twice")
    carl.get_by_role("link", name="Exchange Online Plan 1 → Business Premium").click()
    expect(carl.locator("main")).to_contain_text("Both run for 82 days")
    expect(carl.locator("main")).to_contain_text("€129.50")
    expect(carl.locator("main")).to_contain_text("you are about to lose access")
    assert steps(carl) == ["step--done"] * 3 + ["step--current"] + ["step--todo"] * 2
    case = carl.url

    # 31 licences are assigned: the vendor's support would have to cancel it
    carl.get_by_role("link", name="Ask the vendor's support to cancel it").click()
    expect(carl.locator("main")).to_contain_text("25")
    assert Subscription.objects.get(channel="advisor").state == "active"

    assign(old=0, new=31)
    carl.goto(case)
    assert steps(carl) == ["step--done"] * 4 + ["step--current", "step--todo"]
    carl.get_by_role("link", name="Cancel it", exact=True).click()
    carl.get_by_role("button", name="Cancel for good").click()
    expect(carl.get_by_text("Exchange Online Plan 1 is cancelled.")).to_be_visible()

    carl.goto(case)
    assert steps(carl) == ["step--done"] * 6
    expect(carl.locator("main")).to_contain_text("Only the CSP subscription is billed.")
    carl.goto("/")
    expect(carl.get_by_text("is paid twice")).to_have_count(0)
    ada.goto("/transitions/")
    expect(ada.locator("main")).to_contain_text("Nothing is paid twice")

"""A customer's day and an advisor's day, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from billing.models import Charge, Recommendation
from subscriptions.domain.keys import new_key
from subscriptions.models import CancellationRequest, Subscription
from tests import make
from tests.billing.selling import list_prices
from tests.billing.test_support import advised
from tests.subscriptions.test_open_keys import issue
from tests.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def world(transactional_db: None) -> World:
    world = build_world()
    list_prices(world)
    make.relationship(world.fabrikam, world.northwind)
    return world


def test_a_customers_day(world: World, visit: Callable[..., Page]) -> None:
    key = issue(world)
    few, many = advised(world, 24), advised(world, 25, reference="many")
    carl = visit(world.carl.email, password=make.PASSWORD)

    buys_direct(carl)
    redeems_a_key(carl, key)
    cancels_advisor(carl, few, many)

    held = Subscription.objects.filter(tenant=world.northwind)
    assert sorted(held.values_list("channel", "state", "seats")) == [
        ("advisor", "active", 40),
        ("advisor", "cancelled", 40),
        ("direct", "active", 12),
        ("open", "active", 25),
    ]
    # 20.60 x 10, then 20.60 x 2 for the whole month: bought on its first day
    assert [str(c.amount) for c in Charge.objects.order_by("id")] == ["206.00", "41.20"]


def buys_direct(carl: Page) -> None:
    carl.goto("/shop/")
    carl.get_by_role("link", name="Choose Business Premium, 1 year, Monthly").click()
    carl.get_by_label("Seats", exact=True).fill("10")
    carl.get_by_role("button", name="Show the price").click()
    carl.get_by_role("button", name="Order 10 seats for €206.00").click()
    expect(carl.get_by_text("10 seats of Business Premium ordered").first).to_be_visible()
    change = carl.locator("#panel-host").get_by_role("link", name="Change seats")
    carl.goto(change.get_attribute("href") or "")
    carl.get_by_label("Seats", exact=True).fill("12")
    carl.get_by_role("button", name="Show the price").click()
    carl.get_by_role("button", name="Add 2 seats for €41.20").click()
    expect(carl.get_by_text("2 seats added to Business Premium").first).to_be_visible()


def redeems_a_key(carl: Page, key: str) -> None:
    carl.goto("/subscriptions/")
    carl.get_by_role("link", name="Redeem a key").click()
    carl.get_by_label("Licence key").fill(new_key())
    carl.get_by_role("button", name="Redeem the key").click()
    expect(carl.get_by_text("This is no key of ours.").first).to_be_visible()
    carl.get_by_label("Licence key").fill(key.lower())
    carl.get_by_role("button", name="Redeem the key").click()
    expect(carl.get_by_text("Business Premium with 25 seats is yours.").first).to_be_visible()


def cancels_advisor(carl: Page, few: Subscription, many: Subscription) -> None:
    carl.goto(f"/subscriptions/{few.public_id}/own/cancel/")
    carl.get_by_role("button", name="Cancel for good").click()
    expect(carl.get_by_text("Exchange is cancelled.").first).to_be_visible()
    carl.goto(f"/subscriptions/{many.public_id}/own/cancel/")
    expect(carl.get_by_text("25 licences are assigned.")).to_be_visible()
    carl.get_by_role("button", name="Send the request").click()
    expect(carl.get_by_text("The vendor has your request")).to_be_visible()
    assert CancellationRequest.objects.get().assigned_seats == 25


def test_an_advisors_day(world: World, visit: Callable[..., Page]) -> None:
    nora = visit(world.nora.email, password=make.PASSWORD)
    link = recommends(nora)

    carl = visit()
    carl.goto(link)
    carl.get_by_role("link", name="Sign in").click()
    sign_in_here(carl, world.carl.email)
    expect(carl.get_by_text("Tailspin Partners recommends a purchase")).to_be_visible()
    carl.get_by_role("button", name="Show the price").click()
    carl.get_by_role("button", name="Buy for €206.00").click()
    expect(carl.get_by_text("Bought from the vendor: Business Premium.").first).to_be_visible()

    nora.goto("/recommendations/")
    expect(nora.get_by_text("bought by Northwind Traders")).to_be_visible()
    bought = Subscription.objects.get(channel="advisor")
    assert bought.partner_of_record == world.tailspin
    assert Recommendation.objects.get().tenant == world.northwind
    # the advisor can look at nothing more of it, and change nothing
    nora.goto(f"/subscriptions/{bought.public_id}/cancel/")
    expect(nora.get_by_role("heading", level=1)).to_have_text("There is nothing at this address")


def recommends(nora: Page) -> str:
    nora.goto("/recommendations/")
    nora.get_by_role("link", name="Recommend a purchase").first.click()
    nora.locator("#id_rows-0-offer").select_option(label="Business Premium")
    nora.locator("#id_rows-0-seats").fill("10")
    nora.get_by_label("Customer", exact=False).first.fill("Northwind")
    nora.get_by_role("button", name="Make the recommendation").click()
    return nora.locator("#advice-link").input_value()


def sign_in_here(page: Page, email: str) -> None:
    """Type on the page that asked, so that it leads back to where it was asked for."""
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", make.PASSWORD)
    page.click("form[action*='login'] button[type=submit], main button[type=submit]")

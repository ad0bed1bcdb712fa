"""A customer changes its CSP partner: from the invitation to the day, in three windows."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from billing.models import Charge
from billing.tasks.transfers import carry_out_transfers
from csp_portal.shared import clock
from relationships.services.going_indirect import ask_one
from subscriptions.models import Subscription
from tests import make
from tests.billing.selling import place
from tests.two_tier import link, two_tier
from tests.world import World, build_world

from .pages import Stop
from .test_every_page import SIZES, _look

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ASKED = date(2026, 11, 23)
DAY = date(2026, 12, 1)


def test_from_the_invitation_to_the_day(transactional_db: None, visit: Callable[..., Page]) -> None:
    world = build_world()
    make.price_list(date(2026, 11, 1), {world.premium: ("16.48", "20.60")})
    make.relationship(world.fabrikam, world.northwind)
    sold = place(world, "new", on=date(2026, 11, 14), offer=world.premium, seats=60).subscription

    with clock.travelled_to(ASKED):
        link = ask_to_replace(visit("nora@tailspin.example", password=make.PASSWORD))
        carl = accept(visit(), link)
        ada = visit("ada@fabrikam.example", password=make.PASSWORD)
        seats_are_frozen(ada, sold)
        approve(ada)
        carl.reload()
        expect(carl.get_by_text("Approved", exact=True)).to_be_visible()
    with clock.travelled_to(DAY):
        with clock.pinned_to(DAY):  # this thread's own clock stands still
            carry_out_transfers()
        what_each_sees_afterwards(visit, world)

    new = Subscription.objects.live().get()
    assert (new.partner, new.seats, new.ends_on) == (world.tailspin, 60, sold.ends_on)
    billed = Charge.objects.filter(locked_price__buyer=world.northwind).order_by("id")
    # 20.60 x 60; the period from 14 Nov to 14 Dec has 30 days, of which 13 are left on 1 Dec
    assert [str(charge.amount) for charge in billed] == ["1236.00", "-535.60", "535.60"]


def ask_to_replace(nora: Page) -> str:
    nora.goto("/invitations/new/")
    nora.get_by_label("To replace its current CSP partner").check()
    nora.get_by_role("button", name="Make the invitation").click()
    return nora.locator("#invitation-link").input_value()


def accept(carl: Page, link: str) -> Page:
    carl.goto(link)
    carl.get_by_role("link", name="Sign in").first.click()
    carl.fill("input[name=login]", "carl@northwind.example")
    carl.fill("input[name=password]", make.PASSWORD)
    carl.locator("main button[type=submit]").first.click()
    heading = carl.get_by_role("heading", level=1)
    expect(heading).to_have_text("Tailspin Partners asks to replace your CSP partner")
    look_at(carl, "invitation-replace", "/invitation/")
    carl.get_by_label("The move takes effect on").fill(DAY.isoformat())
    carl.get_by_role("button", name="Accept and ask for the move").click()
    expect(carl.get_by_text("You are moving to Tailspin Partners")).to_be_visible()
    look_at(carl, "my-partner-moving", "/partner/")
    return carl


def seats_are_frozen(ada: Page, sold: Subscription) -> None:
    ada.goto(f"/subscriptions/{sold.public_id}/seats/")
    expect(ada.get_by_text("Frozen until a transfer is decided")).to_be_visible()
    expect(ada.get_by_text("asked on 23 Nov 2026 to move to Tailspin Partners")).to_be_visible()
    expect(ada.locator("main input[name=seats]")).to_have_count(0)


def approve(ada: Page) -> None:
    ada.goto("/transfers/")
    ada.locator("main").get_by_role("link", name="Northwind Traders").click()
    expect(ada.get_by_text("Who bills", exact=True)).to_be_visible()
    ada.get_by_role("button", name="Approve the transfer").click()
    expect(ada.get_by_text("until then you serve it")).to_be_visible()


def what_each_sees_afterwards(visit: Callable[..., Page], world: World) -> None:
    customer = f"/customers/{world.northwind.public_id}/"
    ada = visit("ada@fabrikam.example", password=make.PASSWORD)
    answer = ada.goto(customer)
    assert answer is not None
    assert answer.status == 404
    nora = visit("nora@tailspin.example", password=make.PASSWORD)
    nora.goto(customer)
    expect(nora.get_by_role("heading", level=1)).to_have_text("Northwind Traders")
    carl = visit("carl@northwind.example", password=make.PASSWORD)
    carl.goto("/partner/")
    expect(carl.get_by_role("heading", level=1)).to_have_text("Tailspin Partners")
    expect(carl.get_by_text("Earlier moves")).to_be_visible()
    look_at(carl, "my-partner-moved", "/partner/")


def look_at(page: Page, name: str, path: str) -> None:
    """Look for axe violations and overflow, wide and narrow; leave the page wide."""
    problems = []
    for size in ("narrow", "wide"):
        page.set_viewport_size(SIZES[size])
        problems += _look(page, Stop(name, "", path), f"light-{size}")
    assert problems == []


def test_the_pages_of_going_indirect(transactional_db: None, visit: Callable[..., Page]) -> None:
    world = build_world()
    tiers = two_tier(world)
    link(world, tiers.wingtip, world.fabrikam, by=tiers.gwen, accepted_by=world.gita)
    asked = make.relationship(world.fabrikam, world.northwind)
    make.relationship(world.fabrikam, world.contoso)
    ask_one(partner=world.fabrikam, provider=tiers.wingtip, relationship=asked, act=world.act())

    ada = visit("ada@fabrikam.example", password=make.PASSWORD)
    look_at(ada, "move-customers", "/customers/move/")
    expect(ada.get_by_text("Asked, no answer yet")).to_be_visible()
    wes = visit("wes@wingtip.example", password=make.PASSWORD)
    look_at(wes, "change-reseller", f"/customers/{tiers.relecloud.public_id}/reseller/")
    expect(wes.get_by_label("Fabrikam Cloud")).to_be_visible()

"""States that the demo world does not show: suspended, notice given, no delegated admin."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from relationships.models import Relationship
from relationships.services import agreements, suspensions
from subscriptions.models import Subscription
from tests import make
from tests.billing.selling import list_prices, sell
from tests.world import TODAY, World, build_world

from .pages import Stop
from .test_every_page import SIZES, _look, examine, sizes_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CSV = "Email,Name,Licence\n{}@northwind.example,Lena Vogel,Business Premium\nnobody,Nobody,\n"


@pytest.fixture
def world(transactional_db: None) -> World:
    world = build_world()
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    sell(world, seats=60)
    return world


def look(
    visit: Callable[..., Page], who: str, stops: dict[str, str], scheme: str, size: str
) -> list[str]:
    page = visit(
        f"{who}.example",
        password=make.PASSWORD,
        color_scheme=scheme,
        viewport=SIZES[size],
        has_touch=size == "narrow",
    )
    return [
        problem
        for name, path in stops.items()
        for problem in _look(page, Stop(name, who, path), f"{scheme}-{size}")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_suspended_partner_and_closed_users(
    world: World, visit: Callable[..., Page], scheme: str
) -> None:
    customer = [world.northwind.public_id]
    premium = Subscription.objects.get()
    suspensions.suspend_partner(
        partner=world.fabrikam, reason="overdue", starts_on=TODAY, act=world.act()
    )
    agreements.give_notice(partner=world.fabrikam, act=world.act(world.gita))
    Relationship.objects.update(has_delegated_admin=False)
    panel = reverse("home:customer-subscriptions", args=customer) + f"?panel={premium.public_id}"
    pages = {
        "suspended-home": reverse("home:home"),
        "suspended-customer": reverse("home:customer", args=customer),
        "suspended-subscriptions": reverse("home:customer-subscriptions", args=customer),
        "suspended-panel": panel,
        "suspended-order": reverse("billing:order", args=customer),
        "suspended-seats": reverse("billing:change-seats", args=[premium.public_id]),
        "suspended-invite": reverse("relationships:invite"),
        "suspended-new-customer": reverse("relationships:new-customer"),
        "users-closed": reverse("subscriptions:users", args=customer),
    }
    agreement = {"agreement-notice": reverse("relationships:agreement")}
    problems: list[str] = []
    for size in sizes_for(scheme):
        problems += look(visit, "ada@fabrikam", pages, scheme, size)
        problems += look(visit, "gita@fabrikam", agreement, scheme, size)
    assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_import_of_users_step_by_step(
    world: World, visit: Callable[..., Page], scheme: str
) -> None:
    path = reverse("subscriptions:users-import", args=[world.northwind.public_id])
    problems: list[str] = []
    for size in sizes_for(scheme):
        page = visit(
            "helen@fabrikam.example",
            password=make.PASSWORD,
            color_scheme=scheme,
            viewport=SIZES[size],
        )
        page.goto(path)
        file = {"name": "u.csv", "mimeType": "text/csv", "buffer": CSV.format(size).encode()}
        page.set_input_files("input[type=file]", files=[file])
        page.get_by_role("button", name="Check the file").click()
        expect(page.get_by_role("button", name="Import the good rows")).to_be_visible()
        problems += examine(page, "users-import-preview", f"{scheme}-{size}")
        page.get_by_role("button", name="Import the good rows").click()
        expect(page.locator("main")).to_contain_text("1 user was added")
        problems += examine(page, "users-import-report", f"{scheme}-{size}")
    assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_address_of_a_calendar_is_shown_once(
    world: World, visit: Callable[..., Page], scheme: str
) -> None:
    problems: list[str] = []
    for size, who in zip(sizes_for(scheme), ("ada", "sam"), strict=False):
        page = visit(
            f"{who}@fabrikam.example",
            password=make.PASSWORD,
            color_scheme=scheme,
            viewport=SIZES[size],
        )
        page.goto(reverse("home:calendar"))
        page.get_by_role("button", name="Make the address").click()
        expect(page.locator("main")).to_contain_text("Shown this once")
        problems += examine(page, "calendar-address", f"{scheme}-{size}")
    assert problems == []

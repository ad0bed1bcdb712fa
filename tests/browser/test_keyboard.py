"""The keys of the help, and the copy buttons."""

from collections.abc import Callable
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import make
from tests.billing.selling import sell
from tests.world import TODAY, World, build_world

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]


@pytest.fixture
def world(transactional_db: None) -> World:
    world = build_world()
    make.relationship(world.fabrikam, world.northwind)
    return world


def test_keys_search_help_and_pages(world: World, visit: Visit) -> None:
    page = visit("ada@fabrikam.example", password=make.PASSWORD)
    page.goto("/")

    page.keyboard.press("/")
    search = page.locator(".search input")
    expect(search).to_be_focused()
    # the key itself is not typed, and in a field the keys are letters again
    page.keyboard.type("/?gc")
    expect(search).to_have_value("/?gc")
    expect(page.locator("#help")).to_be_hidden()
    search.fill("north")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=north")
    expect(page.locator("main")).to_contain_text("Northwind Traders")

    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    expect(page.locator("#help")).to_contain_text("Customers")
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()

    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url(f"**{reverse('home:customers')}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Customers")


def test_escape_closes_the_panel_and_returns_to_its_row(world: World, visit: Visit) -> None:
    make.price_list(date(2026, 11, 1), {world.premium: ("17.30", "20.60")})
    sell(world, seats=10, on=TODAY)
    path = reverse("home:customer-subscriptions", args=[world.northwind.public_id])
    page = visit("ada@fabrikam.example", password=make.PASSWORD)
    page.goto(path)

    row = page.locator(".grid").get_by_role("link", name="Business Premium").first
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2")).to_be_focused()
    assert "panel=" in page.url

    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_have_count(0)
    expect(row).to_be_focused()
    assert "panel=" not in page.url


def test_copy_buttons_put_link_and_letter_on_the_clipboard(world: World, visit: Visit) -> None:
    page = visit(
        "ada@fabrikam.example",
        password=make.PASSWORD,
        permissions=["clipboard-read", "clipboard-write"],
    )
    page.goto(reverse("relationships:invite"))
    page.get_by_role("button", name="Make the invitation").click()

    for box in ("#invitation-link", "#invitation-letter"):
        button = page.locator(f"[data-copy='{box}']")
        button.click()
        expect(button).to_have_text("Copied")
        text = page.locator(box).input_value().strip()
        assert "/i/" in text
        assert page.evaluate("navigator.clipboard.readText()") == text

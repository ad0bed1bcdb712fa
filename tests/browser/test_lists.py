"""Lists in a browser: very long ones with long names, commands for many rows, saved views."""

from collections.abc import Callable

import pytest
from django.db import connection
from playwright.sync_api import Page

from csp_portal import demo_world
from csp_portal.scale import world as scale
from tenants.models import Tenant
from tests.world import TODAY

from .pages import Stop
from .test_every_page import AXE, PICTURES, RULES, SIZES, _look

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADA = "ada@fabrikam.example"
LISTS = ("/customers/", "/all-subscriptions/", "/renewals/", "/orders/", "/invitations/")
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 2


@pytest.fixture
def _long(transactional_db: None) -> None:
    """Make a thousand customers with 10,000 subscriptions, the first with a long name."""
    demo_world.seed(today=TODAY)
    scale.build(customers=1_000, today=TODAY)
    first = Tenant.objects.filter(domain__endswith=".scale.example").order_by("name")[0]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tenants_tenant SET name = %s WHERE id = %s", [f"A{LONG}"[:200], first.pk]
        )


@pytest.mark.usefixtures("_long")
def test_very_long_lists_are_accessible_and_fit(visit: Callable[..., Page]) -> None:
    problems: list[str] = []
    for size, viewport in SIZES.items():
        page = visit(ADA, viewport=viewport, bypass_csp=False)
        for path in LISTS:
            name = f"long-{path.strip('/')}"
            problems += _look(page, Stop(name, ADA, f"{path}?per_page=100"), size)
        problems += _look(
            page, Stop("long-last-page", ADA, "/all-subscriptions/?page=100&per_page=100"), size
        )
    assert problems == []


@pytest.mark.usefixtures("_long")
def test_rows_are_ticked_tagged_and_the_view_is_saved(visit: Callable[..., Page]) -> None:
    page = visit(ADA)
    page.goto("/customers/?q=nordsee")
    page.check("[data-pick-all]")
    count = page.locator(".grid .row").count()

    assert page.inner_text("[data-picked]") == f"{count} selected"
    page.click("button:has-text('Tag the customers')")
    page.fill("#note", "Coast")
    problems = _look_here(page, "tag-customers")
    page.click("main button:has-text('Tag customers')")
    assert f"{count} done" in page.inner_text("main")
    problems += _look_here(page, "bulk-outcomes")
    page.goto("/customers/?q=nordsee")
    page.select_option("select[name=tag]", "Coast")
    page.wait_for_url("**tag=Coast**")
    page.goto(page.url)
    page.click("button:has-text('Views')")
    page.fill("#view-name", "Coast")
    page.click("#views button:has-text('Save')")
    assert "The view “Coast” is saved." in page.inner_text(".toasts")
    page.click("button:has-text('Views')")
    problems += _look_here(page, "views-menu")
    page.keyboard.press("Escape")
    page.click("button:has-text('Columns')")
    page.check("#columns input[value=domain]")
    problems += _look_here(page, "columns-menu")
    page.click("#columns button:has-text('Show these')")
    assert "Domain" in page.inner_text(".grid thead")
    assert "tag=Coast" in page.url
    assert problems == []


def _look_here(page: Page, name: str) -> list[str]:
    """Look at the page as it is, without asking for it again."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
    page.evaluate(AXE)
    result = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    return [f"{name}: {v['id']} at {n['target']}" for v in result["violations"] for n in v["nodes"]]

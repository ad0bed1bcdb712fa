"""Lists in a browser: very long ones with long names, commands for many rows, saved views."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from csp_portal import demo_world
from csp_portal.home.models import BulkRun
from csp_portal.shared import clock
from subscriptions.models import Subscription
from tests.home.bulk import work
from tests.world import TODAY

from . import long_lists
from .pages import Stop
from .test_every_page import AXE, PICTURES, RULES, SIZES, _look

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADA, GITA, WES = "ada@fabrikam.example", "gita@fabrikam.example", "wes@wingtip.example"
NORA = "nora@tailspin.example"
LISTS = (
    (ADA, "/customers/"),
    (ADA, "/all-subscriptions/"),
    (ADA, "/renewals/"),
    (ADA, "/orders/"),
    (ADA, "/invitations/"),
    (ADA, "/transfers/"),
    (NORA, "/transfers/"),
    (NORA, "/recommendations/"),
    (WES, "/order-requests/"),
    (GITA, "/activity/"),
)
# Cells whose text runs over the next one: nothing hides what is too much, and it is too wide.
RUNNING_OVER = """() => [...document.querySelectorAll(".grid .row > *, .grid .row .status")]
  .filter((cell) => cell.offsetParent && getComputedStyle(cell).overflowX === "visible")
  .filter((cell) => cell.scrollWidth > cell.clientWidth + 2 && cell.clientWidth > 0)
  .map((cell) => cell.outerHTML.slice(0, 160))"""


@pytest.fixture
def _long(transactional_db: None) -> None:
    long_lists.build()


@pytest.fixture
def _demo(transactional_db: None) -> None:
    demo_world.seed(today=TODAY)


@pytest.mark.usefixtures("_long")
def test_ten_thousand_rows_and_names_without_a_break_stay_readable(
    visit: Callable[..., Page],
) -> None:
    problems: list[str] = []
    run = f"/bulk/{BulkRun.objects.get().public_id}/"
    for size, scheme in (("wide", "light"), ("narrow", "dark")):
        pages: dict[str, Page] = {}
        for who, path in (*LISTS, (ADA, run)):
            if who not in pages:
                pages[who] = visit(who, viewport=SIZES[size], color_scheme=scheme, bypass_csp=False)
            page, name = pages[who], f"long-{path.strip('/').partition('/')[0]}"
            problems += _look(page, Stop(name, who, path), f"{scheme}-{size}")
            problems += [f"{path} {size}: {cell}" for cell in page.evaluate(RUNNING_OVER)[:3]]
            if page.locator(".grid .row").count() < 25:
                problems.append(f"{path}: is no long list")
        last = Stop("long-last-page", ADA, "/all-subscriptions/?page=100&per_page=100")
        problems += _look(pages[ADA], last, f"{scheme}-{size}")
    assert problems == []


@pytest.mark.usefixtures("_demo")
def test_rows_are_ticked_tagged_and_the_view_is_saved(visit: Callable[..., Page]) -> None:
    page = visit(ADA)
    page.goto("/customers/?q=s")
    page.check("[data-pick-all]")
    count = page.locator(".grid .row").count()

    assert page.inner_text("[data-picked]") == f"{count} selected"
    page.click("button[name=do][value=tag]")
    page.fill("#note", "Coast")
    problems = _look_here(page, "tag-customers")
    page.click("main button:has-text('Tag customers')")
    assert f"{count} done" in page.inner_text("main")
    problems += _look_here(page, "bulk-outcomes")
    page.goto("/customers/?q=s")
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


@pytest.mark.usefixtures("_demo")
def test_all_that_match_are_suspended_while_the_page_is_left_and_come_back_to(
    visit: Callable[..., Page],
) -> None:
    page = visit(ADA)
    page.goto("/all-subscriptions/")
    page.check("[data-pick-matching]")
    total = page.get_attribute("[data-pick-matching]", "data-pick-matching")
    assert page.inner_text("[data-picked]") == f"{total} selected"
    assert page.locator(".grid .row input:checked").count() == 25

    page.click("button[name=do][value=suspend]")
    expect(page.get_by_role("heading", name="Finding the rows")).to_be_visible()
    page.goto("/customers/")
    work()
    page.click("text=Your commands")
    page.click("main table a")
    expect(page.locator("main")).to_contain_text("You credit")
    # the page asks again by itself: what the worker does meanwhile appears without a click
    BulkRun.objects.update(prepared_at=None)
    page.reload()
    expect(page.get_by_role("heading", name="Pricing each row")).to_be_visible()
    BulkRun.objects.update(prepared_at=clock.now())
    page.locator("button", has_text="Suspend subscriptions:").click()
    expect(page.locator(".pagehead")).to_contain_text("done", timeout=60_000)
    work()
    page.reload()
    assert Subscription.objects.csp().filter(state="suspended").count() > 10
    assert BulkRun.objects.get().finished_at is not None


def _look_here(page: Page, name: str) -> list[str]:
    """Look at the page as it is, without asking for it again."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
    page.evaluate(AXE)
    result = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    return [f"{name}: {v['id']} at {n['target']}" for v in result["violations"] for n in v["nodes"]]

"""What the portal says after a click stands beside the controls and never over them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from csp_portal import demo_world
from subscriptions.models import Subscription
from tests.world import TODAY

from .test_every_page import SIZES, examine

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What is under the middle of each control that can be seen, if that is the message.
COVERED = """() => {
  const covered = [];
  for (const control of document.querySelectorAll("a, button, input, select")) {
    if (control.closest(".toasts")) continue;
    const box = control.getBoundingClientRect();
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    if (!box.width || x < 0 || y < 0 || x > innerWidth || y > innerHeight) continue;
    if (document.elementFromPoint(x, y)?.closest(".toasts")) covered.push(control.outerHTML);
  }
  return covered;
}"""


@pytest.mark.parametrize("size", list(SIZES))
def test_a_message_covers_no_control(
    transactional_db: None, visit: Callable[..., Page], size: str
) -> None:
    demo_world.seed(today=TODAY)
    sold = Subscription.objects.get(tenant__domain="northwind.example", title="Business Premium")
    panel = f"/customers/{sold.tenant.public_id}/subscriptions/?panel={sold.public_id}"
    page = visit("ada@fabrikam.example", viewport=SIZES[size], bypass_csp=False)

    # a change in the panel answers in the panel
    page.goto(panel)
    page.fill(".panel input[name=seats]", "62")
    page.locator(".panel form button[type=submit]").first.click()
    page.locator(".panel__foot button[type=submit]").first.click()
    page.wait_for_selector(".panel .toast")
    assert page.evaluate(COVERED) == []
    problems = examine(page, "message-in-panel", f"light-{size}")

    # one without a panel answers on the page, above what it is about
    page.goto("/customers/")
    page.click("button:has-text('Views')")
    page.fill("#view-name", "All of them")
    page.click("#views button:has-text('Save')")
    page.wait_for_selector("main > .toasts .toast")
    assert page.evaluate(COVERED) == []
    assert problems + examine(page, "message-on-page", f"light-{size}") == []

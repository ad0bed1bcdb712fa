"""A real Chromium against the portal on the test's own database, living on the test's day."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from csp_portal.demo_accounts import PASSWORD
from csp_portal.shared import clock
from tests.world import TODAY

# Playwright's loop runs in this thread, and Django's ORM must not mind it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def chromium(chromium_path: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium_path),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def _travelled() -> Iterator[None]:
    with clock.travelled_to(TODAY):
        yield


@pytest.fixture
def visit(
    chromium: Browser, live_server: LiveServer, settings: Any, _travelled: None
) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a new browser window, signed in if an e-mail is given."""
    settings.BASE_URL = live_server.url
    contexts = []

    def visited(email: str = "", *, password: str = PASSWORD, **options: object) -> Page:
        context = chromium.new_context(
            **{"base_url": live_server.url, "viewport": {"width": 1440, "height": 900}, **options}
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if email:
            sign_in(page, email, password)
        return page

    yield visited
    for context in contexts:
        context.close()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.click("form[action*='login'] button[type=submit], main button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/login" not in url)

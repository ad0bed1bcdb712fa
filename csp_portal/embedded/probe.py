"""What `demo --once` does: one task through the worker, one sign-in through the real form."""

import http.cookiejar
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable

from .process import DidNotStart

TOKEN = re.compile(r'name="csrfmiddlewaretoken"\s+value="([^"]+)"')


def wait_for_page(url: str, *, alive: Callable[[], None], seconds: float = 60) -> None:
    """
    Wait until `url` answers 200; `alive` raises when waiting is pointless.

    :raises DidNotStart: if it does not in time
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        alive()
        try:
            with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 -- our own address
                if response.status == http.HTTPStatus.OK:
                    return
        except OSError:
            time.sleep(0.05)
    raise DidNotStart(f"{url} does not answer")


def run_task() -> str:
    """Return what the worker said; it had to ask the database for it."""
    from csp_portal.celery import ping  # noqa: PLC0415 -- reads the settings, which need the servers

    return str(ping.delay().get(timeout=60))


def sign_in(base_url: str, email: str, password: str) -> str:
    """
    Sign in as a browser would, with cookies and the form's token, and fetch the first page.

    :raises DidNotStart: if the form refuses, or the first page is not shown to this person
    """
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    login_url = f"{base_url}/accounts/login/"
    with browser.open(login_url, timeout=20) as response:
        token = TOKEN.search(response.read().decode())
    if token is None:
        raise DidNotStart(f"{login_url} has no form")
    fields = {"login": email, "password": password, "csrfmiddlewaretoken": token.group(1)}
    form = urllib.request.Request(  # noqa: S310 -- our own address
        login_url, urllib.parse.urlencode(fields).encode(), {"Referer": login_url}
    )
    try:
        browser.open(form, timeout=20).close()
        with browser.open(f"{base_url}/", timeout=20) as response:
            page = response.read().decode()
            where = response.geturl()
    except urllib.error.HTTPError as error:
        raise DidNotStart(f"{error.url} answered {error.code} to {email}") from error
    if "/accounts/login/" in where:
        raise DidNotStart(f"signing in as {email} did not work")
    return f"{urllib.parse.urlsplit(where).path} answered 200, {len(page):,} characters"

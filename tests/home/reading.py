"""Reading pages in tests: their bytes as text, their words, and how many queries they took."""

import csv
import re
from collections.abc import Callable
from html import unescape
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import Browser

SignIn = Callable[..., Browser]
# Who asks, and in which workspace: the middleware's and allauth's own queries.
WHO_ASKS = re.compile(
    r'FROM "?(django_session|tenants_user|tenants_membership|usersessions_|mfa_|account_)'
    r'|(UPDATE|INSERT INTO) "?(usersessions_|django_session)|SAVEPOINT'
)


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return unescape(whole.decode())


def words(answer: Any) -> str:
    """Return what a person reads: without tags, with single spaces."""
    return _words(text(answer))


def main_words(answer: Any) -> str:
    """Return the words between the navigation and the panel."""
    return _words(text(answer).partition("<main")[2].partition("</main>")[0])


def panel_words(answer: Any) -> str:
    """Return the words of the open side panel; empty if none is open."""
    return _words(text(answer).partition('<aside class="panel')[2].partition("</aside>")[0])


def table_rows(answer: Any) -> list[str]:
    """Return the words of each row of the page's list, without its head and group rows."""
    return [_words(row) for row in re.findall(r'(?s)<tr class="row[ "].*?</tr>', text(answer))]


def links(answer: Any) -> set[str]:
    """Return where the page leads: links and forms, without what follows the question mark."""
    found = re.findall(r'(?:href|action)="([^"]*)"', text(answer))
    return {address.partition("?")[0] for address in found}


def queries(browser: Browser, path: str) -> int:
    """Return how many queries a page takes, without those about who asks."""
    browser.get(path)  # what is kept between requests is there from now on
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return sum(not WHO_ASKS.search(query["sql"]) for query in captured)


def csv_rows(answer: Any) -> list[dict[str, str]]:
    """Return the rows of a file that is sent piece by piece."""
    assert answer.status_code == 200, answer.status_code
    whole = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(whole.splitlines()))


def _words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())

"""
`close_month` twice, in four processes at once, and killed in the middle: the same invoices.

What the right invoices are is computed apart, by the benchmark's bare statement, from the
facts alone.
"""

import csv
import io
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection, connections

from billing.management.benchmarks import lean
from billing.management.benchmarks.world import Market
from billing.models import Charge, Invoice, MonthClose
from billing.queries.due_periods import CloseWindow
from billing.services import documents, seller_month
from billing.services.closing import (
    BeingClosed,
    close_recording_failure,
    close_seller_month,
    due_months,
)
from tenants.models import Tenant
from tests import make
from tests.world import build_world

from ..billing.closed_november import ACT, DAY_AFTER, NOVEMBER
from ..billing.selling import list_prices, sell

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
SUBSCRIPTIONS = 1_000
SELLERS = 21  # the vendor and twenty partners


@pytest.fixture
def market(transactional_db: None) -> Any:
    """Twenty partners with a thousand subscriptions, of which November is to be closed."""
    Market(SUBSCRIPTIONS).build()
    lean.measure(CloseWindow(seller_id=0, month=NOVEMBER))
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_line, bench_invoice")


def start() -> subprocess.Popen[str]:
    """Start a close as the run-time role, in a process group of its own."""
    url = urlsplit(os.environ["DATABASE_URL"])
    url = url._replace(path=f"/{connection.settings_dict['NAME']}")
    process = subprocess.Popen(  # noqa: S603 -- our own command line
        [sys.executable, "-m", "tests.faults.close_process", "2026-11", DAY_AFTER.isoformat()],
        cwd=ROOT,
        env={**os.environ, "DATABASE_ROLE": "app", "DATABASE_URL": urlunsplit(url)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> str:
    said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return said


def expected_invoices() -> list[tuple[Any, ...]]:
    """Return (seller, buyer, number, lines, total) as the facts alone make them."""
    with connection.cursor() as cursor:
        cursor.execute("""
          SELECT i.seller_id, i.buyer_id,
            '2026-' || lpad((row_number() OVER (PARTITION BY i.seller_id ORDER BY i.buyer_id)
              + (SELECT count(*) FROM billing_invoice o WHERE o.seller_id = i.seller_id
                 AND o.month = '2026-10-01'))::text, 6, '0'),
            count(*), sum(l.amount)
          FROM bench_line l JOIN bench_invoice i ON i.id = l.invoice_id
          GROUP BY i.seller_id, i.buyer_id ORDER BY i.seller_id, i.buyer_id""")
        return [tuple(row) for row in cursor.fetchall()]


def issued_invoices() -> list[tuple[Any, ...]]:
    issued = Invoice.objects.filter(month=NOVEMBER).order_by("seller_id", "buyer_id")
    return list(issued.values_list("seller_id", "buyer_id", "number", "line_count", "total"))


def assert_the_books_are_right() -> None:
    """Compare every invoice and line with what the facts make, and each other."""
    assert issued_invoices() == expected_invoices()
    assert lean.difference_to_close() == 0
    assert not Charge.objects.filter(invoice=None).exists()
    assert MonthClose.objects.filter(month=NOVEMBER).exclude(state="done").count() == 0
    for invoice in Invoice.objects.filter(month=NOVEMBER).order_by("?")[:5]:
        text = b"".join(documents.reconciliation_csv(invoice)).decode("utf-8-sig")
        *lines, _proof = csv.DictReader(io.StringIO(text))
        assert sum(Decimal(line["Subtotal"]) for line in lines) == invoice.net_total


def test_twice(market: None) -> None:
    first = finish(start())
    second = finish(start())

    assert_the_books_are_right()
    assert first.count("was closed before") == 0
    assert second.count("was closed before") == SELLERS


def test_four_processes_at_once(market: None) -> None:
    processes = [start() for _ in range(4)]

    said = [finish(process) for process in processes]

    assert_the_books_are_right()
    assert sum(text.count("FAILED") for text in said) == 0


def closed_sellers() -> int:
    return MonthClose.objects.filter(month=NOVEMBER, state="done").count()


def kill_when(process: subprocess.Popen[str], *, closed: int, pause: float) -> None:
    """Kill it a moment after so many sellers are closed, so that a slow machine changes nothing."""
    deadline = time.monotonic() + 60
    while closed_sellers() < closed and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    time.sleep(pause)
    process.kill()
    process.communicate()


def test_killed_in_the_middle_again_and_again(market: None) -> None:
    chance = random.Random(2026)  # noqa: S311 -- when to kill is no secret
    closed_after_kill = []
    for target in (0, 1, 4, 8, 12):
        kill_when(start(), closed=target, pause=chance.uniform(0, 0.06))
        closed_after_kill.append(closed_sellers())
        # whatever a killed close left is whole: never a line on half an invoice
        assert not Charge.objects.filter(
            invoice__month=NOVEMBER, invoice__finalised_at=None
        ).exists()

    finish(start())

    assert_the_books_are_right()
    # most kills came while some sellers were closed and others were not
    assert sum(0 < count < SELLERS for count in closed_after_kill) >= 3, closed_after_kill


def close_all() -> int:
    """Close everything as one of several; return how many closes failed."""
    failures = 0
    for seller, month in due_months(on=DAY_AFTER):
        result = close_recording_failure(seller=seller, month=month, act=ACT)
        failures += bool(result.failure)
    return failures


def at_once(count: int, action: Callable[[], int]) -> list[int]:
    """Run `action` in so many threads, which start together; return what each returned."""
    start = threading.Barrier(count, timeout=60)

    def run(_number: int) -> int:
        try:
            start.wait()
            return action()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


@pytest.mark.race
def test_without_the_lock_the_unique_keys_refuse_the_second(
    market: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the close of `test_four_processes_at_once`, without its lock."""
    MonthClose.objects.bulk_create(
        MonthClose(seller=seller, month=month) for seller, month in due_months(on=DAY_AFTER)
    )

    def unlocked(*, seller: Tenant, month: Any, waits: bool) -> MonthClose:
        return MonthClose.objects.get(seller=seller, month=month)

    monkeypatch.setattr(seller_month, "_lock", unlocked)

    failures = sum(at_once(4, close_all))

    # three of four wrote everything for nothing; what was written is still right
    assert failures > 0
    assert issued_invoices() == expected_invoices()


@pytest.mark.race
def test_with_the_lock_nobody_fails(market: None) -> None:
    failures = sum(at_once(4, close_all))

    assert failures == 0
    assert_the_books_are_right()


def test_the_run_time_role_may_do_all_of_it(market: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {os.environ.get('CSP_APP_ROLE', 'csp_app')}")
        try:
            assert close_all() == 0
        finally:
            cursor.execute("RESET ROLE")

    assert_the_books_are_right()


def test_who_does_not_wait_hears_that_the_month_is_being_closed(transactional_db: None) -> None:
    world = build_world()
    list_prices(world)
    make.relationship(world.fabrikam, world.northwind)
    sell(world, on=date(2026, 10, 14))
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(
                "INSERT INTO billing_monthclose (seller_id, month, state, attempts, invoices, "
                "lines, failure) VALUES (%s, '2026-10-01', 'due', 0, 0, 0, '')",
                [world.cirrus.pk],
            )
        with pytest.raises(BeingClosed, match="October 2026 of Cirrus is being closed elsewhere"):
            close_seller_month(
                seller=world.cirrus, month=date(2026, 10, 1), act=world.act(), waits=False
            )
    finally:
        other.close()

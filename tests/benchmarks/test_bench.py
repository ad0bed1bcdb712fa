"""The benchmark itself: that it runs, compares like with like, and leaves nothing behind."""

import json
from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from billing.management.benchmarks import scratch
from billing.management.commands import bench


@pytest.fixture(autouse=True)
def _named(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Give each test's database a name it can ask for: others make some at the same time."""
    name = "of_this_test" if "measures" in request.node.name else "of_the_pages"
    monkeypatch.setattr(scratch, "new_name", lambda: f"csp_bench_{name}")


def exists(database: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        return cursor.fetchone() is not None


@pytest.mark.slow
@pytest.mark.django_db
def test_it_measures_a_small_market_and_leaves_no_database_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # so few lines say nothing about the ratio
    monkeypatch.setattr(bench, "GOAL_RATIO", 0)
    out = StringIO()

    call_command("bench", "invoicing", scale=200, json=True, stdout=out)

    figures = json.loads(out.getvalue())
    # two legs of 200 subscriptions, and of 20 with changes
    assert (figures["scale"], figures["lines"], figures["invoices"]) == (200, 440, 40)
    assert (figures["differences"], figures["rerun_new"]) == (0, 0)
    assert figures["ratio"] > 0
    assert 0 < figures["peak_mb"] <= 150
    assert not exists("csp_bench_of_this_test")


@pytest.mark.slow
@pytest.mark.django_db
def test_it_asks_for_every_page_of_a_small_world() -> None:
    out = StringIO()

    with suppress(CommandError):  # so few rows on a busy machine say nothing about the goals
        call_command("bench", "pages", scale=150, rounds=2, json=True, stdout=out)

    figures = json.loads(out.getvalue())
    assert figures["customers"] >= 150
    assert figures["subscriptions"] >= 1_450  # ten for each but one in fifty
    assert [page["name"] for page in figures["pages"] if page["p50_ms"] == 0] == []
    assert figures["first_page_bytes"] <= 100_000
    assert not exists("csp_bench_of_the_pages")

"""The benchmark itself: that it runs, compares like with like, and leaves nothing behind."""

import json
from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from billing.management.commands import bench

# each looks for databases that the other would be using
pytestmark = pytest.mark.xdist_group("bench")


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
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'csp_bench_%'")
        assert cursor.fetchall() == []


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
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'csp_bench_%'")
        assert cursor.fetchall() == []

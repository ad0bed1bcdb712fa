"""The tasks of the close: safe to lose, to repeat, and to run late. And its command."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO
from typing import Any

import pytest
from celery import current_app
from django.core.management import CommandError, call_command

from billing.models import Charge, Invoice, MonthClose
from billing.tasks import closing as tasks
from csp_portal.shared import clock
from tests import make
from tests.world import World

from .selling import list_prices, sell


@pytest.fixture
def shop(world: World) -> World:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    sell(world, seats=60)
    return world


@pytest.fixture
def eager(settings: Any) -> Iterator[None]:
    """Run a task where it is started, as one worker with an empty queue would."""
    before = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = before


@contextmanager
def day(on: date) -> Iterator[None]:
    with clock.pinned_to(on):
        yield


def test_beat_closes_every_month_that_is_over_in_order(shop: World, eager: None) -> None:
    with day(date(2026, 6, 2)):
        tasks.close_months()

    numbers = Invoice.objects.filter(buyer=shop.northwind).order_by("month")
    assert list(numbers.values_list("month", "number")) == [
        (date(2026, 3, 1), "2026-000001"),
        (date(2026, 4, 1), "2026-000002"),
        (date(2026, 5, 1), "2026-000003"),
    ]
    assert not Invoice.objects.filter(mailed_at=None).exists()


def test_twice_is_once(shop: World, eager: None) -> None:
    with day(date(2026, 6, 2)):
        tasks.close_months()
        before = list(Charge.objects.order_by("id").values())
        tasks.close_months()
        tasks.close_seller_month(seller_id=shop.cirrus.pk, month="2026-04-01", on="2026-06-02")

    assert list(Charge.objects.order_by("id").values()) == before


def test_the_sweep_does_what_a_lost_message_would_have(shop: World, eager: None) -> None:
    with day(date(2026, 4, 1)):
        tasks.sweep()

    assert MonthClose.objects.filter(state="done").count() == 2


def test_a_failed_close_is_left_in_peace_for_a_while(
    shop: World, eager: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    MonthClose.objects.create(
        seller=shop.cirrus,
        month=date(2026, 3, 1),
        state="failed",
        attempts=8,  # 128 minutes, at most an hour
        finished_at=shop.act(on=date(2026, 4, 1)).at,
    )
    monkeypatch.setattr(
        tasks.close_seller_month, "delay", lambda **what: tried.append(what["seller_id"])
    )

    with day(date(2026, 4, 1)):  # noon, the moment of the failure
        tasks.close_months()
    with day(date(2026, 4, 2)):
        tasks.close_months()

    fabrikam = shop.fabrikam.tenant.pk
    assert tried == [fabrikam, *sorted([fabrikam, shop.cirrus.pk])]


def test_the_command_says_what_it_did(shop: World) -> None:
    out = StringIO()
    with day(date(2026, 5, 1)):
        call_command("close_month", "2026-04", stdout=out, skip_checks=True)
        call_command("close_month", "2026-04", stdout=out, skip_checks=True)

    assert out.getvalue().splitlines() == [
        "2026-03 Cirrus: 1 invoices, 1 lines, €988.80",
        "2026-03 Fabrikam Cloud: 1 invoices, 1 lines, €1,236.00",
        "2026-04 Cirrus: 1 invoices, 1 lines, €988.80",
        "2026-04 Fabrikam Cloud: 1 invoices, 1 lines, €1,236.00",
        "2026-04 Cirrus: was closed before, 1 invoices, 1 lines, €988.80",
        "2026-04 Fabrikam Cloud: was closed before, 1 invoices, 1 lines, €1,236.00",
    ]


def test_a_dry_run_of_the_command_keeps_nothing(shop: World) -> None:
    out = StringIO()
    with day(date(2026, 4, 1)):
        call_command("close_month", "2026-03", "--dry-run", stdout=out, skip_checks=True)

    assert out.getvalue().splitlines() == [
        "2026-03 Cirrus: 1 invoices, 1 lines, €988.80",
        "2026-03 Fabrikam Cloud: 1 invoices, 1 lines, €1,236.00",
        "Dry run: nothing was kept.",
    ]
    assert not Invoice.objects.exists()


def test_the_command_refuses_a_month_that_is_not_over(shop: World) -> None:
    with day(date(2026, 4, 30)), pytest.raises(CommandError, match="not over"):
        call_command("close_month", "2026-04", skip_checks=True)


def test_the_command_refuses_what_is_no_month() -> None:
    with pytest.raises(CommandError, match="not a month like 2026-11"):
        call_command("close_month", "2026-13", skip_checks=True)

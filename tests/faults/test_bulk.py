"""
Commands for many rows: killed in the middle, eight workers at once, on the real broker.

Whatever happens, each row is done once and has one outcome.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from celery.contrib.testing.worker import start_worker
from django.db import IntegrityError, connection, connections
from django.urls import reverse

from billing.models import Order
from csp_portal.celery import app
from csp_portal.home import tasks
from csp_portal.home.bulk import carrying, runs
from csp_portal.home.bulk.sources import SOURCES
from csp_portal.home.models import BulkRow, BulkRun
from csp_portal.home.views import bulk as views
from csp_portal.shared import clock
from subscriptions.models import SeatChange, Subscription
from tenants.models import Activity, Membership, User
from tests import make
from tests.billing.selling import list_prices, sell
from tests.conftest import Browser
from tests.home.bulk import ask, confirm
from tests.world import TODAY, World, build_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
ROWS = 24


@pytest.fixture
def many(transactional_db: None) -> World:
    """Fabrikam has two dozen customers, each with a subscription."""
    world = build_world()
    list_prices(world)
    for number in range(ROWS):
        tenant = make.tenant(f"Company {number:02}", domain=f"c{number}.example")
        make.relationship(world.fabrikam, tenant)
        sell(world, tenant=tenant, seats=5)
    return world


def asked(world: World, command: str) -> BulkRun:
    """Return Ada's command for all of her subscriptions, not begun yet."""
    source = SOURCES["subscriptions"]
    found = source.command(command)
    assert found is not None
    return runs.ask(
        membership=Membership.objects.select_related("tenant__partner", "user").get(user=world.ada),
        source=source,
        command=found,
        ticked=None,
        query="channel=csp",
        form=views.uuid4(),
        language="en",
        act=world.act(),
    )


def confirmed(world: World, run: BulkRun) -> BulkRun:
    return runs.confirm(run=BulkRun.objects.get(pk=run.pk), note="", act=world.act())


def carry_on(run: BulkRun) -> None:
    while carrying.carry_on(run_id=run.pk, at=clock.now(), seconds=60):
        pass


# ------------------------------------------------------------------ killed in the middle


def start(run: BulkRun) -> subprocess.Popen[str]:
    """Carry the run on as the run-time role, in a process of its own."""
    url = urlsplit(os.environ["DATABASE_URL"])
    url = url._replace(path=f"/{connection.settings_dict['NAME']}")
    process = subprocess.Popen(  # noqa: S603 -- our own command line
        [sys.executable, "-m", "tests.faults.bulk_process", str(run.pk), TODAY.isoformat()],
        cwd=ROOT,
        env={**os.environ, "DATABASE_ROLE": "app", "DATABASE_URL": urlunsplit(url)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def kill_at(run: BulkRun, row: int) -> int:
    """Start a worker, kill it when it has reached so many rows; return how many it reached."""
    process = start(run)
    deadline = time.monotonic() + 60
    while BulkRun.objects.get(pk=run.pk).reached < row and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    process.communicate()
    return BulkRun.objects.get(pk=run.pk).reached


def finish(run: BulkRun) -> None:
    process = start(run)
    _said, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors


def test_a_worker_killed_in_the_middle_leaves_the_rest_to_the_next(many: World) -> None:
    run = asked(many, "suspend")
    reached = [kill_at(run, row) for row in (3, 12)]
    finish(run)
    prices = dict(BulkRow.objects.filter(run=run).values_list("pk", "quote_id"))
    confirmed(many, run)
    reached += [kill_at(run, row) for row in (2, 9, 17)]
    # whatever a killed worker left is whole: an order for each row that is done, no other
    assert Order.objects.filter(quote__kind="suspend").count() == done(run)

    finish(run)

    assert sum(0 < row < ROWS for row in reached) >= 3, reached
    assert done(run) == ROWS
    assert dict(BulkRow.objects.filter(run=run).values_list("pk", "quote_id")) == prices
    assert Order.objects.filter(quote__kind="suspend").count() == ROWS
    assert SeatChange.objects.filter(kind="suspended").count() == ROWS
    assert Subscription.objects.filter(state="suspended").count() == ROWS
    assert BulkRun.objects.get(pk=run.pk).finished_at is not None


def done(run: BulkRun) -> int:
    return BulkRow.objects.filter(run=run, outcome="done").count()


# ------------------------------------------------------------------ several workers at once


def at_once(count: int, action: Callable[[], None]) -> list[Exception | None]:
    """Run `action` in so many threads, which start together; return what each raised."""
    barrier = threading.Barrier(count, timeout=60)

    def run(_number: int) -> Exception | None:
        try:
            barrier.wait()
            with clock.pinned_to(TODAY):
                action()
        except IntegrityError as error:
            return error
        else:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def turned_off() -> int:
    return Activity.objects.filter(
        action__endswith="auto-renew", tenant__domain__startswith="c"
    ).count()


@pytest.mark.race
def test_eight_workers_do_each_row_once(many: World) -> None:
    run = asked(many, "off")
    carry_on(run)
    confirmed(many, run)

    raised = at_once(8, lambda: carry_on(run))
    carry_on(run)

    assert raised == [None] * 8
    assert done(run) == turned_off() == ROWS


@pytest.mark.race
def test_without_the_lock_the_database_refuses_the_second_outcome(
    many: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: several workers take the same rows, and all but one fail at each."""
    run = asked(many, "off")
    carry_on(run)
    confirmed(many, run)

    def unlocked(run_id: int) -> BulkRun | None:
        found = carrying.unfinished().select_related("by", "organisation__partner")
        return found.filter(pk=run_id).order_by("pk").first()

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "lock", unlocked)
        raised = at_once(8, lambda: carry_on(run))
    carry_on(run)

    assert any(raised)
    assert done(run) == turned_off() == ROWS


# ------------------------------------------------------------------ on the real broker


@pytest.fixture
def _worker() -> Iterator[None]:
    """Run a Celery worker on the real broker, in a thread so that it lives on the test's day."""
    app.control.purge()
    with (
        clock.travelled_to(TODAY),
        start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20),
    ):
        yield
    connections.close_all()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_ready() -> bool:
    return BulkRun.objects.get().prepared_at is not None


def is_finished() -> bool:
    return BulkRun.objects.get().finished_at is not None


@pytest.mark.usefixtures("_worker")
def test_the_worker_finds_prices_and_suspends_all_that_match(
    many: World, sign_in: Callable[[User], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PATIENCE", 0)
    monkeypatch.setattr(tasks, "SECONDS", 0.2)  # so that it queues again and again
    ada = sign_in(many.ada)

    ask(ada, "subscriptions", "suspend", None, query="channel=csp")
    wait_until(is_ready)
    assert Subscription.objects.filter(state="suspended").count() == 0
    confirm(ada)
    wait_until(is_finished)

    assert Subscription.objects.filter(state="suspended").count() == ROWS
    page = ada.get(reverse("home:bulk-run", args=[BulkRun.objects.get().public_id]))
    assert f"{ROWS} done" in " ".join(page.content.decode().split())


@pytest.mark.usefixtures("_worker")
def test_the_sweep_starts_what_a_lost_message_left(many: World) -> None:
    run = asked(many, "off")  # and nobody rang
    with clock.travelled_to(TODAY):
        stalled: Any = carrying.stalled(at=clock.now())
        assert list(stalled) == []
    BulkRun.objects.update(touched_at=run.touched_at - 2 * carrying.STALLED_AFTER)

    tasks.sweep_bulk.delay()

    wait_until(is_ready)
    assert BulkRun.objects.get().total == ROWS

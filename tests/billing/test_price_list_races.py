"""Two at once on one list, with the guard and, as a twin, without it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction

from billing.models import Price, PriceList
from billing.services import price_lists
from tenants.acts import Act
from tenants.models import Activity
from tests.world import World

from .price_files import import_rows, row

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PUBLIC = datetime(2026, 12, 2, tzinfo=UTC)
ROUNDS = 20
INSERT = (
    "INSERT INTO billing_price (price_list_id, offer_id, segment, duration, plan, unit_price, erp) "
    "VALUES (%s, %s, 'charity', 'P1M', 'monthly', 1, 2)"
)


def at_once(*jobs: Callable[[], None]) -> None:
    """Run the jobs in threads of their own that start together."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], None]) -> None:
        start.wait()
        try:
            job()
        finally:
            connection.close()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def unguarded() -> Iterator[None]:
    """Take the guards off, as only the tables' owner can."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_price DISABLE TRIGGER USER")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE billing_price ENABLE TRIGGER USER")


def leaks(world: World) -> int:
    """Return how often, in `ROUNDS` races, a price came onto a list after it was scheduled."""
    leaked = 0
    for month in range(1, ROUNDS + 1):
        effective_on = datetime(2027 + month // 12, month % 12 + 1, 1, tzinfo=UTC).date()
        draft = import_rows(world, row(), effective_on=effective_on).price_list
        counted: list[int] = []

        def schedule(draft: PriceList = draft, counted: list[int] = counted) -> None:
            with transaction.atomic():
                price_lists.schedule(price_list=draft, act=world.act())
                counted.append(Price.objects.filter(price_list=draft).count())

        def add(draft: PriceList = draft) -> None:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute(INSERT, [draft.pk, world.phone.pk])
                    cursor.execute("SELECT pg_sleep(0.02)")
            except DatabaseError:
                pass  # refused, as it should be when it came second

        at_once(schedule, add)
        leaked += counted != [Price.objects.filter(price_list=draft).count()]
    return leaked


def test_no_price_comes_onto_a_list_that_is_being_scheduled(world: World) -> None:
    assert leaks(world) == 0


def test_without_the_guard_prices_leak_onto_it(world: World) -> None:
    with unguarded():
        assert leaks(world) > 0


def test_eight_workers_announce_a_list_once(world: World) -> None:
    draft = import_rows(world, row()).price_list
    price_lists.schedule(price_list=draft, act=world.act())
    announced: list[PriceList] = []

    def announce() -> None:
        announced.extend(
            price_lists.publish_due(act=Act.of_the_portal(at=PUBLIC, on=PUBLIC.date()))
        )

    at_once(*[announce] * 8)

    assert announced == [draft]
    assert sorted(message.to[0] for message in mail.outbox) == [
        "ada@fabrikam.example",
        "nora@tailspin.example",
        "sam@fabrikam.example",
    ]
    assert Activity.objects.filter(action="price_list.published").count() == 3

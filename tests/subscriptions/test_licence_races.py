"""
Eight people want the last seats at the same moment, in real threads on a real PostgreSQL.

The twin without the row's lock gives away more seats than there are.
"""

import threading

import pytest
from django.db import connection, transaction

from subscriptions.models import LicenceAssignment, Subscription
from subscriptions.services import licences
from tenants.models import Membership
from tests import make
from tests.relationships.test_races import THREADS, in_threads
from tests.world import TODAY, World, build_world

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

SEATS = 3
ROUNDS = 20


def eight_members(world: World) -> list[Membership]:
    for n in range(THREADS):
        make.member(f"worker{n}", world.northwind, *Membership.objects.get(user=world.mia).role_set)
    return list(Membership.objects.filter(user__email__startswith="worker").order_by("pk"))


def subscriptions(world: World) -> list[Subscription]:
    return [
        make.other_channel(world.northwind, "direct", f"Office Suite {n}", seats=SEATS)
        for n in range(ROUNDS)
    ]


def test_eight_threads_get_as_many_licences_as_there_are_seats() -> None:
    world = build_world()
    members, offered, act = eight_members(world), subscriptions(world), world.act(world.carl, TODAY)

    outcomes = in_threads(
        ROUNDS,
        lambda thread, n: licences.assign(
            subscription=offered[n], membership=members[thread], act=act
        ),
    )

    assert outcomes == {"done": SEATS * ROUNDS, "NoSeatFree": (THREADS - SEATS) * ROUNDS}
    for subscription in Subscription.objects.all():
        assert (subscription.assigned_seats, subscription.licences.count()) == (SEATS, SEATS)


def test_two_clicks_at_once_give_a_person_one_licence() -> None:
    world = build_world()
    mia, act = Membership.objects.get(user=world.mia), world.act(world.carl, TODAY)
    offered = make.other_channel(world.northwind, "direct", "Office Suite", seats=THREADS)

    outcomes = in_threads(
        1, lambda _thread, _n: licences.assign(subscription=offered, membership=mia, act=act)
    )

    assert outcomes == {"done": 1, "AlreadyLicensed": THREADS - 1}
    assert LicenceAssignment.objects.count() == 1


def test_without_the_lock_the_same_race_gives_away_too_many() -> None:
    """Read, look, wait for the others, write: a count that nobody holds is out of date."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE unguarded (subscription int NOT NULL, member int NOT NULL)")
    together = threading.Barrier(THREADS, timeout=60)

    def look_then_insert(thread: int, n: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM unguarded WHERE subscription = %s", [n])
            is_free = cursor.fetchone()[0] < SEATS
            together.wait()
            if is_free:
                cursor.execute("INSERT INTO unguarded VALUES (%s, %s)", [n, thread])

    try:
        in_threads(ROUNDS, look_then_insert)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM (SELECT FROM unguarded GROUP BY subscription "
                "HAVING count(*) > %s) too_many",
                [SEATS],
            )
            (too_many,) = cursor.fetchone()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE unguarded")

    assert too_many > 0

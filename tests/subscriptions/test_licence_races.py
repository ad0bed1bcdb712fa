"""
Eight people want the last seats at the same moment, in real threads on a real PostgreSQL.

The twin without the row's lock gives away more seats than there are.
"""

from collections import Counter
from collections.abc import Callable

import pytest

from subscriptions.models import LicenceAssignment, Subscription
from subscriptions.services import licences
from tenants.models import Membership
from tests import make
from tests.races import THREADS, in_threads
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


def assign_to_eight(rounds: int) -> Counter[str]:
    world = build_world()
    members, offered, act = eight_members(world), subscriptions(world), world.act(world.carl, TODAY)
    return in_threads(
        rounds,
        lambda thread, n: licences.assign(
            subscription=offered[n], membership=members[thread], act=act
        ),
    )


def test_eight_threads_get_as_many_licences_as_there_are_seats() -> None:
    outcomes = assign_to_eight(ROUNDS)

    assert outcomes == {"done": SEATS * ROUNDS, "NoSeatFree": (THREADS - SEATS) * ROUNDS}
    for subscription in Subscription.objects.all():
        assert (subscription.assigned_seats, subscription.licences.count()) == (SEATS, SEATS)


def test_without_lock_and_guard_the_same_race_gives_away_too_many(
    unguarded: Callable[..., None],
) -> None:
    unguarded(
        "subscriptions_licence_fits",
        "subscriptions_assigned_cover_licences",
        "subscriptions_seats_cover_the_assigned",
    )

    assign_to_eight(5)

    assert max(each.licences.count() for each in Subscription.objects.all()) > SEATS


def test_two_clicks_at_once_give_a_person_one_licence() -> None:
    world = build_world()
    mia, act = Membership.objects.get(user=world.mia), world.act(world.carl, TODAY)
    offered = make.other_channel(world.northwind, "direct", "Office Suite", seats=THREADS)

    outcomes = in_threads(
        1, lambda _thread, _n: licences.assign(subscription=offered, membership=mia, act=act)
    )

    assert outcomes == {"done": 1, "AlreadyLicensed": THREADS - 1}
    assert LicenceAssignment.objects.count() == 1

"""Scheduling, taking back and renewing at the same moment; each race has an unlocked twin."""

from datetime import date

import pytest
from django.db import transaction

from subscriptions.models import ScheduledChange, Subscription
from subscriptions.services import lifecycle, scheduling, terms

from ..races import THREADS, in_threads
from ..world import World, build_world
from .conftest import House
from .test_races import unlocked_family

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

END = date(2027, 3, 14)
ROUNDS = 10


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def orders(house: House) -> list[Subscription]:
    return [house.order(100) for _ in range(ROUNDS)]


def scheduled(house: House, subscriptions: list[Subscription]) -> list[ScheduledChange]:
    act = house.world.act()
    return [
        lifecycle.schedule_change(subscription=each, seats=50, act=act) for each in subscriptions
    ]


def renew_or_take_back(
    house: House, subscriptions: list[Subscription], changes: list[ScheduledChange]
) -> dict[str, int]:
    renewal, undo = house.world.act(on=END), house.world.act()

    def attempt(thread: int, n: int) -> None:
        if thread % 2:
            lifecycle.take_back(change=changes[n], act=undo)
        else:
            with transaction.atomic():
                lifecycle.renew(subscription=subscriptions[n], act=renewal)

    return in_threads(ROUNDS, attempt)


def agree(subscriptions: list[Subscription], changes: list[ScheduledChange]) -> list[bool]:
    """Tell of each whether the seats it has are what became of its change."""
    found = []
    for subscription, change in zip(subscriptions, changes, strict=True):
        subscription.refresh_from_db()
        change.refresh_from_db()
        expected = {"applied": 50, "undone": 100}[change.outcome]
        term = subscription.terms.order_by("-number")[0]
        found.append(subscription.seats == expected == term.opening_seats)
    return found


def test_eight_wishes_at_once_leave_one_open(house: House) -> None:
    subscriptions, act = orders(house), house.world.act()

    outcomes = in_threads(
        ROUNDS,
        lambda thread, n: lifecycle.schedule_change(
            subscription=subscriptions[n], seats=10 + thread, act=act
        ),
    )

    assert outcomes == {"done": THREADS * ROUNDS}
    assert ScheduledChange.objects.open().count() == ROUNDS
    assert ScheduledChange.objects.filter(outcome="replaced").count() == (THREADS - 1) * ROUNDS


def test_without_the_lock_only_the_database_keeps_it_to_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduling, "lock_family", unlocked_family)
    subscriptions, act = orders(house), house.world.act()

    outcomes = in_threads(
        ROUNDS,
        lambda thread, n: lifecycle.schedule_change(
            subscription=subscriptions[n], seats=10 + thread, act=act
        ),
    )

    assert outcomes["done"] < THREADS * ROUNDS
    assert ScheduledChange.objects.open().count() <= ROUNDS


def test_taken_back_while_it_renews_it_is_either_or(house: House) -> None:
    subscriptions = orders(house)
    changes = scheduled(house, subscriptions)

    outcomes = renew_or_take_back(house, subscriptions, changes)

    assert set(outcomes) <= {"done", "AlreadyClosed"}
    assert agree(subscriptions, changes) == [True] * ROUNDS


def test_without_the_lock_somebody_gets_an_error(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (scheduling, terms):
        monkeypatch.setattr(module, "lock_family", unlocked_family)
    subscriptions = orders(house)
    changes = scheduled(house, subscriptions)

    outcomes = renew_or_take_back(house, subscriptions, changes)

    assert set(outcomes) - {"done", "AlreadyClosed"}  # a second term, or a closed change

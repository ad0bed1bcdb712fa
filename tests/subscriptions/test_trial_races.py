"""A trial is given once and told of once, whoever clicks and runs at the same moment."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail

from billing.models import Charge
from subscriptions.models import Subscription
from subscriptions.services import trials

from .. import make
from ..races import in_threads
from ..world import build_world
from .test_trials import ENDS, portal, start

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

TRIALS = 12


def start_eight_times(offers: int) -> Counter[str]:
    world = build_world()
    tryable = [make.offer(f"Trial {n}", f"T:{n}", is_trial=True) for n in range(offers)]
    act = world.act(world.carl)
    return in_threads(
        offers, lambda _, n: trials.start_trial(tenant=world.northwind, offer=tryable[n], act=act)
    )


def test_eight_starts_at_once_give_one_trial() -> None:
    assert start_eight_times(5) == {"done": 5, "TriedBefore": 35}
    assert Subscription.objects.filter(is_trial=True).count() == 5
    assert not Charge.objects.exists()


def test_without_the_index_they_give_several(unguarded: Callable[..., None]) -> None:
    unguarded("subscriptions_one_trial_per_offer_and_customer")

    start_eight_times(2)

    assert Subscription.objects.filter(is_trial=True).count() > 2


def tell_eight_times() -> int:
    """Return how many notices of `TRIALS` trials are sent: so many that the runs overlap."""
    world = build_world()
    for n in range(TRIALS):
        start(world, make.offer(f"Trial {n}", f"T:{n}", is_trial=True))
    act = portal(ENDS - timedelta(days=7))
    in_threads(1, lambda _thread, _n: trials.send_notices(act=act))
    return len(mail.outbox)


def test_eight_runs_at_once_send_a_notice_once() -> None:
    assert tell_eight_times() == TRIALS


def test_without_lock_and_key_they_send_several(unguarded: Callable[..., None]) -> None:
    unguarded("subscriptions_trial_notice_once")

    assert tell_eight_times() > TRIALS

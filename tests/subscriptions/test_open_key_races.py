"""Open keys at the same moment: one key, many tenants; many tries, one tenant."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from billing.models import Charge
from subscriptions.domain.keys import new_key
from subscriptions.models import OpenKey, Subscription
from subscriptions.services import open_keys
from tenants.acts import Act

from ..races import THREADS, acts_of, customers_with_admins, in_threads
from ..world import build_world
from .test_open_keys import issue

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def enter_in_eight_tenants(keys: int) -> Counter[str]:
    world = build_world()
    tenants = customers_with_admins(THREADS)
    acts = acts_of(tenants)
    issued = [issue(world) for _ in range(keys)]

    def enter(thread: int, n: int) -> None:
        at = (thread + n) % THREADS
        open_keys.redeem(typed=issued[n], tenant=tenants[at], act=in_its_hour(acts[at], n))

    return in_threads(keys, enter)


def in_its_hour(act: Act, number: int) -> Act:
    """Let every round be in an hour of its own, so that nobody runs out of tries."""
    return replace(act, at=act.at + timedelta(hours=2 * number))


def given() -> int:
    return Subscription.objects.filter(channel="open").count()


def test_one_key_entered_by_eight_tenants_at_once_is_redeemed_once() -> None:
    outcomes = enter_in_eight_tenants(10)

    assert outcomes == {"done": 10, "KeyUsed": 70}
    assert given() == OpenKey.objects.exclude(redeemed_at=None).count() == 10
    assert not Charge.objects.exists()  # what a key gives is paid for


def test_without_the_lock_on_the_key_the_same_race_gives_two(
    unguarded: Callable[..., None],
) -> None:
    unguarded("subscriptions_used_keys_stay")

    enter_in_eight_tenants(4)

    assert given() > 4


def enter_wrong_keys(tenants: int) -> Counter[str]:
    build_world()
    entering = customers_with_admins(tenants)
    acts = acts_of(entering)
    return in_threads(
        tenants, lambda _, n: open_keys.redeem(typed=new_key(), tenant=entering[n], act=acts[n])
    )


def test_eight_wrong_keys_at_once_are_five_tries() -> None:
    assert enter_wrong_keys(3) == {"KeyUnknown": 15, "TooManyTries": 9}  # 3 x 5 and 3 x 3


def test_without_the_tenants_lock_tries_are_not_counted(unguarded: Callable[..., None]) -> None:
    unguarded()

    assert enter_wrong_keys(3)["KeyUnknown"] > 15

"""A customer adds add-ons while its base is cancelled: none is left without its base."""

from collections.abc import Callable

import pytest

from subscriptions.models import Subscription
from subscriptions.services import lifecycle

from ..races import in_threads
from ..world import TODAY, World, build_world

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def race(world: World, rounds: int) -> tuple[dict[str, int], int]:
    """Add and cancel in four threads each; return the outcomes, and add-ons without a base."""
    act = world.act(world.carl, TODAY)
    asked = {"tenant": world.northwind, "duration": "P1Y", "act": act}
    bases = [
        lifecycle.buy(offer=world.premium, seats=10, **asked).term.subscription
        for _ in range(rounds)
    ]

    def add_or_cancel(thread: int, n: int) -> None:
        if (thread + n) % 2:
            lifecycle.cancel(subscription=bases[n], act=act)
        else:
            lifecycle.buy(offer=world.phone, seats=1, base=bases[n], **asked)

    outcomes = in_threads(rounds, add_or_cancel)
    left = Subscription.objects.filter(state="active", base__state="cancelled")
    return outcomes, left.count()


def test_no_add_on_outlives_its_base(world: World) -> None:
    outcomes, left = race(world, 10)

    assert left == 0
    assert set(outcomes) <= {"done", "AddOnNeedsBase", "NotInThatState"}
    assert Subscription.objects.filter(base=None, state="cancelled").count() == 10


def test_without_the_locks_add_ons_outlive_their_base(
    world: World, unguarded: Callable[..., None]
) -> None:
    unguarded()

    _outcomes, left = race(world, 10)

    assert left > 0

"""R17 counted at the same moment: the 25th licence is assigned while it is cancelled."""

from collections.abc import Callable

import pytest

from billing.models import Quote
from billing.services import orders, quotes
from subscriptions.models import Subscription
from subscriptions.services import licences, taken_over
from subscriptions.services.support import SUPPORT_FROM
from tenants.models import Membership
from tenants.roles import Role
from tests import make
from tests.races import in_threads, money
from tests.world import World, build_world

from .selling import list_prices
from .test_recommendations import buy, recommend
from .test_support import advised, assign

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def race(
    world: World, held: list[Subscription], cancel: Callable[[Subscription], object]
) -> list[tuple[str, int]]:
    """Cancel in four threads while four others assign the 25th licence, each to somebody."""
    act = world.act(world.carl)
    make.member("max", world.northwind, Role.MEMBER)
    people = list(Membership.objects.filter(tenant=world.northwind).order_by("pk"))

    def assign_or_cancel(thread: int, n: int) -> None:
        if (thread + n) % 2:
            cancel(held[n])
        else:
            licences.assign(subscription=held[n], membership=people[thread // 2], act=act)

    in_threads(len(held), assign_or_cancel)
    ended = Subscription.objects.filter(pk__in=[each.pk for each in held])
    return list(ended.values_list("state", "assigned_seats"))


def imported(rounds: int) -> list[tuple[str, int]]:
    world = build_world()
    act = world.act(world.carl)
    return race(
        world,
        [advised(world, 24) for _ in range(rounds)],
        lambda held: taken_over.cancel(subscription=held, act=act),
    )


def slipped_in(found: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return [each for each in found if each[0] == "cancelled" and each[1] >= SUPPORT_FROM]


def test_the_25th_licence_cannot_slip_in_while_it_is_cancelled() -> None:
    found = imported(20)

    assert {state for state, _ in found} <= {"active", "cancelled"}
    assert slipped_in(found) == []


def test_without_the_lock_the_25th_licence_slips_in(unguarded: Callable[..., None]) -> None:
    unguarded()

    assert slipped_in(imported(20))


def cancel_what_the_portal_bills(rounds: int) -> list[tuple[str, int]]:
    """Race for subscriptions with a price, so that each end has its credit."""
    world = build_world()
    list_prices(world)
    held = [buy(world, recommend(world, 30)[0])[0] for _ in range(rounds)]
    act = world.act(world.carl)
    made: dict[int, list[Quote]] = {}
    for subscription in held:
        assign(subscription, 24)
        made[subscription.pk] = [
            quotes.quote(kind="cancel", tenant=world.northwind, subscription=subscription, act=act)
            for _ in range(4)
        ]
    return race(world, held, lambda held: orders.confirm(quote=made[held.pk].pop(), act=act))


def test_what_is_cancelled_is_credited_once() -> None:
    found = cancel_what_the_portal_bills(10)

    assert slipped_in(found) == []
    cancelled = sum(state == "cancelled" for state, _ in found)
    # 30 x 20.60 each, taken back whole on the first day
    assert money() == {1: (10 + cancelled, f"{618 * (10 - cancelled)}.00")}

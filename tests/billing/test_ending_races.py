"""A relationship ends while something is ordered under it, in real threads."""

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from billing.models import Order
from billing.services import orders, quotes
from relationships.models import Relationship
from relationships.services import ending
from subscriptions.models import Subscription
from tenants.models import Tenant
from tests import make
from tests.races import NOON, customers_with_admins, in_threads, money
from tests.world import TODAY, World, build_world

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def served(world: World, count: int) -> tuple[list[Tenant], list[Relationship]]:
    customers = customers_with_admins(count)
    make.price_list(date(2026, 11, 1), {world.premium: ("16.00", "20.00")})
    return customers, [make.relationship(world.fabrikam, customer) for customer in customers]


def end_while_ordering(rounds: int) -> tuple[Counter[str], set[int], set[int]]:
    """
    Return what came of it, which customers lost their partner, and which have something.

    Two orders are quoted for each, and three threads confirm the same one.
    """
    world = build_world()
    customers, held = served(world, rounds)
    made = [
        [
            quotes.quote(
                kind="new",
                partner=world.fabrikam,
                tenant=customer,
                offer=world.premium,
                seats=10,
                act=world.act(),
            )
            for _ in range(2)
        ]
        for customer in customers
    ]

    def attempt(thread: int, n: int) -> object:
        if thread < 2:
            return ending.end_relationship(relationship=held[n], act=world.act())
        return orders.confirm(quote=made[n][thread % 2], act=world.act())

    outcomes = in_threads(rounds, attempt)
    return outcomes, *ended_and_sold()


def ended_and_sold() -> tuple[set[int], set[int]]:
    ended = Relationship.objects.exclude(ended_on=None).values_list("customer", flat=True)
    sold = Subscription.objects.live().csp().values_list("tenant", flat=True)
    return set(ended), set(sold)


def test_nothing_is_ordered_under_a_relationship_that_ends() -> None:
    outcomes, ended, sold = end_while_ordering(16)

    assert not ended & sold
    assert len(ended | sold) == 16
    assert set(outcomes) <= {"done", "HasEnded", "SubscriptionsRemain", "NoActiveRelationship"}
    # each order was charged once on each leg: 10 x 16.00 and 10 x 20.00
    placed = Order.objects.count()
    assert placed == Subscription.objects.count() > 0
    assert money() == {1: (placed, f"{160 * placed}.00"), 2: (placed, f"{200 * placed}.00")}


def test_without_locks_and_guards_something_is_ordered_under_it(
    unguarded: Callable[..., None],
) -> None:
    unguarded(
        "subscriptions_csp_needs_relationship",
        "subscriptions_ending_leaves_nothing",
        "subscriptions_no_csp_beside_syndication",
    )

    _, ended, sold = end_while_ordering(8)

    assert ended & sold


def insert_while_ending(rounds: int) -> tuple[set[int], set[int]]:
    """Write past the services, so that only the triggers are in the way."""
    world = build_world()
    customers, held = served(world, rounds)

    def attempt(thread: int, n: int) -> object:
        if thread < 2:
            return Relationship.objects.filter(pk=held[n].pk).update(ended_on=TODAY)
        return Subscription.objects.create(
            tenant=customers[n],
            channel="csp",
            offer=world.premium,
            title="Business Premium",
            partner=world.fabrikam,
            state="active",
            seats=1,
            starts_on=TODAY,
            ends_on=date(2027, 11, 22),
            created_at=NOON,
        )

    in_threads(rounds, attempt)
    return ended_and_sold()


def test_the_triggers_alone_do_not_let_it_happen() -> None:
    ended, sold = insert_while_ending(40)

    assert not ended & sold
    assert len(ended | sold) == 40

"""Two requests at once on one subscription; each race has a twin without the lock."""

from datetime import date
from io import BytesIO
from itertools import pairwise
from types import ModuleType

import pytest
from django.db.models import Q

from relationships.models import Relationship
from relationships.services import invitations
from subscriptions.models import SeatChange, Subscription
from subscriptions.services import imports, lifecycle, seats, terms
from subscriptions.services.facts import Family
from tenants.models import Tenant

from .. import make
from ..races import THREADS, customers_with_admins, in_threads
from ..world import World, build_world
from .conftest import House

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

END = date(2027, 3, 14)
ROUNDS = 10


@pytest.fixture
def world(transactional_db: None) -> World:
    return build_world()


def unlocked_family(subscription: Subscription, **_: object) -> Family:
    """Return what `lock_family` does, without the locks."""
    family = Subscription.objects.filter(Q(pk=subscription.pk) | Q(base=subscription))
    own, *add_ons = family.select_related("tenant", "offer", "partner__tenant").order_by("pk")
    return Family(subscription=own, base=None, add_ons=add_ons)


@pytest.fixture
def unlock(monkeypatch: pytest.MonkeyPatch) -> object:
    def without_lock(module: ModuleType) -> None:
        monkeypatch.setattr(module, "lock_family", unlocked_family)

    return without_lock


def orders(house: House) -> list[Subscription]:
    return [house.order(100) for _ in range(ROUNDS)]


def broken_chains() -> int:
    """Return how many facts of seats do not go on where the one before them ended."""
    facts = SeatChange.objects.order_by("term", "pk").values_list(
        "term", "seats_before", "seats_after"
    )
    return sum(
        earlier[2] != later[1] for earlier, later in pairwise(facts) if earlier[0] == later[0]
    )


def test_eight_renewals_at_once_start_one_term(house: House) -> None:
    subscriptions, act = orders(house), house.world.act(on=END)
    renewed = []

    outcomes = in_threads(
        ROUNDS,
        lambda _, n: renewed.extend(lifecycle.renew(subscription=subscriptions[n], act=act)),
    )

    assert outcomes == {"done": THREADS * ROUNDS}
    assert len(renewed) == ROUNDS
    assert [s.terms.count() for s in subscriptions] == [2] * ROUNDS


def test_without_the_lock_only_the_database_stops_a_second_term(
    house: House, unlock: object
) -> None:
    unlock(terms)  # type: ignore[operator]
    subscriptions, act = orders(house), house.world.act(on=END)

    outcomes = in_threads(
        ROUNDS, lambda _, n: lifecycle.renew(subscription=subscriptions[n], act=act)
    )

    assert outcomes["IntegrityError"] > 0
    assert [s.terms.count() for s in subscriptions] == [2] * ROUNDS


def test_eight_seat_changes_at_once_follow_each_other(house: House) -> None:
    subscriptions, act = orders(house), house.world.act()

    outcomes = in_threads(
        ROUNDS,
        lambda thread, n: lifecycle.change_seats(
            subscription=subscriptions[n], seats=101 + thread, act=act
        ),
    )

    assert outcomes == {"done": THREADS * ROUNDS}
    assert broken_chains() == 0
    for subscription in subscriptions:
        subscription.refresh_from_db()
        assert subscription.terms.get().billable_seats == subscription.seats


def test_without_the_lock_seat_changes_overwrite_each_other(house: House, unlock: object) -> None:
    unlock(seats)  # type: ignore[operator]
    subscriptions, act = orders(house), house.world.act()

    in_threads(
        ROUNDS,
        lambda thread, n: lifecycle.change_seats(
            subscription=subscriptions[n], seats=101 + thread, act=act
        ),
    )

    assert broken_chains() > 0


def test_an_import_of_syndication_and_an_acceptance_never_both_succeed(world: World) -> None:
    tenants = customers_with_admins(20)
    open_for = [
        invitations.invite(partner=world.fabrikam, has_delegated_admin=True, act=world.act())[0]
        for _ in tenants
    ]
    act = world.act(world.carl)

    def accept_or_import(thread: int, n: int) -> None:
        if (thread + n) % 2:
            invitations.accept(invitation=open_for[n], tenant=tenants[n], act=act)
        else:
            row = f"s-{thread}-{n},Mail,5,Active,,{tenants[n].domain},Syndication,2026-02-20\n"
            header = ",".join(imports_header())
            imports.import_subscriptions(file=BytesIO(f"{header}\n{row}".encode()), act=act)

    outcomes = in_threads(20, accept_or_import)

    assert set(outcomes) <= {
        "done",
        "ImportRefused",
        "TenantIsSyndicated",
        "TenantAlreadyManaged",
        "InvitationNotOpen",
    }
    with_csp = set(Relationship.objects.active().values_list("customer_id", flat=True))
    syndicated = set(
        Subscription.objects.filter(channel="syndication").values_list("tenant_id", flat=True)
    )
    assert with_csp & syndicated == set()  # R8
    assert with_csp | syndicated == {tenant.pk for tenant in tenants}
    channels = dict(Tenant.objects.values_list("pk", "exclusive_channel"))
    assert {channels[pk] for pk in syndicated} <= {"syndication"}


def imports_header() -> list[str]:
    return [
        "Subscription ID",
        "Subscription",
        "Quantity",
        "Status",
        "Reseller",
        "Tenant domain",
        "Channel",
        "Start",
    ]


def test_an_order_and_an_import_of_syndication_never_both_succeed(world: World) -> None:
    make.relationship(world.fabrikam, world.northwind)
    house = House(world)
    header = ",".join(imports_header())

    def order_or_import(thread: int, n: int) -> None:
        if thread % 2:
            house.order(5)
        else:
            row = f"s-{thread}-{n},Mail,5,Active,,northwind.example,Syndication,2026-02-20\n"
            imports.import_subscriptions(file=BytesIO(f"{header}\n{row}".encode()), act=world.act())

    outcomes = in_threads(3, order_or_import)

    assert outcomes == {"done": 12, "ImportRefused": 12}
    assert not Subscription.objects.filter(channel="syndication").exists()

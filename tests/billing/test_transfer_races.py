"""
Everything that can happen to a transfer, at the same moment, in real threads.

Each race has a twin without the guard that must go wrong: it shows that the race is one.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from billing.models import Charge
from billing.services import transfers as moves
from relationships.models import Invitation, Relationship, Transfer
from relationships.services import ending, invitations, transfers
from subscriptions.models import Subscription
from subscriptions.services import lifecycle
from tenants.acts import Act
from tenants.models import Tenant
from tests import make
from tests.relationships.test_races import NOON, acts_of, customers_with_admins, in_threads
from tests.world import TODAY, World, build_world

from .selling import place

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 16


@dataclass
class Case:
    customer: Tenant
    relationship: Relationship
    transfer: Transfer
    rival: Invitation  # an ordinary one of a third partner
    admin: Act


def cases(world: World) -> list[Case]:
    """Return customers of Fabrikam that move to Tailspin; every second one is approved."""
    third = make.partner("Adatum Cloud", domain="adatum.example", mpn_id="4711009")
    made = []
    customers = customers_with_admins(ROUNDS)
    admins = acts_of(customers)
    make.price_list(date(2026, 11, 1), {world.premium: ("16.00", "20.00")})
    for n, (customer, admin) in enumerate(zip(customers, admins, strict=True)):
        relationship = make.relationship(world.fabrikam, customer)
        place(world, "new", on=TODAY, tenant=customer, offer=world.premium, seats=10)
        kinds = [(world.tailspin, Invitation.Kind.REPLACEMENT), (third, Invitation.Kind.CUSTOMER)]
        asked, rival = (
            invitations.invite(
                partner=partner, kind=kind, has_delegated_admin=True, act=world.act(world.nora)
            )[0]
            for partner, kind in kinds
        )
        transfer = transfers.request_transfer(
            invitation=asked, relationship=relationship, takes_effect_on=TODAY, act=admin
        )
        if n % 2:
            transfers.approve(transfer=transfer, act=world.act())
        made.append(Case(customer, relationship, transfer, rival, admin))
    return made


def test_one_partner_at_every_instant_whatever_comes_first() -> None:
    world = build_world()
    made = cases(world)
    portal = Act.of_the_portal(at=NOON, on=TODAY)

    def attempt(thread: int, n: int) -> object:
        case = made[n]
        match thread:
            case 0 | 1:
                return transfers.approve(transfer=case.transfer, act=world.act())
            case 2 if n % 4 == 3:
                return transfers.withdraw(transfer=case.transfer, act=case.admin)
            case 3:
                return invitations.accept(
                    invitation=case.rival, tenant=case.customer, act=case.admin
                )
            case 4:
                return ending.end_relationship(relationship=case.relationship, act=world.act())
            case _:
                return moves.carry_out(transfer=case.transfer, act=portal)

    outcomes = in_threads(ROUNDS, attempt)
    moves.carry_out_due(act=portal)  # those that were approved after the attempts

    assert partners_per_customer() == {1: ROUNDS}  # never two, never none
    allowed = {"done", "NotUndecided", "NotOpenAnyMore", "TenantAlreadyManaged", "HasEnded",
               "TransferIsOpen", "SubscriptionsRemain"}  # fmt: skip
    assert set(outcomes) <= allowed
    for case in made:
        partner = Relationship.objects.active().get(customer=case.customer).partner
        live = Subscription.objects.live().get(tenant=case.customer)  # one, never two
        case.transfer.refresh_from_db()
        assert live.partner == partner
        assert (partner == world.tailspin) == (case.transfer.state == "done")
        assert seats_charged(case.customer) == 10  # no charge lost, none doubled


def seats_charged(customer: Tenant) -> int:
    charges = Charge.objects.filter(locked_price__buyer=customer)
    return charges.aggregate(seats=Sum("seats"))["seats"] or 0


def partners_per_customer() -> Counter[int]:
    active = Relationship.objects.active().values_list("customer_id", flat=True)
    return Counter(Counter(active).values())


def test_without_the_lock_a_customer_changes_hands_twice() -> None:
    customers = customers_with_admins(60)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE unguarded (customer bigint, partner text, ended bool)")
        cursor.executemany(
            "INSERT INTO unguarded VALUES (%s, 'old', false)", [[c.pk] for c in customers]
        )

    def check_then_move(_thread: int, n: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            pk = customers[n].pk
            cursor.execute(
                "SELECT 1 FROM unguarded WHERE customer = %s AND partner = 'old' AND NOT ended",
                [pk],
            )
            if cursor.fetchone():
                cursor.execute(
                    "UPDATE unguarded SET ended = true WHERE customer = %s AND partner = 'old'",
                    [pk],
                )
                cursor.execute("INSERT INTO unguarded VALUES (%s, 'new', false)", [pk])

    try:
        in_threads(60, check_then_move)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM (SELECT FROM unguarded WHERE NOT ended "
                "GROUP BY customer HAVING count(*) > 1) doubles"
            )
            (doubles,) = cursor.fetchone()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE unguarded")

    assert doubles > 0


@pytest.mark.parametrize("way", ["services", "past the services"])
def test_nothing_is_ordered_under_a_relationship_that_ends(way: str) -> None:
    world = build_world()
    customers = customers_with_admins(40)
    held = [make.relationship(world.fabrikam, customer) for customer in customers]

    def attempt(thread: int, n: int) -> object:
        ends = thread < 2
        if way == "services":
            return by_service(ends=ends, n=n)
        if ends:  # the triggers alone
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

    def by_service(*, ends: bool, n: int) -> object:
        if ends:
            return ending.end_relationship(relationship=held[n], act=world.act())
        return lifecycle.provision(
            partner=world.fabrikam,
            tenant=customers[n],
            offer=world.premium,
            seats=1,
            duration="P1Y",
            act=world.act(),
        )

    in_threads(40, attempt)

    ended = set(Relationship.objects.exclude(ended_on=None).values_list("customer", flat=True))
    sold = set(Subscription.objects.live().csp().values_list("tenant", flat=True))
    assert not ended & sold
    assert ended | sold == {customer.pk for customer in customers}


def test_without_the_locks_something_is_ordered_under_it() -> None:
    customers = customers_with_admins(60)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE unguarded (customer bigint, ended bool)")
        cursor.execute("CREATE TABLE unguarded_sold (customer bigint)")
        cursor.executemany("INSERT INTO unguarded VALUES (%s, false)", [[c.pk] for c in customers])

    def check_then_act(thread: int, n: int) -> None:
        pk = [customers[n].pk]
        with transaction.atomic(), connection.cursor() as cursor:
            if thread < 2:
                cursor.execute("SELECT 1 FROM unguarded_sold WHERE customer = %s", pk)
                if cursor.fetchone() is None:
                    cursor.execute("UPDATE unguarded SET ended = true WHERE customer = %s", pk)
                return
            cursor.execute("SELECT 1 FROM unguarded WHERE customer = %s AND NOT ended", pk)
            if cursor.fetchone():
                cursor.execute("INSERT INTO unguarded_sold VALUES (%s)", pk)

    try:
        in_threads(60, check_then_act)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM unguarded WHERE ended "
                "AND customer IN (SELECT customer FROM unguarded_sold)"
            )
            (orphans,) = cursor.fetchone()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE unguarded, unguarded_sold")

    assert orphans > 0

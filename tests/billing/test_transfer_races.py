"""
Everything that can happen to a transfer, at the same moment, in real threads.

Each race has a twin without the guard that must go wrong: it shows that the race is one.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from django.db.models import Sum

from billing.models import Charge
from billing.services import transfers as moves
from relationships.models import Invitation, Relationship, Transfer
from relationships.services import ending, invitations, transfers
from subscriptions.models import Subscription
from tenants.acts import Act
from tenants.models import Tenant
from tests import make
from tests.races import NOON, acts_of, customers_with_admins, in_threads, money
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


def cases(world: World, count: int = ROUNDS) -> list[Case]:
    """Return customers of Fabrikam that move to Tailspin; every second one is approved."""
    third = make.partner("Adatum Cloud", domain="adatum.example", mpn_id="4711009")
    made = []
    customers = customers_with_admins(count)
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


def everything_at_once(world: World, made: list[Case]) -> Counter[str]:
    """Approve, withdraw, take on a third, end and carry out each of them, in 8 threads."""
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

    outcomes = in_threads(len(made), attempt)
    moves.carry_out_due(act=portal)  # those that were approved after the attempts
    return outcomes


def test_one_partner_at_every_instant_whatever_comes_first() -> None:
    world = build_world()
    made = cases(world)

    outcomes = everything_at_once(world, made)

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
    # what moved was charged, credited and charged again: 10 x 16.00 and 10 x 20.00 remain
    moved = Transfer.objects.filter(state="done").count()
    charges = ROUNDS + 2 * moved
    assert money() == {1: (charges, f"{160 * ROUNDS}.00"), 2: (charges, f"{200 * ROUNDS}.00")}


def test_without_locks_and_guards_it_moves_twice_and_is_charged_twice(
    unguarded: Callable[..., None],
) -> None:
    world = build_world()
    made = cases(world, 6)
    unguarded(
        "relationships_keep_parties",
        "relationships_keep_transfers",
        "subscriptions_subscription_moved_from_id_key",
        "subscriptions_term_billable_seats_check",
    )

    everything_at_once(world, made)

    live = Subscription.objects.live()
    assert max(Counter(live.values_list("tenant", flat=True)).values()) > 1
    assert money()[1][0] > 6 + 2 * 6  # what one order and one move of each would make


def seats_charged(customer: Tenant) -> int:
    charges = Charge.objects.filter(locked_price__buyer=customer)
    return charges.aggregate(seats=Sum("seats"))["seats"] or 0


def partners_per_customer() -> Counter[int]:
    active = Relationship.objects.active().values_list("customer_id", flat=True)
    return Counter(Counter(active).values())

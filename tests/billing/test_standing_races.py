"""
Whether a partner may sell changes while its orders are confirmed, in real threads.

Whoever suspends a partner sees every order that will ever come of the time before.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import date

import pytest

from billing.services import orders, quotes
from relationships.models import AgreementEvent
from relationships.services import agreements, standing, suspensions
from subscriptions.models import Subscription
from tenants.acts import Act
from tenants.models import Partner, Tenant
from tests import make
from tests.races import NOON, THREADS, Dawdling, customers_with_admins, in_threads, money
from tests.two_tier import TwoTier, two_tier
from tests.world import TODAY, build_world

from .selling import place

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

CUSTOMERS = THREADS - 1  # a round: one thread suspends, each of the others sells to one
PORTAL = Act.of_the_portal(at=NOON, on=TODAY)


def customers_of(tier: TwoTier, count: int) -> list[Tenant]:
    make.price_list(date(2026, 11, 1), {tier.world.premium: ("16.00", "20.00")})
    customers = customers_with_admins(count)
    for customer in customers:
        make.relationship(tier.wingtip, customer, reseller=tier.litware)
    return customers


def suspend_while_ordering(
    who: str, rounds: int, moment: AbstractContextManager[None] | None = None
) -> tuple[Counter[str], int]:
    """Return what came of it, and how many orders came after their seller was suspended."""
    tier = two_tier(build_world())
    customers = customers_of(tier, rounds * CUSTOMERS)
    seller: Partner = getattr(tier, who)
    act = tier.world.act(tier.wes)
    made = [
        quotes.quote(
            kind="new",
            partner=tier.wingtip,
            tenant=customer,
            offer=tier.world.premium,
            seats=10,
            act=act,
        )
        for customer in customers
    ]
    outcomes: Counter[str] = Counter()
    later = 0
    for n in range(rounds):
        seen = []

        def attempt(thread: int, _: int, n: int = n, seen: list[int] = seen) -> None:
            if thread < CUSTOMERS:
                orders.confirm(quote=made[n * CUSTOMERS + thread], act=act)
                return
            with moment or nullcontext():
                suspensions.suspend_partner(
                    partner=seller, reason="overdue", starts_on=TODAY, act=PORTAL
                )
                seen.append(Subscription.objects.count())

        outcomes += in_threads(1, attempt)
        later += Subscription.objects.count() - seen[0]
        suspensions.lift(suspension=seller.suspensions.get(lifted_on=None), act=PORTAL)
    return outcomes, later


@pytest.mark.parametrize("who", ["wingtip", "litware"])
def test_no_order_follows_the_suspension_of_its_partner_or_reseller(who: str) -> None:
    outcomes, later = suspend_while_ordering(who, 6)

    assert later == 0
    assert set(outcomes) <= {"done", "PartnerIsSuspended"}
    placed = outcomes["done"] - 6
    assert placed == Subscription.objects.count()
    # 10 seats: 16.00, then 18.00 (ERP less 10 %), then 20.00
    legs = {1: 160 * placed, 2: 180 * placed, 3: 200 * placed}
    assert money() == {leg: (placed, f"{total}.00") for leg, total in legs.items() if placed}


def test_without_the_hold_some_do(
    unguarded: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    dawdling = Dawdling(standing.selling_refusal)
    monkeypatch.setattr(standing, "selling_refusal", dawdling)
    monkeypatch.setattr(standing, "_hold_sellers", lambda *_: None)
    unguarded()

    _, later = suspend_while_ordering("wingtip", 1, dawdling.meanwhile())

    assert later > 0


def sign_and_give_notice() -> tuple[Counter[str], Counter[str]]:
    """Let eight people sign, then eight give notice, at once."""
    newcomer = Partner.objects.create(
        tenant=make.tenant("Adatum", domain="adatum.example"), mpn_id="4711009",
        kind="direct_partner", joined_on=TODAY,
    )  # fmt: skip
    return (
        in_threads(1, lambda *_: agreements.sign(partner=newcomer, act=PORTAL)),
        in_threads(1, lambda *_: agreements.give_notice(partner=newcomer, act=PORTAL)),
    )


def test_an_agreement_is_signed_and_given_notice_of_once() -> None:
    signed, noticed = sign_and_give_notice()

    assert signed == {"done": 1, "AgreementRuns": 7}
    assert noticed == {"done": 1, "NoticeStands": 7}


def test_without_the_partners_lock_it_is_signed_twice(
    unguarded: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Dawdling(agreements._locked, patience=0.2)  # noqa: SLF001 -- what the twin goes without
    monkeypatch.setattr(agreements, "_locked", look)
    unguarded()

    sign_and_give_notice()

    assert AgreementEvent.objects.filter(kind="signed").count() > 1


def test_first_orders_wait_for_the_customers_agreement_and_are_charged_once() -> None:
    world = build_world()
    tier = two_tier(world)
    make.price_list(date(2026, 11, 1), {world.premium: ("16.00", "20.00")})
    customer = tier.relecloud

    def attest_or_order(thread: int, _: int) -> object:
        if thread == 0:
            return make.customer_agreement(tier.wingtip, customer)
        return place(
            world, "new", on=TODAY, by=tier.wes, partner=tier.wingtip, tenant=customer,
            offer=world.premium, seats=10,
        )  # fmt: skip

    outcomes = in_threads(1, attest_or_order)

    assert set(outcomes) <= {"done", "NoCustomerAgreement"}
    assert Subscription.objects.count() == outcomes["done"] - 1

"""
Acceptances at the same moment, in real threads on a real PostgreSQL.

Each race has a twin without the guard that must go wrong: it shows that the race is one.
"""

from collections import Counter
from collections.abc import Callable

import pytest

from relationships.models import Invitation, PartnerPolicy, Relationship
from relationships.services import invitations
from relationships.services.policy import set_most_partners
from tenants.acts import Act
from tenants.models import Tenant
from tests import make
from tests.races import NOON, THREADS, acts_of, customers_with_admins, in_threads
from tests.world import TODAY

from .racing import INVITATIONS, four_partners, invitations_for, partners_per_customer

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PLACES = (
    "relationships_one_active_partner_per_slot",
    "relationships_one_active_per_partner_and_customer",
    "relationships_partners_within_policy",
    "relationships_keep_consent",
)


def accept_everything(tenants: list[Tenant]) -> Counter[str]:
    """Let each tenant accept the invitations of four partners, each of them twice, at once."""
    open_for = invitations_for(tenants, four_partners())
    acts = acts_of(tenants)
    return in_threads(
        len(tenants),
        lambda thread, n: invitations.accept(
            invitation=open_for[n][thread % INVITATIONS], tenant=tenants[n], act=acts[n]
        ),
    )


def test_a_thousand_customers_accept_in_eight_threads_and_each_has_one_partner() -> None:
    outcomes = accept_everything(customers_with_admins(1000))

    assert partners_per_customer() == {1: 1000}  # 0 double, 0 none
    assert outcomes["done"] == 1000
    # the other seven of each eight were told why, and by nothing else
    assert outcomes["TenantAlreadyManaged"] + outcomes["InvitationNotOpen"] == 7000
    accepted = Invitation.objects.filter(answer="accepted")
    assert accepted.count() == 1000
    assert accepted.filter(relationship=None).count() == 0


def test_without_locks_and_indexes_the_same_race_makes_doubles(
    unguarded: Callable[..., None],
) -> None:
    unguarded(*PLACES)

    accept_everything(customers_with_admins(20))

    assert max(partners_per_customer()) > 1


def test_two_allowed_partners_are_two_and_never_three() -> None:
    PartnerPolicy.objects.create(most_partners=2, changed_at=NOON)

    outcomes = accept_everything(customers_with_admins(50))

    assert partners_per_customer() == {2: 50}
    assert outcomes["done"] == 100
    assert outcomes["TenantAlreadyManaged"] + outcomes["InvitationNotOpen"] == 300


@pytest.mark.parametrize("limit", [1, 2])
def test_places_alone_keep_the_limit_when_nobody_waits(limit: int) -> None:
    """Threads that insert past the services: the trigger and the index are the guard."""
    PartnerPolicy.objects.create(most_partners=limit, changed_at=NOON)
    tenants = customers_with_admins(60)
    Tenant.objects.filter(domain__startswith="customer").update(exclusive_channel="csp")
    partners = four_partners()

    def insert(thread: int, n: int) -> None:
        partner, seller = partners[thread % INVITATIONS]
        Relationship.objects.create(
            partner=partner,
            customer=tenants[n],
            slot=1 + (thread // 2) % 3,
            has_delegated_admin=True,
            started_on=TODAY,
            attested_by=seller,
            attested_on=TODAY,
        )

    outcomes = in_threads(60, insert)

    assert partners_per_customer() == {limit: 60}
    assert outcomes["IntegrityError"] == 60 * (THREADS - limit)


def lower_while_accepting(customers: int) -> Callable[[int, int], None]:
    """Give everybody a first partner; return what lowers the limit or takes on a second."""
    make.tenant("Cirrus", domain="vendor.example", is_vendor=True)
    PartnerPolicy.objects.create(most_partners=2, changed_at=NOON)
    tenants = customers_with_admins(customers)
    open_for = invitations_for(tenants, four_partners())
    acts = acts_of(tenants)
    for n, tenant in enumerate(tenants):
        invitations.accept(invitation=open_for[n][0], tenant=tenant, act=acts[n])

    def accept_or_lower(thread: int, n: int) -> None:
        if thread == 0:
            most = 1 if n % 2 == 0 else 2
            set_most_partners(most_partners=most, act=Act.of_the_portal(at=NOON, on=TODAY))
        else:
            invitations.accept(
                invitation=open_for[n][1 + thread % 3], tenant=tenants[n], act=acts[n]
            )

    return accept_or_lower


def test_the_policy_is_not_lowered_while_a_second_partner_is_taken_on() -> None:
    in_threads(30, lower_while_accepting(30))

    limit = PartnerPolicy.objects.get().most_partners
    assert max(partners_per_customer()) <= limit


def test_without_its_lock_the_policy_is_lowered_below_use(unguarded: Callable[..., None]) -> None:
    unguarded("relationships_partners_within_policy", "relationships_policy_not_below_use")
    accept_or_lower = lower_while_accepting(20)
    below_use = 0

    for n in range(0, 20, 2):  # the even ones lower it
        in_threads(1, lambda thread, _, n=n: accept_or_lower(thread, n))
        seconds = Relationship.objects.active().filter(slot__gt=1)
        below_use += PartnerPolicy.objects.get().most_partners == 1 and seconds.exists()
        seconds.update(ended_on=TODAY)
        PartnerPolicy.objects.update(most_partners=2)

    assert below_use > 0


def test_one_invitation_used_by_eight_tenants_at_once_serves_one() -> None:
    tenants = customers_with_admins(8)
    partner, seller = four_partners()[0]
    invitation, _token = invitations.invite(
        partner=partner,
        has_delegated_admin=False,
        act=Act(by=seller, organisation=partner.tenant, at=NOON, on=TODAY),
    )
    acts = acts_of(tenants)

    outcomes = in_threads(
        1,
        lambda thread, _: invitations.accept(
            invitation=invitation, tenant=tenants[thread], act=acts[thread]
        ),
    )

    assert outcomes == {"done": 1, "InvitationNotOpen": 7}
    assert Relationship.objects.active().count() == 1

"""CSP and Syndication exclude each other (R8), whoever comes first, in real threads."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from relationships.services import invitations
from tenants.models import Tenant
from tests import make
from tests.races import acts_of, customers_with_admins, in_threads

from .racing import four_partners, invitations_for

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def syndicate(tenant: Tenant) -> None:
    """Give the tenant an active Syndication subscription, as an operator's import does."""
    with transaction.atomic():
        make.other_channel(tenant, "syndication", "Hosted Mail")


def channels_per_customer() -> Counter[tuple[bool, bool]]:
    """Return how many customers have (a CSP partner, an active Syndication subscription)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM relationships_relationship r "
            "               WHERE r.customer_id = t.id AND r.ended_on IS NULL), "
            "       EXISTS (SELECT FROM subscriptions_subscription s "
            "               WHERE s.tenant_id = t.id AND s.exclusive_channel = 'syndication'), "
            "       count(*) FROM tenants_tenant t WHERE t.domain LIKE 'customer%%' GROUP BY 1, 2"
        )
        return Counter({(csp, other): count for csp, other, count in cursor.fetchall()})


def meet(count: int) -> Counter[tuple[bool, bool]]:
    """Let half of the threads accept while the other half imports, for each of the customers."""
    tenants = customers_with_admins(count)
    open_for = invitations_for(tenants, four_partners())
    acts = acts_of(tenants)

    def accept_or_syndicate(thread: int, n: int) -> None:
        # in odd rounds the other half of the threads accepts: both directions come first
        if (thread + n) % 2:
            syndicate(tenants[n])
        else:
            invitations.accept(invitation=open_for[n][thread // 2], tenant=tenants[n], act=acts[n])

    in_threads(count, accept_or_syndicate)
    return channels_per_customer()


def test_csp_and_syndication_never_meet_whoever_comes_first() -> None:
    found = meet(60)

    assert found[True, True] == 0  # R8
    assert found[False, False] == 0
    assert found[True, False] + found[False, True] == 60


def test_without_the_foreign_keys_csp_and_syndication_do_meet(
    unguarded: Callable[..., None],
) -> None:
    unguarded("relationships_no_csp_beside_syndication", "subscriptions_no_csp_beside_syndication")

    assert meet(20)[True, True] > 0

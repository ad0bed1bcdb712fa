"""
Acceptances at the same moment, in real threads on a real PostgreSQL.

Each race has a twin without the guard that must go wrong: it shows that the race is one.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections, transaction

from csp_portal.shared.tokens import hash_token
from relationships.models import Invitation, PartnerPolicy, Relationship
from relationships.services import invitations
from relationships.services.policy import set_most_partners
from tenants.acts import Act
from tenants.models import Domain, Membership, Partner, Tenant, User
from tenants.roles import Role
from tests import make
from tests.world import TODAY

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
THREADS = 8
INVITATIONS = 4  # of four partners; two threads for each


def in_threads(rounds: int, attempt: Callable[[int, int], object]) -> Counter[str]:
    """
    Run `attempt(thread, round)` in 8 threads; they wait for each other before each round.

    Returns how often each outcome was seen: "done", or the name of the exception.
    """
    start = threading.Barrier(THREADS, timeout=60)
    seen: list[Counter[str]] = [Counter() for _ in range(THREADS)]

    def run(thread: int) -> None:
        try:
            for number in range(rounds):
                start.wait()
                try:
                    attempt(thread, number)
                except Exception as error:  # noqa: BLE001 -- every outcome is counted
                    seen[thread][type(error).__name__] += 1
                else:
                    seen[thread]["done"] += 1
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(seen, Counter())


def customers_with_admins(count: int) -> list[Tenant]:
    """Return that many customers, each with one Tenant admin, in a few statements."""
    tenants = Tenant.objects.bulk_create(
        Tenant(
            name=f"Customer {n}",
            domain=f"customer{n}.example",
            country="DE",
            currency="EUR",
            created_at=make.LONG_AGO,
        )
        for n in range(count)
    )
    Domain.objects.bulk_create(Domain(tenant=tenant, name=tenant.domain) for tenant in tenants)
    admins = User.objects.bulk_create(
        User(email=f"admin@{tenant.domain}", password="!") for tenant in tenants
    )
    Membership.objects.bulk_create(
        Membership(user=admin, tenant=tenant, roles=[Role.TENANT_ADMIN.value])
        for admin, tenant in zip(admins, tenants, strict=True)
    )
    return tenants


def four_partners() -> list[tuple[Partner, User]]:
    partners = []
    for n in range(INVITATIONS):
        partner = make.partner(f"Partner {n}", domain=f"partner{n}.example", mpn_id=f"47110{n}")
        partners.append((partner, make.member("ada", partner.tenant, Role.ADMIN_AGENT)))
    return partners


def invitations_for(
    tenants: Sequence[Tenant], partners: Sequence[tuple[Partner, User]]
) -> list[list[Invitation]]:
    """Return, for each tenant, one open invitation of each partner."""
    rows = Invitation.objects.bulk_create(
        Invitation(
            partner=partner,
            token_hash=hash_token(f"{tenant.pk}/{partner.pk}"),
            has_delegated_admin=True,
            created_at=NOON,
            created_by=seller,
            expires_on=TODAY + timedelta(days=30),
        )
        for tenant in tenants
        for partner, seller in partners
    )
    return [rows[n : n + len(partners)] for n in range(0, len(rows), len(partners))]


def acts_of(tenants: Sequence[Tenant]) -> list[Act]:
    admins = {m.tenant_id: m.user for m in Membership.objects.select_related("user")}
    return [Act(by=admins[tenant.pk], organisation=tenant, at=NOON, on=TODAY) for tenant in tenants]


def partners_per_customer() -> Counter[int]:
    """Return how many customers have how many active partners."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT partners, count(*) FROM (SELECT count(r.id) AS partners "
            "  FROM tenants_tenant t LEFT JOIN relationships_relationship r "
            "    ON r.customer_id = t.id AND r.ended_on IS NULL "
            "  WHERE t.domain LIKE 'customer%%' GROUP BY t.id) x GROUP BY partners"
        )
        return Counter(dict(cursor.fetchall()))


def test_a_thousand_customers_accept_in_eight_threads_and_each_has_one_partner() -> None:
    tenants = customers_with_admins(1000)
    open_for = invitations_for(tenants, four_partners())
    acts = acts_of(tenants)

    outcomes = in_threads(
        1000,
        lambda thread, n: invitations.accept(
            invitation=open_for[n][thread % INVITATIONS], tenant=tenants[n], act=acts[n]
        ),
    )

    assert partners_per_customer() == {1: 1000}  # 0 double, 0 none
    assert outcomes["done"] == 1000
    # the other seven of each eight were told why, and by nothing else
    assert outcomes["TenantAlreadyManaged"] + outcomes["InvitationNotOpen"] == 7000
    accepted = Invitation.objects.filter(answer="accepted")
    assert accepted.count() == 1000
    assert accepted.filter(relationship=None).count() == 0


def test_two_allowed_partners_are_two_and_never_three() -> None:
    PartnerPolicy.objects.create(most_partners=2, changed_at=NOON)
    tenants = customers_with_admins(150)
    open_for = invitations_for(tenants, four_partners())
    acts = acts_of(tenants)

    outcomes = in_threads(
        150,
        lambda thread, n: invitations.accept(
            invitation=open_for[n][thread % INVITATIONS], tenant=tenants[n], act=acts[n]
        ),
    )

    assert partners_per_customer() == {2: 150}
    assert outcomes["done"] == 300
    assert outcomes["TenantAlreadyManaged"] + outcomes["InvitationNotOpen"] == 900


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


def test_the_policy_is_not_lowered_while_a_second_partner_is_taken_on() -> None:
    tenants = customers_with_admins(60)
    open_for = invitations_for(tenants, four_partners())
    acts = acts_of(tenants)
    for n, tenant in enumerate(tenants):
        invitations.accept(invitation=open_for[n][0], tenant=tenant, act=acts[n])
    make.tenant("Cirrus", domain="vendor.example", is_vendor=True)
    PartnerPolicy.objects.create(most_partners=2, changed_at=NOON)

    def accept_or_lower(thread: int, n: int) -> None:
        if thread == 0:
            most = 1 if n % 2 else 2
            set_most_partners(most_partners=most, act=Act.of_the_portal(at=NOON, on=TODAY))
        else:
            invitations.accept(
                invitation=open_for[n][1 + thread % 3], tenant=tenants[n], act=acts[n]
            )

    in_threads(60, accept_or_lower)

    limit = PartnerPolicy.objects.get().most_partners
    assert max(partners_per_customer()) <= limit


def test_without_the_policys_lock_it_is_lowered_below_use() -> None:
    tenants = customers_with_admins(60)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE unguarded (customer bigint, slot int)")
        cursor.execute("CREATE TABLE unguarded_policy (round int PRIMARY KEY, most int)")
        cursor.execute("INSERT INTO unguarded_policy SELECT n, 2 FROM generate_series(0, 59) n")

    def check_then_act(thread: int, n: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            if thread == 0:
                cursor.execute("SELECT 1 FROM unguarded WHERE customer = %s", [tenants[n].pk])
                if cursor.fetchone() is None:
                    cursor.execute("UPDATE unguarded_policy SET most = 1 WHERE round = %s", [n])
                return
            cursor.execute("SELECT most FROM unguarded_policy WHERE round = %s", [n])
            if cursor.fetchone() == (2,):
                cursor.execute("INSERT INTO unguarded VALUES (%s, 2)", [tenants[n].pk])

    try:
        in_threads(60, check_then_act)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM unguarded_policy p WHERE most = 1 AND EXISTS "
                "(SELECT FROM unguarded u WHERE u.customer = %s + p.round)",
                [tenants[0].pk],
            )
            (below_use,) = cursor.fetchone()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE unguarded, unguarded_policy")

    assert below_use > 0


def test_without_lock_and_index_the_same_race_makes_doubles() -> None:
    tenants = customers_with_admins(100)
    partners = [partner.pk for partner, _ in four_partners()]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE unguarded (customer bigint NOT NULL, partner bigint NOT NULL)")

    def check_then_insert(thread: int, n: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM unguarded WHERE customer = %s", [tenants[n].pk])
            if cursor.fetchone() is None:
                row = [tenants[n].pk, partners[thread % INVITATIONS]]
                cursor.execute("INSERT INTO unguarded VALUES (%s, %s)", row)

    try:
        in_threads(100, check_then_insert)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM (SELECT FROM unguarded GROUP BY customer "
                "HAVING count(*) > 1) doubles"
            )
            (doubles,) = cursor.fetchone()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE unguarded")

    assert doubles > 0


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


def test_csp_and_syndication_never_meet_whoever_comes_first() -> None:
    tenants = customers_with_admins(150)
    open_for = invitations_for(tenants, four_partners())
    acts = acts_of(tenants)

    def accept_or_syndicate(thread: int, n: int) -> None:
        # in odd rounds the other half of the threads accepts: both directions come first
        if (thread + n) % 2:
            syndicate(tenants[n])
        else:
            invitations.accept(invitation=open_for[n][thread // 2], tenant=tenants[n], act=acts[n])

    in_threads(150, accept_or_syndicate)

    found = channels_per_customer()
    assert found[True, True] == 0  # R8
    assert found[False, False] == 0
    assert found[True, False] + found[False, True] == 150


def test_without_the_foreign_keys_csp_and_syndication_do_meet() -> None:
    tenants = customers_with_admins(100)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE unguarded (customer bigint, channel text)")

    def check_then_insert(thread: int, n: int) -> None:
        mine, other = ("csp", "syndication") if thread % 2 else ("syndication", "csp")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM unguarded WHERE customer = %s AND channel = %s",
                [tenants[n].pk, other],
            )
            if cursor.fetchone() is None:
                cursor.execute("INSERT INTO unguarded VALUES (%s, %s)", [tenants[n].pk, mine])

    try:
        in_threads(100, check_then_insert)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM (SELECT FROM unguarded GROUP BY customer "
                "HAVING count(DISTINCT channel) > 1) both_channels"
            )
            (both,) = cursor.fetchone()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE unguarded")

    assert both > 0


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

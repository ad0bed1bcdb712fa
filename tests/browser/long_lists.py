"""Ten thousand rows for every list, half of them with names that cannot be broken."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

from django.db import connection, transaction

from csp_portal import demo_world
from csp_portal.home.models import BulkRow, BulkRun
from csp_portal.scale import world as scale
from relationships.models import Invitation, Relationship, Transfer
from tenants.models import Membership, Partner, Tenant
from tests.world import TODAY

ROWS = 10_000
# 80 characters without a place to break, as a name, a domain or an address may be
LONG = "Aadonaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft"
AT = datetime.combine(TODAY, time(12), tzinfo=UTC)

NAMES = f"""
UPDATE tenants_tenant SET name = '{LONG}' || id
WHERE domain LIKE '%%.scale.example' AND id %% 2 = 0;
UPDATE tenants_tenant SET name = 'Tailspin{LONG}' WHERE domain = 'tailspin.example';
UPDATE tenants_tenant SET name = 'Litware{LONG}' WHERE domain = 'litware-consulting.example';
UPDATE tenants_tenant SET name = 'Relecloud{LONG}' WHERE domain = 'relecloud.example';
UPDATE tenants_user SET last_name = '{LONG}' WHERE email IN
  ('ada@fabrikam.example', 'lena@litware-consulting.example');
UPDATE subscriptions_subscription SET title = '{LONG}' WHERE id %% 2 = 0;
UPDATE relationships_customertag SET word = left('{LONG}', 40) || ''
WHERE id IN (SELECT max(id) FROM relationships_customertag GROUP BY partner_id, customer_id);
UPDATE relationships_invitation SET customer_name = '{LONG}', email = '{LONG[:60]}@long.example'
WHERE id %% 2 = 0;
"""  # noqa: S608 -- constants
ACTIVITY = f"""
SELECT count(tenants_append_activity(%s, %s, %s, %s, 'customer.tagged', n::text,
  'Tagged {LONG} ' || n, '{{}}', '{{}}')) FROM generate_series(1, {ROWS}) n"""  # noqa: S608 -- constants
COPIED = (
    "provider_id, reseller_id, tenant_id, kind, subscription_id, offer_id, base_id, segment, "
    "duration, plan, seats, state, created_by_id"
)
ORDER_REQUESTS = f"""
INSERT INTO billing_orderrequest (public_id, created_at, {COPIED})
SELECT gen_random_uuid(), %s - make_interval(mins => n), {COPIED}
FROM generate_series(1, {ROWS // 3}) n
CROSS JOIN (SELECT * FROM billing_orderrequest WHERE state <> 'ordered') asked"""  # noqa: S608 -- constants
ADVICE = f"""
INSERT INTO billing_recommendation (public_id, partner_id, token_hash, language, customer_name,
  email, note, created_at, created_by_id, expires_on)
SELECT gen_random_uuid(), partner_id, sha256(n::text::bytea), language, '{LONG}' || n,
  '{LONG[:60]}@long.example', '{LONG}', %s - make_interval(mins => n), created_by_id, expires_on
FROM generate_series(1, {ROWS}) n
CROSS JOIN (SELECT r.* FROM billing_recommendation r JOIN tenants_partner p ON p.id = r.partner_id
  WHERE p.mpn_id = '4711002' ORDER BY r.id LIMIT 1) advice;
INSERT INTO billing_recommendeditem (recommendation_id, position, offer_id, segment, duration,
  plan, seats)
SELECT made.id, item.position, item.offer_id, item.segment, item.duration, item.plan, item.seats
FROM billing_recommendation made
CROSS JOIN (SELECT * FROM billing_recommendeditem ORDER BY id LIMIT 1) item
WHERE made.customer_name LIKE '{LONG}%%'"""  # noqa: S608 -- constants


def build() -> None:
    """Add to the demo world what makes each list of Ada's, Gita's and Wes's very long."""
    demo_world.seed(today=TODAY)
    scale.build(customers=11_500, today=TODAY)
    tables = ("tenants_tenant", "subscriptions_subscription", "relationships_customertag")
    with transaction.atomic(), connection.cursor() as cursor:
        for table in (*tables, "relationships_invitation"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(NAMES, [])
        for table in (*tables, "relationships_invitation"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    _activity()
    _asked_and_advised()
    _transfers()
    _run()


def _ada() -> Membership:
    found = Membership.objects.select_related("user", "tenant__partner")
    return found.get(user__email="ada@fabrikam.example")


def _activity() -> None:
    ada = _ada()
    with connection.cursor() as cursor:
        cursor.execute(ACTIVITY, [ada.tenant.pk, AT, ada.user.pk, ada.tenant.pk])


def _asked_and_advised() -> None:
    """Repeat the demo's order requests, all for Relecloud, and Nora's recommendation."""
    with connection.cursor() as cursor:
        cursor.execute(ORDER_REQUESTS, [AT])
        cursor.execute(ADVICE, [AT])


def _transfers() -> None:
    """Tailspin asked for as many of Fabrikam's customers, and each time Fabrikam declined."""
    ada, tailspin = _ada(), Partner.objects.get(tenant__domain="tailspin.example")
    mine = Relationship.objects.active().filter(partner=ada.tenant.partner)
    kept = list(mine.order_by("-id")[:ROWS])
    invitations = Invitation.objects.bulk_create(
        (
            Invitation(
                kind=Invitation.Kind.REPLACEMENT,
                partner=tailspin,
                sent_by=tailspin,
                token_hash=uuid4().bytes * 2,
                has_delegated_admin=False,
                created_at=AT,
                created_by=ada.user,
                expires_on=TODAY + timedelta(days=30),
                answer=Invitation.Answer.ACCEPTED,
                answered_at=AT,
                answered_by=ada.user,
                tenant_id=relationship.customer_id,
            )
            for relationship in kept
        ),
        batch_size=1_000,
    )
    Transfer.objects.bulk_create(
        (
            Transfer(
                invitation=invitation,
                relationship=relationship,
                takes_effect_on=TODAY + timedelta(days=5),
                requested_at=AT - timedelta(minutes=number),
                requested_on=TODAY,
                requested_by=ada.user,
                state=Transfer.State.DECLINED,
                decided_at=AT,
                decided_by=ada.user,
                decided_as=Transfer.DecidedAs.PARTNER,
                decline_reason=LONG,
            )
            for number, (invitation, relationship) in enumerate(zip(invitations, kept, strict=True))
        ),
        batch_size=1_000,
    )


def _run() -> None:
    """Ada's finished command for the most rows that one takes."""
    ada = _ada()
    run = BulkRun.objects.create(
        key=uuid4(),
        organisation=ada.tenant,
        by=ada.user,
        list_name="customers",
        command="tag",
        language="en",
        asked_at=AT,
        on=TODAY,
        total=5_000,
        reached=5_000,
        touched_at=AT,
        prepared_at=AT,
        confirmed_at=AT,
        finished_at=AT,
    )
    names = Tenant.objects.filter(domain__endswith=".scale.example").order_by("id")
    BulkRow.objects.bulk_create(
        BulkRow(
            run=run,
            number=number,
            key=tenant.public_id,
            name=tenant.name,
            page="/customers/",
            outcome="done" if number % 3 else "refused",
            words="tagged" if number % 3 else f"Has the tag “{LONG}” already.",
        )
        for number, tenant in enumerate(names[:5_000], start=1)
    )

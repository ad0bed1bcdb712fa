"""
What the run-time role cannot do, whatever the code above it tries.

The constraints, triggers and grants are compared with `manifest.txt`, so that a squashed
migration cannot lose one unnoticed. After a change that is meant:

    MANIFEST=write python3 manage.py test tests/security/test_database.py
"""

import os
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from billing.services import closing, orders, quotes
from relationships.services import invitations
from tests import make
from tests.world import World

MANIFEST = Path(__file__).with_name("manifest.txt")
OURS = "^(tenants|relationships|subscriptions|billing|home)_"


def refuses(sql: str, role: str = os.environ.get("CSP_APP_ROLE", "csp_app")) -> str:
    """Return the constraint or the reason with which the database refuses `sql`, or ''."""
    savepoint = transaction.savepoint()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"SET LOCAL ROLE {role}")
            cursor.execute(sql)
    except DatabaseError as error:
        cause = error.__cause__
        constraint = getattr(getattr(cause, "diag", None), "constraint_name", None)
        return constraint or str(error).split("\n")[0]
    else:
        return ""
    finally:
        transaction.savepoint_rollback(savepoint)
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@pytest.fixture
def busy_world(world: World) -> World:
    """Return the world after a month: other channels, an order, invoices, a consent."""
    on = date(2026, 3, 14)
    make.other_channel(world.northwind, "direct", "Office Suite E3", seats=210)
    make.other_channel(
        world.northwind, "advisor", "Project Plan 3", partner_of_record=world.tailspin
    )
    make.other_channel(world.woodgrove, "syndication", "Office Suite E3")
    make.price_list(date(2026, 3, 1), {world.premium: ("17.30", "20.60")})
    invitation, _ = invitations.invite(
        partner=world.fabrikam, has_delegated_admin=True, act=world.act(on=on)
    )
    invitations.accept(invitation=invitation, tenant=world.northwind, act=world.act(world.carl, on))
    make.customer_agreement(world.fabrikam, world.northwind)
    quote = quotes.quote(
        kind="new",
        partner=world.fabrikam,
        tenant=world.northwind,
        offer=world.premium,
        seats=10,
        act=world.act(on=on),
    )
    orders.confirm(quote=quote, act=world.act(on=on))
    closing.close_month(month=date(2026, 3, 1), act=world.act(on=date(2026, 4, 1)))
    return world


REFUSED = {
    # R3, R4, R6
    "UPDATE subscriptions_subscription SET seats = 1 WHERE channel = 'direct'": (
        "subscriptions_only_own_channel"
    ),
    "UPDATE subscriptions_subscription SET state = 'cancelled' WHERE channel = 'advisor'": (
        "subscriptions_only_own_channel"
    ),
    "UPDATE subscriptions_subscription SET channel = 'csp'": "permission denied",
    "UPDATE subscriptions_subscription SET partner_of_record_id = NULL": "permission denied",
    "DELETE FROM subscriptions_subscription": "permission denied",
    # R7
    """INSERT INTO relationships_relationship (public_id, partner_id, customer_id,
         has_delegated_admin, started_on, attested_by_id, attested_on)
       SELECT gen_random_uuid(), p.id, r.customer_id, true, '2026-03-14', u.id, '2026-03-14'
       FROM relationships_relationship r, tenants_user u, tenants_partner p
       WHERE p.mpn_id = '4711002' AND u.email LIKE 'nora@%'""": (
        "relationships_one_active_partner_per_slot"
    ),
    # R8, both directions
    """INSERT INTO relationships_relationship (public_id, partner_id, customer_id,
         has_delegated_admin, started_on, attested_by_id, attested_on)
       SELECT gen_random_uuid(), p.id, t.id, true, '2026-03-14', u.id, '2026-03-14'
       FROM tenants_tenant t, tenants_user u, tenants_partner p
       WHERE p.mpn_id = '4711001' AND t.domain = 'woodgrove.example'
         AND u.email LIKE 'ada@%'""": "relationships_no_csp_beside_syndication",
    """INSERT INTO subscriptions_subscription (public_id, tenant_id, channel, reference, title,
         state, is_trial, seats, assigned_seats, starts_on, auto_renew, note, created_at)
       SELECT gen_random_uuid(), id, 'syndication', 'S1', 'x', 'active', true, 1, 0,
         '2026-03-14', true, '', now()
       FROM tenants_tenant WHERE domain = 'northwind.example'""": (
        "subscriptions_no_csp_beside_syndication"
    ),
    "UPDATE tenants_tenant SET exclusive_channel = 'syndication' "
    "WHERE domain = 'northwind.example'": "relationships_no_csp_beside_syndication",
    # R13, R14
    "UPDATE billing_pricelist SET visible_from = visible_from - interval '1 day'": (
        "billing_keep_price_list"
    ),
    "UPDATE billing_price SET unit_price = 0": "permission denied",
    "DELETE FROM billing_price WHERE plan = 'annual'": "billing_keep_prices",
    "DELETE FROM billing_pricelist": "billing_keep_price_list",
    "TRUNCATE billing_price": "permission denied",
    # what happened, and what was issued
    "UPDATE subscriptions_seatchange SET billable_delta = 0": "permission denied",
    "DELETE FROM subscriptions_seatchange": "permission denied",
    "UPDATE billing_charge SET amount = 0": "permission denied",
    "UPDATE billing_charge SET invoice_id = NULL": "tenants_append_only",
    "DELETE FROM billing_charge": "permission denied",
    "TRUNCATE billing_charge CASCADE": "permission denied",
    "UPDATE billing_lockedprice SET unit_price = 0": "permission denied",
    "UPDATE billing_invoice SET total = 0, net_total = 0": "billing_keep_invoice",
    "UPDATE billing_invoice SET number = NULL, finalised_at = NULL": "billing_keep_invoice",
    "DELETE FROM billing_invoice": "billing_keep_invoice",
    "UPDATE billing_numberseries SET last = last - 1": "tenants_append_only",
    "INSERT INTO billing_charge (locked_price_id, invoice_id, charge_type, period_from, "
    "period_until, charged_from, seats, amount) SELECT locked_price_id, invoice_id, 'cycleCharge', "
    "'2026-04-14', '2026-05-14', '2026-04-14', 1, 1 FROM billing_charge": (
        "billing_no_line_after_finalising"
    ),
    "INSERT INTO billing_charge (locked_price_id, charge_type, period_from, period_until, "
    "charged_from, seats, amount) SELECT locked_price_id, 'cycleCharge', '2026-04-14', "
    "'2026-05-14', '2026-04-14', 1, 'NaN' FROM billing_charge": "billing_charge_is_finite",
    "INSERT INTO tenants_activity SELECT * FROM tenants_activity": "permission denied",
    "UPDATE tenants_activity SET summary = ''": "permission denied",
    "SELECT * FROM tenants_activityhead": "permission denied",
    "UPDATE relationships_invitation SET answer = '', answered_at = NULL, answered_by_id = NULL, "
    "tenant_id = NULL": "relationships_keep_consent",
    "DELETE FROM relationships_invitation": "permission denied",
    "UPDATE relationships_agreementevent SET kind = 'withdrawn'": "permission denied",
    "DELETE FROM relationships_customeragreement": "permission denied",
    "DELETE FROM tenants_membership": "tenants_keep_an_admin",
    "UPDATE subscriptions_term SET ends_on = ends_on + 1": "permission denied",
    "UPDATE subscriptions_subscription SET assigned_seats = seats + 1 WHERE channel = 'csp'": (
        "subscriptions_seats_cover_the_assigned"
    ),
    # ways round
    "SET LOCAL session_replication_role = replica": "permission denied",
    "ALTER TABLE billing_charge DISABLE TRIGGER ALL": "must be owner",
    "DROP TRIGGER billing_charges_keep ON billing_charge": "must be owner",
}


@pytest.mark.django_db
def test_the_run_time_role_is_refused(busy_world: World) -> None:
    for sql, expected in REFUSED.items():
        assert expected in refuses(sql), sql


@pytest.mark.django_db
def test_the_owner_is_refused_by_triggers_where_grants_do_not_bind_it(busy_world: World) -> None:
    for sql, expected in {
        "UPDATE subscriptions_subscription SET channel = 'csp'": "subscriptions_keep_channel",
        "UPDATE subscriptions_subscription SET partner_of_record_id = NULL "
        "WHERE channel = 'advisor'": "subscriptions_only_own_channel",
        "DELETE FROM subscriptions_subscription": "subscriptions_never_deleted",
        "UPDATE subscriptions_seatchange SET billable_delta = 0": "tenants_append_only",
        "UPDATE billing_charge SET amount = 0": "tenants_append_only",
        "DELETE FROM billing_charge": "tenants_append_only",
        "TRUNCATE billing_charge CASCADE": "tenants_append_only",
        "UPDATE billing_price SET unit_price = 0": "billing_keep_prices",
        "TRUNCATE billing_price CASCADE": "tenants_append_only",
        "UPDATE billing_lockedprice SET unit_price = 0": "tenants_append_only",
        "UPDATE subscriptions_term SET ends_on = ends_on + 1": "subscriptions_keep_terms",
        "UPDATE tenants_activity SET summary = ''": "tenants_append_only",
        "TRUNCATE tenants_activity CASCADE": "tenants_append_only",
        "DELETE FROM relationships_invitation": "relationships_keep_consent",
    }.items():
        assert expected in refuses(sql, role="csp_owner"), sql


@pytest.mark.django_db
def test_the_reconciliation_role_reads_everything_and_writes_nothing(busy_world: World) -> None:
    assert refuses("SELECT * FROM billing_charge, tenants_activity", role="csp_recon") == ""
    assert "permission denied" in refuses(
        "UPDATE billing_invoice SET paid_on = '2026-05-01'", role="csp_recon"
    )


CATALOGUE = f"""
SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
FROM pg_constraint
WHERE conrelid::regclass::text ~ '{OURS}' AND contype IN ('c', 'u', 'x')
   OR conname ~ '{OURS}no_'
UNION ALL
SELECT 'index ' || indexname || ' ' || regexp_replace(indexdef, '^.* USING ', '')
FROM pg_indexes WHERE schemaname = 'public' AND tablename ~ '{OURS}' AND indexdef LIKE '%UNIQUE%'
UNION ALL
SELECT 'trigger ' || tgrelid::regclass || ' ' || tgname || ' ' ||
       substring(pg_get_triggerdef(oid) FROM ' (BEFORE|AFTER) ') || ' ' || tgenabled::text
FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text ~ '{OURS}'
UNION ALL
SELECT 'grant ' || grantee || ' ' || privilege_type || ' ' || table_name
FROM information_schema.role_table_grants
WHERE grantee IN ('csp_app') AND table_name ~ '{OURS}'
UNION ALL
SELECT 'grant ' || grantee || ' UPDATE ' || table_name || ' (' || column_name || ')'
FROM information_schema.role_column_grants c
WHERE grantee = 'csp_app' AND privilege_type = 'UPDATE' AND table_name ~ '{OURS}'
  AND NOT EXISTS (SELECT 1 FROM information_schema.role_table_grants t
                  WHERE t.grantee = c.grantee AND t.table_name = c.table_name
                    AND t.privilege_type = 'UPDATE')
ORDER BY 1
"""  # noqa: S608 -- constants only


@pytest.mark.django_db
def test_the_database_has_every_guard_of_the_manifest() -> None:
    with connection.cursor() as cursor:
        cursor.execute(CATALOGUE)
        found = sorted(" ".join(row[0].split()) for row in cursor.fetchall())
    if os.environ.get("MANIFEST") == "write":
        MANIFEST.write_text("\n".join(found) + "\n", encoding="utf-8")

    assert found == MANIFEST.read_text(encoding="utf-8").splitlines()

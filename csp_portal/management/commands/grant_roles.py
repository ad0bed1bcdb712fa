"""Give the run-time role exactly what it needs, and the reconciliation role reading."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection, transaction

APP = "csp_app"
RECON = "csp_recon"

# Tables of Django and allauth, and our own that hold no record of what happened.
FREELY_WRITTEN = (
    "account_emailaddress account_emailconfirmation auth_group auth_group_permissions "
    "auth_permission csp_portal_cache django_admin_log django_content_type django_session "
    "mfa_authenticator tenants_user tenants_user_groups tenants_user_user_permissions "
    "usersessions_usersession subscriptions_offer subscriptions_offer_add_on_to "
    "subscriptions_fileimport subscriptions_offerequivalence subscriptions_offerrule "
    "subscriptions_offerrule_requires subscriptions_offerrule_converts_to "
    "tenants_membership tenants_domain tenants_savedview relationships_customertag"
).split()

# Everything else may be read and inserted; of it, only these columns may ever be updated.
# A table that is not named here is append-only for the run-time role.
UPDATABLE = {
    "tenants_tenant": "name country currency street postal_code city tax_id exclusive_channel",
    "tenants_partner": "mpn_id kind",
    "tenants_calendarfeed": "token_hash made_at last_read_on",
    "relationships_invitation": (
        "token_hash expires_on last_sent_at reminded_at opened_at opened_by_tenant_id answer "
        "answered_at answered_by_id tenant_id decline_reason withdrawn_at withdrawn_by_id "
        "email note"
    ),
    "relationships_relationship": (
        "has_delegated_admin reseller_id ended_on ended_by_id end_reason slot"
    ),
    "relationships_transfer": (
        "state decided_at decided_by_id decided_as decline_reason withdrawn_at withdrawn_by_id "
        "withdrawn_for_id carried_out_on started_id failure failed_at"
    ),
    "relationships_partnerpolicy": "most_partners changed_at changed_by_id",
    "relationships_partnersuspension": "lifted_on lifted_at lifted_by_id",
    "relationships_resellerlink": "ended_on ended_by_id ended_for_id end_reason",
    "subscriptions_subscription": (
        "state seats assigned_seats starts_on ends_on auto_renew suspended_on note offer_id title"
    ),
    "subscriptions_scheduledchange": "outcome closed_at closed_by_id closed_for_id remark",
    "subscriptions_cancellationrequest": "answer answered_at answered_by_id remark",
    "subscriptions_openkey": (
        "withdrawn_at withdrawn_by_id redeemed_at redeemed_by_id subscription_id"
    ),
    "subscriptions_term": "billable_seats",
    "billing_pricelist": "source_name scheduled_at scheduled_by_id published_at visible_from",
    "billing_recommendation": (
        "token_hash expires_on last_sent_at reminded_at opened_at opened_by_tenant_id tenant_id "
        "withdrawn_at withdrawn_by_id"
    ),
    "billing_recommendeditem": "subscription_id",
    "billing_trialconversion": "answer answered_at answered_by_id order_id",
    "billing_charge": "invoice_id",
    "billing_invoice": (
        "number finalised_at line_count net_total brought_forward total parties mailed_at "
        "paid_on paid_by_id due_on"
    ),
    "billing_orderrequest": "state seats order_id",
    "billing_monthclose": "state attempts started_at finished_at invoices lines failure",
    "billing_numberseries": "last",
    "home_bulkrun": (
        '"on" note total reached touched_at prepared_at confirmed_at finished_at failure'
    ),
    "home_bulkrow": "outcome words quote_id sold sold_currency bought bought_currency",
}
DELETABLE = (
    "billing_price",
    "billing_pricelist",
    "billing_invoice",
    "subscriptions_licenceassignment",
    "tenants_calendarfeed",
)
# The activity log is written by a database function that runs as the owner.
READ_ONLY = ("tenants_activity", "django_migrations")
CLOSED = ("tenants_activityhead",)


class Command(BaseCommand):
    help = "Grant the roles csp_app and csp_recon what they may do. Run as the owner."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="print the statements only")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not _role_exists(APP):
            self.stderr.write(f"There is no role {APP} on this server; nothing was granted.")
            return
        statements = list(_statements())
        if options["dry_run"]:
            self.stdout.write(";\n".join(statements))
            return
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def _role_exists(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        return cursor.fetchone() is not None


def _statements() -> list[str]:
    tables = set(connection.introspection.table_names())
    statements = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP}",
        f"GRANT USAGE ON SCHEMA public TO {APP}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP}",
        "REVOKE ALL ON FUNCTION tenants_append_activity FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION tenants_append_activity TO {APP}",
        f"GRANT EXECUTE ON FUNCTION subscriptions_set_partner_of_record TO {APP}",
    ]
    for table in sorted(tables - set(CLOSED)):
        rights = "SELECT" if table in READ_ONLY else "SELECT, INSERT"
        if table in FREELY_WRITTEN:
            rights = "SELECT, INSERT, UPDATE, DELETE"
        statements.append(f'GRANT {rights} ON "{table}" TO {APP}')
    for table, columns in UPDATABLE.items():
        statements.append(f"GRANT UPDATE ({', '.join(columns.split())}) ON {table} TO {APP}")
    statements += [f"GRANT DELETE ON {table} TO {APP}" for table in DELETABLE]
    if _role_exists(RECON):
        statements += [
            f"GRANT USAGE ON SCHEMA public TO {RECON}",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {RECON}",
        ]
    return statements

from collections.abc import Sequence
from typing import BinaryIO

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import MAX_ROWS, CsvRefused, RowProblem, read_csv
from tenants.acts import Act
from tenants.domain.names import split_person_name
from tenants.models import Domain, Membership, Tenant, User
from tenants.roles import Role
from tenants.services import activity

from .import_report import ImportRefused, ImportReport, Progress, batches, silent
from .import_tenant_rows import OPTIONAL, REQUIRED, TenantRow, parse_tenant


def import_tenants(
    *,
    file: BinaryIO,
    act: Act,
    is_dry_run: bool = False,
    max_rows: int = MAX_ROWS,
    progress: Progress = silent,
) -> ImportReport:
    """
    Add the tenants of a CSV file, with their domains and first Tenant admins: all or none.

    The columns begin with those of a partner's list of customers; company name and primary
    domain are required. Without a country the vendor's is taken, without a currency the
    country's. `Relationship` is not imported: one begins with the customer's consent. An
    admin gets no mail and no password; the sign-in page's "forgotten" link sets one.

    :raises ImportRefused: with every row that is wrong, or names what exists already
    """
    try:
        rows = read_csv(file, required=REQUIRED, optional=OPTIONAL, max_rows=max_rows)
    except CsvRefused as refused:
        raise ImportRefused(refused.problems) from refused
    home = Tenant.objects.filter(is_vendor=True).first()
    country = home.country if home else ""
    try:
        parsed = rows.parse(lambda line, row: parse_tenant(line, row, country=country, act=act))
    except CsvRefused as refused:
        raise ImportRefused(refused.problems, rows.notices) from refused
    problems = [*_repeated(parsed), *_existing(parsed, progress)]
    if problems:
        raise ImportRefused(problems, rows.notices)
    if not is_dry_run:
        try:
            with transaction.atomic():
                _write(parsed, act=act, progress=progress)
        except IntegrityError as error:  # somebody was quicker between the check and now
            message = _("Something in this file was added by somebody else just now. Try again.")
            raise ImportRefused([RowProblem(1, "", message)]) from error
    return ImportReport(
        rows=len(parsed),
        counts={
            _("tenants"): len(parsed),
            _("domains"): sum(len(row.domains) for row in parsed),
            _("Tenant admins"): sum(bool(row.admin_email) for row in parsed),
        },
        notices=[*rows.notices, *_notices(parsed, country)],
        is_dry_run=is_dry_run,
    )


def _repeated(parsed: Sequence[TenantRow]) -> list[RowProblem]:
    problems = []
    seen: dict[object, int] = {}
    for row in parsed:
        for column, value in row.identities():
            first = seen.setdefault(value, row.line)
            if first != row.line:
                message = _("%(value)s is on line %(line)d already.") % {
                    "value": value,
                    "line": first,
                }
                problems.append(RowProblem(row.line, column, message))
    return problems


def _existing(parsed: Sequence[TenantRow], progress: Progress) -> list[RowProblem]:
    """Name the rows whose domain or ID belongs to a tenant already: imports only add."""
    problems = []
    done = 0
    for batch in batches(parsed):
        taken: set[object] = set(
            Domain.objects.annotate(lower=Lower("name"))
            .filter(lower__in=[domain for row in batch for domain in row.domains])
            .values_list("lower", flat=True)
        )
        taken |= set(
            Tenant.objects.filter(
                public_id__in=[row.tenant.public_id for row in batch]
            ).values_list("public_id", flat=True)
        )
        for row in batch:
            for column, value in row.identities():
                if value in taken:
                    message = _("%(value)s belongs to a tenant already.") % {"value": value}
                    problems.append(RowProblem(row.line, column, message))
        done += len(batch)
        progress(_("checked"), done, len(parsed))
    return problems


def _notices(parsed: Sequence[TenantRow], country: str) -> list[str]:
    notices = []
    if count := sum(row.has_relationship for row in parsed):
        notices.append(
            _(
                "“Relationship” was left out (rows: %(count)d): a reseller relationship begins "
                "with the customer's consent."
            )
            % {"count": count}
        )
    if count := sum(not row.has_country for row in parsed):
        notices.append(
            _("Without a country, so that of the vendor was taken, %(country)s (rows: %(count)d).")
            % {"count": count, "country": country}
        )
    return notices


def _write(parsed: Sequence[TenantRow], *, act: Act, progress: Progress) -> None:
    people = _people(parsed)
    done = 0
    for batch in batches(parsed):
        Tenant.objects.bulk_create([row.tenant for row in batch])
        Domain.objects.bulk_create(
            [Domain(tenant=row.tenant, name=name) for row in batch for name in row.domains]
        )
        Membership.objects.bulk_create(
            [
                Membership(
                    tenant=row.tenant,
                    user=people[row.admin_email],
                    roles=[Role.TENANT_ADMIN.value],
                )
                for row in batch
                if row.admin_email
            ]
        )
        activity.record_many(
            act=act,
            action="tenant.imported",
            entries=[
                activity.Entry(
                    tenant_id=row.tenant.pk,
                    about=row.tenant.public_id,
                    summary=f"imported {row.tenant.name} ({row.tenant.domain})",
                    after={"domains": row.domains, "admin": row.admin_email},
                )
                for row in batch
            ],
        )
        connection.check_constraints()  # now, not all at once in a COMMIT that times out
        done += len(batch)
        progress(_("written"), done, len(parsed))


def _people(parsed: Sequence[TenantRow]) -> dict[str, User]:
    """Return the admins by e-mail address, making those who are not there yet."""
    names = {row.admin_email: row.admin_name for row in parsed if row.admin_email}
    people: dict[str, User] = {}
    for batch in batches(sorted(names)):
        people |= {user.email: user for user in User.objects.filter(email__in=batch)}
        new = []
        for email in batch:
            if email not in people:
                first, last = split_person_name(names[email])
                # No password: only a link mailed to the address can set one, which is why the
                # address counts as verified.
                new.append(
                    User(
                        email=email, first_name=first, last_name=last, password=make_password(None)
                    )
                )
        User.objects.bulk_create(new)
        EmailAddress.objects.bulk_create(
            [EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in new]
        )
        people |= {user.email: user for user in new}
        connection.check_constraints()
    return people

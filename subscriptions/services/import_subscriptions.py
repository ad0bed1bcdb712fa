from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import BinaryIO

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from csp_portal.shared.csvfiles import MAX_ROWS, CsvRefused, RowProblem, read_csv
from relationships.models import Relationship
from tenants.acts import Act
from tenants.models import Domain, Partner, Tenant
from tenants.services import activity

from ..domain.channels import RULES, Channel
from ..models import Offer, Subscription
from .import_report import ImportRefused, ImportReport, Progress, batches, silent
from .import_subscription_rows import OPTIONAL, REQUIRED, SubscriptionRow, parse_subscription


def import_subscriptions(
    *,
    file: BinaryIO,
    act: Act,
    is_dry_run: bool = False,
    max_rows: int = MAX_ROWS,
    progress: Progress = silent,
) -> ImportReport:
    """
    Add subscriptions of other channels from a CSV file: all or none. It changes none.

    The columns begin with those of a customer's list of subscriptions; `Tenant domain`,
    `Channel` and `Start` are required too. `End` is the last day that belongs to it. CSP
    subscriptions are ordered, never imported; `Reseller` only exists there and is left out.
    An active Syndication subscription keeps CSP out of its tenant from then on (R8).

    :raises ImportRefused: with every row that is wrong, names what is not there, exists
        already, or puts Syndication beside CSP
    """
    try:
        rows = read_csv(file, required=REQUIRED, optional=OPTIONAL, max_rows=max_rows)
    except CsvRefused as refused:
        raise ImportRefused(refused.problems) from refused
    try:
        parsed = rows.parse(lambda line, row: parse_subscription(line, row, act=act))
    except CsvRefused as refused:
        raise ImportRefused(refused.problems, rows.notices) from refused
    try:
        with transaction.atomic():
            problems = [*_repeated(parsed), *_resolve(parsed, progress), *_existing(parsed)]
            problems += _claim_for_syndication(parsed, is_dry_run=is_dry_run)
            if problems:
                raise ImportRefused(problems, rows.notices)
            if not is_dry_run:
                _write(parsed, act=act, progress=progress)
    except IntegrityError as error:  # somebody was quicker between the check and now
        message = _("Something in this file was added by somebody else just now. Try again.")
        raise ImportRefused([RowProblem(1, "", message)]) from error
    channels = Counter(row.subscription.channel for row in parsed)
    resellers = sum(row.has_reseller for row in parsed)
    left_out = _("“Reseller” was left out (rows: %(count)d): only CSP has resellers.")
    return ImportReport(
        rows=len(parsed),
        counts={RULES[c].label: channels[c] for c in Channel if channels[c]},
        notices=[*rows.notices, *([left_out % {"count": resellers}] if resellers else [])],
        is_dry_run=is_dry_run,
    )


def _repeated(parsed: Sequence[SubscriptionRow]) -> list[RowProblem]:
    seen: dict[tuple[str, str], int] = {}
    return [
        RowProblem(
            row.line,
            "Subscription ID",
            _("%(value)s is on line %(line)d already.") % {"value": row.key[1], "line": first},
        )
        for row in parsed
        if (first := seen.setdefault(row.key, row.line)) != row.line
    ]


def _resolve(parsed: Sequence[SubscriptionRow], progress: Progress) -> list[RowProblem]:
    """Put tenant, offer and partner of record in each row, and name those not found."""
    offers = dict(Offer.objects.annotate(key=Lower("sku")).values_list("key", "pk"))
    partners = dict(Partner.objects.values_list("mpn_id", "pk"))
    problems = []
    done = 0
    for batch in batches(parsed):
        tenants = dict(
            Domain.objects.annotate(key=Lower("name"))
            .filter(key__in={row.domain for row in batch})
            .values_list("key", "tenant_id")
        )
        for row in batch:
            for column, value, known, field in (
                ("Tenant domain", row.domain, tenants, "tenant_id"),
                ("SKU", row.sku, offers, "offer_id"),
                ("Partner of record", row.partner_of_record, partners, "partner_of_record_id"),
            ):
                if value in known:
                    setattr(row.subscription, field, known[value])
                elif value:
                    message = _("%(value)s is not known here.") % {"value": value}
                    problems.append(RowProblem(row.line, column, message))
        done += len(batch)
        progress(_("checked"), done, len(parsed))
    return problems


def _existing(parsed: Sequence[SubscriptionRow]) -> list[RowProblem]:
    """Name the rows that are here already: imports only add."""
    problems = []
    for batch in batches(parsed):
        taken = set(
            Subscription.objects.filter(
                reference__in={row.subscription.reference for row in batch}
            ).values_list("channel", "reference")
        )
        problems += [
            RowProblem(
                row.line,
                "Subscription ID",
                _("%(value)s exists already; an import changes nothing.") % {"value": row.key[1]},
            )
            for row in batch
            if row.key in taken
        ]
    return problems


def _claim_for_syndication(
    parsed: Sequence[SubscriptionRow], *, is_dry_run: bool
) -> list[RowProblem]:
    """
    Mark the tenants that get an active Syndication subscription, and name those with CSP.

    The tenants are locked in ascending id before anything of theirs is read: a relationship
    that is being accepted now either is seen here or finds the mark (R8).
    """
    lines = defaultdict(list)
    for row in parsed:
        if row.is_syndicated and row.subscription.tenant_id:
            lines[row.subscription.tenant_id].append(row.line)
    problems = []
    for batch in batches(sorted(lines)):
        tenants = Tenant.objects.filter(pk__in=batch)
        if not is_dry_run:
            list(tenants.order_by("pk").select_for_update().values_list("pk"))
        with_csp = set(
            Relationship.objects.active()
            .filter(customer__in=batch)
            .values_list("customer_id", flat=True)
        )
        problems += [
            RowProblem(line, "Channel", _("This tenant has CSP, which excludes Syndication."))
            for pk in batch
            if pk in with_csp
            for line in lines[pk]
        ]
        if not problems and not is_dry_run:
            tenants.update(exclusive_channel=Tenant.ExclusiveChannel.SYNDICATION)
    return problems


def _write(parsed: Sequence[SubscriptionRow], *, act: Act, progress: Progress) -> None:
    by_tenant: dict[int, Counter[str]] = defaultdict(Counter)
    done = 0
    for batch in batches(parsed):
        Subscription.objects.bulk_create([row.subscription for row in batch])
        for row in batch:
            by_tenant[row.subscription.tenant_id][row.subscription.channel] += 1
        connection.check_constraints()  # now, not all at once in a COMMIT that times out
        done += len(batch)
        progress(_("written"), done, len(parsed))
    public_ids = dict(
        pair
        for batch in batches(sorted(by_tenant))
        for pair in Tenant.objects.filter(pk__in=batch).values_list("pk", "public_id")
    )
    for tenants in batches(sorted(by_tenant)):
        activity.record_many(
            act=act,
            action="subscriptions.imported",
            entries=[
                activity.Entry(
                    tenant_id=pk,
                    about=public_ids[pk],
                    summary="imported subscriptions: "
                    + ", ".join(
                        f"{by_tenant[pk][c]} {RULES[c].label}" for c in Channel if by_tenant[pk][c]
                    ),
                    after=by_tenant[pk],
                )
                for pk in tenants
            ],
        )
        connection.check_constraints()

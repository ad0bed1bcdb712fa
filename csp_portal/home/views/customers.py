"""A partner's customers: the list and its export."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from csp_portal.shared.csvfiles import csv_lines
from relationships.queries.relationships import customers_of
from subscriptions.domain.channels import RULES
from tenants.http import PortalRequest, act_of
from tenants.models import Partner
from tenants.permissions import acting_partner, acting_tenant, requires
from tenants.roles import Action

from ..queries.customers import (
    COUNTED,
    CustomerRow,
    Wanted,
    channels_of_customers,
    customer_relationships,
    rows_for,
)
from .common import Chip, csp_first, may
from .paging import COUNTED_ROWS, page_of

ONLY_LABELS = {
    "suspended": _("With something suspended"),
    "nothing": _("Nothing sold yet"),
    "delegated": _("With delegated admin"),
    "undelegated": _("Without delegated admin"),
}


@requires(Action.SEE_CUSTOMERS)
@require_safe
def customers(request: PortalRequest) -> HttpResponse:
    partner = acting_partner(request)
    wanted = Wanted(
        q=request.GET.get("q", "").strip()[:100],
        channel=request.GET.get("channel", ""),
        only=request.GET.get("only", ""),
    )
    found = customer_relationships(partner, wanted, sort=request.GET.get("sort", "name"))
    if request.GET.get("format") == "csv":
        exported: HttpResponse = _export(request, found)
        return exported
    page = page_of(request, found)
    total = customers_of(partner)[: COUNTED_ROWS + 1].count()
    context = {
        "page": page,
        "rows": _rows(request, page.object_list),
        "with_values": may(request, Action.SEE_PRICES),
        "currency": partner.tenant.currency,
        "wanted": wanted,
        "only": [(code, label, code == wanted.only) for code, label in ONLY_LABELS.items()],
        "is_filtered": wanted != Wanted(),
        "total": total if total <= COUNTED_ROWS else f"{COUNTED_ROWS:,}+",
        "chips": _chips(partner, wanted, total),
    }
    return render(request, "home/customers.html", context)


def _chips(partner: Partner, wanted: Wanted, total: int) -> list[Chip]:
    """Return the channels in use; of many customers all channels, uncounted."""
    if total > COUNTED:
        return [Chip(c.value, RULES[c].label, "", c == wanted.channel) for c in csp_first()]
    counts = channels_of_customers(partner)
    return [
        Chip(c.value, RULES[c].label, counts[c], c == wanted.channel)
        for c in csp_first()
        if counts[c]
    ]


def _rows(request: PortalRequest, relationships: Any) -> list[CustomerRow]:
    return rows_for(
        relationships,
        seller=acting_tenant(request),
        with_values=may(request, Action.SEE_PRICES),
        on=act_of(request).on,
    )


# The columns partners know first, ours after them.
EXPORT = (
    "Microsoft ID",
    "Company name",
    "Primary domain name",
    "Relationship",
    "Since",
    "Delegated admin",
    "Channels",
    "Seats",
)


# security.md: the export of all customers asks for the password again.
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth is untyped
def _export(request: HttpRequest, found: Any) -> HttpResponse:
    rows = _rows(request, found)  # type: ignore[arg-type]  # the decorator forgets which request
    lines = csv_lines(header=EXPORT, rows=[_exported(row) for row in rows])
    response = HttpResponse(b"".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="customers.csv"'
    return response


def _exported(row: CustomerRow) -> list[object]:
    return [
        row.tenant.public_id,
        row.tenant.name,
        row.tenant.domain,
        "Cloud Reseller",
        row.relationship.started_on,
        "yes" if row.relationship.has_delegated_admin else "no",
        " ".join(row.channels),
        row.seats,
    ]

"""A partner's customers: the list, and a customer's overview and activity."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from billing.queries.invoices import next_invoice
from csp_portal.shared.csvfiles import csv_lines
from csp_portal.shared.dates import add_months
from relationships.permissions import get_customer, get_relationship
from subscriptions.domain.channels import RULES, Channel
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, acting_tenant, requires
from tenants.queries.activity import page_of_activities
from tenants.roles import Action

from ..queries.customers import (
    CustomerRow,
    channels_of_customers,
    customer_relationships,
    rows_for,
)
from ..queries.subscription_page import rows_of
from .subscriptions import Chip, may, seats_and_renewals

PAGE_SIZES = (25, 50, 100)


@requires(Action.SEE_CUSTOMERS)
@require_safe
def customers(request: PortalRequest) -> HttpResponse:
    partner = acting_partner(request)
    channel, q = request.GET.get("channel", ""), request.GET.get("q", "").strip()
    found = customer_relationships(
        partner, q=q, channel=channel, sort=request.GET.get("sort", "name")
    )
    if request.GET.get("format") == "csv":
        return _as_csv(_rows(request, found))
    size = request.GET.get("per_page", "")
    paginator = Paginator(found, int(size) if size in map(str, PAGE_SIZES) else PAGE_SIZES[0])
    page = paginator.get_page(request.GET.get("page"))
    counts = channels_of_customers(partner)
    context = {
        "page": page,
        "rows": _rows(request, page.object_list),
        "today": act_of(request).on,
        "with_values": may(request, Action.SEE_PRICES),
        "currency": partner.tenant.currency,
        "q": q,
        "channel": channel,
        "is_filtered": bool(q or channel),
        "total": customer_relationships(partner).count(),
        "chips": [
            Chip(c.value, RULES[c].label, counts[c], c == channel)
            for c in sorted(Channel, key=lambda c: c != Channel.CSP)
            if counts[c]
        ],
    }
    return render(request, "home/customers.html", context)


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
    "Channels",
    "Seats",
)


def _as_csv(rows: list[CustomerRow]) -> HttpResponse:
    lines = csv_lines(
        header=EXPORT,
        rows=(
            [
                row.tenant.public_id,
                row.tenant.name,
                row.tenant.domain,
                "Cloud Reseller",
                row.relationship.started_on,
                " ".join(row.channels),
                row.seats,
            ]
            for row in rows
        ),
    )
    response = HttpResponse(b"".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="customers.csv"'
    return response


@requires(Action.SEE_CUSTOMERS)
@require_safe
def customer(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    shown = get_customer(request, customer_id)
    act, viewer = act_of(request), acting_tenant(request)
    with_prices = may(request, Action.SEE_PRICES)
    rows = rows_of(tenant=shown, viewer=viewer, with_prices=with_prices, on=act.on)
    month = act.on.replace(day=1)
    following = next_invoice(seller=viewer, buyer=shown, month=month) if with_prices else []
    context = {
        "customer": shown,
        "relationship": get_relationship(request, customer_id),
        "today": act.on,
        "total": len(rows),
        "mine": [row for row in rows if not row.is_locked][:6],
        "others": [row for row in rows if row.is_locked and not row.is_ended][:6],
        "with_prices": with_prices,
        "next_invoice": following[0] if following else None,
        "next_invoice_on": add_months(month, 1),
        "activities": page_of_activities(shown, size=6).rows,
        **seats_and_renewals(rows, request),
    }
    return render(request, "home/customer.html", context)


@requires(Action.SEE_CUSTOMERS)
@require_safe
def customer_activity(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    shown = get_customer(request, customer_id)
    before = request.GET.get("before", "")
    context = {
        "customer": shown,
        "relationship": get_relationship(request, customer_id),
        "log": page_of_activities(
            shown, before=int(before) if before.isascii() and before.isdigit() else None
        ),
    }
    return render(request, "home/customer_activity.html", context)

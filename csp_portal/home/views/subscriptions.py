"""The signature page: what a customer holds in all channels, side by side, with its panel."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from csp_portal.shared.csvfiles import csv_lines
from relationships.permissions import get_relationship
from subscriptions.domain.channels import RULES, Channel
from subscriptions.domain.lifecycle import STATE_LABELS, State
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, acting_tenant, requires
from tenants.roles import Action

from ..queries.subscription_page import ZERO, Row, rows_of
from .common import Chip, csp_first, may, refusal_to_sell
from .figures import customer_kpis
from .panel import moves_of, panel_of

# What the command bar does with the one row that is ticked: the page that asks the rest.
COMMANDS = {
    "suspend": "billing:suspend",
    "reactivate": "billing:reactivate",
    "cancel": "billing:cancel",
}


@requires(Action.SEE_CUSTOMERS)
@require_safe
def customer_subscriptions(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    relationship = get_relationship(request, customer_id)
    customer = relationship.customer
    rows = rows_of(
        tenant=customer,
        viewer=acting_tenant(request),
        with_prices=may(request, Action.SEE_PRICES),
        on=act_of(request).on,
    )
    shown = listing(request, rows)
    if request.GET.get("format") == "csv":
        return as_csv([*shown["mine"], *shown["locked"]])
    if command := _command(request, rows):
        return command
    refusal = refusal_to_sell(request, relationship, rows)
    context = {
        "customer": customer,
        "relationship": relationship,
        "is_resold": relationship.reseller == acting_partner(request),
        "selling_refusal": refusal,
        "today": act_of(request).on,
        **shown,
        "mine_rows": [
            (row, [] if row.is_resold else moves_of(row), row.subscription.state == State.ACTIVE)
            for row in shown["mine"]
        ],
        **customer_kpis(request, customer, rows),
        **panel_of(request, rows, refusal=refusal),
    }
    return render(request, "home/customer_subscriptions.html", context)


def listing(request: PortalRequest, rows: list[Row]) -> dict[str, Any]:
    """Return the rows that the filters in the address leave, in their two groups."""
    channel, state = request.GET.get("channel", ""), request.GET.get("state", "")
    if state != State.TRANSFERRED:  # what moved away goes on as another row
        rows = [row for row in rows if not row.is_moved]
    typed = request.GET.get("q", "").strip().casefold()
    shown = [
        row
        for row in rows
        if channel in {"", row.subscription.channel}
        and state in {"", row.subscription.state}
        and (typed in row.subscription.title.casefold() or typed in row.line.casefold())
    ]
    counts = {c: sum(row.subscription.channel == c for row in rows) for c in csp_first()}
    return {
        "shown": len(shown),
        "total": len(rows),
        "mine": [row for row in shown if not row.is_locked],
        "locked": [row for row in shown if row.is_locked],
        "mine_monthly": sum((row.monthly for row in rows if not row.is_locked), ZERO),
        "currency": next((row.price.currency for row in rows if row.price), ""),
        "channel": channel,
        "state": state,
        "q": request.GET.get("q", ""),
        "states": [(s.value, STATE_LABELS[s]) for s in State],
        "chips": [
            Chip(c.value, RULES[c].label, count, c == channel)
            for c, count in counts.items()
            if count
        ],
    }


def _command(request: PortalRequest, rows: Iterable[Row]) -> HttpResponse | None:
    """Return the way to the page of the command that was pressed for the ticked row."""
    name = COMMANDS.get(request.GET.get("do", ""))
    asked = request.GET.get("panel")
    row = next((r for r in rows if str(r.subscription.public_id) == asked), None)
    if name is None or row is None or row.is_locked or row.is_resold:
        return None
    return redirect(name, row.subscription.public_id)


# The columns partners know first, ours after them.
EXPORT = (
    "Subscription ID",
    "Subscription",
    "Quantity",
    "Status",
    "Reseller",
    "Channel",
    "Assigned",
    "Starts on",
    "Last day",
    "Renewal",
    "Partner of record",
    "Provider",
    "Price per seat",
    "Currency",
)


def as_csv(rows: list[Row]) -> HttpResponse:
    lines = csv_lines(header=EXPORT, rows=[_exported(row) for row in rows])
    response = HttpResponse(b"".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="subscriptions.csv"'
    return response


def _exported(row: Row) -> list[object]:
    s = row.subscription
    return [
        s.public_id,
        s.title,
        s.seats,
        STATE_LABELS[State(s.state)],
        s.reseller.tenant.name if s.reseller else row.partner,
        RULES[Channel(s.channel)].label,
        s.assigned_seats,
        s.starts_on,
        row.last_day or "",
        row.renewal_words,
        s.partner_of_record.tenant.name if s.partner_of_record else "",
        row.provider,
        row.price.unit_price if row.price else "",
        row.price.currency if row.price else "",
    ]

"""What several of the pages share: who may, chips, and the figures above the lists."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from billing.queries.next_totals import next_totals
from csp_portal import charts
from csp_portal.shared.dates import add_months
from subscriptions.domain.channels import RULES, Channel
from tenants.http import PortalRequest, act_of
from tenants.models import Tenant
from tenants.permissions import acting_tenant
from tenants.roles import Action

from ..queries.subscription_page import Row, renewals_within


def may(request: PortalRequest, action: Action) -> bool:
    return request.membership is not None and request.membership.may(action)


@dataclass(frozen=True, slots=True)
class Chip:
    channel: str
    label: str
    count: int | str
    is_current: bool


def csp_first() -> list[Channel]:
    return sorted(Channel, key=lambda channel: channel != Channel.CSP)


def number_in(text: str) -> int | None:
    """Return the number a query value is; None for anything else or one too big for a key."""
    fits = text.isascii() and text.isdecimal() and len(text) < 19  # noqa: PLR2004 -- digits of a bigint
    return int(text) if fits else None


def seats_and_renewals(rows: list[Row], request: PortalRequest) -> dict[str, Any]:
    """Return the two KPIs that need no price."""
    today = act_of(request).on
    live = [row.subscription for row in rows if row.subscription.is_live]
    held = [
        (c.value, RULES[c].label, sum(s.seats for s in live if s.channel == c)) for c in csp_first()
    ]
    seats = [part for part in held if part[2]]
    soon = renewals_within(rows, on=today)
    marks = [
        (r.days, r.row.subscription.channel, f"{r.row.subscription.title}, {r.last_day:%d %b}")
        for r in soon
    ]
    return {
        "seats": seats,
        "seats_total": sum(s.seats for s in live),
        "seats_assigned": sum(s.assigned_seats for s in live),
        "seats_chart": charts.stacked(
            [(tone, label, float(n)) for tone, label, n in seats],
            title=_("Seats by channel: %s") % ", ".join(f"{label} {n}" for _t, label, n in seats),
        ),
        "renewals": soon,
        "renewals_chart": charts.timeline(
            marks, days=30, title=_("Renewals in the next 30 days: %s") % len(soon)
        ),
        "in_30_days": today + timedelta(days=30),
    }


def next_invoice_to(request: PortalRequest, customer: Tenant) -> dict[str, Any]:
    """Return the KPI of what the acting partner will invoice a customer for this month."""
    month = act_of(request).on.replace(day=1)
    totals = next_totals(seller=acting_tenant(request), buyer=customer, month=month)
    return {
        "next_invoice": totals[0] if totals else None,
        "next_invoice_month": month,
        "next_invoice_on": add_months(month, 1),
    }

"""The figures above the pages about subscriptions."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from billing.queries.invoice_list import state_of
from billing.queries.next_totals import next_totals
from csp_portal import charts
from csp_portal.shared.dates import add_months
from csp_portal.shared.money import format_money
from subscriptions.domain.channels import RULES
from tenants.http import PortalRequest, act_of
from tenants.models import Tenant
from tenants.permissions import acting_tenant
from tenants.roles import Action

from ..queries.revenue import revenue_from
from ..queries.start_page import newest_bill
from ..queries.subscription_page import ZERO, Row, renewals_within
from .common import csp_first, may


def own_kpis(request: PortalRequest, rows: list[Row]) -> dict[str, Any]:
    """Return the customer's own figures: seats, renewals, what CSP costs, the newest bill."""
    context = seats_and_renewals(rows, request)
    if not may(request, Action.SEE_INVOICES):
        return context
    bill = newest_bill(acting_tenant(request))
    priced = [row for row in rows if row.price and not row.is_ended]
    return context | {
        "cost_currency": priced[0].price.currency if priced and priced[0].price else "",
        "cost_monthly": sum((row.monthly for row in priced), ZERO),
        "cost_subscriptions": len(priced),
        "newest_bill": bill,
        "bill_state": state_of(bill, on=act_of(request).on) if bill else "",
    }


def customer_kpis(request: PortalRequest, customer: Tenant, rows: list[Row]) -> dict[str, Any]:
    """Return the figures of a customer's pages, those with prices for whoever sees prices."""
    context = seats_and_renewals(rows, request)
    if not may(request, Action.SEE_PRICES):
        return context
    seller = acting_tenant(request)
    through = next((row.partner for row in rows if row.is_sold_through), "")
    revenue = revenue_from(tenant=customer, seller=seller, on=act_of(request).on)
    title = _("CSP revenue per month, from %(first)s to %(last)s") % {
        "first": format_money(revenue.months[0][1], seller.currency),
        "last": format_money(revenue.now, seller.currency),
    }
    points = [(f"{month:%b %Y}", float(amount)) for month, amount in revenue.months]
    return context | {
        "revenue": revenue,
        "revenue_chart": charts.bars(points, title=title),
        "seller_currency": seller.currency,
        **(_next_invoice_to(request, customer) if not through else {}),
        "billed_through": through,
    }


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


def _next_invoice_to(request: PortalRequest, customer: Tenant) -> dict[str, Any]:
    """Return the KPI of what the acting partner will invoice a customer for this month."""
    month = act_of(request).on.replace(day=1)
    totals = next_totals(seller=acting_tenant(request), buyer=customer, month=month)
    return {
        "next_invoice": totals[0] if totals else None,
        "next_invoice_month": month,
        "next_invoice_on": add_months(month, 1),
    }

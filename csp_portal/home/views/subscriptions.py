"""The signature page: what a customer holds in all channels, side by side, with its panel."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from billing.forms.changes import SeatsForm
from billing.models import Quote
from billing.permissions import get_quote
from billing.queries.invoices import next_invoice
from billing.queries.quote_summary import summary_of
from billing.queries.quote_words import button_of
from csp_portal import charts
from csp_portal.shared.dates import add_months
from csp_portal.shared.money import format_money
from relationships.permissions import get_customer, get_relationship
from subscriptions.domain.channels import RULES, Channel
from subscriptions.domain.lifecycle import STATE_LABELS, State
from subscriptions.queries import history_of
from tenants.http import PortalRequest, act_of
from tenants.models import Tenant
from tenants.permissions import acting_tenant, requires
from tenants.roles import Action

from ..queries.facts import fact_in_words
from ..queries.subscription_page import (
    ZERO,
    Row,
    renewals_within,
    revenue_by_month,
    rows_of,
)

# What can be done in a state: URL name, label, icon, kind of button.
MOVES = {
    State.ACTIVE: (
        ("billing:suspend", gettext_lazy("Suspend"), "pause", "outline"),
        ("billing:cancel", gettext_lazy("Cancel the subscription"), "dismiss", "quiet"),
    ),
    State.SUSPENDED: (
        ("billing:reactivate", gettext_lazy("Reactivate"), "play", "primary"),
        ("billing:cancel", gettext_lazy("Cancel the subscription"), "dismiss", "quiet"),
    ),
}


@requires(Action.SEE_CUSTOMERS)
@require_safe
def customer_subscriptions(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    customer = get_customer(request, customer_id)
    viewer, today = acting_tenant(request), act_of(request).on
    with_prices = may(request, Action.SEE_PRICES)
    rows = rows_of(tenant=customer, viewer=viewer, with_prices=with_prices, on=today)
    context = {
        "customer": customer,
        "relationship": get_relationship(request, customer_id),
        "today": today,
        "total": len(rows),
        **listing(request, rows),
        **_kpis(request, customer, viewer, rows),
        **panel_of(request, rows),
    }
    return render(request, "home/customer_subscriptions.html", context)


def may(request: PortalRequest, action: Action) -> bool:
    return request.membership is not None and request.membership.may(action)


@dataclass(frozen=True, slots=True)
class Chip:
    channel: str
    label: str
    count: int
    is_current: bool


def listing(request: PortalRequest, rows: list[Row]) -> dict[str, Any]:
    """Return the rows that the filters in the address leave, in their two groups."""
    channel, state = request.GET.get("channel", ""), request.GET.get("state", "")
    typed = request.GET.get("q", "").strip().casefold()
    shown = [
        row
        for row in rows
        if channel in {"", row.subscription.channel}
        and state in {"", row.subscription.state}
        and (typed in row.subscription.title.casefold() or typed in row.line.casefold())
    ]
    held = [c for c in Channel if any(row.subscription.channel == c for row in rows)]
    return {
        "shown": len(shown),
        "mine": [row for row in shown if not row.is_locked],
        "locked": [row for row in shown if row.is_locked],
        "mine_monthly": sum((row.monthly for row in rows if not row.is_locked), ZERO),
        "currency": next((row.price.currency for row in rows if row.price), ""),
        "channel": channel,
        "state": state,
        "q": request.GET.get("q", ""),
        "states": [(s.value, STATE_LABELS[s]) for s in State],
        "chips": [
            Chip(
                c.value,
                RULES[c].label,
                sum(row.subscription.channel == c for row in rows),
                c == channel,
            )
            for c in sorted(held, key=lambda c: c != Channel.CSP)
        ],
    }


def _kpis(
    request: PortalRequest, customer: Tenant, viewer: Tenant, rows: list[Row]
) -> dict[str, Any]:
    today = act_of(request).on
    context = seats_and_renewals(rows, request)
    if not may(request, Action.SEE_PRICES):
        return context
    months = revenue_by_month(tenant=customer, seller=viewer, on=today)
    following = next_invoice(seller=viewer, buyer=customer, month=today.replace(day=1))
    now, before = months[-1][1], months[-2][1]
    points = [(f"{month:%b %Y}", float(amount)) for month, amount in months]
    title = _("CSP revenue per month, from %(first)s to %(last)s") % {
        "first": format_money(months[0][1], viewer.currency),
        "last": format_money(now, viewer.currency),
    }
    return context | {
        "revenue": now,
        "revenue_change": now - before,
        "revenue_change_size": abs(now - before),
        "revenue_grew": now > before,
        "revenue_since": before and months[-2][0],
        "revenue_chart": charts.bars(points, title=title),
        "seller_currency": viewer.currency,
        "next_invoice": following[0] if following else None,
        "next_invoice_on": add_months(today.replace(day=1), 1),
    }


def seats_and_renewals(rows: list[Row], request: PortalRequest) -> dict[str, Any]:
    """Return the two KPIs that need no price."""
    today = act_of(request).on
    live = [row.subscription for row in rows if row.subscription.is_live]
    seats = [
        (c.value, RULES[c].label, sum(s.seats for s in live if s.channel == c)) for c in Channel
    ]
    seats = sorted((part for part in seats if part[2]), key=lambda part: part[0] != "csp")
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
        "in_30_days": date_after(today),
    }


def date_after(today: date) -> date:
    return today + timedelta(days=30)


def panel_of(request: PortalRequest, rows: list[Row]) -> dict[str, Any]:
    """Return what the open side panel shows, `?panel=` naming one of the rows."""
    asked = request.GET.get("panel")
    row = next((r for r in rows if str(r.subscription.public_id) == asked), None)
    if row is None:
        return {"panel": None}
    subscription = row.subscription
    context: dict[str, Any] = {"panel": row}
    if not subscription.is_csp:
        return context
    context |= {
        "history": [(change, fact_in_words(change)) for change in history_of(subscription)[:5]],
        "can_change_seats": subscription.state == State.ACTIVE,
        "is_suspended": subscription.state == State.SUSPENDED,
        "panel_add_ons": [r for r in rows if r.subscription.base_id == subscription.pk],
        "may_change": not row.is_locked,
        "moves": [
            (reverse(name, args=[subscription.public_id]), label, icon, kind)
            for name, label, icon, kind in MOVES.get(State(subscription.state), ())
        ],
    }
    if row.is_locked:
        return context
    quote = _quote_of_panel(request, row)
    context["seats_form"] = SeatsForm(
        initial={"seats": quote.seats if quote and quote.seats else subscription.seats},
        subscription=subscription,
    )
    return context | (_quote_context(request, quote) if quote else {})


def _quote_of_panel(request: PortalRequest, row: Row) -> Quote | None:
    try:
        quote = get_quote(request, UUID(request.GET.get("quote", "")))
    except (ValueError, Http404):
        return None
    is_open = not hasattr(quote, "order") and quote.expires_at > act_of(request).at
    return quote if quote.subscription_id == row.subscription.pk and is_open else None


def _quote_context(request: PortalRequest, quote: Quote) -> dict[str, Any]:
    summary = summary_of(quote, organisation=acting_tenant(request))
    line = summary.first_line
    return {
        "quote": quote,
        "summary": summary,
        "quote_button": button_of(quote, summary),
        "was_repriced": "was" in request.GET,
        "quote_line": line,
        "quote_chart": charts.span(
            line.days,
            line.divisor,
            title=_("%(days)s of %(of)s days remain") % {"days": line.days, "of": line.divisor},
        )
        if line
        else "",
    }

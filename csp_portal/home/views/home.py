"""The start page of each workspace: a partner's, a customer's, and that of nobody."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from billing.queries.invoices import next_invoice
from csp_portal import charts
from csp_portal.shared.dates import add_months
from relationships.queries.relationships import active_relationship
from tenants.http import PortalRequest, act_of, partner_of
from tenants.models import Partner, Tenant
from tenants.permissions import acting_tenant, for_anyone_signed_in
from tenants.queries.activity import page_of_activities
from tenants.roles import Action

from ..queries import start_page
from ..queries.subscription_page import rows_of
from .subscriptions import may, seats_and_renewals


@for_anyone_signed_in
@require_safe
def home(request: PortalRequest) -> HttpResponse:
    if request.membership is None:
        return render(request, "home/no_workspace.html")
    partner = partner_of(request)
    if partner is not None:
        return render(request, "home/partner.html", _partner(request, partner))
    return render(request, "home/customer_home.html", _customer(request))


def _partner(request: PortalRequest, partner: Partner) -> dict[str, Any]:
    act, tenant = act_of(request), partner.tenant
    context: dict[str, Any] = {"today": act.on, "currency": tenant.currency}
    if may(request, Action.SEE_CUSTOMERS):
        context |= _customer_figures(request, partner)
    if may(request, Action.SEE_PRICES):
        upcoming = start_page.upcoming_list(tenant=tenant, at=act.at, on=act.on)
        context["upcoming"] = upcoming
        context["upcoming_days"] = (upcoming.effective_on - act.on).days if upcoming else 0
    if may(request, Action.SEE_INVOICES):
        context |= _money(request, tenant)
    if may(request, Action.SEE_OWN_ACTIVITY) or may(request, Action.SEE_CUSTOMERS):
        context["activities"] = page_of_activities(tenant, size=8).rows
    return context


def _customer_figures(request: PortalRequest, partner: Partner) -> dict[str, Any]:
    today = act_of(request).on
    renewals = list(start_page.renewals_due(partner, on=today)[:6])
    marks = [
        ((s.ends_on - today).days, "csp", f"{s.title}, {s.tenant.name}")
        for s in renewals
        if s.ends_on
    ]
    figures: dict[str, Any] = {
        "seats": start_page.seats_sold(partner),
        "renewals": [(s, s.ends_on - timedelta(days=1)) for s in renewals if s.ends_on is not None],
        "renewals_chart": charts.timeline(
            marks, days=30, title=_("Renewals in the next 30 days: %s") % len(marks)
        ),
        "in_30_days": today + timedelta(days=30),
        "newest_customers": start_page.newest_customers(partner),
    }
    if may(request, Action.INVITE_CUSTOMERS):
        figures["invitations"] = list(start_page.open_invitations(partner, on=today)[:20])
    if may(request, Action.SEE_PRICES):
        figures["revenue"] = start_page.revenue_now(seller=partner.tenant, on=today)
        months = start_page.invoiced_by_month(seller=partner.tenant, on=today)
        figures["revenue_chart"] = charts.bars(
            [(f"{month:%b %Y}", float(amount)) for month, amount in months],
            title=_("Invoiced to customers in each of the last twelve months"),
        )
    return figures


def _money(request: PortalRequest, tenant: Tenant) -> dict[str, Any]:
    """Return the next invoice from the vendor, and the newest on either side."""
    month = act_of(request).on.replace(day=1)
    following = next_invoice(seller=Tenant.objects.vendor(), buyer=tenant, month=month)
    return {
        "next_invoice": following[0] if following else None,
        "next_invoice_on": add_months(month, 1),
        "newest_bought": start_page.newest_invoice(buyer=tenant),
        "newest_sold": start_page.newest_invoice(seller=tenant),
    }


def _customer(request: PortalRequest) -> dict[str, Any]:
    tenant, today = acting_tenant(request), act_of(request).on
    context: dict[str, Any] = {"today": today, "customer": tenant}
    if may(request, Action.SEE_OWN_SUBSCRIPTIONS):
        rows = rows_of(tenant=tenant, viewer=tenant, with_prices=False, on=today)
        live = [row for row in rows if not row.is_ended]
        context |= {
            "rows": live[:8],
            "more": max(len(live) - 8, 0),
            "more_words": ngettext("%d more", "%d more", len(live) - 8) % max(len(live) - 8, 0),
            "relationship": active_relationship(tenant),
            **seats_and_renewals(rows, request),
        }
    if may(request, Action.SEE_INVOICES):
        context["newest_bill"] = start_page.newest_invoice(buyer=tenant)
    if may(request, Action.SEE_OWN_ACTIVITY):
        context["activities"] = page_of_activities(tenant, size=6).rows
    return context

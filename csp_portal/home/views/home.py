"""The start page of each workspace: a partner's, a customer's, and that of nobody."""

import sys
from collections import Counter
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from billing.permissions import (
    visible_order_requests,
    visible_price_lists,
)
from csp_portal import charts
from relationships.queries.relationships import active_relationships
from relationships.queries.transfers import open_moves_of, to_decide
from relationships.services.standing import selling_refusal
from subscriptions.queries.licences import licences_of
from tenants.http import PortalRequest, act_of, partner_of
from tenants.models import Partner, Tenant
from tenants.permissions import acting_tenant, for_anyone_signed_in
from tenants.roles import Action, Kind

from ..queries import start_page
from ..queries.activity import latest_for
from ..queries.subscription_page import rows_of
from ..queries.transitions import open_cases_seen
from .common import may
from .figures import own_kpis
from .next_invoices import next_invoices_to

LISTED = 4


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
    context: dict[str, Any] = {
        "today": act.on,
        "currency": tenant.currency,
        "activities": latest_for(tenant, {action: may(request, action) for action in Action}),
        "selling_refusal": selling_refusal(partner=partner, customer=None, on=act.on),
    }
    if may(request, Action.SEE_CUSTOMERS):
        context |= _renewals(request, partner)
        is_summed = not context["has_many_renewals"]
    else:
        is_summed = not start_page.has_very_many_customers(partner)
    if partner.kind == Kind.ADVISOR:  # it sells nothing
        is_summed = False
    # the sums of very many subscriptions take longer than a page may: their lists are below
    if is_summed and (may(request, Action.SEE_CUSTOMERS) or may(request, Action.SEE_PRICES)):
        sold = start_page.sold_by(tenant, on=act.on)
        context |= {"sold": sold, "seats_chart": _seats_chart(sold)}
    if may(request, Action.SEE_CUSTOMERS):
        context["newest_customers"] = start_page.newest_customers(partner)
        # without the sums there are very many: see above
        size = context["sold"].customers if is_summed else sys.maxsize
        cases = open_cases_seen(partner, on=act.on, size=size).order_by()
        twice = cases[: start_page.MANY].count()
        context["paid_twice"] = twice if twice < start_page.MANY else f"{start_page.MANY}+"
    if may(request, Action.DECIDE_TRANSFERS):
        context["transfers_to_decide"] = to_decide(partner)[:LISTED]
    if may(request, Action.ORDER) or may(request, Action.REQUEST_ORDERS):
        context["requests_waiting"] = _requests_waiting(request, partner)
    if may(request, Action.INVITE_CUSTOMERS):
        invitations = start_page.open_invitations(partner, on=act.on)
        context["invitations"] = [(i, (act.at - i.age_from).days) for i in invitations[:LISTED]]
        context["invitations_more"] = len(invitations) - LISTED if invitations[LISTED:] else 0
        request.open_invitations = len(invitations)
    if may(request, Action.SEE_PRICES):
        context |= _prices(request, tenant, is_summed=is_summed)
    if is_summed and may(request, Action.SEE_INVOICES):
        context |= next_invoices_to(request, partner)
    return context


def _requests_waiting(request: PortalRequest, partner: Partner) -> int:
    """Return how many order requests wait for this side; a partner in 1-tier has none."""
    membership = request.membership
    resells = membership is not None and membership.resells
    if partner.kind == Kind.DIRECT_PARTNER and not resells:
        return 0
    return visible_order_requests(request).waiting_for(partner).count()


def _seats_chart(sold: start_page.Sold) -> SafeString:
    parts = [
        ("csp", _("assigned"), float(sold.assigned)),
        ("off", _("not assigned"), float(sold.unassigned)),
    ]
    title = _("%(assigned)s of %(purchased)s seats are assigned") % {
        "assigned": sold.assigned,
        "purchased": sold.purchased,
    }
    return charts.stacked(parts, title=title)


def _renewals(request: PortalRequest, partner: Partner) -> dict[str, Any]:
    today = act_of(request).on
    due = start_page.renewals_due(partner, on=today)
    days = Counter((each.ends_on - today).days for each in due)
    marks = [
        (day, "csp", ngettext("%d renewal", "%d renewals", n) % n)
        for day, n in sorted(days.items())
    ]
    return {
        "renewals": due[:LISTED],
        "has_many_renewals": len(due) == start_page.MANY,
        "renewals_count": len(due) if len(due) < start_page.MANY else f"{start_page.MANY}+",
        "renewals_chart": charts.timeline(
            marks, days=30, title=_("Renewals in the next 30 days: %s") % len(due)
        ),
        "in_30_days": today + timedelta(days=30),
    }


def _prices(request: PortalRequest, tenant: Tenant, *, is_summed: bool) -> dict[str, Any]:
    today = act_of(request).on
    context: dict[str, Any] = {}
    if is_summed:
        months = start_page.invoiced_by_month(seller=tenant, on=today)
        context["revenue_chart"] = charts.bars(
            [(f"{month:%b %Y}", float(amount)) for month, amount in months],
            title=_("Invoiced to customers in each of the last twelve months"),
        )
    if not may(request, Action.SEE_PRICE_LISTS):
        return context
    upcoming = start_page.upcoming_list(visible=visible_price_lists(request), on=today)
    return context | {
        "upcoming": upcoming,
        "upcoming_days": (upcoming.effective_on - today).days if upcoming else 0,
    }


def _customer(request: PortalRequest) -> dict[str, Any]:
    tenant, today = acting_tenant(request), act_of(request).on
    context: dict[str, Any] = {"today": today, "customer": tenant}
    if may(request, Action.SEE_OWN_SUBSCRIPTIONS):
        rows = rows_of(tenant=tenant, viewer=tenant, with_prices=True, on=today)
        live = [row for row in rows if not row.is_ended]
        more = max(len(live) - 2 * LISTED, 0)
        context |= {
            "rows": live[: 2 * LISTED],
            "more": more,
            "more_words": ngettext("%d more", "%d more", more) % more,
            "relationships": active_relationships(tenant),
            "moves": open_moves_of(tenant),
            "paid_twice": [row for row in live if row.replaced_by],
            **own_kpis(request, rows),
        }
        request.paid_twice = len(context["paid_twice"])
        if may(request, Action.BUY) and any(row.subscription.is_trial for row in live):
            context["proposals"] = start_page.proposals_to(tenant, on=today)
    elif request.membership is not None:
        context["licences"] = licences_of(request.membership)
    if may(request, Action.ACCEPT_INVITATIONS):
        context["invitations"] = start_page.invitations_for(
            tenant, email=request.user.email, on=today
        )
    if may(request, Action.SEE_OWN_ACTIVITY):
        everything = dict.fromkeys(Action, True)
        context["activities"] = latest_for(tenant, everything, size=6)
    return context

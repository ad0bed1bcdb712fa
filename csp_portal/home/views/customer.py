"""One customer of a partner: its overview and what happened between the two."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from relationships.permissions import get_relationship
from relationships.queries.tags import tags_of
from tenants.http import PortalRequest, act_of
from tenants.models import Tenant
from tenants.permissions import acting_partner, acting_tenant, requires
from tenants.queries.activity import ActivityPage
from tenants.roles import Action

from ..queries.activity import page_of_shared
from ..queries.subscription_page import rows_of
from .common import may, number_in, refusal_to_sell
from .figures import customer_kpis

LISTED = 6


@requires(Action.SEE_CUSTOMERS)
@require_safe
def customer(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    relationship = get_relationship(request, customer_id)
    shown, act = relationship.customer, act_of(request)
    rows = rows_of(tenant=shown, viewer=acting_tenant(request), with_prices=False, on=act.on)
    context = {
        "customer": shown,
        "relationship": relationship,
        "is_resold": relationship.reseller == acting_partner(request),
        "today": act.on,
        "total": len(rows),
        "paid_twice": [row for row in rows if row.replaced_by],
        "mine": [row for row in rows if not row.is_locked][:LISTED],
        "others": [row for row in rows if row.is_locked and not row.is_ended][:LISTED],
        "activities": _activities(request, shown, size=LISTED).rows,
        "selling_refusal": refusal_to_sell(request, relationship, rows),
        "tags": tags_of(acting_partner(request), shown),
        **customer_kpis(request, shown, rows),
    }
    return render(request, "home/customer.html", context)


@requires(Action.SEE_CUSTOMERS)
@require_safe
def customer_activity(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    relationship = get_relationship(request, customer_id)
    shown, before = relationship.customer, number_in(request.GET.get("before", ""))
    context = {
        "customer": shown,
        "relationship": relationship,
        "is_resold": relationship.reseller == acting_partner(request),
        "log": _activities(request, shown, before=before, size=50),
        "is_first": before is None,
    }
    return render(request, "home/customer_activity.html", context)


def _activities(
    request: PortalRequest, customer: Tenant, *, size: int, before: int | None = None
) -> ActivityPage:
    return page_of_shared(
        customer=customer,
        partner=acting_partner(request),
        with_invoices=may(request, Action.SEE_CUSTOMER_INVOICES),
        before=before,
        size=size,
    )

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.permissions import visible_invoices
from tenants.http import PortalRequest, act_of, partner_of
from tenants.permissions import acting_tenant, requires
from tenants.roles import Action

from ..queries import search as queries
from .common import may


@requires(Action.ENTER)
@require_safe
def search(request: PortalRequest) -> HttpResponse:
    """Search customers, subscriptions and invoices, each for those who may see them."""
    q = request.GET.get("q", "").strip()[:100]
    groups = [group for group in _groups(request, q) if group[1]] if q else []
    context = {"q": q, "groups": groups, "count": sum(len(hits) for _title, hits in groups)}
    return render(request, "home/search.html", context)


def _groups(request: PortalRequest, q: str) -> list[tuple[str, list[queries.Hit]]]:
    partner, tenant = partner_of(request), acting_tenant(request)
    groups = []
    if partner and may(request, Action.SEE_CUSTOMERS):
        groups.append((_("Customers"), queries.found_customers(partner, q)))
        groups.append((_("Subscriptions"), queries.sold_subscriptions(partner, q)))
    elif may(request, Action.SEE_OWN_SUBSCRIPTIONS):
        groups.append((_("Subscriptions"), queries.held_subscriptions(tenant, q)))
    if may(request, Action.SEE_INVOICES) or may(request, Action.SEE_CUSTOMER_INVOICES):
        hits = queries.found_invoices(visible_invoices(request), q, on=act_of(request).on)
        groups.append((_("Invoices"), hits))
    return groups

"""The customer's own subscriptions, in all channels: who bills, who supports, what may I do."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant, requires
from tenants.roles import Action

from ..queries.subscription_page import rows_of
from .figures import own_kpis
from .panel import panel_of
from .subscriptions import as_csv, listing


@requires(Action.SEE_OWN_SUBSCRIPTIONS)
@require_safe
def my_subscriptions(request: PortalRequest) -> HttpResponse:
    tenant = acting_tenant(request)
    rows = rows_of(tenant=tenant, viewer=tenant, with_prices=True, on=act_of(request).on)
    shown = listing(request, rows)
    if request.GET.get("format") == "csv":
        return as_csv([*shown["mine"], *shown["locked"]])
    request.paid_twice = sum(row.replaced_by is not None for row in rows)
    context = {
        "customer": tenant,
        "own": True,
        "today": act_of(request).on,
        "rows": rows,
        **shown,
        **own_kpis(request, rows),
        **panel_of(request, rows),
    }
    return render(request, "home/my_subscriptions.html", context)

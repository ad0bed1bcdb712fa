"""The list of order requests."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from csp_portal.lists import Choice, among, asked_of, list_context
from csp_portal.lists.parts import Empty
from csp_portal.lists.views import default_view, file_of
from tenants.http import PortalRequest
from tenants.models import Tenant
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..models import OrderRequest
from ..models.order_requests import OrderRequestQuerySet
from ..permissions import visible_order_requests
from .order_request_listing import ORDER_REQUESTS, RequestRow


@requires(Action.REQUEST_ORDERS, Action.ORDER)
@require_safe
def order_requests(request: PortalRequest) -> HttpResponse:
    """List what the partner asked its providers for, or is asked for by its resellers."""
    if (usual := default_view(request, ORDER_REQUESTS)) is not None:
        return usual
    partner, asked = acting_partner(request), asked_of(request, ORDER_REQUESTS)
    visible = visible_order_requests(request)
    found: QuerySet[OrderRequest] = visible
    for key in ("state", "kind"):
        if asked.chosen(key):
            found = found.filter(**{key: asked.chosen(key)})
    if asked.q:
        matching = Tenant.objects.matching(asked.q).values_list("pk", flat=True)
        found = among(found, "tenant", matching)
    ordered = asked.ordered(found)

    def rows_of(page: Sequence[OrderRequest]) -> list[RequestRow]:
        return [RequestRow(each, partner) for each in page]

    if asked.file_format:
        return file_of(request, asked, ordered, rows_of)
    choices = {"state": _states(visible)}
    context = list_context(request, asked, found=ordered, rows_of=rows_of, choices=choices)
    context["waiting"] = visible.waiting_for(partner).count()
    return render(request, "lists/list.html", context | _around(context["waiting"]))


def _states(visible: OrderRequestQuerySet) -> list[Choice]:
    counted = visible.order_by().values("state").annotate(n=Count("pk"))
    counts = dict(counted.values_list("state", "n"))
    return [Choice(s.value, s.label, counts.get(s.value, 0)) for s in OrderRequest.State]


def _around(waiting: int) -> dict[str, Any]:
    lead = _("A reseller asks, its provider orders: every request with its thread.")
    if waiting:
        told = ngettext("%d waits for you.", "%d wait for you.", waiting) % waiting
        lead = f"{lead} {told}"
    empty = Empty(
        "cart",
        _("No order requests yet"),
        _("A reseller sends one from a customer's subscriptions; its provider finds it here."),
    )
    return {"lead": lead, "empty": empty}

"""What was ordered for the customer's organisation, by itself or by its partner."""

from collections.abc import Sequence
from typing import Any, cast

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.models import Order
from csp_portal.lists import asked_of, exported, list_context
from csp_portal.lists.parts import Command, Empty
from csp_portal.lists.views import default_view
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant, requires
from tenants.roles import Action

from ..listings.own_orders import OWN_ORDERS
from ..queries.all_orders import moment_before
from ..queries.own_orders import OwnOrder, listed, own_orders
from .common import may


@requires(Action.SEE_OWN_SUBSCRIPTIONS)
@require_safe
def my_orders(request: PortalRequest) -> HttpResponse:
    if (usual := default_view(request, OWN_ORDERS)) is not None:
        return usual
    tenant, asked = acting_tenant(request), asked_of(request, OWN_ORDERS)
    since = moment_before(asked.chosen("days"), at=act_of(request).at)
    found = asked.ordered(own_orders(tenant, asked.values, asked.q, since=since))

    def rows_of(orders: Sequence[Order]) -> list[OwnOrder]:
        return listed(orders, tenant=tenant, may_buy=may(request, Action.BUY))

    if asked.file_format:
        return cast("HttpResponse", exported(asked, found, rows_of))
    context = list_context(request, asked, found=found, rows_of=rows_of)
    return render(request, "lists/list.html", context | _around(request))


def _around(request: PortalRequest) -> dict[str, Any]:
    empty = Empty(
        "cart",
        _("No orders yet"),
        _("What you buy from the vendor, and what a CSP partner orders for you, is listed here."),
    )
    context: dict[str, Any] = {
        "lead": _("What you ordered from the vendor, and what your partner ordered for you"),
        "empty": empty,
    }
    if may(request, Action.BUY):
        buy = Command("cart", _("Buy from the vendor"), reverse("billing:shop"), is_primary=True)
        context |= {"commands": [buy], "empty": empty.leading(buy)}
    return context

"""What was ordered for all customers."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing.models import Order
from csp_portal.lists import asked_of, list_context
from csp_portal.lists.parts import Empty
from csp_portal.lists.views import default_view, file_of
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..listings.orders import ORDERS
from ..queries.all_orders import ListedOrder, listed, moment_before, orders_of_customers


@requires(Action.ORDER)
@require_safe
def orders(request: PortalRequest) -> HttpResponse:
    if (usual := default_view(request, ORDERS)) is not None:
        return usual
    partner, asked = acting_partner(request), asked_of(request, ORDERS)
    since = moment_before(asked.chosen("days"), at=act_of(request).at)
    found = asked.ordered(orders_of_customers(partner, asked.values, asked.q, since=since))

    def rows_of(orders: Sequence[Order]) -> list[ListedOrder]:
        return listed(orders)

    if asked.file_format:
        return file_of(request, asked, found, rows_of)
    context: dict[str, Any] = {
        "lead": _("What was ordered for your customers, the newest first"),
        "empty": Empty("cart", _("No orders yet"), _("Open a customer and order for it.")),
    }
    return render(
        request,
        "lists/list.html",
        context | list_context(request, asked, found=found, rows_of=rows_of),
    )

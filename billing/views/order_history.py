"""What was ordered for a customer, and what happened to one of its subscriptions."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from relationships.models import Relationship
from relationships.permissions import get_relationship
from subscriptions.models import Subscription
from tenants.http import PortalRequest
from tenants.models import Partner
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..models import Quote
from ..queries.order_history import (
    OrderFilter,
    history_of,
    history_rows,
    order_rows,
    orders_of,
)
from .chips import chips
from .paging import page_of


@requires(Action.ORDER)
@require_safe
def customer_orders(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    """Show every order for the customer; with `?subscription=`, everything about that one."""
    relationship = get_relationship(request, customer_id)
    partner = acting_partner(request)
    if "subscription" in request.GET:
        return _history(request, relationship, partner)
    asked = OrderFilter.of(request.GET)
    orders = orders_of(partner=partner, tenant=relationship.customer, asked=asked)
    page = page_of(request, orders)
    page.object_list = order_rows(list(page))
    kinds = [("", _("All")), *Quote.QuoteKind.choices]
    context = {
        "customer": relationship.customer,
        "relationship": relationship,
        "page": page,
        "asked": asked,
        "chips": chips(request, "kind", kinds, current=asked.kind),
    }
    return render(request, "billing/orders.html", context)


def _history(request: PortalRequest, relationship: Relationship, partner: Partner) -> HttpResponse:
    """
    Show the history of one subscription.

    :raises Http404: if the partner did not sell it to this customer
    """
    try:
        public_id = UUID(request.GET["subscription"])
    except ValueError as error:
        raise Http404 from error
    subscription = get_object_or_404(
        Subscription.objects.sold_by(partner).select_related("partner", "base"),
        tenant=relationship.customer,
        public_id=public_id,
    )
    page = page_of(request, history_of(subscription))
    page.object_list = history_rows(list(page), subscription=subscription)
    context = {
        "customer": relationship.customer,
        "relationship": relationship,
        "subscription": subscription,
        "page": page,
    }
    return render(request, "billing/orders_subscription.html", context)

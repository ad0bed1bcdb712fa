"""Where a page goes next: only to pages of ours that are named here."""

from uuid import UUID

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from tenants.http import PortalRequest
from tenants.models import Tenant

PANEL = "panel"


def customer_subscriptions(tenant: Tenant, **query: UUID) -> str:
    url = reverse("home:customer-subscriptions", args=[tenant.public_id])
    return f"{url}?{urlencode({key: str(value) for key, value in query.items()})}"


def comes_from_panel(request: PortalRequest) -> bool:
    """Tell whether the form was sent from the side panel of the customer's subscriptions."""
    return request.POST.get("next") == PANEL


def own_subscriptions(**query: UUID) -> str:
    url = reverse("home:my-subscriptions")
    return f"{url}?{urlencode({key: str(value) for key, value in query.items()})}"


def to_panel(tenant: Tenant, **query: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(customer_subscriptions(tenant, **query))

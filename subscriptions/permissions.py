"""Which subscriptions a request may act on or see; what is not theirs is 404, as if it were not."""

from uuid import UUID

from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404

from relationships.models import Relationship
from tenants.http import PortalRequest
from tenants.permissions import acting_partner, acting_tenant

from .models import Subscription


def get_managed_subscription(request: PortalRequest, subscription_id: UUID) -> Subscription:
    """
    Return a CSP subscription that the acting partner sold and still has the customer of.

    Subscriptions of other channels are not found here, whoever is their partner of record:
    a CSP partner manages none of them (R3).
    """
    partner = acting_partner(request)
    relationship = Relationship.objects.active().filter(
        partner=partner, customer=OuterRef("tenant")
    )
    return get_object_or_404(
        Subscription.objects.sold_by(partner)
        .filter(Exists(relationship))
        .select_related("tenant", "offer", "partner__tenant", "reseller__tenant", "base"),
        public_id=subscription_id,
    )


def get_own_subscription(request: PortalRequest, subscription_id: UUID) -> Subscription:
    """Return a subscription of the acting tenant, of any channel, to look at (R10)."""
    return get_object_or_404(
        Subscription.objects.of_tenant(acting_tenant(request)).select_related(
            "offer", "partner__tenant", "reseller__tenant", "partner_of_record__tenant", "base"
        ),
        public_id=subscription_id,
    )

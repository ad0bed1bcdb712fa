from django.db.models import QuerySet

from tenants.models import Partner, Tenant

from ..models import Relationship
from ..models.relationships import RelationshipQuerySet


def active_relationships(tenant: Tenant) -> RelationshipQuerySet:
    """Return the tenant's relationships with its CSP partners, the longest first (R7)."""
    return (
        Relationship.objects.active()
        .filter(customer=tenant)
        .with_parties()
        .order_by("started_on", "id")
    )


def customers_of(partner: Partner) -> QuerySet[Relationship]:
    """Return the active relationships a partner transacts, or is the reseller of."""
    return Relationship.objects.active().involving(partner).with_parties()

from django.db.models import QuerySet

from tenants.models import Partner, Tenant

from ..models import Relationship
from ..models.relationships import RelationshipQuerySet


def active_relationships(tenant: Tenant) -> RelationshipQuerySet:
    """Return the tenant's relationships with its CSP partners, the longest first (R7)."""
    return (
        Relationship.objects.active()
        .filter(customer=tenant)
        .select_related(
            "partner__tenant",
            "reseller__tenant",
            "customer",
            "attested_by",
            "invitation__answered_by",
            "invitation__created_by",
        )
        .order_by("started_on", "id")
    )


def relationship_with(partner: Partner, tenant: Tenant) -> Relationship | None:
    """Return the tenant's active relationship that `partner` transacts, or is reseller of."""
    return active_relationships(tenant).involving(partner).first()


def customers_of(partner: Partner) -> QuerySet[Relationship]:
    """Return the active relationships a partner transacts, or is the reseller of."""
    return (
        Relationship.objects.active()
        .involving(partner)
        .select_related("customer", "partner__tenant", "reseller__tenant")
    )

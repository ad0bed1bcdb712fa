from django.db.models import Q, QuerySet

from tenants.models import Partner, Tenant

from ..models import Relationship


def active_relationship(tenant: Tenant) -> Relationship | None:
    """Return the tenant's relationship with its CSP partner, if it has one (R7: at most one)."""
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
        .order_by("id")
        .first()
    )


def customers_of(partner: Partner) -> QuerySet[Relationship]:
    """Return the active relationships a partner transacts, or is the reseller of."""
    return (
        Relationship.objects.active()
        .filter(Q(partner=partner) | Q(reseller=partner))
        .select_related("customer", "partner__tenant")
    )

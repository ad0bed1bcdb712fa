from django.db.models import Count, Q, QuerySet

from tenants.models import Tenant

from ..models import PartnerPolicy


def most_partners() -> int:
    """Return how many CSP partners a customer may have at once (R7)."""
    policy = PartnerPolicy.objects.filter(pk=PartnerPolicy.ONLY).order_by("pk").first()
    return policy.most_partners if policy else 1


def customers_beyond(limit: int) -> QuerySet[Tenant]:
    """Return the customers that have more CSP partners than `limit`, by name."""
    return (
        Tenant.objects.annotate(
            partners=Count("relationships", filter=Q(relationships__ended_on=None))
        )
        .filter(partners__gt=limit)
        .order_by("name", "id")
    )

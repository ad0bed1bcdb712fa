from django.db.models import Q, QuerySet

from ..models import Membership, Tenant


def people_of(tenant: Tenant, *, typed: str = "") -> QuerySet[Membership]:
    """Return an organisation's people by name, those who are disabled included."""
    found = Membership.objects.filter(tenant=tenant).select_related("user")
    for word in typed.split()[:5]:
        found = found.filter(
            Q(user__first_name__icontains=word)
            | Q(user__last_name__icontains=word)
            | Q(user__email__icontains=word)
        )
    return found.order_by("user__last_name", "user__first_name", "user__email", "pk")

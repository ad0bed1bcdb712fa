from django.db.models import Q, QuerySet

from ..models import Membership, Tenant
from ..roles import Role


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


def members_with(tenant: Tenant, *roles: Role) -> QuerySet[Membership]:
    """Return who can sign in and has one of the roles there, to be written to."""
    found = Membership.objects.active().filter(
        tenant=tenant, roles__overlap=list(roles), user__is_active=True
    )
    return found.select_related("user", "tenant__partner").order_by("user__email")

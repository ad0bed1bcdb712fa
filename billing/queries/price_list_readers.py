"""Who is told about a price list. Nothing here writes."""

from django.db.models import QuerySet

from tenants.models import Partner, User
from tenants.roles import ALLOWED, CLOSED_TO, Action

_ROLES = [role.value for role, actions in ALLOWED.items() if Action.SEE_PRICE_LISTS in actions]
_CLOSED_TO = [kind for kind, actions in CLOSED_TO.items() if Action.SEE_PRICE_LISTS in actions]


def partners_of_market(*, market: str, currency: str) -> QuerySet[Partner]:
    """Return the partners whose prices the lists of this market are, with their tenants."""
    return (
        Partner.objects.filter(tenant__country=market, tenant__currency=currency)
        .exclude(kind__in=_CLOSED_TO)
        .select_related("tenant")
        .order_by("pk")
    )


def readers_of_market(*, market: str, currency: str) -> QuerySet[User]:
    """Return every person, once, whom a role in one of those partners lets see prices."""
    partners = partners_of_market(market=market, currency=currency)
    return (
        User.objects.filter(
            is_active=True,
            memberships__tenant__in=partners.values("tenant"),
            memberships__roles__overlap=_ROLES,
            memberships__disabled_at__isnull=True,
        )
        .distinct()
        .order_by("email")
    )

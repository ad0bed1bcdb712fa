"""Who uses which seats, and which subscriptions somebody may assign."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from tenants.models import Membership, Partner, Tenant
from tenants.queries.people import people_of

from ..domain.channels import Channel
from ..domain.lifecycle import State
from ..models import LicenceAssignment, Subscription

# In these states users have access, so that a seat can be given to somebody.
ASSIGNABLE = (State.ACTIVE, State.GRACE)


def assignable(*, tenant: Tenant, seller: Partner | None) -> QuerySet[Subscription]:
    """
    Return the live subscriptions whose licences can be given to users of `tenant`.

    With `seller`, a partner with delegated admin: only CSP ones it sold or resold (R3).
    """
    found = Subscription.objects.live().of_tenant(tenant).select_related("partner__tenant")
    if seller is not None:
        found = found.filter(channel=Channel.CSP).filter(Q(partner=seller) | Q(reseller=seller))
    return found.order_by("title", "pk")


def licences_of(membership: Membership) -> QuerySet[LicenceAssignment]:
    """Return a person's licences of live subscriptions, in all channels."""
    return (
        LicenceAssignment.objects.filter(
            membership=membership, subscription__in=Subscription.objects.live()
        )
        .select_related("subscription__partner__tenant")
        .order_by("subscription__title", "pk")
    )


def titles_by_member(memberships: Iterable[Membership]) -> dict[int, list[str]]:
    """Return the titles of the licences of each of these people, in one query."""
    titles: defaultdict[int, list[str]] = defaultdict(list)
    rows = (
        LicenceAssignment.objects.filter(
            membership__in=list(memberships), subscription__in=Subscription.objects.live()
        )
        .order_by("subscription__title", "pk")
        .values_list("membership_id", "subscription__title")
    )
    for pk, title in rows:
        titles[pk].append(title)
    return dict(titles)


def members_of(
    tenant: Tenant, *, typed: str = "", only: str = "", subscription: Subscription | None = None
) -> QuerySet[Membership]:
    """Return the people of a tenant by name; `only` is "", "active", "disabled" or "admins"."""
    found = people_of(tenant, typed=typed)
    if only == "active":
        found = found.filter(disabled_at__isnull=True)
    elif only == "disabled":
        found = found.filter(disabled_at__isnull=False)
    elif only == "admins":
        found = found.filter(roles__contains=["tenant_admin"])
    if subscription is not None:
        found = found.filter(licences__subscription=subscription)
    return found

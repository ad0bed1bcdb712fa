"""Which entries of an activity log the start page and a customer's pages show, and to whom."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db.models import CharField, Model, Q, QuerySet
from django.db.models.functions import Cast

from billing.models import Invoice
from relationships.models import Invitation, Relationship, Transfer
from relationships.queries.invitations import naming
from subscriptions.models import Subscription
from tenants.models import Activity, Partner, Tenant
from tenants.queries.activity import ActivityPage, activities_of
from tenants.roles import Action

# What an entry of the own log is about, by the first word of its code, and who reads such
# entries on the start page: R1, a Global admin learns nothing of customers there, and R9,
# amounts are for those who see invoices. What is not named is the organisation's own.
READERS: Mapping[str, Action] = {
    "subscription": Action.SEE_CUSTOMERS,
    "customer": Action.SEE_CUSTOMERS,
    "relationship": Action.SEE_CUSTOMERS,
    "invitation": Action.SEE_CUSTOMERS,
    "transfer": Action.SEE_TRANSFERS,
    "price_list": Action.SEE_PRICE_LISTS,
    "link": Action.SEE_LINKS,
    "request": Action.SEE_CUSTOMERS,
    "licence": Action.SEE_CUSTOMERS,
    "recommendation": Action.SEE_CUSTOMERS,
    "trial-conversion": Action.SEE_CUSTOMERS,
    "invoice": Action.SEE_INVOICES,
    "month": Action.SEE_INVOICES,
}
LOOKED_AT = 100

M = TypeVar("M", bound=Model)


def latest_for(tenant: Tenant, may: Mapping[Action, bool], *, size: int = 8) -> list[Activity]:
    """Return the newest entries of the own log that the person may read, of the last hundred."""
    newest = tenant.activities.order_by("-seq").values("pk")[:LOOKED_AT]
    readable = Q(action__regex=_begins_with(kind for kind, who in READERS.items() if may[who]))
    if may[Action.SEE_OWN_ACTIVITY]:
        readable |= ~Q(action__regex=_begins_with(READERS))
    return list(activities_of(tenant).filter(readable, pk__in=newest)[:size])


def _begins_with(kinds: Iterable[str]) -> str:
    return rf"^({'|'.join(kinds)})\."


def shared_activities(
    *, customer: Tenant, partner: Partner, with_invoices: bool
) -> QuerySet[Activity]:
    """
    Return the entries of a customer's log that concern `partner` too, newest first.

    The rest is the customer's own: its people, other partners' invitations, what the vendor
    billed it (R9). What concerns both is what the partner did there, and what happened to
    the relationship, to its invitations, to what it sold and to the invoices it issued.
    """
    own = partner.tenant
    about = Q(about__in=_ids(Subscription.objects.involving(partner).of_tenant(customer)))
    about |= Q(about__in=_ids(Invitation.objects.filter(naming(partner), tenant=customer)))
    about |= Q(about__in=_ids(Relationship.objects.involving(partner).filter(customer=customer)))
    about |= Q(about__in=_ids(Transfer.objects.filter(_between(customer, partner))))
    if with_invoices:
        about |= Q(about__in=_ids(Invoice.objects.filter(seller=own, buyer=customer)))
    found = activities_of(customer).filter(Q(acting_for=own) | about)
    return found if with_invoices else found.exclude(action__startswith="invoice.")


def page_of_shared(
    *,
    customer: Tenant,
    partner: Partner,
    with_invoices: bool,
    before: int | None = None,
    size: int = 50,
) -> ActivityPage:
    rows = shared_activities(customer=customer, partner=partner, with_invoices=with_invoices)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = list(rows[: size + 1])
    return ActivityPage(found[:size], found[size - 1].seq if len(found) > size else 0)


def _between(customer: Tenant, partner: Partner) -> Q:
    return Q(relationship__customer=customer) & (
        Q(relationship__partner=partner) | Q(invitation__partner=partner)
    )


def _ids(things: QuerySet[M]) -> QuerySet[M, dict[str, Any]]:
    named: QuerySet[M, Any] = things.annotate(named=Cast("public_id", CharField()))
    return named.values("named")

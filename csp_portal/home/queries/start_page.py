"""The figures and the to-do list of a start page."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, Sum

from billing.models import Invoice, LockedPrice, PriceList, TrialConversion
from billing.models.price_lists import PriceListQuerySet
from csp_portal.shared.dates import add_months
from relationships.models import Invitation
from relationships.queries.invitations import naming
from relationships.queries.relationships import customers_of
from subscriptions.domain.lifecycle import LIVE
from subscriptions.models import Subscription
from subscriptions.models.subscriptions import GOES_ON
from tenants.models import Partner, Tenant

from .customers import COUNTED, MONTHLY

ZERO = Decimal("0.00")
# More than a start page counts one by one; it then says "more than".
MANY = 200


@dataclass(frozen=True, slots=True)
class Sold:
    """What runs today of what an organisation sells through CSP."""

    monthly: Decimal
    purchased: int
    assigned: int
    subscriptions: int
    customers: int

    @property
    def unassigned(self) -> int:
        return self.purchased - self.assigned


def has_very_many_customers(partner: Partner) -> bool:
    """Say whether there are more than a start page adds up."""
    return customers_of(partner)[: COUNTED + 1].count() > COUNTED


def sold_by(seller: Tenant, *, on: date) -> Sold:
    sums = LockedPrice.objects.filter(
        seller=seller,
        term__starts_on__lte=on,
        term__ends_on__gt=on,
        subscription__state__in=LIVE,
    ).aggregate(
        monthly=Sum(MONTHLY),
        purchased=Sum("subscription__seats"),
        assigned=Sum("subscription__assigned_seats"),
        subscriptions=Count("pk"),
        customers=Count("subscription__tenant", distinct=True),
    )
    return Sold(
        monthly=sums["monthly"] or ZERO,
        purchased=sums["purchased"] or 0,
        assigned=sums["assigned"] or 0,
        subscriptions=sums["subscriptions"],
        customers=sums["customers"],
    )


def invoiced_by_month(*, seller: Tenant, on: date) -> list[tuple[date, Decimal]]:
    """Return the net total of what `seller` invoiced for each of the last twelve closed months."""
    first = add_months(on.replace(day=1), -12)
    sums = dict(
        Invoice.objects.filter(seller=seller, finalised_at__isnull=False, month__gte=first)
        .order_by()
        .values("month")
        .annotate(sum=Sum("net_total"))
        .values_list("month", "sum")
    )
    return [(month, sums.get(month, ZERO)) for month in (add_months(first, n) for n in range(12))]


@dataclass(frozen=True, slots=True)
class Due:
    """A subscription that renews or ends soon; two hundred are read for the chart alone."""

    subscription_id: UUID
    title: str
    renews: bool
    ends_on: date
    customer: str
    customer_id: UUID

    @property
    def last_day(self) -> date:
        return self.ends_on - timedelta(days=1)


def renewals_due(partner: Partner, *, on: date, days: int = 30) -> list[Due]:
    """Return what renews or ends by then, the first one first; at most `MANY`."""
    found = (
        Subscription.objects.live()
        .involving(partner)
        .filter(ends_on__range=(on, on + timedelta(days=days)))
        .order_by("ends_on", "pk")
    )
    fields = "public_id", "title", "goes_on", "ends_on", "tenant__name", "tenant__public_id"
    return [Due(*row) for row in found.annotate(goes_on=GOES_ON).values_list(*fields)[:MANY]]


def open_invitations(partner: Partner, *, on: date) -> list[Invitation]:
    """Return what customers have not answered yet, the oldest first; at most `MANY`."""
    found = Invitation.objects.filter(naming(partner)).open_on(on).order_by("created_at", "pk")
    shown = "public_id", "customer_name", "email", "created_at", "last_sent_at"
    return list(found.only(*shown)[:MANY])


def count_of_open_invitations(partner: Partner, *, on: date) -> int:
    """Return how many are open, `MANY` if it is more."""
    return Invitation.objects.filter(naming(partner)).open_on(on)[:MANY].count()


def invitations_for(tenant: Tenant, *, email: str, on: date) -> list[Invitation]:
    """Return open invitations that came to the person's address or were opened for the tenant."""
    mine = Q(email__iexact=email) | Q(opened_by_tenant=tenant)
    return list(
        Invitation.objects.open_on(on)
        .for_customers()
        .filter(mine)
        .select_related("partner__tenant", "reseller__tenant")
        .order_by("-created_at", "pk")[:3]
    )


def proposals_to(tenant: Tenant, *, on: date) -> list[TrialConversion]:
    """
    Return the proposals to convert its trials that wait for the customer's consent.

    Those of a partner that serves it no more could only be refused.
    """
    return list(
        TrialConversion.objects.filter(
            answer="", trial__tenant=tenant, trial__state__in=LIVE, trial__ends_on__gt=on
        )
        .filter(partner__relationships__customer=tenant, partner__relationships__ended_on=None)
        .select_related("partner__tenant", "offer", "trial")
        .order_by("trial__ends_on", "pk")
    )


def newest_customers(partner: Partner) -> list[Tenant]:
    return [r.customer for r in customers_of(partner).order_by("-pk")[:5]]


def upcoming_list(*, visible: PriceListQuerySet, on: date) -> PriceList | None:
    """Return the next of the lists the organisation can see that is not yet in force (R13)."""
    return visible.filter(effective_on__gt=on).order_by("effective_on").first()


def newest_bill(buyer: Tenant) -> Invoice | None:
    return (
        Invoice.objects.filter(finalised_at__isnull=False, buyer=buyer)
        .select_related("seller")
        .order_by("-month", "-pk")
        .first()
    )

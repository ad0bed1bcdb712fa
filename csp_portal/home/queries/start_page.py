"""The figures and the to-do list of a partner's start page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet, Sum

from billing.models import Invoice, PriceList
from csp_portal.shared.dates import add_months
from relationships.models import Invitation
from relationships.queries.relationships import customers_of
from subscriptions.models import Subscription
from tenants.models import Partner, Tenant

from .customers import monthly_values

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Seats:
    purchased: int
    assigned: int
    subscriptions: int


def revenue_now(*, seller: Tenant, on: date) -> Decimal:
    return sum(monthly_values(seller=seller, on=on).values(), ZERO)


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


def seats_sold(partner: Partner) -> Seats:
    sold = Subscription.objects.live().sold_by(partner)
    sums = sold.aggregate(purchased=Sum("seats"), assigned=Sum("assigned_seats"))
    return Seats(sums["purchased"] or 0, sums["assigned"] or 0, sold.count())


def renewals_due(partner: Partner, *, on: date, days: int = 30) -> QuerySet[Subscription]:
    return (
        Subscription.objects.live()
        .sold_by(partner)
        .filter(ends_on__range=(on, on + timedelta(days=days)))
        .select_related("tenant")
        .order_by("ends_on", "pk")
    )


def open_invitations(partner: Partner, *, on: date) -> QuerySet[Invitation]:
    return Invitation.objects.filter(partner=partner).open_on(on).order_by("created_at")


def upcoming_list(*, tenant: Tenant, at: datetime, on: date) -> PriceList | None:
    """Return the next list of the tenant's market that is visible and not yet in force (R13)."""
    return (
        PriceList.objects.visible_at(at)
        .for_market(market=tenant.country, currency=tenant.currency)
        .filter(effective_on__gt=on)
        .order_by("effective_on")
        .first()
    )


def newest_customers(partner: Partner) -> list[Tenant]:
    return [r.customer for r in customers_of(partner).order_by("-started_on", "-pk")[:5]]


def newest_invoice(*, seller: Tenant | None = None, buyer: Tenant | None = None) -> Invoice | None:
    found = Invoice.objects.filter(finalised_at__isnull=False).select_related("seller", "buyer")
    if seller:
        found = found.filter(seller=seller)
    if buyer:
        found = found.filter(buyer=buyer)
    return found.order_by("-month", "-pk").first()

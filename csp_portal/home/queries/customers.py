"""A partner's customers, a page at a time, with what a list shows of each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower

from billing.models import LockedPrice
from csp_portal.shared.money import round_money
from relationships.models import Relationship
from relationships.queries.relationships import customers_of
from subscriptions.domain.channels import Channel
from subscriptions.domain.lifecycle import LIVE, State
from subscriptions.models import Subscription
from tenants.models import Partner, Tenant

ZERO = Decimal("0.00")
SORTS: dict[str, tuple[str | Combinable, ...]] = {
    "name": (Lower("customer__name"), "pk"),
    "-name": (Lower("customer__name").desc(), "pk"),
    "since": ("started_on", "pk"),
    "-since": ("-started_on", "pk"),
}


@dataclass(slots=True)
class CustomerRow:
    """One customer; seats are live ones of all channels, `monthly` the CSP value or None."""

    relationship: Relationship
    tenant: Tenant
    channels: list[str] = field(default_factory=list)
    seats: int = 0
    assigned: int = 0
    suspended: int = 0
    monthly: Decimal | None = None


def customer_relationships(
    partner: Partner, *, q: str = "", channel: str = "", sort: str = "name"
) -> QuerySet[Relationship]:
    """Return active relationships whose customer's name or domain has a word starting so."""
    found = customers_of(partner)
    if q:
        found = found.filter(
            Q(customer__name__istartswith=q)
            | Q(customer__name__icontains=f" {q}")
            | Q(customer__domain__istartswith=q)
        )
    if channel:
        held = Subscription.objects.live().filter(tenant=OuterRef("customer"), channel=channel)
        found = found.filter(Exists(held))
    return found.order_by(*SORTS.get(sort, SORTS["name"]))


def rows_for(
    relationships: Iterable[Relationship], *, seller: Tenant, with_values: bool, on: date
) -> list[CustomerRow]:
    """Return the list's rows: two queries, however many there are."""
    rows = {r.customer_id: CustomerRow(r, r.customer) for r in relationships}
    order = list(Channel)
    live = Subscription.objects.live().filter(tenant__in=rows)
    for tenant, channel, state, seats, assigned in live.values_list(
        "tenant_id", "channel", "state", "seats", "assigned_seats"
    ):
        row = rows[tenant]
        row.seats += seats
        row.assigned += assigned
        row.suspended += channel == Channel.CSP and state == State.SUSPENDED
        if channel not in row.channels:
            row.channels.append(channel)
    for row in rows.values():
        row.channels.sort(key=lambda c: (c != Channel.CSP, order.index(Channel(c))))
    if with_values:
        values = monthly_values(seller=seller, buyers=rows, on=on)
        for tenant_id, row in rows.items():
            row.monthly = values.get(tenant_id, ZERO)
    return list(rows.values())


def monthly_values(
    *, seller: Tenant, on: date, buyers: Iterable[int] | None = None
) -> dict[int, Decimal]:
    """Return what each buyer's billable seats cost per month today, by the buyer's key."""
    running = LockedPrice.objects.filter(
        seller=seller, term__starts_on__lte=on, term__ends_on__gt=on
    )
    if buyers is not None:
        running = running.filter(buyer__in=buyers)
    sums = (
        running.order_by()
        .values("buyer_id")
        .annotate(
            monthly=Sum(
                F("unit_price") * F("term__billable_seats") / F("period_months"),
                output_field=DecimalField(max_digits=20, decimal_places=4),
            )
        )
        .values_list("buyer_id", "monthly")
    )
    return {buyer: round_money(monthly) for buyer, monthly in sums}


def channels_of_customers(partner: Partner) -> Counter[str]:
    """Return how many customers hold something live in each channel."""
    held = (
        Subscription.objects.live()
        .filter(tenant__in=customers_of(partner).values("customer_id"))
        .values_list("channel", "tenant_id")
        .distinct()
    )
    return Counter(channel for channel, _tenant in held.filter(state__in=LIVE))

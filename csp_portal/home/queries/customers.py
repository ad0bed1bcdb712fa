"""A partner's customers, a page at a time, with what a list shows of each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, Exists, F, Func, OuterRef, QuerySet, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower

from billing.models import LockedPrice
from relationships.models import Relationship
from relationships.queries.relationships import customers_of
from subscriptions.domain.channels import Channel
from subscriptions.domain.lifecycle import State
from subscriptions.models import Subscription
from tenants.models import Partner, Tenant

from .transitions import counts_by_tenant

ZERO = Decimal("0.00")
# Customers up to which the page says how many of them use each channel.
COUNTED = 2_000
NO_LIMIT = 2**31
SORTS: dict[str, tuple[str | Combinable, ...]] = {
    "name": (Lower("customer__name"), "customer_id"),
    "-name": (Lower("customer__name").desc(), "-customer_id"),
    "since": ("started_on", "pk"),
    "-since": ("-started_on", "-pk"),
}
# What a term's billable seats cost per month on a leg: rounded once, for each subscription.
MONTHLY = Func(
    F("unit_price") * F("term__billable_seats") / F("period_months"),
    F("minor_units"),
    function="ROUND",
    output_field=DecimalField(max_digits=14, decimal_places=2),
)


@dataclass(slots=True)
class CustomerRow:
    """One customer; seats are live ones of all channels, `monthly` the CSP value or None."""

    relationship: Relationship
    tenant: Tenant
    channels: list[str] = field(default_factory=list)
    seats: int = 0
    assigned: int = 0
    suspended: int = 0
    in_grace: int = 0
    twice: int = 0
    monthly: Decimal | None = None

    @property
    def others(self) -> list[str]:
        """The channels that are not CSP."""
        return [channel for channel in self.channels if channel != Channel.CSP]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is filtered by; "" leaves a filter out. `only` is one of `ONLY`."""

    q: str = ""
    channel: str = ""
    only: str = ""


def customer_relationships(
    partner: Partner,
    wanted: Wanted = Wanted(),
    *,
    sort: str = "name",
) -> QuerySet[Relationship]:
    """Return the active relationships that are wanted, in order."""
    found = customers_of(partner)
    if wanted.q:
        found = matching(found, wanted.q)
    if wanted.channel:
        found = found.filter(Exists(_held().filter(channel=wanted.channel)))
    if wanted.only in ONLY:
        found = ONLY[wanted.only](found)
    return found.order_by(*SORTS.get(sort, SORTS["name"]))


def matching(found: QuerySet[Relationship], q: str) -> QuerySet[Relationship]:
    """
    Return those whose customer's name or domain has words that begin with those of `q`.

    The limit never cuts anything off. It keeps the planner from walking all names in order
    and reading the words of each: with it, the index of words is asked first.
    """
    return found.filter(customer__in=Tenant.objects.matching(q).values("pk")[:NO_LIMIT])


def _held() -> QuerySet[Subscription]:
    return Subscription.objects.live().filter(tenant=OuterRef("customer"))


ONLY = {
    "suspended": lambda found: found.filter(
        Exists(_held().filter(channel=Channel.CSP, state=State.SUSPENDED))
    ),
    "nothing": lambda found: found.filter(~Exists(_held().filter(channel=Channel.CSP))),
    "delegated": lambda found: found.filter(has_delegated_admin=True),
    "undelegated": lambda found: found.filter(has_delegated_admin=False),
}


def rows_for(
    relationships: Iterable[Relationship], *, seller: Tenant, with_values: bool, on: date
) -> list[CustomerRow]:
    """Return the list's rows: at most three queries, however many there are."""
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
        row.in_grace += state == State.GRACE
        if channel not in row.channels:
            row.channels.append(channel)
    for row in rows.values():
        row.channels.sort(key=lambda c: (c != Channel.CSP, order.index(Channel(c))))
    beside_csp = [t for t, row in rows.items() if Channel.CSP in row.channels[:1] and row.others]
    for tenant_id, count in counts_by_tenant(beside_csp, partner=_partner(seller)).items():
        rows[tenant_id].twice = count
    if with_values:
        values = _monthly_values(seller=seller, buyers=rows, on=on)
        for tenant_id, row in rows.items():
            row.monthly = values.get(tenant_id, ZERO)
    return list(rows.values())


def _partner(seller: Tenant) -> Partner | None:
    return getattr(seller, "partner", None)


def _monthly_values(*, seller: Tenant, buyers: Iterable[int], on: date) -> Mapping[int, Decimal]:
    """Return what each buyer's billable seats cost per month today, by the buyer's key."""
    running = LockedPrice.objects.filter(
        seller=seller, buyer__in=buyers, term__starts_on__lte=on, term__ends_on__gt=on
    )
    sums = running.order_by().values("buyer_id").annotate(monthly=Sum(MONTHLY))
    return dict(sums.values_list("buyer_id", "monthly"))


def channels_of_customers(partner: Partner) -> Counter[str]:
    """Return how many customers hold something live in each channel."""
    held = (
        Subscription.objects.live()
        .filter(tenant__in=customers_of(partner).values("customer_id"))
        .values_list("channel", "tenant_id")
        .distinct()
    )
    return Counter(channel for channel, _tenant in held)

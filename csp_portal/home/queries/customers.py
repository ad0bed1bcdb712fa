"""A partner's customers, a page at a time, with what a list shows of each."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import DecimalField, Exists, F, Func, Max, OuterRef, Q, QuerySet, Sum

from billing.models import LockedPrice
from csp_portal.lists import among
from relationships.models import CustomerTag, Relationship
from relationships.queries.relationships import customers_of
from subscriptions.domain.channels import Channel
from subscriptions.domain.lifecycle import State
from subscriptions.models import SeatChange, Subscription
from tenants.models import Partner, Tenant
from tenants.roles import Kind

from .transitions import counts_by_tenant

ZERO = Decimal("0.00")
# Customers up to which the page says how many of them use each channel.
COUNTED = 2_000
# Customers that are looked at for those to whom nothing was sold yet: the newest.
NEWEST = 2_000
# What a term's billable seats cost per month on a leg: rounded once, for each subscription.
MONTHLY = Func(
    F("unit_price") * F("term__billable_seats") / F("period_months"),
    F("minor_units"),
    function="ROUND",
    output_field=DecimalField(max_digits=14, decimal_places=2),
)


@dataclass(slots=True)
class CustomerRow:
    """
    One customer; seats are live ones of all channels, `monthly` the CSP value or None.

    `changed_at` is when something happened to what the partner sold it, `words` are its tags.
    """

    relationship: Relationship
    tenant: Tenant
    currency: str
    channels: list[str] = field(default_factory=list)
    seats: int = 0
    assigned: int = 0
    suspended: int = 0
    in_grace: int = 0
    twice: int = 0
    monthly: Decimal | None = None
    changed_at: datetime | None = None
    words: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.tenant.public_id)

    @property
    def others(self) -> list[str]:
        """The channels that are not CSP."""
        return [channel for channel in self.channels if channel != Channel.CSP]


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What the list is filtered by; "" leaves a filter out.

    `only` is one of the list's choices, `tag` one of the partner's words, `reseller` a partner ID.
    """

    q: str = ""
    channel: str = ""
    only: str = ""
    tag: str = ""
    reseller: str = ""


def customer_relationships(partner: Partner, wanted: Wanted = Wanted()) -> QuerySet[Relationship]:
    """Return the active relationships that are wanted."""
    found = customers_of(partner).select_related(None)
    found = found.select_related("customer", "reseller__tenant")  # the partner is who asks
    if wanted.q:
        found = matching(found, wanted.q)
    if wanted.channel:
        found = found.filter(Exists(_held().filter(channel=wanted.channel)))
    if wanted.only:
        found = _only(found, wanted.only, partner)
    if wanted.tag:
        tagged = CustomerTag.objects.of(partner).worded(wanted.tag)
        customers = tagged.values_list("customer", flat=True)
        found = found.filter(customer__in=among(Tenant.objects.all(), "pk", customers).values("pk"))
    if wanted.reseller:
        resellers = Partner.objects.filter(mpn_id=wanted.reseller)
        found = found.filter(reseller__in=list(resellers.values_list("pk", flat=True)))
    return found


def matching(found: QuerySet[Relationship], q: str) -> QuerySet[Relationship]:
    """Return those whose customer's name or domain has words that begin with those of `q`."""
    return found.filter(customer__in=Tenant.objects.matching(q))


def _held() -> QuerySet[Subscription]:
    return Subscription.objects.live().filter(tenant=OuterRef("customer"))


def _only(found: QuerySet[Relationship], only: str, partner: Partner) -> QuerySet[Relationship]:
    if only in {"delegated", "undelegated"}:
        return found.filter(has_delegated_admin=only == "delegated")
    if only == "suspended":
        suspended = Subscription.objects.filter(channel=Channel.CSP, state=State.SUSPENDED)
        # by way of the tenants, whose names are read in order before anything is joined
        tenants = among(Tenant.objects.all(), "pk", suspended.values_list("tenant", flat=True))
        return found.filter(customer__in=tenants.values("pk"))
    if only == "nothing":
        newest = customers_of(partner).order_by("-started_on", "-pk").values_list("pk", flat=True)
        nothing = ~Exists(_held().filter(channel=Channel.CSP))
        return found.filter(nothing, pk__in=list(newest[:NEWEST]))
    return found


def rows_for(
    relationships: Iterable[Relationship],
    *,
    seller: Tenant,
    with_values: bool,
    with_changes: bool,
    on: date,
) -> list[CustomerRow]:
    """Return the list's rows: at most five queries, however many there are."""
    rows = {r.customer_id: CustomerRow(r, r.customer, seller.currency) for r in relationships}
    _fill_in_holdings(rows)
    beside_csp = [t for t, row in rows.items() if Channel.CSP in row.channels[:1] and row.others]
    for tenant_id, count in counts_by_tenant(beside_csp, partner=_partner(seller)).items():
        rows[tenant_id].twice = count
    if with_values:
        values = _monthly_values(seller=seller, customers=rows, on=on)
        for tenant_id, row in rows.items():
            row.monthly = values.get(tenant_id, ZERO)
    for tag in CustomerTag.objects.filter(partner__tenant=seller, customer__in=rows):
        rows[tag.customer_id].words.append(tag.word)
    if with_changes:
        for tenant_id, changed_at in _last_changes(seller=seller, customers=rows):
            rows[tenant_id].changed_at = changed_at
    for row in rows.values():
        row.words.sort(key=str.casefold)
    return list(rows.values())


def _fill_in_holdings(rows: Mapping[int, CustomerRow]) -> None:
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


def _partner(seller: Tenant) -> Partner | None:
    return getattr(seller, "partner", None)


def _last_changes(*, seller: Tenant, customers: Iterable[int]) -> Iterable[tuple[int, datetime]]:
    """Return when something last happened to what `seller` sold each customer, or resold it."""
    sold = Q(term__subscription__partner__tenant=seller)
    sold |= Q(term__subscription__reseller__tenant=seller)
    return (
        SeatChange.objects.filter(sold, term__subscription__tenant__in=customers)
        .order_by()
        .values_list("term__subscription__tenant_id")
        .annotate(last=Max("recorded_at"))
    )


def _monthly_values(*, seller: Tenant, customers: Iterable[int], on: date) -> Mapping[int, Decimal]:
    """
    Return what each customer's billable seats bring `seller` per month today, by its key.

    From the customer itself or, in 2-tier, from its reseller.
    """
    running = LockedPrice.objects.filter(
        seller=seller,
        subscription__tenant__in=customers,
        term__starts_on__lte=on,
        term__ends_on__gt=on,
    )
    sums = running.order_by().values("subscription__tenant_id").annotate(monthly=Sum(MONTHLY))
    return dict(sums.values_list("subscription__tenant_id", "monthly"))


def channels_of_customers(partner: Partner) -> Counter[str]:
    """Return how many customers hold something live in each channel."""
    held = (
        Subscription.objects.live()
        .filter(tenant__in=customers_of(partner).values("customer_id"))
        .values_list("channel", "tenant_id")
        .distinct()
    )
    return Counter(channel for channel, _tenant in held)


def resellers_of(partner: Partner) -> list[Partner]:
    """Return the resellers through whom a provider has customers."""
    if partner.kind != Kind.INDIRECT_PROVIDER:
        return []
    through = Relationship.objects.active().filter(partner=partner, reseller__isnull=False)
    found = Partner.objects.filter(pk__in=through.values("reseller")).select_related("tenant")
    return list(found.order_by("tenant__name", "pk"))

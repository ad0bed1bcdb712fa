"""The subscriptions of all of a partner's customers, in all channels, a page at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from billing.models import LockedPrice
from csp_portal.lists import among
from csp_portal.shared.dates import add_months
from csp_portal.shared.money import round_money
from relationships.models import CustomerTag
from relationships.queries.relationships import customers_of
from subscriptions.domain.channels import Channel
from subscriptions.domain.lifecycle import LIVE, State
from subscriptions.models import Offer, Subscription
from subscriptions.models.subscriptions import SubscriptionQuerySet
from subscriptions.queries.replaced import held_twice
from tenants.models import Partner, Tenant


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """
    One subscription on the day `on`; `price` is the one to the customer, if it is known.

    R9: of a channel that is not theirs, partners learn no price, no reference and no note.
    """

    subscription: Subscription
    price: LockedPrice | None
    is_sold: bool
    on: date
    # The old one of the two, if it is paid twice, be it this one or the other.
    paid_twice: UUID | None = None

    @property
    def key(self) -> str:
        return str(self.subscription.public_id)

    @property
    def tenant(self) -> Tenant:
        return self.subscription.tenant

    @property
    def sku(self) -> str:
        return self.subscription.offer.sku if self.subscription.offer else ""

    @property
    def last_day(self) -> date | None:
        ends_on = self.subscription.ends_on
        return ends_on - timedelta(days=1) if ends_on else None

    @property
    def days_left(self) -> int | None:
        return (self.last_day - self.on).days if self.last_day else None

    @property
    def reseller(self) -> str:
        return self.subscription.reseller.tenant.name if self.subscription.reseller else ""

    @property
    def monthly(self) -> Decimal | None:
        """What its billable seats cost per month; a yearly price counts a twelfth."""
        if self.price is None:
            return None
        if self.subscription.state != State.ACTIVE:
            return Decimal(0)
        whole = self.price.unit_price * self.subscription.seats / self.price.period_months
        return round_money(whole, self.price.minor_units)

    @property
    def yearly(self) -> Decimal | None:
        return None if self.monthly is None else self.monthly * 12


def subscriptions_of_customers(partner: Partner) -> SubscriptionQuerySet:
    """Return what the partner's customers hold, in every channel (R9 says what is shown)."""
    mine = customers_of(partner).filter(customer=OuterRef("tenant"))
    return Subscription.objects.filter(Exists(mine)).select_related(
        "tenant", "offer", "reseller__tenant", "partner", "base__offer"
    )


def narrowed(
    found: QuerySet[Subscription], partner: Partner, asked: Mapping[str, str], q: str, *, on: date
) -> QuerySet[Subscription]:
    """
    Return those that the filters leave: channel, state, renewal, tag, reseller, text.

    Without a state those that run: what ended is asked for by its state.
    """
    if asked.get("channel"):
        found = found.filter(channel=asked["channel"])
    if asked.get("state"):
        found = found.filter(state=asked["state"])
    else:
        found = found.filter(state__in=sorted(LIVE))
    if asked.get("renewal"):
        found = found.filter(auto_renew=asked["renewal"] == "on")
    if asked.get("within"):
        until = on + timedelta(days=int(asked["within"]))
        found = found.filter(state__in=LIVE, ends_on__gt=on, ends_on__lte=until + timedelta(days=1))
    if asked.get("tag"):
        tagged = CustomerTag.objects.of(partner).worded(asked["tag"])
        found = among(found, "tenant", tagged.values_list("customer", flat=True))
    if asked.get("reseller"):
        # asked first, so that the planner knows how many rows one reseller has
        resellers = Partner.objects.filter(mpn_id=asked["reseller"])
        found = found.filter(reseller__in=list(resellers.values_list("pk", flat=True)))
    return matching(found, q) if q else found


def matching(found: QuerySet[Subscription], q: str) -> QuerySet[Subscription]:
    """
    Return those of customers, or of offers, whose words begin so; or with the SKU.

    Through the offers, which are few, and never by the title of a million subscriptions.
    """
    customers = Tenant.objects.matching(q).values_list("pk", flat=True)
    offers = offers_matching(q)
    if not offers:
        return among(found, "tenant", customers)
    return found.filter(Q(tenant__in=customers) | Q(offer__in=offers))


def offers_matching(q: str) -> list[int]:
    """Return the keys of the offers whose title has a word that begins so, or whose SKU does."""
    begins = Q(title__istartswith=q) | Q(title__icontains=f" {q}") | Q(sku__istartswith=q)
    return list(Offer.objects.filter(begins).values_list("pk", flat=True))


def rows_for(
    subscriptions: Iterable[Subscription], *, partner: Partner, with_values: bool, on: date
) -> list[SubscriptionRow]:
    """Return the list's rows: one query more, however many there are."""
    subscriptions = list(subscriptions)
    seller = partner.tenant
    sold = [s.pk for s in subscriptions if s.channel == Channel.CSP]
    prices: dict[int, LockedPrice] = {}
    if with_values and sold:
        found = LockedPrice.objects.filter(
            seller=seller, subscription__in=sold, term__starts_on__lte=on, term__ends_on__gt=on
        ).order_by("leg")
        prices = {price.subscription_id: price for price in found}
    return [
        SubscriptionRow(s, prices.get(s.pk), is_sold=s.partner_id == partner.pk, on=on)
        for s in subscriptions
    ]


def paid_twice_among(rows: Iterable[SubscriptionRow], *, partner: Partner) -> list[SubscriptionRow]:
    """Return the rows of a page with what is paid twice marked, in one query; not for files."""
    rows = list(rows)
    tenants = {row.subscription.tenant_id for row in rows if row.subscription.is_live}
    held = held_twice(sorted(tenants), partner=partner)
    olds: dict[int, UUID] = {}
    pairs = held.values_list("public_id", "pk", "replaced_by_id")  # type: ignore[misc]  # annotated
    for public_id, old, new in pairs:
        olds |= {old: public_id, new: public_id}
    return [replace(row, paid_twice=olds.get(row.subscription.pk)) for row in rows]


def renewals_of(partner: Partner, *, on: date) -> QuerySet[Subscription]:
    """Return the partner's CSP subscriptions whose term ends within a year from `on`."""
    mine = Q(partner=partner) if partner.may_transact else Q(reseller=partner)
    return (
        subscriptions_of_customers(partner)
        .filter(mine, channel=Channel.CSP, state__in=LIVE)
        .filter(ends_on__gt=on, ends_on__lte=add_months(on, 12) + timedelta(days=1))
    )

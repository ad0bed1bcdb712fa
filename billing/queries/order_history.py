"""What was ordered, and what happened to a subscription, with the charges it made."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Self
from uuid import UUID

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from subscriptions.domain.lifecycle import FactKind
from subscriptions.models import SeatChange, Subscription
from tenants.models import Partner, Tenant

from ..models import Charge, Order, Quote

FACT_LABELS = {
    FactKind.ORDERED: _("Ordered"),
    FactKind.SEATS: _("Seats changed"),
    FactKind.SUSPENDED: _("Suspended"),
    FactKind.REACTIVATED: _("Reactivated"),
    FactKind.CANCELLED: _("Cancelled"),
    FactKind.RENEWED: _("Renewed"),
    FactKind.EXPIRED: _("Expired"),
    FactKind.TRANSFERRED_OUT: _("Moved away"),
    FactKind.TRANSFERRED_IN: _("Taken over"),
}


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What a list of orders is narrowed to. A kind that is none narrows nothing."""

    kind: str = ""
    q: str = ""

    @property
    def is_narrow(self) -> bool:
        return bool(self.kind or self.q)

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Self:
        kind = values.get("kind", "")
        return cls(
            kind=kind if kind in Quote.QuoteKind.values else "", q=values.get("q", "")[:100].strip()
        )


@dataclass(frozen=True, slots=True)
class Money:
    """
    What something brought the partner and cost it; None where no charge was made.

    It brings it from its buyer: the customer, or in 2-tier the reseller.
    """

    currency: str = ""
    charged: Decimal | None = None
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    at: datetime
    by: str
    kind: str
    kind_label: str
    title: str
    subscription_id: UUID
    quote_id: UUID
    what: str
    add_ons: int
    reason: str
    money: Money


@dataclass(frozen=True, slots=True)
class HistoryRow:
    on: date
    at: datetime
    by: str
    acting_for: str
    kind: str
    label: str
    what: str
    reason: str
    quote_id: UUID | None
    money: Money


def orders_of(*, partner: Partner, tenant: Tenant, asked: OrderFilter) -> QuerySet[Order]:
    """Return the partner's orders for a customer, newest first, as `order_rows` needs them."""
    orders = Order.objects.filter(partner=partner, tenant=tenant)
    if asked.kind:
        orders = orders.filter(quote__kind=asked.kind)
    for word in asked.q.split():
        orders = orders.filter(
            Q(subscription__title__icontains=word)
            | Q(placed_by__first_name__icontains=word)
            | Q(placed_by__last_name__icontains=word)
            | Q(quote__reason__icontains=word)
        )
    return (
        orders.select_related("quote", "placed_by", "subscription", "tenant", "partner")
        .prefetch_related("lines__seat_change")
        .order_by("-placed_at", "-id")
    )


def order_rows(orders: Sequence[Order]) -> list[OrderRow]:
    money = _money_by("seat_change__order_line__order_id", [order.pk for order in orders])
    return [
        OrderRow(
            at=order.placed_at,
            by=str(order.placed_by),
            kind=order.quote.kind,
            kind_label=order.quote.get_kind_display(),
            title=order.subscription.title,
            subscription_id=order.subscription.public_id,
            quote_id=order.quote.public_id,
            what=_first_in_words(order),
            add_ons=max(len(order.lines.all()) - 1, 0),
            reason=order.quote.reason,
            money=_of(money[order.pk], order.partner.tenant_id if order.partner else None),
        )
        for order in orders
    ]


def history_of(subscription: Subscription) -> QuerySet[SeatChange]:
    """Return everything that happened to it, newest first, as `history_rows` needs it."""
    return (
        SeatChange.objects.filter(term__subscription=subscription)
        .select_related("by", "acting_for", "order_line__order__quote")
        .order_by("-effective_on", "-id")
    )


def history_rows(changes: Sequence[SeatChange], *, subscription: Subscription) -> list[HistoryRow]:
    money = _money_by("seat_change_id", [change.pk for change in changes])
    partner_tenant_id = subscription.partner.tenant_id if subscription.partner else None
    return [
        HistoryRow(
            on=change.effective_on,
            at=change.recorded_at,
            by=str(change.by or _("The portal")),
            acting_for=str(change.acting_for or ""),
            kind=change.kind,
            label=str(FACT_LABELS[FactKind(change.kind)]),
            what=seats_in_words(change),
            reason=change.reason,
            quote_id=_quote_id(change),
            money=_of(money[change.pk], partner_tenant_id),
        )
        for change in changes
    ]


def seats_in_words(change: SeatChange) -> str:
    """Return "60 → 66 seats", or "66 seats" where their number stays."""
    count = ngettext("%(n)s seat", "%(n)s seats", change.seats_after)
    after = count % {"n": f"{change.seats_after:,}"}
    if change.seats_before in (0, change.seats_after):
        return after
    return f"{change.seats_before:,} → {after}"


def _first_in_words(order: Order) -> str:
    changes = [line.seat_change for line in order.lines.all()]
    return seats_in_words(min(changes, key=lambda change: change.pk)) if changes else ""


def _quote_id(change: SeatChange) -> UUID | None:
    line = getattr(change, "order_line", None)
    return line.order.quote.public_id if line else None


@dataclass(frozen=True, slots=True)
class _Leg:
    seller_id: int
    buyer_id: int
    currency: str
    amount: Decimal


def _money_by(key: str, ids: Iterable[int]) -> defaultdict[int, list[_Leg]]:
    """Return for each id what it cost on every leg. One query."""
    money: defaultdict[int, list[_Leg]] = defaultdict(list)
    leg = ("locked_price__seller_id", "locked_price__buyer_id", "locked_price__currency")
    sums = (
        Charge.objects.filter(**{f"{key}__in": list(ids)})
        .values_list(key, *leg)
        .annotate(sum=Sum("amount"))
    )
    for pk, seller_id, buyer_id, currency, amount in sums:
        money[pk].append(_Leg(seller_id, buyer_id, currency, amount))
    return money


def _of(legs: Iterable[_Leg], partner_id: int | None) -> Money:
    """Return the two legs the partner has a part in; of the vendor's own sale, that one."""
    charged = next((leg for leg in legs if partner_id in {None, leg.seller_id}), None)
    cost = next((leg for leg in legs if leg.buyer_id == partner_id), None)
    shown = charged or cost
    return Money(
        currency=shown.currency if shown else "",
        charged=charged.amount if charged else None,
        cost=cost.amount if cost else None,
    )

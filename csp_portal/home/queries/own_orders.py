"""A customer's orders: what it bought itself, and what its partner ordered for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet, Sum, prefetch_related_objects
from django.urls import reverse
from django.utils.translation import ngettext

from billing.models import Charge, Order
from billing.queries.order_history import seats_in_words
from tenants.models import Tenant

OURSELVES, PARTNER = "we", "partner"


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """
    An order as the customer sees it.

    `amount` is what the order charged the customer itself, on no other leg; None if nothing.
    `url` is the quote with every number for what the customer ordered and may look at,
    else the subscription. A partner's note to its own history is not shown.
    """

    order: Order
    what: str
    add_ons: int
    amount: Decimal | None
    currency: str
    url: str

    @property
    def key(self) -> str:
        return str(self.order.public_id)

    @property
    def kind(self) -> str:
        return self.order.quote.get_kind_display()

    @property
    def title(self) -> str:
        return self.order.subscription.title

    @property
    def add_ons_in_words(self) -> str:
        if not self.add_ons:
            return ""
        return ngettext("and %d add-on", "and %d add-ons", self.add_ons) % self.add_ons

    @property
    def placed_by(self) -> str:
        """The organisation: the customer, or the partner that ordered for it."""
        partner = self.order.partner
        return partner.tenant.name if partner else self.order.tenant.name

    @property
    def person(self) -> str:
        return str(self.order.placed_by)

    @property
    def note(self) -> str:
        return "" if self.order.partner else self.order.quote.reason


def own_orders(
    tenant: Tenant, asked: Mapping[str, str], q: str, *, since: datetime | None
) -> QuerySet[Order]:
    """Return what was ordered for `tenant`, by whomever."""
    found = Order.objects.filter(tenant=tenant).select_related(
        "quote", "placed_by", "subscription", "tenant", "partner__tenant"
    )
    if asked.get("kind"):
        found = found.filter(quote__kind=asked["kind"])
    if asked.get("who"):
        found = found.filter(partner__isnull=asked["who"] == OURSELVES)
    if asked.get("channel"):
        found = found.filter(subscription__channel=asked["channel"])
    if since is not None:
        found = found.filter(placed_at__gte=since)
    for word in q.split():
        found = found.filter(subscription__title__icontains=word)
    return found


def listed(orders: Sequence[Order], *, tenant: Tenant, may_buy: bool) -> list[OwnOrder]:
    """Return the list's rows: three queries more, however many there are."""
    prefetch_related_objects(orders, "lines__seat_change")
    amounts = _amounts(orders, tenant)
    return [
        OwnOrder(
            order,
            what=_what(order),
            add_ons=max(len(order.lines.all()) - 1, 0),
            amount=amounts.get(order.pk, (None, ""))[0],
            currency=amounts.get(order.pk, (None, ""))[1],
            url=_url(order, may_buy=may_buy),
        )
        for order in orders
    ]


def _amounts(orders: Iterable[Order], tenant: Tenant) -> dict[int, tuple[Decimal, str]]:
    """Return what each order charged `tenant` as the buyer, with the currency."""
    charges = Charge.objects.filter(
        seat_change__order_line__order__in=[order.pk for order in orders],
        locked_price__buyer=tenant,
    )
    sums = charges.values_list(
        "seat_change__order_line__order_id", "locked_price__currency"
    ).annotate(sum=Sum("amount"))
    return {order_id: (amount, currency) for order_id, currency, amount in sums}


def _what(order: Order) -> str:
    changes = [line.seat_change for line in order.lines.all()]
    return seats_in_words(min(changes, key=lambda change: change.pk)) if changes else ""


def _url(order: Order, *, may_buy: bool) -> str:
    if order.partner is None and may_buy:
        return reverse("billing:quote", args=[order.quote.public_id])
    return f"{reverse('home:my-subscriptions')}?panel={order.subscription.public_id}"

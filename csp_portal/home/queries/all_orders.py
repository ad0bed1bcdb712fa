"""The orders for all of a partner's customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet, prefetch_related_objects

from billing.models import Order
from billing.queries.order_history import OrderRow, order_rows
from csp_portal.lists import among
from relationships.queries.relationships import customers_of
from tenants.models import Partner, Tenant


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order as the list shows it; `reseller` is the one of record when it was placed."""

    order: Order
    row: OrderRow

    @property
    def key(self) -> str:
        return str(self.order.public_id)

    @property
    def charged(self) -> Decimal | None:
        return self.row.money.charged

    @property
    def reseller(self) -> str:
        reseller = self.order.subscription.reseller
        return reseller.tenant.name if reseller else ""


def orders_of_customers(
    partner: Partner, asked: Mapping[str, str], q: str, *, since: datetime | None
) -> QuerySet[Order]:
    """Return the partner's own orders for customers it still has."""
    mine = customers_of(partner).filter(customer=OuterRef("tenant"))
    found = Order.objects.filter(Exists(mine), partner=partner).select_related(
        "quote", "placed_by", "subscription__reseller__tenant", "tenant", "partner"
    )
    if asked.get("kind"):
        found = found.filter(quote__kind=asked["kind"])
    if since is not None:
        found = found.filter(placed_at__gte=since)
    if q:
        found = among(found, "tenant", Tenant.objects.matching(q).values_list("pk", flat=True))
    return found


def moment_before(days: str, *, at: datetime) -> datetime | None:
    """Return when the last so many days began."""
    return at - timedelta(days=int(days)) if days else None


def listed(orders: Sequence[Order]) -> list[ListedOrder]:
    """Return the list's rows: three queries more, however many there are."""
    prefetch_related_objects(orders, "lines__seat_change")
    return [ListedOrder(order, row) for order, row in zip(orders, order_rows(orders), strict=True)]

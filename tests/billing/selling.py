"""Selling in tests: a quote and its confirmation in one step, as a page does it in two."""

from datetime import date
from typing import Any

from billing.models import Charge, Order, PriceList
from billing.services import orders, quotes
from subscriptions.models import Subscription
from tenants.models import Tenant
from tests import make
from tests.world import World

FOUNDED = date(2026, 3, 14)


def list_prices(world: World, effective_on: date = date(2026, 3, 1)) -> PriceList:
    """Sell Business Premium at 16.48 (ERP 20.60) a month, the phone add-on at 6.40 (8.00)."""
    return make.price_list(
        effective_on, {world.premium: ("16.48", "20.60"), world.phone: ("6.40", "8.00")}
    )


def place(world: World, kind: str, *, on: date, by: Any = None, **asked: Any) -> Order:
    act = world.act(by, on=on)
    asked = {"partner": world.fabrikam, "tenant": world.northwind, **asked}
    return orders.confirm(quote=quotes.quote(kind=kind, act=act, **asked), act=act)


def sell(world: World, *, seats: int = 60, on: date = FOUNDED, **asked: Any) -> Subscription:
    return place(world, "new", on=on, seats=seats, **{"offer": world.premium, **asked}).subscription


def change(world: World, kind: str, subscription: Subscription, *, on: date, **asked: Any) -> Order:
    return place(world, kind, on=on, tenant=subscription.tenant, subscription=subscription, **asked)


def charged(subscription: Subscription, buyer: Tenant) -> list[tuple[str, int, str]]:
    """Return (charge type, seats, amount) of everything charged to `buyer`, oldest first."""
    charges = Charge.objects.filter(
        locked_price__subscription=subscription, locked_price__buyer=buyer
    )
    return [
        (charge.charge_type, charge.seats, str(charge.amount))
        for charge in charges.order_by("charged_from", "id")
    ]

"""Direct and Advisor: one leg, from the vendor to the customer, at list price."""

from datetime import date
from decimal import Decimal

import pytest

from billing.models import Invoice
from billing.services import closing, orders, quotes, renewals
from billing.services.charging import legs_of
from subscriptions.models import Subscription
from subscriptions.services import errors
from tests import make
from tests.world import World

from .selling import FOUNDED, charged, list_prices, place


def buy(world: World, *, seats: int = 60, on: date = FOUNDED, **asked: object) -> Subscription:
    """Let Northwind buy Business Premium from the vendor at 20.60 a month."""
    asked = {"offer": world.premium, **asked}
    return place(
        world, "new", on=on, by=world.carl, partner=None, seats=seats, **asked
    ).subscription


def change(world: World, kind: str, subscription: Subscription, *, on: date, **asked: object):  # type: ignore[no-untyped-def]  # noqa: ANN201 -- a test's own helper
    return place(
        world, kind, on=on, by=world.carl, partner=None, subscription=subscription, **asked
    )


def test_it_has_one_leg_at_list_price(world: World) -> None:
    list_prices(world)
    subscription = buy(world)

    assert [(leg.number, leg.seller, leg.buyer) for leg in legs_of(subscription)] == [
        (1, world.cirrus, world.northwind)
    ]
    assert charged(subscription, world.northwind) == [("new", 60, "1236.00")]  # 20.60 x 60


def test_a_quote_shows_the_customer_every_number(world: World) -> None:
    list_prices(world)

    quote = quotes.quote(
        kind="new",
        tenant=world.northwind,
        offer=world.premium,
        seats=60,
        act=world.act(world.carl, FOUNDED),
    )

    assert [(line["seller"], line["buyer"], line["amount"]) for line in quote.lines] == [
        ("Cirrus", "Northwind Traders", "1236.00")
    ]
    assert not Subscription.objects.exists()


def test_market_and_currency_are_the_customers(world: World) -> None:
    make.price_list(
        date(2026, 3, 1), {world.premium: ("19.00", "23.00")}, currency="USD", market="US"
    )
    list_prices(world)
    world.northwind.country, world.northwind.currency = "US", "USD"
    world.northwind.save(update_fields=["country", "currency"])

    subscription = buy(world, seats=10)

    price = subscription.locked_prices.get()
    assert (price.currency, price.unit_price) == ("USD", Decimal("23.0000"))


def test_the_year_of_the_worked_example_on_one_leg(world: World) -> None:
    list_prices(world)
    subscription = buy(world)
    change(world, "seats", subscription, on=date(2026, 11, 22), seats=66)
    change(world, "seats", subscription, on=date(2026, 12, 1), seats=62)
    change(world, "suspend", subscription, on=date(2026, 12, 20))
    change(world, "reactivate", subscription, on=date(2027, 1, 5))

    assert charged(subscription, world.northwind) == [
        ("new", 60, "1236.00"),
        ("addQuantity", 6, "90.64"),  # 20.60 x 6 x 22/30
        ("removeQuantity", -4, "-35.71"),  # 20.60 x -4 x 13/30
        ("suspend", -62, "-1030.00"),  # 20.60 x -62 x 25/31
        ("reactivate", 62, "370.80"),  # 20.60 x 62 x 9/31
    ]


def test_the_vendor_closes_the_month_for_customers_too(world: World) -> None:
    list_prices(world)
    buy(world)

    closing.close_month(month=date(2026, 4, 1), act=world.act(on=date(2026, 5, 1)))

    invoices = Invoice.objects.filter(buyer=world.northwind).order_by("month")
    assert [(i.seller, i.month, i.total) for i in invoices] == [
        (world.cirrus, date(2026, 3, 1), Decimal("1236.00")),
        (world.cirrus, date(2026, 4, 1), Decimal("1236.00")),
    ]


def test_it_renews_on_its_day_at_the_price_in_force(world: World) -> None:
    list_prices(world)
    make.price_list(date(2027, 3, 1), {world.premium: ("18.00", "22.00")})
    subscription = buy(world)

    report = renewals.renew_due(act=world.act(on=date(2027, 3, 14)))

    assert (report.renewed, report.failures) == (1, [])
    assert [p.unit_price for p in subscription.locked_prices.order_by("term__number")] == [
        Decimal("20.6000"),
        Decimal("22.0000"),
    ]


def test_what_was_imported_is_left_alone_by_renewals(world: World) -> None:
    list_prices(world)
    imported = make.other_channel(world.northwind, "direct", "Windows")  # until 20 Feb 2027

    report = renewals.renew_due(act=world.act(on=date(2027, 3, 14)))

    imported.refresh_from_db()
    assert (report.renewed, report.expired, report.failures) == (0, 0, [])
    assert imported.state == "active"


def test_cancelled_on_its_first_day_it_costs_nothing(world: World) -> None:
    list_prices(world)
    subscription = buy(world)
    change(world, "cancel", subscription, on=FOUNDED)

    assert charged(subscription, world.northwind) == [
        ("new", 60, "1236.00"),
        ("cancelImmediate", -60, "-1236.00"),
    ]


@pytest.mark.parametrize("kind", ["seats", "suspend", "cancel"])
def test_a_csp_partner_gets_no_quote_for_it(world: World, kind: str) -> None:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    subscription = buy(world)

    with pytest.raises(errors.OtherChannel):
        quotes.quote(
            kind=kind,
            partner=world.fabrikam,
            tenant=world.northwind,
            subscription=subscription,
            seats=61,
            act=world.act(on=FOUNDED),
        )


def test_the_customers_order_has_no_partner(world: World) -> None:
    list_prices(world)
    act = world.act(world.carl, FOUNDED)
    quote = quotes.quote(kind="new", tenant=world.northwind, offer=world.premium, seats=1, act=act)

    order = orders.confirm(quote=quote, act=act)

    assert (order.partner, order.placed_by) == (None, world.carl)

"""Quotes say what orders charge, and orders charge what billing.md says."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing.models import Charge, LockedPrice, Order, Quote
from billing.queries.prices import NoPrice
from billing.queries.quotes import quote_lines
from billing.services import orders, quotes
from subscriptions.models import SeatChange, Subscription, Term
from subscriptions.services.errors import NothingChanges, SubscriptionRefused
from tenants.models import Activity
from tests import make
from tests.world import World

from .selling import FOUNDED, change, charged, list_prices, place, sell


@pytest.fixture
def shop(world: World) -> World:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return world


def test_an_order_on_the_annual_plan(shop: World) -> None:
    subscription = sell(shop, seats=10, plan="annual")

    # ERP 247.20 x 10 x 365/365; the partner pays 197.76 x 10
    assert charged(subscription, shop.northwind) == [("new", 10, "2472.00")]
    assert charged(subscription, shop.fabrikam.tenant) == [("new", 10, "1977.60")]


def test_six_more_on_the_annual_plan(shop: World) -> None:
    subscription = sell(shop, seats=10, plan="annual")

    change(shop, "seats", subscription, on=date(2026, 11, 22), seats=16)

    # 247.20 x 6 x 112/365
    assert charged(subscription, shop.northwind)[-1] == ("addQuantity", 6, "455.12")


def test_a_subscriptions_life_on_the_monthly_plan(shop: World) -> None:
    subscription = sell(shop, seats=60)

    change(shop, "seats", subscription, on=date(2026, 11, 22), seats=66)
    change(shop, "seats", subscription, on=date(2026, 12, 1), seats=62)
    change(shop, "seats", subscription, on=date(2026, 12, 1), seats=66)
    change(shop, "suspend", subscription, on=date(2026, 12, 20))
    change(shop, "reactivate", subscription, on=date(2027, 1, 5))

    assert charged(subscription, shop.northwind) == [
        ("new", 60, "1236.00"),  # 20.60 x 60
        ("addQuantity", 6, "90.64"),  # 20.60 x 6 x 22/30
        ("removeQuantity", -4, "-35.71"),  # 20.60 x -4 x 13/30
        ("addQuantity", 4, "35.71"),
        ("suspend", -66, "-1096.45"),  # 20.60 x -66 x 25/31
        ("reactivate", 66, "394.72"),  # 20.60 x 66 x 9/31
    ]


def test_cancelling_credits_the_rest_and_what_depends_on_it(shop: World) -> None:
    base = sell(shop, seats=66)
    add_on = sell(shop, seats=6, offer=shop.phone, base=base, on=date(2026, 11, 22))

    order = change(shop, "cancel", base, on=date(2026, 12, 1))

    # 8.00 x 6 x 22/30 to the end of the base's month; 8.00 x -6 x 13/30; 20.60 x -66 x 13/30
    assert charged(add_on, shop.northwind) == [
        ("new", 6, "35.20"),
        ("cancelImmediate", -6, "-20.80"),
    ]
    assert charged(base, shop.northwind)[-1] == ("cancelImmediate", -66, "-589.16")
    assert [line.seat_change.term.subscription_id for line in order.lines.order_by("id")] == [
        base.pk,
        add_on.pk,
    ]


def test_a_term_keeps_its_price_when_the_list_changes(shop: World) -> None:
    subscription = sell(shop, seats=60)
    make.price_list(date(2026, 11, 1), {shop.premium: ("18.00", "23.00")})

    change(shop, "seats", subscription, on=date(2026, 12, 1), seats=56)

    # still 20.60 x -4 x 13/30
    assert charged(subscription, shop.northwind)[-1] == ("removeQuantity", -4, "-35.71")


def test_a_quote_is_the_order_rolled_back(shop: World) -> None:
    subscription = sell(shop, seats=60)
    before = _everything()

    quote = quotes.quote(
        kind="seats",
        partner=shop.fabrikam,
        tenant=shop.northwind,
        subscription=subscription,
        seats=66,
        act=shop.act(),
    )

    assert _everything() == before
    [line] = quote_lines(quote, organisation=shop.northwind)
    assert (line.seats, line.unit_price, line.amount) == (6, Decimal("20.6000"), Decimal("90.64"))
    assert (line.days, line.divisor, line.per_month) == (22, 30, Decimal("1359.60"))
    assert line.words == (
        "6 seats × €20.60 × 22 of 30 days (22 Nov – 13 Dec 2026), price list 1 Mar 2026; "
        "seats 60 → 66 by Ada Keller on 22 Nov"
    )


def test_each_organisation_sees_its_own_legs(shop: World) -> None:
    order = place(shop, "new", on=FOUNDED, offer=shop.premium, seats=60)

    def legs(organisation: object) -> list[int]:
        return [line.leg for line in quote_lines(order.quote, organisation=organisation)]  # type: ignore[arg-type]

    assert legs(shop.fabrikam.tenant) == [1, 2]
    assert legs(shop.northwind) == [2]
    assert legs(shop.cirrus) == [1]
    assert legs(shop.tailspin.tenant) == []


def test_confirming_twice_makes_one_order(shop: World) -> None:
    quote = _quote_of_66(shop)

    first = orders.confirm(quote=quote, act=shop.act())
    second = orders.confirm(quote=quote, act=shop.act(shop.sam))

    assert first == second
    assert Order.objects.filter(quote=quote).count() == 1
    assert SeatChange.objects.filter(kind="seats").count() == 1


def test_a_quote_lasts_thirty_minutes(shop: World) -> None:
    quote = _quote_of_66(shop)
    act = shop.act()

    with pytest.raises(orders.QuoteExpired):
        orders.confirm(quote=quote, act=replace(act, at=act.at + timedelta(minutes=30)))

    late = replace(act, at=act.at + timedelta(minutes=29, seconds=59))
    assert orders.confirm(quote=quote, act=late).quote == quote


def test_confirmed_after_midnight_it_keeps_its_day_and_amount(shop: World) -> None:
    quote = _quote_of_66(shop)
    act = shop.act()

    order = orders.confirm(
        quote=quote,
        act=replace(act, at=act.at + timedelta(minutes=20), on=date(2026, 11, 23)),
    )

    fact = order.lines.get().seat_change
    assert fact.effective_on == date(2026, 11, 22)
    assert charged(order.subscription, shop.northwind)[-1] == ("addQuantity", 6, "90.64")


def test_a_quote_that_no_longer_holds_changes_nothing(shop: World) -> None:
    quote = _quote_of_66(shop)
    change(shop, "seats", quote.subscription, on=date(2026, 11, 22), seats=64)
    before = _everything()

    with pytest.raises(orders.QuoteStale):
        orders.confirm(quote=quote, act=shop.act())

    assert _everything() == before


def test_another_colleague_may_confirm(shop: World) -> None:
    quote = _quote_of_66(shop)

    order = orders.confirm(quote=quote, act=shop.act(shop.sam))

    assert order.placed_by == shop.sam


def test_what_would_be_refused_is_refused_in_the_quote(shop: World) -> None:
    subscription = sell(shop, seats=60)

    with pytest.raises(NothingChanges):
        change(shop, "seats", subscription, on=date(2026, 11, 22), seats=60)
    with pytest.raises(NoPrice):
        sell(shop, seats=5, segment="education")

    assert not Quote.objects.filter(kind="seats").exists()
    assert Subscription.objects.csp().count() == 1


def test_a_customer_without_a_relationship_cannot_be_sold_to(shop: World) -> None:
    with pytest.raises(SubscriptionRefused):
        sell(shop, tenant=shop.contoso)


def test_small_credits_never_exceed_what_the_period_was_charged(shop: World) -> None:
    make.price_list(date(2026, 4, 1), {shop.premium: ("0.0040", "0.0040")})
    day = date(2026, 4, 14)
    subscription = sell(shop, seats=1, on=day)  # 0.004 -> 0.00
    change(shop, "seats", subscription, on=day, seats=2)  # 0.004 -> 0.00

    change(shop, "cancel", subscription, on=day)  # 0.008 would round to 0.01

    assert charged(subscription, shop.northwind) == [
        ("new", 1, "0.00"),
        ("addQuantity", 1, "0.00"),
        ("cancelImmediate", -2, "0.00"),
    ]


def test_a_credit_counts_the_period_charge_that_is_not_written_yet(shop: World) -> None:
    subscription = sell(shop, seats=60)

    # 14 April starts a period; its charge is written when April is closed
    change(shop, "suspend", subscription, on=date(2026, 4, 14))

    # 20.60 x -60 x 30/30
    assert charged(subscription, shop.northwind)[-1] == ("suspend", -60, "-1236.00")


def test_taking_a_change_back_the_same_day_costs_exactly_nothing(shop: World) -> None:
    make.price_list(date(2026, 4, 1), {shop.premium: ("0.0040", "0.0040")})
    day = date(2026, 4, 14)
    subscription = sell(shop, seats=1, on=day)
    change(shop, "seats", subscription, on=day, seats=2)
    change(shop, "suspend", subscription, on=day)  # floored to 0.00

    change(shop, "reactivate", subscription, on=day)

    assert charged(subscription, shop.northwind)[-2:] == [
        ("suspend", -2, "0.00"),
        ("reactivate", 2, "0.00"),
    ]


def test_an_order_tells_both_organisations(shop: World) -> None:
    seen = Activity.objects.count()

    sell(shop, seats=60)

    told = Activity.objects.order_by("id")[seen:]
    assert {activity.tenant for activity in told} == {shop.fabrikam.tenant, shop.northwind}


def test_yen_are_whole(shop: World) -> None:
    shop.tailspin.tenant.currency, shop.tailspin.tenant.country = "JPY", "JP"
    shop.tailspin.tenant.save(update_fields=["currency", "country"])
    make.relationship(shop.tailspin, shop.contoso)
    make.price_list(date(2026, 3, 1), {shop.premium: ("2500", "3125")}, currency="JPY", market="JP")

    subscription = sell(
        shop, partner=shop.tailspin, tenant=shop.contoso, by=shop.nora, on=date(2026, 3, 14)
    )
    change(shop, "seats", subscription, partner=shop.tailspin, by=shop.nora, seats=61,
           on=date(2026, 3, 29))  # fmt: skip

    # 3125 x 1 x 16/31 = 1612.9
    assert charged(subscription, shop.contoso)[-1] == ("addQuantity", 1, "1613.00")


def _quote_of_66(shop: World) -> Quote:
    subscription = Subscription.objects.csp().first() or sell(shop, seats=60)
    return quotes.quote(
        kind="seats",
        partner=shop.fabrikam,
        tenant=shop.northwind,
        subscription=subscription,
        seats=66,
        act=shop.act(),
    )


def _everything() -> list[int]:
    tables = (Charge, LockedPrice, Order, SeatChange, Subscription, Term, Activity)
    return [table.objects.count() for table in tables]

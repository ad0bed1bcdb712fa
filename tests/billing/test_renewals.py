"""What becomes of a subscription on the day its term ends."""

from datetime import date

import pytest

from billing.models import LockedPrice
from billing.queries.invoices import lines_of
from billing.services import closing, renewals
from billing.services.renewals import renew_due
from subscriptions.models import SeatChange, Subscription
from subscriptions.services import lifecycle
from tests import make
from tests.world import World

from .selling import change, charged, list_prices, sell

END = date(2027, 3, 14)


@pytest.fixture
def shop(world: World) -> World:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return world


def renew(world: World, on: date) -> renewals.RenewalReport:
    return renew_due(act=world.act(on=on))


def now(subscription: Subscription) -> Subscription:
    return Subscription.objects.get(pk=subscription.pk)


def prices(subscription: Subscription) -> list[tuple[int, int, str, str]]:
    """Return (term, leg, unit price, source) of every locked price."""
    locked = LockedPrice.objects.filter(subscription=subscription)
    return [
        (each.term.number, each.leg, str(each.unit_price), each.price_source)
        for each in locked.select_related("term").order_by("term__number", "leg")
    ]


def test_the_next_term_has_the_price_in_force_on_its_first_day(shop: World) -> None:
    subscription = sell(shop, seats=60)
    make.price_list(date(2027, 3, 1), {shop.premium: ("18.00", "23.00")})

    report = renew(shop, END)

    assert (report.renewed, report.expired, report.cancelled, report.failures) == (1, 0, 0, [])
    assert prices(subscription) == [
        (1, 1, "16.4800", "price list 1 Mar 2026"),
        (1, 2, "20.6000", "price list 1 Mar 2026"),
        (2, 1, "18.0000", "price list 1 Mar 2027"),
        (2, 2, "23.0000", "price list 1 Mar 2027"),
    ]
    renewed = now(subscription)
    assert (renewed.starts_on, renewed.ends_on) == (END, date(2028, 3, 14))


def test_a_list_that_takes_effect_later_does_not_count(shop: World) -> None:
    subscription = sell(shop, seats=60)
    make.price_list(date(2027, 4, 1), {shop.premium: ("18.00", "23.00")})

    renew(shop, date(2027, 4, 2))  # three weeks late: the price of the day it should have been

    assert [price[2] for price in prices(subscription)[2:]] == ["16.4800", "20.6000"]


def test_nothing_happens_before_the_term_ends(shop: World) -> None:
    sell(shop, seats=60)

    report = renew(shop, date(2027, 3, 13))

    assert (report.renewed, report.expired, report.cancelled) == (0, 0, 0)


def test_running_it_again_renews_nothing_twice(shop: World) -> None:
    subscription = sell(shop, seats=60)

    renew(shop, END)
    report = renew(shop, END)

    assert report.renewed == 0
    assert subscription.terms.count() == 2


def test_an_add_on_ends_with_its_base_and_is_renewed_with_it(shop: World) -> None:
    base = sell(shop, seats=60)
    add_on = sell(shop, seats=6, offer=shop.phone, base=base, on=date(2026, 11, 22))

    renew(shop, END)

    term = add_on.terms.get(number=2)
    assert (term.anchor_on, term.starts_on, term.ends_on) == (END, END, date(2028, 3, 14))
    assert [(p[0], p[1]) for p in prices(add_on)] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_the_renewal_is_on_the_months_invoice(shop: World) -> None:
    subscription = sell(shop, seats=60)

    closing.close_due(act=shop.act(on=date(2027, 4, 1)))

    bill = shop.northwind.bought_invoices.get(month=date(2027, 3, 1))
    assert [(each.line.charge_type, str(each.line.amount)) for each in lines_of(bill)] == [
        ("renew", "1236.00"),  # 20.60 x 60
    ]
    assert lines_of(bill)[0].words == (
        "60 seats × €20.60 (14 Mar – 13 Apr 2027), price list 1 Mar 2026"
    )
    assert charged(subscription, shop.northwind)[-1] == ("renew", 60, "1236.00")


def test_with_automatic_renewal_off_it_expires(shop: World) -> None:
    subscription = sell(shop, seats=60)
    lifecycle.set_auto_renew(subscription=subscription, is_on=False, act=shop.act())

    report = renew(shop, END)

    assert (report.renewed, report.expired) == (0, 1)
    assert now(subscription).state == "expired"


def test_an_offer_that_is_no_longer_listed_expires(shop: World) -> None:
    subscription = sell(shop, seats=60)
    make.price_list(date(2027, 3, 1), {shop.phone: ("6.40", "8.00")})

    renew(shop, END)

    assert now(subscription).state == "expired"


def test_an_add_on_that_is_no_longer_listed_expires_and_its_base_goes_on(shop: World) -> None:
    base = sell(shop, seats=60)
    add_on = sell(shop, seats=6, offer=shop.phone, base=base)
    make.price_list(date(2027, 3, 1), {shop.premium: ("16.48", "20.60")})

    renew(shop, END)

    assert (now(base).state, now(add_on).state) == ("active", "expired")


def test_without_any_price_list_nobody_loses_the_service(shop: World) -> None:
    subscription = sell(shop, seats=60)
    shop.fabrikam.tenant.country = "AT"  # a market without a list
    shop.fabrikam.tenant.save(update_fields=["country"])

    report = renew(shop, END)

    assert [reason for _subscription, reason in report.failures] == [
        "NoPriceList: AT EUR on 2027-03-14"
    ]
    assert now(subscription).state == "active"


def test_one_failure_stops_nobody_else(shop: World) -> None:
    make.relationship(shop.tailspin, shop.contoso)
    fails = sell(shop, seats=60)
    goes_on = sell(shop, seats=5, partner=shop.tailspin, tenant=shop.contoso, by=shop.nora)
    shop.fabrikam.tenant.country = "AT"
    shop.fabrikam.tenant.save(update_fields=["country"])

    report = renew(shop, END)

    assert (report.renewed, len(report.failures)) == (1, 1)
    assert [each.terms.count() for each in (fails, goes_on)] == [1, 2]


def test_suspended_at_its_terms_end_it_is_cancelled(shop: World) -> None:
    subscription = sell(shop, seats=60)
    change(shop, "suspend", subscription, on=date(2027, 3, 1))

    report = renew(shop, END)

    assert (report.renewed, report.cancelled) == (0, 1)
    assert now(subscription).state == "cancelled"
    # 20.60 x -60 x 13/28 from 1 March; being cancelled costs and credits nothing more
    assert charged(subscription, shop.northwind)[-1] == ("suspend", -60, "-573.86")


@pytest.mark.parametrize(
    ("on", "state"), [("2026-09-11", "suspended"), ("2026-09-12", "cancelled")]
)
def test_after_ninety_days_of_suspension_it_is_cancelled(shop: World, on: str, state: str) -> None:
    subscription = sell(shop, seats=60)
    change(shop, "suspend", subscription, on=date(2026, 6, 14))

    renew(shop, date.fromisoformat(on))  # 14 June + 90 days = 12 September

    assert now(subscription).state == state


def test_a_base_cancelled_after_ninety_days_takes_its_add_ons_with_it(shop: World) -> None:
    base = sell(shop, seats=60)
    add_on = sell(shop, seats=6, offer=shop.phone, base=base)
    change(shop, "suspend", base, on=date(2026, 6, 14))

    report = renew(shop, date(2026, 9, 12))

    assert report.cancelled == 1
    assert (now(base).state, now(add_on).state) == ("cancelled", "cancelled")


def test_after_a_standstill_every_missed_term_is_renewed(shop: World) -> None:
    subscription = sell(shop, seats=60, duration="P1M")

    report = renew(shop, date(2026, 7, 1))

    # 14 April, May, June
    assert report.renewed == 3
    assert [term.starts_on.month for term in subscription.terms.order_by("number")] == [3, 4, 5, 6]
    assert SeatChange.objects.filter(kind="renewed").count() == 3

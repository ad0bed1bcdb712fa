"""A customer buys from the vendor and manages what it bought: the pages."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Order, Quote
from subscriptions.models import Subscription
from subscriptions.services.owners import owning_path
from tests import make
from tests.world import TODAY, World

from .selling import list_prices, sell
from .test_direct import buy


@pytest.fixture
def shop_world(world: World) -> World:
    list_prices(world)
    make.relationship(world.fabrikam, world.northwind)
    return world


@pytest.fixture
def carl(shop_world: World, sign_in: Any) -> Client:
    return sign_in(shop_world.carl)  # type: ignore[no-any-return]


def test_the_shop_shows_list_prices_and_no_cost(carl: Client) -> None:
    page = carl.get(reverse("billing:shop")).content.decode()

    assert "€20.60" in page
    assert "16.48" not in page


def test_from_the_shop_over_the_quote_to_the_subscription(carl: Client, shop_world: World) -> None:
    price = _price(shop_world)

    quoted = carl.post(reverse("billing:shop"), {"price": price, "seats": 10})
    quote = Quote.objects.get()
    page = carl.get(quoted["Location"]).content.decode()
    confirmed = carl.post(reverse("billing:confirm-quote", args=[quote.public_id]), follow=True)

    assert "Order 10 seats for €206.00" in page  # 20.60 x 10
    assert "You pay now" in page
    bought = Subscription.objects.get()
    assert (bought.channel, bought.seats, bought.tenant) == ("direct", 10, shop_world.northwind)
    assert "10 seats of Business Premium ordered: €206.00" in confirmed.content.decode()


def test_what_the_service_refuses_is_said_on_the_page(carl: Client, shop_world: World) -> None:
    shop_world.premium.seat_maximum = 300
    shop_world.premium.save()

    page = carl.post(reverse("billing:shop"), {"price": _price(shop_world), "seats": 301})

    assert "Choose between 1 and 300 seats." in page.content.decode()


def test_a_partner_and_a_billing_reader_do_not_buy_here(shop_world: World, sign_in: Any) -> None:
    for person in (shop_world.bea, shop_world.mia, shop_world.ada):
        assert sign_in(person).get(reverse("billing:shop")).status_code == 403


def test_nobody_sees_another_organisations_quote(shop_world: World, sign_in: Any) -> None:
    sign_in(shop_world.carl).post(
        reverse("billing:shop"), {"price": _price(shop_world), "seats": 10}
    )
    url = reverse("billing:quote", args=[Quote.objects.get().public_id])

    assert sign_in(shop_world.tom).get(url).status_code == 404
    assert sign_in(shop_world.ada).get(url).status_code == 404
    assert sign_in(shop_world.bea).get(url).status_code == 403


def test_the_customer_changes_seats_and_cancels(carl: Client, shop_world: World) -> None:
    subscription = buy(shop_world)

    quoted = carl.post(reverse("billing:own-seats", args=[subscription.public_id]), {"seats": 66})
    assert "Add 6 seats for €90.64" in carl.get(quoted["Location"]).content.decode()
    carl.post(reverse("billing:confirm-quote", args=[Quote.objects.latest("id").public_id]))
    carl.post(reverse("billing:own-cancel", args=[subscription.public_id]))
    carl.post(reverse("billing:confirm-quote", args=[Quote.objects.latest("id").public_id]))

    subscription.refresh_from_db()
    assert (subscription.seats, subscription.state) == (66, "cancelled")
    assert Order.objects.filter(partner=None).count() == 3


def test_the_customer_turns_renewal_off(carl: Client, shop_world: World) -> None:
    subscription = buy(shop_world)

    said = carl.post(
        reverse("billing:own-auto-renew", args=[subscription.public_id]),
        {"is_on": "no"},
        follow=True,
    )

    subscription.refresh_from_db()
    assert not subscription.auto_renew
    assert "Business Premium ends with its term." in said.content.decode()


def test_half_a_form_does_not_turn_renewal_off(carl: Client, shop_world: World) -> None:
    subscription = buy(shop_world)

    said = carl.post(
        reverse("billing:own-auto-renew", args=[subscription.public_id]), follow=True
    ).content.decode()

    subscription.refresh_from_db()
    assert subscription.auto_renew
    assert "Say whether automatic renewal shall be on or off; it stays as it is." in said


def test_an_imported_one_is_cancelled_without_a_charge(carl: Client, shop_world: World) -> None:
    imported = make.other_channel(shop_world.northwind, "direct", "Windows")
    url = reverse("billing:own-cancel", args=[imported.public_id])

    page = carl.get(url).content.decode()
    said = carl.post(url, {"reason": "gone"}, follow=True).content.decode()

    imported.refresh_from_db()
    assert "nothing is charged or credited" in page
    assert imported.state == "cancelled"
    assert "Windows is cancelled. Nothing is charged or credited here." in said


def test_why_the_seats_of_an_imported_one_cannot_be_changed(
    carl: Client, shop_world: World
) -> None:
    imported = make.other_channel(shop_world.northwind, "direct", "Windows")
    url = reverse("billing:own-seats", args=[imported.public_id])

    assert "its seats cannot be changed" in carl.get(url).content.decode()
    assert "its seats cannot be changed" in carl.post(url, {"seats": 3}).content.decode()


@pytest.mark.parametrize("page", ["own-seats", "own-cancel"])
def test_a_csp_subscription_says_whom_to_ask(carl: Client, shop_world: World, page: str) -> None:
    subscription = sell(shop_world, on=TODAY)
    url = reverse(f"billing:{page}", args=[subscription.public_id])

    assert "Ask Fabrikam Cloud to change it." in carl.get(url).content.decode()
    assert "Ask Fabrikam Cloud to change it." in carl.post(url, {"seats": 9}).content.decode()
    subscription.refresh_from_db()
    assert (subscription.seats, subscription.state) == (60, "active")


def test_from_25_assigned_licences_the_page_says_who_cancels_advisor(
    carl: Client, shop_world: World
) -> None:
    advised = make.other_channel(
        shop_world.northwind, "advisor", "Exchange", seats=40, partner_of_record=shop_world.tailspin
    )
    with owning_path(advised):
        Subscription.objects.filter(pk=advised.pk).update(assigned_seats=25)
    url = reverse("billing:own-cancel", args=[advised.public_id])

    assert "25 licences are assigned." in carl.get(url).content.decode()
    assert "25 licences are assigned." in carl.post(url).content.decode()


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("csp", "Ask Fabrikam Cloud; nothing of it can be changed here."),
        ("direct", "It was bought before this portal."),
        ("advisor", "with fewer than 25 licences assigned"),
        ("open", "redeem another key"),
        ("ea", "Your enterprise agreement governs it."),
    ],
)
def test_the_panel_says_what_the_customer_may_do(
    carl: Client, shop_world: World, channel: str, words: str
) -> None:
    shown = (
        sell(shop_world, on=TODAY)
        if channel == "csp"
        else make.other_channel(shop_world.northwind, channel, "Windows")
    )

    page = carl.get(reverse("home:my-subscriptions") + f"?panel={shown.public_id}")

    assert words in page.content.decode()


def test_the_vendors_bills_appear_among_the_customers_bills(
    carl: Client, shop_world: World
) -> None:
    from billing.services import closing  # noqa: PLC0415 -- for one test

    buy(shop_world)
    closing.close_month(month=date(2026, 3, 1), act=shop_world.act(on=date(2026, 4, 1)))

    page = carl.get(reverse("billing:invoices")).content.decode()

    assert "€1,236.00" in page
    assert "Cirrus" in page


def test_the_price_of_a_direct_subscription_is_the_customers_alone(
    carl: Client, shop_world: World, sign_in: Any
) -> None:
    subscription = buy(shop_world)
    query = f"?panel={subscription.public_id}"
    theirs = reverse("home:customer-subscriptions", args=[shop_world.northwind.public_id])

    assert "€20.60" in carl.get(reverse("home:my-subscriptions") + query).content.decode()
    assert "20.60" not in sign_in(shop_world.ada).get(theirs + query).content.decode()


def _price(world: World) -> int:
    listed = world.premium.prices.filter(duration="P1Y", plan="monthly", erp=Decimal("20.60"))
    return listed.get().pk  # type: ignore[no-any-return]

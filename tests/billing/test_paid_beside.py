"""A quote says before the click what would be paid twice, to partners without a price (R9)."""

from typing import Any

import pytest
from django.urls import reverse

from billing.services import quotes, recommendations
from billing.services.baskets import quote_items
from subscriptions.models import OfferEquivalence
from tests import make
from tests.world import World

from .selling import list_prices, sell


@pytest.fixture
def selling(world: World) -> World:
    list_prices(world)
    make.relationship(world.fabrikam, world.northwind)
    return world


def page_of_order(world: World, sign_in: Any) -> str:
    asked = quotes.quote(
        kind="new",
        partner=world.fabrikam,
        tenant=world.northwind,
        offer=world.premium,
        seats=10,
        act=world.act(world.sam),
    )
    page = sign_in(world.sam).get(reverse("billing:quote", args=[asked.public_id]))
    return str(page.content.decode())


def page_of_purchase(world: World, sign_in: Any) -> str:
    asked = quotes.quote(
        kind="new",
        tenant=world.northwind,
        offer=world.premium,
        seats=10,
        act=world.act(world.carl),
    )
    page = sign_in(world.carl).get(reverse("billing:quote", args=[asked.public_id]))
    return str(page.content.decode())


def test_the_same_offer_from_another_channel_by_its_title(selling: World, sign_in: Any) -> None:
    old = make.other_channel(selling.northwind, "direct", "business premium", seats=35)
    make.other_channel(selling.northwind, "direct", "Windows")

    page = page_of_order(selling, sign_in)

    assert "Northwind Traders holds business premium already" in page
    assert "35 seats. This does the same, and moves nothing" in page
    assert reverse("home:transition", args=[old.public_id]) in page
    assert "holds Windows" not in page


@pytest.mark.parametrize("by_title", [True, False])
def test_an_offer_that_operators_named_as_equivalent(
    selling: World, sign_in: Any, *, by_title: bool
) -> None:
    exchange = make.offer("Exchange Online Plan 1", "EX:1")
    old = {"title": exchange.title} if by_title else {"offer": exchange}
    OfferEquivalence.objects.create(replacement=selling.premium, **old)
    make.other_channel(selling.northwind, "advisor", "Exchange Online Plan 1")

    assert "holds Exchange Online Plan 1 already" in page_of_order(selling, sign_in)


def test_neither_what_ended_nor_a_trial_nor_another_customers(selling: World, sign_in: Any) -> None:
    make.other_channel(selling.northwind, "direct", "Business Premium", state="cancelled")
    make.other_channel(selling.northwind, "direct", "Business Premium", is_trial=True)
    make.other_channel(selling.contoso, "direct", "Business Premium")

    assert "already</" not in page_of_order(selling, sign_in)


def test_a_customer_reads_what_it_has_through_csp(selling: World, sign_in: Any) -> None:
    sold = sell(selling)

    page = page_of_purchase(selling, sign_in)

    assert "You have Business Premium through CSP" in page
    assert "60 seats from Fabrikam Cloud, which do the same" in page
    assert f"?panel={sold.public_id}" in page


def test_so_does_whoever_buys_what_was_recommended(selling: World, sign_in: Any) -> None:
    sell(selling)
    made, _token = recommendations.recommend(
        partner=selling.tailspin,
        items=[recommendations.Advice(offer=selling.premium, seats=2)] * 2,
        act=selling.act(selling.nora),
    )
    asked = quote_items(
        items=list(made.items.all()),
        tenant=selling.northwind,
        act=selling.act(selling.carl),
    )

    page = sign_in(selling.carl).get(
        reverse("billing:recommended-basket"), {"q": [str(each.public_id) for each in asked]}
    )

    assert page.content.decode().count("You have Business Premium through CSP") == 1


def test_and_what_does_as_much_through_csp(selling: World, sign_in: Any) -> None:
    sell(selling, offer=selling.premium)
    basic = make.offer("Business Basic", "BB:1")
    OfferEquivalence.objects.create(offer=basic, replacement=selling.premium)
    selling.premium.refresh_from_db()
    make.price_list(selling.act().on.replace(day=1), {basic: ("4.72", "5.60")})

    asked = quotes.quote(
        kind="new",
        tenant=selling.northwind,
        offer=basic,
        seats=3,
        act=selling.act(selling.carl),
    )
    page = sign_in(selling.carl).get(reverse("billing:quote", args=[asked.public_id]))

    assert "You have Business Premium through CSP" in page.content.decode()

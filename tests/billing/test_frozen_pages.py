"""While a transfer is to be decided, pages say so before anything is typed."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Quote
from billing.services import order_requests
from relationships.models import Transfer
from relationships.services import transfers
from subscriptions.models import Subscription
from subscriptions.services import trials
from tests import make
from tests.home.reading import main_words, panel_words
from tests.relationships.transferring import replacement, requested
from tests.two_tier import two_tier
from tests.world import TODAY, World

from .selling import list_prices, sell

FROZEN = "Frozen until a transfer is decided"
WHO_DECIDES = "Fabrikam Cloud decides; from 6 Dec 2026 an operator of the programme can."


@pytest.fixture
def served(world: World) -> World:
    list_prices(world)
    make.relationship(world.fabrikam, world.northwind)
    make.customer_agreement(world.fabrikam, world.northwind)
    return world


@pytest.fixture
def sold(served: World) -> Subscription:
    return sell(served, on=TODAY)


@pytest.fixture
def transfer(served: World, sold: Subscription) -> Transfer:
    return requested(served)  # on 22 November 2026


@pytest.fixture
def ada(transfer: Transfer, served: World, sign_in: Any) -> Client:
    return sign_in(served.ada)  # type: ignore[no-any-return]


def paths(world: World, sold: Subscription) -> dict[str, str]:
    premium = world.premium.prices.get(duration="P1Y", plan="monthly")
    own = [sold.public_id]
    order = reverse("billing:order", args=[world.northwind.public_id])
    return {
        "order": f"{order}?price={premium.pk}",
        "seats": reverse("billing:change-seats", args=own),
        "cancel": reverse("billing:cancel", args=own),
        "suspend": reverse("billing:suspend", args=own),
        "next term": reverse("billing:scheduled-change", args=own),
    }


@pytest.mark.parametrize("page", ["order", "seats", "cancel", "next term"])
def test_the_page_says_so_and_offers_no_form(
    ada: Client, served: World, sold: Subscription, transfer: Transfer, page: str
) -> None:
    answer = ada.get(paths(served, sold)[page])

    words = main_words(answer)
    assert FROZEN in words
    assert "Northwind Traders asked on 22 Nov 2026 to move to Tailspin Partners." in words
    assert WHO_DECIDES in words
    assert f'href="{reverse("relationships:transfer", args=[transfer.public_id])}"' in answer.text
    for form in ("order", "seats", "change", "wish"):
        assert f'id="{form}"' not in answer.text


def test_suspending_goes_on_and_says_so(ada: Client, served: World, sold: Subscription) -> None:
    words = main_words(ada.get(paths(served, sold)["suspend"]))

    assert "Suspending and reactivating go on." in words
    assert "Show the credit" in words


def test_the_panel_says_so_and_offers_no_seats_and_no_end(
    ada: Client, served: World, sold: Subscription
) -> None:
    page = reverse("home:customer-subscriptions", args=[served.northwind.public_id])
    answer = ada.get(f"{page}?panel={sold.public_id}")

    words = panel_words(answer)
    assert FROZEN in words
    assert WHO_DECIDES in words
    assert "Suspend" in words
    assert "Show the price" not in words
    assert "Cancel the subscription" not in words


def test_who_sends_the_form_anyway_reads_the_refusal(
    ada: Client, served: World, sold: Subscription
) -> None:
    page = ada.post(paths(served, sold)["seats"], {"seats": 70})

    assert FROZEN in main_words(page)
    assert not Quote.objects.filter(kind="seats").exists()


@pytest.mark.parametrize("decision", ["approve", "decline", "withdraw"])
def test_once_decided_the_pages_are_as_before(
    ada: Client, served: World, sold: Subscription, transfer: Transfer, decision: str
) -> None:
    act = served.act(served.ada)
    if decision == "approve":
        transfers.approve(transfer=transfer, act=act)
    elif decision == "decline":
        transfers.decline(transfer=transfer, reason="We are in dispute", act=act)
    else:
        transfers.withdraw(transfer=transfer, act=served.act(served.carl))

    says_when = "It moves to Tailspin Partners on 27 Nov 2026"
    for path in paths(served, sold).values():
        page = main_words(ada.get(path))
        assert FROZEN not in page
        assert (says_when in page) == (decision == "approve")
        assert ("approved on 22 Nov 2026 by the current partner" in page) == (decision == "approve")


def test_another_partners_sales_are_not_frozen(
    served: World, sold: Subscription, sign_in: Any
) -> None:
    requested(served)
    make.relationship(served.fabrikam, served.contoso)
    make.customer_agreement(served.fabrikam, served.contoso)
    other = sell(served, tenant=served.contoso, on=TODAY)

    page = sign_in(served.ada).get(reverse("billing:change-seats", args=[other.public_id]))

    assert FROZEN not in page.text


def test_what_the_customer_bought_itself_is_not_frozen(
    served: World, transfer: Transfer, sign_in: Any
) -> None:
    from .test_direct import buy  # noqa: PLC0415 -- for one test

    own = buy(served, on=TODAY)
    page = sign_in(served.carl).get(reverse("billing:own-seats", args=[own.public_id]))

    assert FROZEN not in page.text
    assert "Show the price" in page.text


def test_a_trial_is_not_converted_meanwhile_and_the_page_says_so(
    served: World, sold: Subscription, sign_in: Any
) -> None:
    offer = make.offer("Suite trial", "TRY:1", is_trial=True)
    trial = trials.start_trial(tenant=served.northwind, offer=offer, act=served.act(served.carl))
    requested(served)
    own = [served.northwind.public_id, trial.public_id]

    page = sign_in(served.ada).get(reverse("billing:convert-trial", args=own))

    assert FROZEN in main_words(page)
    assert "Propose it to the customer" not in main_words(page)


def test_a_reseller_and_its_provider_read_it_in_the_request(world: World, sign_in: Any) -> None:
    tier = two_tier(world)
    list_prices(world)
    price = world.premium.prices.get(duration="P1Y", plan="monthly")
    asked = order_requests.ask_for_offer(
        relationship=tier.relationship, price=price, seats=5, act=world.act(tier.lena)
    )
    transfers.request_transfer(
        invitation=replacement(world),
        relationship=tier.relationship,
        takes_effect_on=TODAY + timedelta(days=5),
        act=world.act(tier.rita),
    )
    request = reverse("billing:order-request", args=[asked.public_id])
    new = reverse("billing:new-order-request", args=[tier.relecloud.public_id])

    to_provider = main_words(sign_in(tier.wes).get(request))
    to_reseller = main_words(sign_in(tier.lena).get(f"{new}?price={price.pk}"))

    assert FROZEN in to_provider
    assert "Approve: show the price" not in to_provider
    assert FROZEN in to_reseller
    assert "Wingtip Distribution decides" in to_reseller

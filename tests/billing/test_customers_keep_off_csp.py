"""R10 by page: whatever a customer sends about a CSP subscription, nothing of it changes."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Charge, Order
from subscriptions.models import SeatChange, Subscription
from tests import make
from tests.world import TODAY, World

from .selling import list_prices, sell

ASK = "Ask Fabrikam Cloud to change it."


@pytest.fixture
def premium(world: World) -> Subscription:
    list_prices(world)
    make.relationship(world.fabrikam, world.northwind)
    return sell(world, on=TODAY)


@pytest.fixture
def carl(world: World, premium: Subscription, sign_in: Any) -> Client:
    return sign_in(world.carl)  # type: ignore[no-any-return]


def rows() -> tuple[list[dict[str, Any]], int, int, int]:
    return (
        list(Subscription.objects.order_by("pk").values()),
        SeatChange.objects.count(),
        Charge.objects.count(),
        Order.objects.count(),
    )


@pytest.mark.parametrize(
    ("page", "typed", "words"),
    [
        ("billing:own-seats", {"seats": 70}, ASK),
        ("billing:own-cancel", {"reason": "x"}, ASK),
        ("billing:own-auto-renew", {"is_on": "no"}, ASK),
        ("subscriptions:ask-support", {"note": "x"}, ASK),
    ],
)
def test_its_own_pages_say_whom_to_ask(
    carl: Client, premium: Subscription, page: str, typed: dict[str, Any], words: str
) -> None:
    before = rows()

    answer = carl.post(reverse(page, args=[premium.public_id]), typed, follow=True)

    assert words in answer.text
    assert rows() == before


@pytest.mark.parametrize(
    "page",
    [
        "billing:change-seats",
        "billing:suspend",
        "billing:reactivate",
        "billing:cancel",
        "billing:scheduled-change",
        "billing:undo-scheduled-change",
        "subscriptions:auto-renew",
    ],
)
def test_the_partners_pages_are_closed_to_it(
    carl: Client, premium: Subscription, page: str
) -> None:
    before = rows()

    answer = carl.post(
        reverse(page, args=[premium.public_id]), {"seats": 70, "renew": "off", "reason": "x"}
    )

    assert answer.status_code in {403, 404}
    assert rows() == before


def test_it_adds_nothing_to_it(carl: Client, world: World, premium: Subscription) -> None:
    before = rows()
    price = world.phone.prices.get(duration="P1Y", plan="monthly")

    answer = carl.post(
        reverse("billing:shop"), {"price": price.pk, "base": premium.public_id, "seats": 1}
    )

    assert "Choose an active subscription that takes this add-on." in answer.text
    assert rows() == before

"""A reseller's request is ordered once, however many at the provider approve it at once."""

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from billing.models import Order, OrderRequest, Price
from billing.services import order_requests, orders
from subscriptions.models import Subscription
from tests import make
from tests.races import THREADS, in_threads, money
from tests.two_tier import two_tier
from tests.world import build_world

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 4


def approve_eight_times() -> Counter[str]:
    """Quote each request in every thread, and confirm the eight quotes at once."""
    tier = two_tier(build_world())
    make.price_list(date(2026, 11, 1), {tier.world.premium: ("16.00", "20.00")})
    price = Price.objects.get(duration="P1Y", plan="monthly")
    by_provider = tier.world.act(tier.wes)
    asked = [
        order_requests.ask_for_offer(
            relationship=tier.relationship,
            price=price,
            seats=10,
            note=f"desk {number}",  # the same twice would be one request
            act=tier.world.act(tier.lena),
        )
        for number in range(ROUNDS)
    ]
    quotes = [
        [order_requests.approve(request=request, act=by_provider) for request in asked]
        for _ in range(THREADS)
    ]
    return in_threads(
        ROUNDS, lambda thread, n: orders.confirm(quote=quotes[thread][n], act=by_provider)
    )


def test_eight_quotes_of_one_request_make_one_order() -> None:
    outcomes = approve_eight_times()

    assert outcomes == {"done": ROUNDS, "RequestNotOpen": ROUNDS * (THREADS - 1)}
    assert Order.objects.count() == Subscription.objects.count() == ROUNDS
    assert OrderRequest.objects.filter(state="ordered").count() == ROUNDS
    # 10 seats: 16.00 to the provider, 18.00 (ERP less 10 %) to the reseller, 20.00
    assert money() == {1: (4, "640.00"), 2: (4, "720.00"), 3: (4, "800.00")}


def test_without_locks_and_guard_it_is_ordered_and_charged_twice(
    unguarded: Callable[..., None],
) -> None:
    unguarded("billing_keep_requests")

    approve_eight_times()

    assert Order.objects.count() > ROUNDS
    assert money()[1][0] > ROUNDS

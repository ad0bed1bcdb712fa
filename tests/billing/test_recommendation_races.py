"""What a partner recommended is bought once, in however many threads at once."""

from collections import Counter
from collections.abc import Callable

import pytest

from billing.models import RecommendedItem
from billing.services import baskets, quotes, recommended
from subscriptions.models import Subscription
from tests.races import THREADS, in_threads, money
from tests.world import build_world

from .selling import list_prices
from .test_recommendations import recommend

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def buy_eight_times(items: int) -> Counter[str]:
    """Price each item in every thread, and confirm the eight quotes at once."""
    world = build_world()
    list_prices(world)
    made = [recommend(world)[0] for _ in range(items)]
    act = world.act(world.carl)
    priced = [
        [
            baskets.quote_items(items=list(each.items.all()), tenant=world.northwind, act=act)
            for each in made
        ]
        for _ in range(THREADS)
    ]
    return in_threads(
        items, lambda thread, n: baskets.confirm_all(quotes=priced[thread][n], act=act)
    )


def test_one_item_bought_eight_times_at_once_is_bought_once() -> None:
    outcomes = buy_eight_times(5)

    assert outcomes == {"done": 5, "RecommendationNotOpen": 35}
    assert Subscription.objects.count() == 5
    assert money() == {1: (5, "1030.00")}  # 5 x 10 x 20.60


def look_then_mark(*, item: RecommendedItem, subscription: Subscription, act: object) -> None:
    """Do what `mark_bought` does in two steps: look, and write whatever was seen."""
    if RecommendedItem.objects.get(pk=item.pk).subscription_id is not None:
        raise recommended.RecommendationNotOpen("bought")
    RecommendedItem.objects.filter(pk=item.pk).update(subscription=subscription)


def test_without_the_locks_and_the_condition_it_is_bought_and_charged_more_than_once(
    unguarded: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quotes, "mark_bought", look_then_mark)
    unguarded("billing_recommended_items_keep")

    buy_eight_times(3)

    assert Subscription.objects.count() > 3
    assert money()[1][0] > 3

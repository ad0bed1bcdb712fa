"""Order history, and the history of one subscription."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from subscriptions.models import Subscription
from tests import make
from tests.conftest import Browser
from tests.world import TODAY, World

from .selling import change, list_prices, sell

SignIn = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _second_factor_is_tested_elsewhere(settings: Any) -> None:
    settings.MFA_REQUIRED = False


@pytest.fixture
def premium(world: World) -> Subscription:
    """60 seats of Business Premium from 14 Mar, with 20 phones; 66 seats from 22 Nov."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    base = sell(world)
    sell(world, seats=20, offer=world.phone, base=base)
    change(world, "seats", base, on=TODAY, seats=66, reason="six new people")
    return base


def orders_page(world: World) -> str:
    return reverse("billing:customer-orders", args=[world.northwind.public_id])


def rows_of(answer: Any) -> list[Any]:
    return list(answer.context["page"].object_list)


def test_every_order_says_when_who_what_and_its_charge(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    rows = rows_of(sign_in(world.sam).get(orders_page(world)))

    assert [
        (row.at.date(), row.by, row.title, row.what, str(row.money.charged), str(row.money.cost))
        for row in rows
    ] == [
        # 20.60 and 16.48 x 6 x 22/30; 20 x 8.00 and 6.40; 60 x 20.60 and 16.48
        (TODAY, "Ada Keller", "Business Premium", "60 → 66 seats", "90.64", "72.51"),
        (
            date(2026, 3, 14),
            "Ada Keller",
            "Teams Phone Standard",
            "20 seats",
            "160.00",
            "128.00",
        ),
        (date(2026, 3, 14), "Ada Keller", "Business Premium", "60 seats", "1236.00", "988.80"),
    ]


def test_an_order_that_took_add_ons_along_counts_their_charges(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    change(world, "suspend", premium, on=TODAY)

    row = rows_of(sign_in(world.ada).get(orders_page(world), {"kind": "suspend"}))[0]

    # 66 x 20.60 x 22/30 = 997.04 and 20 x 8.00 x 22/30 = 117.33
    assert (row.what, row.add_ons, str(row.money.charged)) == ("66 seats", 1, "-1114.37")


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"q": "phone"}, ["Teams Phone Standard"]),
        ({"q": "six new"}, ["Business Premium"]),
        ({"kind": "seats"}, ["Business Premium"]),
        ({"kind": "nonsense", "q": "premium keller"}, ["Business Premium"] * 2),
        ({"q": "nothing like it"}, []),
    ],
)
def test_orders_are_found_by_offer_person_note_and_kind(
    world: World,
    premium: Subscription,
    sign_in: SignIn,
    query: dict[str, str],
    titles: list[str],
) -> None:
    rows = rows_of(sign_in(world.ada).get(orders_page(world), query))

    assert [row.title for row in rows] == titles


def test_a_subscription_has_its_whole_history_with_reasons(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    query = {"subscription": str(premium.public_id)}

    rows = rows_of(sign_in(world.ada).get(orders_page(world), query))

    assert [(str(row.label), row.what, row.reason, str(row.money.charged)) for row in rows] == [
        ("Seats changed", "60 → 66 seats", "six new people", "90.64"),
        ("Ordered", "60 seats", "", "1236.00"),
    ]


def test_the_history_of_another_subscription_is_not_found(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    browser = sign_in(world.ada)
    direct = make.other_channel(world.northwind, "direct", "Office Suite E3")

    answers = [
        browser.get(orders_page(world), {"subscription": asked}).status_code
        for asked in (str(direct.public_id), "00000000-0000-4000-8000-000000000000", "x")
    ]

    assert answers == [404] * 3


@pytest.mark.parametrize(("who", "status"), [("helen", 403), ("carl", 403), ("nora", 404)])
def test_orders_are_for_those_who_sell(
    world: World, premium: Subscription, sign_in: SignIn, who: str, status: int
) -> None:
    assert sign_in(getattr(world, who)).get(orders_page(world)).status_code == status


def test_three_orders_take_as_many_queries_as_one(
    world: World, premium: Subscription, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    browser = sign_in(world.ada)
    browser.get(orders_page(world))  # the first page of a session also writes it

    def queries(**query: str) -> int:
        with django_assert_max_num_queries(20) as asked:
            browser.get(orders_page(world), query)
        return len(asked)

    assert queries(q="phone") == queries()
    history = {"subscription": str(premium.public_id)}
    few = queries(**history)
    change(world, "seats", premium, on=TODAY, seats=70)
    assert queries(**history) == few

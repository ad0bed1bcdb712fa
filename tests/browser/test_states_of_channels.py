"""States of the channels that the demo does not show: paid twice, support asked, converted."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from playwright.sync_api import Page

from billing.services import quotes
from subscriptions.services import cancellation_requests
from tenants.models import User
from tests import make
from tests.billing.selling import list_prices, sell
from tests.billing.test_conversions import accept, propose, trial_of
from tests.billing.test_support import advised
from tests.world import World, build_world

from .test_states_of_selling_and_users import look, sizes_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def world(transactional_db: None) -> World:
    world = build_world()
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return world


def quote_page(world: World, by: User, **asked: Any) -> str:
    made = quotes.quote(
        kind="new",
        tenant=world.northwind,
        offer=world.premium,
        seats=5,
        act=world.act(by),
        **asked,
    )
    return reverse("billing:quote", args=[made.public_id])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_paid_twice_and_what_ends(
    world: World, visit: Callable[..., Page], scheme: str
) -> None:
    direct = make.other_channel(world.northwind, "direct", "Business Premium", seats=35)
    sold = sell(world, seats=20)
    asked = advised(world, 25)
    request = cancellation_requests.ask(subscription=asked, act=world.act(world.carl))
    done = accept(world, propose(world, trial_of(world)))
    theirs = reverse("home:customer-subscriptions", args=[world.northwind.public_id])
    mine = reverse("home:my-subscriptions")
    partners = {
        "quote-paid-twice": quote_page(world, world.ada, partner=world.fabrikam),
        "panel-paid-twice": f"{theirs}?panel={sold.public_id}",
        "conversion-done": reverse("billing:conversion", args=[done.public_id]),
    }
    own = {
        "own-quote-paid-twice": quote_page(world, world.carl),
        "own-panel-paid-twice": f"{mine}?panel={direct.public_id}",
        "own-panel-support-asked": f"{mine}?panel={asked.public_id}",
        "transition-support-asked": reverse("home:transition", args=[asked.public_id]),
    }
    olga = User.objects.create_superuser("olga@vendor.example", make.PASSWORD)
    EmailAddress.objects.create(user=olga, email=olga.email, verified=True, primary=True)
    admin = "admin:subscriptions_cancellationrequest_change"
    problems: list[str] = []
    for size in sizes_for(scheme):
        problems += look(visit, "ada@fabrikam", partners, scheme, size)
        problems += look(visit, "carl@northwind", own, scheme, size)
        if size == "wide":
            answer = {"admin-cancellation-request": reverse(admin, args=[request.pk])}
            problems += look(visit, "olga@vendor", answer, scheme, size)
    assert problems == []

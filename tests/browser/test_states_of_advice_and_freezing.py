"""A recommendation from its link to its end, and pages while a transfer is to be decided."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from billing.models import Recommendation
from billing.services import recommendations
from relationships.services import suspensions
from tests import make
from tests.billing.selling import list_prices, sell
from tests.billing.test_recommendations import recommend
from tests.relationships.transferring import requested
from tests.world import TODAY, World, build_world

from .test_every_page import SIZES, examine, sizes_for
from .test_states_of_selling_and_users import look

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def world(transactional_db: None) -> World:
    world = build_world()
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return world


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_recommendation_in_every_state(
    world: World, visit: Callable[..., Page], scheme: str
) -> None:
    act = world.act(world.nora)
    withdrawn, _ = recommend(world, 5)
    recommendations.withdraw(recommendation=withdrawn, act=act)
    made, token = recommend(world, 10, 25)
    problems: list[str] = []
    for size in sizes_for(scheme):
        variant = f"{scheme}-{size}"
        options = {
            "color_scheme": scheme,
            "viewport": SIZES[size],
            "has_touch": size == "narrow",
            "bypass_csp": False,
        }
        new = visit(**options)
        new.goto(f"/r/{token}/")
        problems += examine(new, "advice-anonymous", variant)
        new.get_by_role("link", name="Create an account").click()
        new.fill("input[name=email]", "new@northwind.example")
        problems += examine(new, "advice-sign-up", variant)
        carl = visit(world.carl.email, password=make.PASSWORD, **options)
        carl.goto(f"/r/{token}/")
        expect(carl.get_by_text("Choose what to buy")).to_be_visible()
        problems += examine(carl, "advice-offer", variant)
        mia = visit(world.mia.email, password=make.PASSWORD, **options)
        mia.goto(f"/r/{token}/")
        problems += examine(mia, "advice-not-admin", variant)
        nora = visit(world.nora.email, password=make.PASSWORD, **options)
        nora.goto(reverse("billing:recommendations"))
        problems += examine(nora, "advice-list", variant)
        nora.goto(reverse("billing:recommendation", args=[made.public_id]))
        problems += examine(nora, "advice-detail", variant)
        nora.get_by_role("button", name="Copy a new link").click()
        expect(nora.get_by_text("Links made earlier no longer work.")).to_be_visible()
        problems += examine(nora, "advice-new-link", variant)
        token = nora.locator("#advice-link").input_value().rstrip("/").rpartition("/")[2]
    suspensions.suspend_partner(partner=world.tailspin, reason="overdue", starts_on=TODAY, act=act)
    nora.goto(reverse("billing:recommend"))
    problems += examine(nora, "advice-suspended", variant)
    carl.goto(f"/r/{token}/")
    problems += examine(carl, "advice-on-hold", variant)
    assert problems == []
    assert Recommendation.objects.get(pk=made.pk).opened_by_tenant == world.northwind


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_a_transfer_freezes(world: World, visit: Callable[..., Page], scheme: str) -> None:
    make.customer_agreement(world.fabrikam, world.northwind)
    premium = sell(world, seats=60)
    requested(world)
    own, customer = [premium.public_id], [world.northwind.public_id]
    price = world.premium.prices.get(duration="P1Y", plan="monthly")
    pages = {
        "frozen-order": f"{reverse('billing:order', args=customer)}?price={price.pk}",
        "frozen-seats": reverse("billing:change-seats", args=own),
        "frozen-cancel": reverse("billing:cancel", args=own),
        "frozen-suspend": reverse("billing:suspend", args=own),
        "frozen-next-term": reverse("billing:scheduled-change", args=own),
        "frozen-panel": reverse("home:customer-subscriptions", args=customer)
        + f"?panel={premium.public_id}",
    }
    problems: list[str] = []
    for size in sizes_for(scheme):
        problems += look(visit, "ada@fabrikam", pages, scheme, size)
    assert problems == []

"""The provider changes a customer's reseller of record: the same move, logged."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from billing.services.resellers import SameReseller, change_reseller
from relationships.services.errors import NotLinked
from subscriptions.models import Subscription
from tenants.models import Activity, Tenant, User
from tests import make
from tests.conftest import Browser
from tests.two_tier import TwoTier, link, two_tier
from tests.world import World

from .selling import charged, list_prices, place

MOVED = date(2026, 11, 22)
SignIn = Callable[[User], Browser]


@pytest.fixture
def tiers(world: World) -> TwoTier:
    """Wingtip serves Relecloud through Litware; Fabrikam is linked with Wingtip as well."""
    made = two_tier(world)
    list_prices(world)
    link(world, made.wingtip, world.fabrikam, by=made.gwen, accepted_by=world.gita, discount="8")
    place(
        world,
        "new",
        on=date(2026, 3, 14),
        by=made.wes,
        partner=made.wingtip,
        tenant=made.relecloud,
        offer=world.premium,
        seats=60,
    )
    return made


def test_what_runs_goes_over_to_the_new_reseller(world: World, tiers: TwoTier) -> None:
    old = Subscription.objects.get()

    (moved,) = change_reseller(
        relationship=tiers.relationship, reseller=world.fabrikam, act=world.act(tiers.wes)
    )

    old.refresh_from_db()
    tiers.relationship.refresh_from_db()
    assert tiers.relationship.reseller == world.fabrikam
    assert (old.state, old.reseller) == ("moved", tiers.litware)
    assert (moved.new.partner, moved.new.reseller) == (tiers.wingtip, world.fabrikam)
    assert (moved.new.seats, moved.new.ends_on) == (60, date(2027, 3, 14))
    logged = Activity.objects.filter(action="relationship.reseller_changed")
    assert sorted(logged.values_list("tenant__name", flat=True)) == [
        "Fabrikam Cloud",
        "Litware Consulting",
        "Relecloud",
        "Wingtip Distribution",
    ]


def test_all_three_legs_are_split_at_the_day(world: World, tiers: TwoTier) -> None:
    old = Subscription.objects.get()

    (moved,) = change_reseller(
        relationship=tiers.relationship, reseller=world.fabrikam, act=world.act(tiers.wes)
    )

    # 22 of the 30 days of 14 Nov to 14 Dec are left; cost 16.48, ERP 20.60
    provider, customer = tiers.wingtip.tenant, tiers.relecloud
    assert charged(old, provider)[-1] == ("transfer", -60, "-725.12")
    assert charged(moved.new, provider) == [("transfer", 60, "725.12")]
    # ERP less 10 % is 18.54, less 8 % it is 18.952; each by 60 x 22/30
    assert charged(old, tiers.litware.tenant)[-1] == ("transfer", -60, "-815.76")
    assert charged(moved.new, world.fabrikam.tenant) == [("transfer", 60, "833.89")]
    assert charged(old, customer)[-1] == ("transfer", -60, "-906.40")
    assert charged(moved.new, customer) == [("transfer", 60, "906.40")]


def test_not_to_the_same_and_not_to_one_without_a_link(world: World, tiers: TwoTier) -> None:
    with pytest.raises(SameReseller, match="already"):
        change_reseller(
            relationship=tiers.relationship, reseller=tiers.litware, act=world.act(tiers.wes)
        )
    with pytest.raises(NotLinked):
        change_reseller(
            relationship=tiers.relationship, reseller=world.tailspin, act=world.act(tiers.wes)
        )


def test_it_is_the_providers_act(world: World, tiers: TwoTier, sign_in: SignIn) -> None:
    url = reverse("billing:change-reseller", args=[tiers.relecloud.public_id])
    key = str(world.fabrikam.provider_links.get().public_id)

    assert sign_in(tiers.lena).post(url, {"chain": key}).status_code == 403
    same = sign_in(tiers.wes).post(url, {"chain": str(tiers.link.public_id)}).content.decode()
    page = sign_in(tiers.wes).post(url, {"chain": key}, follow=True).content.decode()

    assert "It is the reseller of record already; nothing would change." in same
    assert "From today Fabrikam Cloud bills and supports Relecloud." in page


def test_the_page_says_what_moves_and_chooses_nothing_by_itself(
    world: World, tiers: TwoTier, sign_in: SignIn
) -> None:
    url = reverse("billing:change-reseller", args=[tiers.relecloud.public_id])
    browser = sign_in(tiers.wes)

    page = browser.get(url).content.decode()
    nothing = browser.post(url, {}).content.decode()

    assert "Litware Consulting bills and supports it today" in page
    assert "Litware Consulting, at ERP less 10\N{NO-BREAK SPACE}% (as today)" in page
    assert "Fabrikam Cloud, at ERP less 8\N{NO-BREAK SPACE}%" in page
    assert "1 CSP subscription moves: Business Premium (60)." in page
    assert "checked" not in page
    assert "Choose who bills and supports from today." in nothing
    tiers.relationship.refresh_from_db()
    assert tiers.relationship.reseller == tiers.litware


def test_the_provider_itself_can_take_over(world: World, tiers: TwoTier, sign_in: SignIn) -> None:
    url = reverse("billing:change-reseller", args=[tiers.relecloud.public_id])
    relationship = reverse("relationships:customer-relationship", args=[tiers.relecloud.public_id])
    browser = sign_in(tiers.wes)

    page = browser.post(url, {"chain": "none"}, follow=True).content.decode()

    assert "From today Wingtip Distribution bills and supports Relecloud." in page
    assert url in browser.get(relationship).content.decode()  # and back again


def test_what_the_list_does_not_have_is_said_on_the_page(
    world: World, tiers: TwoTier, sign_in: SignIn
) -> None:
    Tenant.objects.filter(pk=tiers.wingtip.tenant.pk).update(country="AT")  # no list there
    url = reverse("billing:change-reseller", args=[tiers.relecloud.public_id])

    page = sign_in(tiers.wes).post(url, {"chain": "none"})

    assert page.status_code == 200
    assert "The price list does not have everything that moves." in page.content.decode()


def test_customer_and_resellers_get_a_letter(
    world: World, tiers: TwoTier, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        change_reseller(
            relationship=tiers.relationship, reseller=world.fabrikam, act=world.act(tiers.wes)
        )

    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "ada@fabrikam.example",
        "lena@litware-consulting.example",
        "rita@relecloud.example",
    ]
    assert mail.outbox[0].subject == (
        "Fabrikam Cloud bills and supports Relecloud from 22 November 2026"
    )


def test_a_transfer_under_way_comes_first(world: World, tiers: TwoTier, sign_in: SignIn) -> None:
    make.relationship(world.tailspin, world.contoso)  # nothing to do with it
    url = reverse("billing:change-reseller", args=[world.contoso.public_id])

    assert sign_in(tiers.wes).get(url).status_code == 404

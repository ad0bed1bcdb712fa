"""What a notice says is what the renewal does: with wishes, other lists, and bases that change."""

from datetime import date
from decimal import Decimal

import pytest
from django.core import mail

from billing.models import PriceList
from billing.services import next_terms
from billing.services.renewals import renew_due
from billing.services.term_notices import notify_due
from subscriptions.models import Offer, Subscription, SubscriptionNotice
from tenants.acts import Act
from tests import make
from tests.world import World

from .selling import list_prices, sell

END = date(2027, 3, 14)
NOTICED = date(2027, 1, 13)  # 60 days before


@pytest.fixture
def shop(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Fabrikam serves Northwind; Business Standard is on the list as well; mails leave at once."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    standard = make.offer("Business Standard", "CFQ7TTC0LDPB:0001")
    make.price_list(
        date(2026, 4, 1),
        {
            world.premium: ("16.48", "20.60"),
            world.phone: ("6.40", "8.00"),
            standard: ("9.83", "11.70"),
        },
    )
    monkeypatch.setattr(
        "billing.services.term_notices.transaction.on_commit", lambda do, **_options: do()
    )
    return world


def standard() -> Offer:
    return Offer.objects.get(title="Business Standard")


def withdraw(offer: Offer) -> None:
    Offer.objects.filter(pk=offer.pk).update(state=Offer.OfferState.WITHDRAWN)


def list_by_the_month_only(world: World) -> None:
    """Put Premium on a list of January 2027 for a year, billed monthly, and nothing else."""
    january = PriceList.objects.create(
        market="DE",
        currency="EUR",
        effective_on=date(2027, 1, 1),
        visible_from=world.act(on=date(2026, 12, 2)).at,
        created_at=world.act().at,
    )
    january.prices.create(
        offer=world.premium,
        segment="commercial",
        duration="P1Y",
        plan="monthly",
        unit_price=Decimal("17.00"),
        erp=Decimal("21.00"),
    )
    january.scheduled_at = world.act().at
    january.save(update_fields=["scheduled_at"])


def told(world: World) -> dict[str, str]:
    """Return what each is told to become, then let the day come and compare."""
    notify_due(act=Act.of_the_portal(at=world.act(on=NOTICED).at, on=NOTICED))
    kinds = dict(SubscriptionNotice.objects.values_list("subscription__title", "kind"))
    ids = dict(SubscriptionNotice.objects.values_list("subscription__title", "subscription_id"))
    assert renew_due(act=world.act(on=END)).failures == []
    for title, kind in kinds.items():
        now = Subscription.objects.get(pk=ids[title])
        assert now.state == {"renews": "active", "expires": "expired"}[kind], title
    return kinds


def test_a_withdrawn_offer_that_becomes_another_renews(shop: World) -> None:
    premium = sell(shop)
    next_terms.schedule(subscription=premium, offer=standard(), act=shop.act())
    withdraw(shop.premium)

    assert told(shop) == {"Business Premium": "renews"}
    letter = str(mail.outbox[0].body)
    assert (
        "Business Premium, Northwind Traders, on 14 March 2027, with the change that is" in letter
    )


def test_one_whose_wish_is_withdrawn_too_ends(shop: World) -> None:
    premium = sell(shop)
    next_terms.schedule(subscription=premium, offer=standard(), act=shop.act())
    withdraw(shop.premium)
    withdraw(standard())

    assert told(shop) == {"Business Premium": "expires"}


def test_a_wish_that_cannot_be_had_ends_nothing(shop: World) -> None:
    premium = sell(shop)
    next_terms.schedule(subscription=premium, offer=standard(), act=shop.act())
    withdraw(standard())

    assert told(shop) == {"Business Premium": "renews"}


def test_what_is_listed_on_other_conditions_only_ends(shop: World) -> None:
    """The list of January has it by the month; this one is billed up front."""
    sell(shop, plan="annual")
    list_by_the_month_only(shop)

    assert told(shop) == {"Business Premium": "expires"}
    assert "no longer sold on their conditions" in str(mail.outbox[0].body)


def test_a_wish_for_conditions_that_are_listed_renews(shop: World) -> None:
    premium = sell(shop, plan="annual")
    next_terms.schedule(subscription=premium, plan="monthly", act=shop.act())
    list_by_the_month_only(shop)

    assert told(shop) == {"Business Premium": "renews"}


@pytest.mark.parametrize("fits", [True, False])
def test_an_add_on_that_does_not_fit_its_bases_next_offer_is_told_to_end(
    shop: World, fits: bool
) -> None:
    shop.phone.add_on_to.set([shop.premium, standard()] if fits else [shop.premium])
    premium = sell(shop)
    sell(shop, seats=6, offer=shop.phone, base=premium)
    next_terms.schedule(subscription=premium, offer=standard(), act=shop.act())

    expected = {"Business Premium": "renews"}
    if not fits:
        expected["Teams Phone Standard"] = "expires"
    assert told(shop) == expected


def test_an_add_on_of_a_base_that_becomes_monthly_is_looked_up_by_the_month(shop: World) -> None:
    premium = sell(shop, plan="annual")
    sell(shop, seats=6, offer=shop.phone, base=premium, plan="annual")
    next_terms.schedule(subscription=premium, duration="P1M", plan="monthly", act=shop.act())

    assert told(shop) == {"Business Premium": "renews"}

"""A wish for the next term meets the renewal's own limits: dropped, and renewed as it was."""

from datetime import date

import pytest
from django.urls import reverse

from billing.services import next_terms
from billing.services.renewal_preview import preview
from billing.services.renewals import renew_due
from relationships.services import agreements, suspensions
from subscriptions.models import Offer, OfferRule, ScheduledChange, Subscription
from subscriptions.services import lifecycle
from subscriptions.services.errors import MissingPrerequisite
from tests import make
from tests.home.reading import SignIn, main_words
from tests.world import TODAY, World

from .selling import list_prices, sell

END = date(2027, 3, 14)


@pytest.fixture
def shop(world: World) -> World:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return world


@pytest.fixture
def premium(shop: World) -> Subscription:
    return sell(shop, seats=60)


def schedule(world: World, subscription: Subscription, **asked: object) -> ScheduledChange:
    return next_terms.schedule(subscription=subscription, act=world.act(), **asked)  # type: ignore[arg-type]


def renewed(world: World, subscription: Subscription) -> tuple[str, int]:
    assert renew_due(act=world.act(on=END)).failures == []
    now = Subscription.objects.get(pk=subscription.pk)
    assert now.ends_on == date(2028, 3, 14)
    return now.title, now.seats


def outcome(change: ScheduledChange) -> tuple[str, str]:
    change.refresh_from_db()
    return change.outcome, change.remark


def suspend(world: World) -> None:
    suspensions.suspend_partner(
        partner=world.fabrikam, reason="overdue", starts_on=TODAY, act=world.act()
    )


@pytest.mark.parametrize("seats", [61, 59])
def test_a_suspended_partner_gets_no_more_at_a_renewal_either(
    shop: World, premium: Subscription, seats: int
) -> None:
    change = schedule(shop, premium, seats=seats)
    suspend(shop)

    # fewer seats are nothing new; what runs is renewed in any case
    assert renewed(shop, premium) == ("Business Premium", 60 if seats == 61 else 59)
    kind, remark = outcome(change)
    assert kind == ("lapsed" if seats == 61 else "applied")
    assert ("The vendor suspended Fabrikam Cloud" in remark) is (seats == 61)


def test_nor_does_one_without_an_agreement_get_another_offer(
    shop: World, premium: Subscription
) -> None:
    standard = make.offer("Business Standard", "CFQ7TTC0LDPB:0001")
    make.price_list(
        date(2026, 4, 1), {shop.premium: ("16.48", "20.60"), standard: ("9.83", "11.70")}
    )
    change = schedule(shop, premium, offer=standard)
    agreements.give_notice(partner=shop.fabrikam, act=shop.act(shop.gita, date(2026, 7, 1)))

    assert renewed(shop, premium) == ("Business Premium", 60)
    assert outcome(change)[0] == "lapsed"
    assert "programme agreement of Fabrikam Cloud ended on 31 Aug 2026" in outcome(change)[1]


def test_the_page_says_before_that_it_would_be_dropped(
    shop: World, premium: Subscription, sign_in: SignIn
) -> None:
    schedule(shop, premium, seats=70)
    suspend(shop)

    shown = main_words(
        sign_in(shop.ada).get(reverse("billing:scheduled-change", args=[premium.public_id]))
    )

    assert "The scheduled change cannot be applied The vendor suspended Fabrikam Cloud" in shown
    assert "It would be renewed as it is." in shown
    seen = preview(subscription=premium, viewer=shop.fabrikam.tenant, act=shop.act())
    assert seen is not None
    assert [row.then.seats for leg in seen.legs for row in leg.rows if row.then] == [60, 60]


def test_more_seats_need_the_prerequisite_when_scheduled_and_on_the_day(
    shop: World, premium: Subscription
) -> None:
    """Premium needs an E3 by the matrix of today; fewer seats need nothing."""
    e3 = make.offer("Office Suite E3", "E3:1")
    rule = OfferRule.objects.create(offer=shop.premium, imported_at=shop.act().at)
    rule.requires.add(e3)

    with pytest.raises(MissingPrerequisite, match="Office Suite E3"):
        schedule(shop, premium, seats=70)
    assert schedule(shop, premium, seats=50).seats == 50

    held = make.other_channel(shop.northwind, "ea", "Office Suite E3", offer=e3)
    change = schedule(shop, premium, seats=70)
    rule.requires.set([make.offer("Office Suite E5", "E5:1")])
    assert held.is_live
    assert renewed(shop, premium) == ("Business Premium", 60)
    assert outcome(change)[0] == "lapsed"
    assert "Office Suite E5" in outcome(change)[1]


def test_another_offer_must_have_room_for_all_who_use_it_by_then(
    shop: World, premium: Subscription
) -> None:
    """At most 50 seats; 55 are assigned by the day, and nobody loses a licence to a wish."""
    small = make.offer("Business Basic", "CFQ7TTC0LH18:0001", seat_maximum=50)
    make.price_list(date(2026, 4, 1), {shop.premium: ("16.48", "20.60"), small: ("4.20", "5.00")})
    change = schedule(shop, premium, offer=small, seats=50)
    Subscription.objects.filter(pk=premium.pk).update(assigned_seats=55)

    assert renewed(shop, premium) == ("Business Premium", 60)
    assert outcome(change)[0] == "lapsed"
    assert "50" in outcome(change)[1]


def test_with_renewal_off_the_page_says_that_nothing_is_applied(
    shop: World, premium: Subscription, sign_in: SignIn
) -> None:
    change = schedule(shop, premium, seats=50)
    lifecycle.set_auto_renew(subscription=premium, is_on=False, act=shop.act())

    shown = main_words(
        sign_in(shop.ada).get(reverse("billing:scheduled-change", args=[premium.public_id]))
    )

    assert "Automatic renewal is off, so there is no next term to apply it to." in shown
    renew_due(act=shop.act(on=END))
    assert outcome(change) == ("lapsed", "The subscription expired.")


def test_an_add_on_that_is_suspended_does_not_outlive_its_bases_offer(
    shop: World, premium: Subscription
) -> None:
    """It follows its base in a change of offer too: cancelled, as the base's term is over."""
    standard = make.offer("Business Standard", "CFQ7TTC0LDPB:0001")
    make.price_list(
        date(2026, 4, 1),
        {
            shop.premium: ("16.48", "20.60"),
            standard: ("9.83", "11.70"),
            shop.phone: ("6.40", "8.00"),
        },
    )
    shop.phone.add_on_to.set([shop.premium, standard])
    add_on = sell(shop, seats=6, offer=shop.phone, base=premium)
    lifecycle.suspend(subscription=add_on, act=shop.act())
    schedule(shop, premium, offer=standard)

    assert renewed(shop, premium)[0] == "Business Standard"
    assert Subscription.objects.get(pk=add_on.pk).state == "cancelled"


def test_offers_withdrawn_are_in_no_choice_for_the_next_term(
    shop: World, premium: Subscription, sign_in: SignIn
) -> None:
    standard = make.offer("Business Standard", "CFQ7TTC0LDPB:0001")
    make.price_list(
        date(2026, 4, 1), {shop.premium: ("16.48", "20.60"), standard: ("9.83", "11.70")}
    )
    page = reverse("billing:scheduled-change", args=[premium.public_id])
    ada = sign_in(shop.ada)
    assert "Business Standard" in main_words(ada.get(page))

    Offer.objects.filter(pk=standard.pk).update(state=Offer.OfferState.WITHDRAWN)

    assert "Business Standard" not in main_words(ada.get(page))
    asked = {"seats": 60, "terms": "P1Y.monthly", "offer": str(standard.public_id)}
    assert "Choose an offer from the price list of that day." in main_words(ada.get(page, asked))

"""The page of the next term: its price before the click, scheduling, taking back."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from billing.models import LockedPrice
from billing.services import next_terms
from billing.services.renewal_preview import Preview, Wish, preview
from billing.services.renewals import renew_due
from csp_portal.shared import clock
from subscriptions.models import Offer, ScheduledChange, SeatChange, Subscription
from tenants.models import Activity
from tests import make
from tests.conftest import Browser
from tests.world import TODAY, World

from .selling import list_prices, sell

SignIn = Callable[..., Browser]
END = date(2027, 3, 14)


@pytest.fixture
def shop(world: World) -> World:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return world


@pytest.fixture
def premium(shop: World) -> Subscription:
    return sell(shop, seats=60)


def page_of(subscription: Subscription) -> str:
    return reverse("billing:scheduled-change", args=[subscription.public_id])


def undo_of(subscription: Subscription) -> str:
    return reverse("billing:undo-scheduled-change", args=[subscription.public_id])


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", unescape(answer.content.decode())).split())


def seen(world: World, subscription: Subscription, **wish: Any) -> Preview:
    shown = preview(
        subscription=subscription,
        viewer=world.fabrikam.tenant,
        wish=Wish(**wish) if wish else None,
        act=world.act(),
    )
    assert shown is not None
    return shown


def amounts(shown: Preview) -> list[tuple[bool, list[tuple[Decimal | None, Decimal | None]]]]:
    return [
        (
            leg.is_sale,
            [
                (row.now.amount if row.now else None, row.then.amount if row.then else None)
                for row in leg.rows
            ],
        )
        for leg in shown.legs
    ]


def test_it_shows_now_and_then_on_both_legs(shop: World, premium: Subscription) -> None:
    make.price_list(date(2026, 12, 1), {shop.premium: ("18.00", "23.00")})

    shown = seen(shop, premium, seats=50)

    assert amounts(shown) == [
        (True, [(Decimal("1236.00"), Decimal("1150.00"))]),  # 20.60 x 60, 23.00 x 50
        (False, [(Decimal("988.80"), Decimal("900.00"))]),  # 16.48 x 60, 18.00 x 50
    ]


def test_a_preview_leaves_nothing_behind(shop: World, premium: Subscription) -> None:
    before = (SeatChange.objects.count(), LockedPrice.objects.count(), Activity.objects.count())

    seen(shop, premium, seats=50)

    after = (SeatChange.objects.count(), LockedPrice.objects.count(), Activity.objects.count())
    assert after == before
    assert not ScheduledChange.objects.exists()


def test_what_it_says_is_what_the_renewal_does(shop: World, premium: Subscription) -> None:
    phone = sell(shop, seats=6, offer=shop.phone, base=premium)
    next_terms.schedule(subscription=premium, seats=50, plan="annual", act=shop.act())
    shown = seen(shop, premium)

    renew_due(act=shop.act(on=END))

    locked = LockedPrice.objects.filter(term__number=2).order_by("-leg", "subscription_id")
    assert amounts(shown) == [
        (True, [(Decimal("1236.00"), Decimal("12360.00")), (Decimal("48.00"), Decimal("48.00"))]),
        (False, [(Decimal("988.80"), Decimal("9888.00")), (Decimal("38.40"), Decimal("38.40"))]),
    ]
    assert [
        round(price.unit_price * price.term.billable_seats, 2)
        for price in locked.select_related("term")
    ] == [Decimal("12360.00"), Decimal("48.00"), Decimal("9888.00"), Decimal("38.40")]
    assert phone.terms.count() == 2


def test_a_list_that_is_not_public_yet_is_not_in_it(shop: World, premium: Subscription) -> None:
    """R13: the list of March is scheduled and becomes public on 30 January."""
    make.price_list(date(2027, 3, 1), {shop.premium: ("18.00", "23.00")})

    assert amounts(seen(shop, premium))[0] == (True, [(Decimal("1236.00"), Decimal("1236.00"))])


@pytest.mark.parametrize(
    ("on", "provisional"),
    [
        ("2027-01-29", True),  # the list of 1 March can still be made ready today
        ("2027-01-30", False),  # its day of publication: what is not public now comes too late
    ],
)
def test_the_price_is_final_once_no_newer_list_can_come(
    shop: World, premium: Subscription, on: str, provisional: bool
) -> None:
    shown = preview(
        subscription=premium,
        viewer=shop.fabrikam.tenant,
        act=shop.act(on=date.fromisoformat(on)),
    )

    assert shown is not None
    assert (shown.is_provisional, shown.final_on) == (provisional, date(2027, 1, 30))


def test_scheduling_and_taking_back_through_the_page(
    shop: World, premium: Subscription, sign_in: SignIn
) -> None:
    browser = sign_in(shop.ada)
    page = page_of(premium)
    offer = str(shop.premium.public_id)
    asked = {"seats": 50, "terms": "P1Y.monthly", "offer": offer}

    before = words(browser.get(page))
    priced = words(browser.get(page, asked))
    done = words(browser.post(page, asked, follow=True))

    assert "€1,236.00 60 × €20.60 per month €1,236.00 60 × €20.60 per month" in before
    assert "Provisional A newer price list can still take effect before; final on 30 Jan" in before
    assert "€1,236.00 60 × €20.60 per month €1,030.00 50 × €20.60 per month" in priced
    assert "Schedule it for 14 Mar 2027" in priced
    assert "Scheduled for 14 Mar 2027. Nothing is charged before then." in done
    assert "A change is scheduled for 14 Mar 2027 by Ada Keller 50 seats Take it back" in done

    back = words(browser.post(undo_of(premium), {}, follow=True))
    again = words(browser.post(undo_of(premium), {}, follow=True))

    assert "Taken back. It renews as it is." in back
    assert "for 14 Mar 2027 : taken back by Ada Keller" in back
    assert "This change was applied or taken back before" in again


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_refusal_is_shown_at_its_field(
    shop: World, premium: Subscription, sign_in: SignIn, method: str
) -> None:
    Subscription.objects.filter(pk=premium.pk).update(assigned_seats=45)
    browser = sign_in(shop.sam)
    asked = {"seats": 44, "terms": "P1Y.monthly", "offer": str(shop.premium.public_id)}

    shown = words(getattr(browser, method)(page_of(premium), asked))

    assert "45 seats are assigned to users; unassign some before you remove seats." in shown
    assert not ScheduledChange.objects.exists()


def test_another_term_is_priced_too(shop: World, premium: Subscription, sign_in: SignIn) -> None:
    asked = {"seats": 60, "terms": "P1M.monthly", "offer": str(shop.premium.public_id)}
    make.price_list(date(2026, 12, 1), {shop.premium: ("18.00", "23.00")})

    shown = words(sign_in(shop.ada).get(page_of(premium), asked))

    assert "€1,380.00 60 × €23.00 per month" in shown
    assert "From 14 Mar 2027 to 13 Apr 2027 ." in shown


def test_automatic_renewal_can_be_turned_off_and_on(
    shop: World, premium: Subscription, sign_in: SignIn
) -> None:
    browser = sign_in(shop.sam)
    url = reverse("subscriptions:auto-renew", args=[premium.public_id])

    off = words(browser.post(url, {"renew": "off", "next": "term"}, follow=True))
    refused = words(browser.post(url, {"renew": "off", "next": "term"}, follow=True))
    on = browser.post(url, {"renew": "on"})

    assert "Business Premium ends after 13 Mar 2027 and is not renewed." in off
    assert "Business Premium ends automatic renewal is off" in off
    assert "It is like that already; nothing would change." in refused
    assert on["Location"].endswith(f"/subscriptions/?panel={premium.public_id}")
    premium.refresh_from_db()
    assert premium.auto_renew


def test_on_for_a_withdrawn_offer_says_that_it_ends_all_the_same(
    shop: World, premium: Subscription, sign_in: SignIn
) -> None:
    Subscription.objects.filter(pk=premium.pk).update(auto_renew=False)
    Offer.objects.filter(pk=shop.premium.pk).update(state=Offer.OfferState.WITHDRAWN)
    url = reverse("subscriptions:auto-renew", args=[premium.public_id])

    said = words(sign_in(shop.sam).post(url, {"renew": "on", "next": "term"}, follow=True))

    assert "it ends after 13 Mar 2027 unless you schedule another offer" in said


def test_half_a_form_ends_nothing(shop: World, premium: Subscription, sign_in: SignIn) -> None:
    url = reverse("subscriptions:auto-renew", args=[premium.public_id])

    said = words(sign_in(shop.sam).post(url, {"next": "term"}, follow=True))

    assert "Say whether automatic renewal shall be on or off; it stays as it is." in said
    premium.refresh_from_db()
    assert premium.auto_renew


def test_others_do_not_find_it(shop: World, premium: Subscription, sign_in: SignIn) -> None:
    for who, status in (("nora", 404), ("carl", 403), ("helen", 403), ("gita", 403)):
        browser = sign_in(getattr(shop, who))
        assert browser.get(page_of(premium)).status_code == status


def test_a_suspended_one_says_that_it_is_not_renewed(
    shop: World, premium: Subscription, sign_in: SignIn
) -> None:
    Subscription.objects.filter(pk=premium.pk).update(state="suspended", suspended_on=TODAY)

    shown = words(sign_in(shop.ada).get(page_of(premium)))

    assert "It is not renewed as it is now" in shown


def test_a_year_of_a_subscription_with_scheduled_changes(shop: World) -> None:
    """Three monthly terms, each with another number of seats, the last one back to one year."""
    subscription = sell(shop, seats=10, duration="P1M")
    for on, asked in (
        (date(2026, 3, 20), {"seats": 12}),
        (date(2026, 4, 20), {"seats": 8}),
        (date(2026, 5, 20), {"duration": "P1Y", "plan": "annual"}),
    ):
        with clock.pinned_to(on):
            renew_due(act=shop.act(on=on))
            next_terms.schedule(subscription=subscription, act=shop.act(on=on), **asked)  # type: ignore[arg-type]
    renew_due(act=shop.act(on=date(2027, 6, 14)))

    assert list(
        subscription.terms.order_by("number").values_list(
            "starts_on", "ends_on", "duration", "opening_seats"
        )
    ) == [
        (date(2026, 3, 14), date(2026, 4, 14), "P1M", 0),
        (date(2026, 4, 14), date(2026, 5, 14), "P1M", 12),
        (date(2026, 5, 14), date(2026, 6, 14), "P1M", 8),
        (date(2026, 6, 14), date(2027, 6, 14), "P1Y", 8),
        (date(2027, 6, 14), date(2028, 6, 14), "P1Y", 8),
    ]
    assert list(
        LockedPrice.objects.filter(subscription=subscription, leg=2)
        .order_by("term__number")
        .values_list("plan", "unit_price")
    ) == [
        ("monthly", Decimal("20.6000")),
        ("monthly", Decimal("20.6000")),
        ("monthly", Decimal("20.6000")),
        ("annual", Decimal("247.2000")),  # 20.60 x 12
        ("annual", Decimal("247.2000")),
    ]

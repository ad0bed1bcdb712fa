"""Lists, panel, start page and calendar never say that something renews which does not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from subscriptions.models import Offer, Subscription
from subscriptions.services import lifecycle
from tests.billing.selling import change, sell
from tests.world import TODAY, World

from .reading import SignIn, panel_words, table_rows, text

Pages = Callable[[], dict[str, str]]


@pytest.fixture
def pages(sold: World, premium: Subscription, sign_in: SignIn) -> Pages:
    """Return a function that reads each page that says what becomes of Premium."""
    browser = sign_in(sold.ada)
    page = reverse("home:customer-subscriptions", args=[sold.northwind.public_id])

    def row_of(answer: Any) -> str:
        return next(row for row in table_rows(answer) if "Business Premium" in row)

    def read() -> dict[str, str]:
        return {
            "customer": row_of(browser.get(page)),
            "panel": panel_words(browser.get(page, {"panel": premium.public_id})),
            "all": row_of(browser.get(reverse("home:subscriptions"))),
            "renewals": row_of(browser.get(reverse("home:renewals"))),
        }

    return read


def withdraw(offer: Offer) -> None:
    Offer.objects.filter(pk=offer.pk).update(state=Offer.OfferState.WITHDRAWN)


def assert_all_say(read: dict[str, str], words: str) -> None:
    assert [name for name, page in read.items() if words not in page] == []


def test_an_active_one_renews(pages: Pages) -> None:
    assert_all_say(pages(), "renews automatically")


def test_one_of_a_withdrawn_offer_ends_unless_it_is_changed(pages: Pages, sold: World) -> None:
    withdraw(sold.premium)

    assert_all_say(pages(), "offer withdrawn, ends unless changed")


def test_a_suspended_one_is_cancelled_then(
    pages: Pages, sold: World, premium: Subscription
) -> None:
    change(sold, "suspend", premium, on=TODAY)

    assert_all_say(pages(), "cancelled unless reactivated")


def test_one_that_is_not_to_renew_says_so(pages: Pages, sold: World, premium: Subscription) -> None:
    lifecycle.set_auto_renew(subscription=premium, is_on=False, act=sold.act())

    assert_all_say(pages(), "no auto-renew")


def test_one_that_was_cancelled_did_not_reach_the_end_of_its_term(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    change(sold, "cancel", premium, on=TODAY)
    ada, carl = sign_in(sold.ada), sign_in(sold.carl)

    (listed,) = table_rows(ada.get(reverse("home:subscriptions"), {"state": "cancelled"}))
    (own,) = table_rows(carl.get(reverse("home:my-subscriptions")))

    assert "13 Mar 2027 cancelled before" in listed
    assert "13 Mar 2027 cancelled before" in own
    assert "It has ended" in own


def test_an_add_on_ends_with_its_base(sold: World, premium: Subscription, sign_in: SignIn) -> None:
    sell(sold, seats=20, offer=sold.phone, base=premium, on=TODAY)
    lifecycle.set_auto_renew(subscription=premium, is_on=False, act=sold.act())

    rows = table_rows(sign_in(sold.ada).get(reverse("home:subscriptions")))

    assert "ends with its base" in next(row for row in rows if "Teams Phone" in row)


def test_the_calendar_and_the_page_of_a_change_say_that_it_ends(
    sold: World, premium: Subscription, sign_in: SignIn
) -> None:
    withdraw(sold.premium)
    Subscription.objects.filter(pk=premium.pk).update(ends_on="2026-12-14")
    browser = sign_in(sold.ada)

    assert "SUMMARY:Ends: Business Premium" in text(browser.get(reverse("home:renewals-calendar")))
    page = browser.get(reverse("billing:change-seats", args=[premium.public_id]))
    assert "ends unless changed: its offer is withdrawn" in text(page)
    assert "ends unless changed, after" in text(browser.get("/"))

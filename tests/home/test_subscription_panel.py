"""The side panel of a subscription: its terms, and the one place to change its seats."""

from datetime import timedelta

import pytest
from django.urls import reverse

from billing.models import Quote
from billing.services import orders, quotes
from csp_portal.shared import clock
from subscriptions.models import Subscription
from tests import make
from tests.billing.selling import change, sell
from tests.conftest import Browser
from tests.world import TODAY, World

from .reading import SignIn, links, panel_words, text


def quoted(world: World, subscription: Subscription, kind: str = "seats", **asked: int) -> Quote:
    return quotes.quote(
        kind=kind,
        partner=world.fabrikam,
        tenant=world.northwind,
        subscription=subscription,
        act=world.act(),
        **({"seats": 66} if kind == "seats" else {}),
        **asked,
    )


def opened(browser: Browser, shown: Subscription, **query: object) -> object:
    page = reverse("home:customer-subscriptions", args=[shown.tenant.public_id])
    return browser.get(page, {"panel": shown.public_id, **query})


def confirm(quote: Quote) -> str:
    return reverse("billing:confirm-quote", args=[quote.public_id])


def change_seats(subscription: Subscription) -> str:
    return reverse("billing:change-seats", args=[subscription.public_id])


def moves(subscription: Subscription) -> set[str]:
    return {
        reverse(f"billing:{name}", args=[subscription.public_id])
        for name in ("change-seats", "suspend", "reactivate", "cancel")
    }


def test_a_subscription_one_sells_can_be_changed_from_its_panel(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    page = opened(sign_in(sold.ada), premium)

    for shown in ("Business Premium", "€20.60", "14 Mar 2026", "13 Mar 2027", "Change seats"):
        assert shown in panel_words(page)
    assert 'value="60"' in text(page)
    possible = moves(premium) & links(page)
    assert possible == moves(premium) - {reverse("billing:reactivate", args=[premium.public_id])}


def test_a_sales_agent_changes_seats_and_nothing_else(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    page = opened(sign_in(sold.sam), premium)

    assert moves(premium) & links(page) == {change_seats(premium)}


def test_a_suspended_subscription_can_be_reactivated_or_cancelled(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    change(sold, "suspend", premium, on=TODAY)

    page = opened(sign_in(sold.ada), premium)

    assert moves(premium) & links(page) == {
        reverse(f"billing:{name}", args=[premium.public_id]) for name in ("reactivate", "cancel")
    }


def test_a_cancelled_subscription_offers_nothing(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    change(sold, "cancel", premium, on=TODAY)

    page = opened(sign_in(sold.ada), premium)

    assert "Nobody has access." in panel_words(page)
    assert moves(premium) & links(page) == set()


def test_a_quote_shows_what_both_pay_and_asks_for_the_click(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    quote = quoted(sold, premium)

    page = opened(sign_in(sold.ada), premium, quote=quote.public_id)

    # 6 x 20.60 x 22/30 = 90.64; 6 x 16.48 x 22/30 = 72.512
    assert "€90.64" in panel_words(page)
    assert "€72.51" in panel_words(page)
    assert "Add 6 seats for €90.64" in panel_words(page)
    assert confirm(quote) in links(page)
    assert 'value="66"' in text(page)


def test_the_panels_quote_is_ordered_and_the_panel_shows_it(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    browser = sign_in(sold.ada)
    browser.post(change_seats(premium), {"seats": 66, "next": "panel"})
    quote = Quote.objects.get(kind="seats")

    page = browser.post(confirm(quote), {"next": "panel"}, follow=True)

    assert "changed seats, 60 → 66" in panel_words(page)
    assert confirm(quote) not in links(page)


@pytest.mark.parametrize("quote", ["", "x", "00000000-0000-4000-8000-000000000000", "9" * 5000])
def test_a_quote_that_is_none_is_ignored(
    premium: Subscription, sold: World, sign_in: SignIn, quote: str
) -> None:
    page = opened(sign_in(sold.ada), premium, quote=quote)

    assert "Change seats" in panel_words(page)
    assert "/confirm/" not in text(page)


def test_a_quote_of_another_subscription_is_ignored(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    other = sell(sold, seats=5, on=TODAY)
    quote = quoted(sold, premium)

    page = opened(sign_in(sold.ada), other, quote=quote.public_id)

    assert "€90.64" not in text(page)
    assert confirm(quote) not in links(page)


def test_a_quote_that_was_ordered_is_ignored(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    quote = quoted(sold, premium)
    orders.confirm(quote=quote, act=sold.act())

    page = opened(sign_in(sold.ada), premium, quote=quote.public_id)

    assert confirm(quote) not in links(page)


def test_an_expired_quote_is_ignored(premium: Subscription, sold: World, sign_in: SignIn) -> None:
    quote = quoted(sold, premium)
    with clock.pinned_to(TODAY + timedelta(days=1)):
        page = opened(sign_in(sold.ada), premium, quote=quote.public_id)

        assert "€90.64" not in text(page)
        assert confirm(quote) not in links(page)


def test_a_quote_to_suspend_is_not_for_the_seats_of_the_panel(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    quote = quoted(sold, premium, "suspend")

    for who in (sold.ada, sold.sam):
        page = opened(sign_in(who), premium, quote=quote.public_id)
        assert confirm(quote) not in links(page)


def test_a_quote_of_another_partner_is_ignored(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    litware = make.tenant("Litware", domain="litware.example")
    make.relationship(sold.tailspin, litware)
    theirs = quotes.quote(
        kind="new",
        partner=sold.tailspin,
        tenant=litware,
        offer=sold.premium,
        seats=7,
        act=sold.act(sold.nora),
    )

    page = opened(sign_in(sold.ada), premium, quote=theirs.public_id)

    assert confirm(theirs) not in links(page)


def test_a_helpdesk_agent_sees_terms_and_history_and_no_price(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    quote = quoted(sold, premium)

    page = opened(sign_in(sold.helen), premium, quote=quote.public_id)

    assert "13 Mar 2027" in panel_words(page)
    assert "ordered 60 seats" in panel_words(page)
    for leak in ("€", "20.60", "16.48", "90.64", "72.51", "price list"):
        assert leak not in panel_words(page)
    assert moves(premium) & links(page) == set()
    assert confirm(quote) not in links(page)


@pytest.mark.parametrize("channel", ["direct", "advisor", "open", "ea"])
def test_another_channel_is_read_only(sold: World, sign_in: SignIn, channel: str) -> None:
    other = make.other_channel(sold.northwind, channel, "Office Suite E3", seats=210)

    page = opened(sign_in(sold.ada), other)

    assert "Read-only" in panel_words(page)
    assert "Change seats" not in panel_words(page)
    assert moves(other) & links(page) == set()


def test_a_panel_of_what_the_customer_does_not_hold_stays_shut(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    foreign = make.other_channel(sold.contoso, "direct", "Secret Suite")
    browser = sign_in(sold.ada)
    page = reverse("home:customer-subscriptions", args=[sold.northwind.public_id])

    for asked in (foreign.public_id, "x", "", "00000000-0000-4000-8000-000000000000"):
        answer = browser.get(page, {"panel": asked})
        assert panel_words(answer) == ""
        assert "Secret Suite" not in text(answer)

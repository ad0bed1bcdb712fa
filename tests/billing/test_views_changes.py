"""Suspending, reactivating and cancelling through the pages."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from billing.models import Order, Quote
from billing.services import quotes
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
    """60 seats of Business Premium, a year billed monthly, from 14 Mar 2026."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return sell(world)


@pytest.fixture
def phone(world: World, premium: Subscription) -> Subscription:
    return sell(world, seats=20, offer=world.phone, base=premium)


def page_of(name: str, subscription: Subscription) -> str:
    return reverse(f"billing:{name}", args=[subscription.public_id])


def test_suspending_says_what_it_does_quotes_the_credit_and_takes_add_ons_along(
    world: World, premium: Subscription, phone: Subscription, sign_in: SignIn
) -> None:
    browser = sign_in(world.ada)
    page = page_of("suspend", premium)

    before = browser.get(page).content.decode()
    quoted = browser.post(page, {"reason": "unpaid"}, follow=True)

    assert "Users have no access." in before
    assert "It is billed up to 21 Nov 2026." in before
    assert "Teams Phone Standard, 20 seats" in before
    # 20.60 x 60 x 22/30 = 906.40 and 8.00 x 20 x 22/30 = 117.33
    quote = Quote.objects.get(kind="suspend")
    assert "Suspend, credit €1,023.73" in quoted.content.decode()

    done = browser.post(page_of_quote("confirm-quote", quote))

    panel = reverse("home:customer-subscriptions", args=[world.northwind.public_id])
    assert done.url == f"{panel}?panel={premium.public_id}"
    assert states(premium, phone) == ["suspended", "suspended"]


def test_reactivating_is_quoted_for_the_base_and_what_was_suspended_with_it(
    world: World, premium: Subscription, phone: Subscription, sign_in: SignIn
) -> None:
    change(world, "suspend", premium, on=TODAY)
    browser = sign_in(world.ada)

    quoted = browser.post(page_of("reactivate", premium), {"reason": "paid"}, follow=True)

    # the same day: exactly what the suspension credited
    assert "Reactivate for €1,023.73" in quoted.content.decode()
    quote = Quote.objects.get(kind="reactivate")
    browser.post(page_of_quote("confirm-quote", quote))
    assert states(premium, phone) == ["active", "active"]


def test_cancelling_is_for_good_and_credits_the_unused_days(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    browser = sign_in(world.ada)

    quoted = browser.post(page_of("cancel", premium), {"reason": ""}, follow=True)
    quote = Quote.objects.get(kind="cancel")
    browser.post(page_of_quote("confirm-quote", quote))

    assert "Cancel for good, credit €906.40" in quoted.content.decode()
    assert states(premium) == ["cancelled"]


@pytest.mark.parametrize("name", ["suspend", "cancel"])
def test_suspending_and_cancelling_ask_who_is_there(
    world: World, premium: Subscription, sign_in: SignIn, name: str
) -> None:
    browser = sign_in(world.ada)
    forget_sign_in(browser)
    asked = browser.post(page_of(name, premium), {"reason": ""})
    quote = quoted(world, premium, name)
    confirmed = browser.post(page_of_quote("confirm-quote", quote))

    again = reverse("account_reauthenticate")
    assert [asked.url.partition("?")[0], confirmed.url.partition("?")[0]] == [again, again]
    assert not Order.objects.filter(quote=quote).exists()
    assert browser.get(page_of(name, premium)).status_code == 200


def test_what_was_typed_survives_the_question_who_is_there(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    browser = sign_in(world.ada)
    forget_sign_in(browser)
    asked = browser.post(page_of("suspend", premium), {"reason": "unpaid since May"})

    answer = browser.post(asked.url, {"password": make.PASSWORD})

    quote = Quote.objects.get(kind="suspend")
    assert quote.reason == "unpaid since May"
    assert answer.url == page_of_quote("quote", quote)


def test_seats_and_reactivating_do_not_ask_again(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    change(world, "suspend", premium, on=TODAY)
    browser = sign_in(world.ada)
    forget_sign_in(browser)

    answer = browser.post(page_of("reactivate", premium), {"reason": ""})

    assert answer.url == page_of_quote("quote", Quote.objects.get(kind="reactivate"))


def test_a_sales_agent_orders_seats_but_does_not_touch_the_service(
    world: World, premium: Subscription, sign_in: SignIn
) -> None:
    browser = sign_in(world.sam)
    suspension = quoted(world, premium, "suspend")

    answers = [
        browser.get(page_of("change-seats", premium)).status_code,
        *(
            browser.get(page_of(n, premium)).status_code
            for n in ("suspend", "reactivate", "cancel")
        ),
        browser.get(page_of_quote("quote", suspension)).status_code,
        browser.post(page_of_quote("confirm-quote", suspension)).status_code,
    ]

    assert answers == [200, 403, 403, 403, 403, 403]
    assert states(premium) == ["active"]


@pytest.mark.parametrize("who", ["helen", "gita", "carl"])
def test_nobody_else_sees_prices_or_changes_anything(
    world: World, premium: Subscription, sign_in: SignIn, who: str
) -> None:
    browser = sign_in(getattr(world, who))
    names = ("change-seats", "suspend", "reactivate", "cancel")

    assert [browser.get(page_of(name, premium)).status_code for name in names] == [403] * 4


@pytest.mark.parametrize(
    ("state", "name", "words"),
    [
        ("suspended", "change-seats", "Reactivate it first, then change its seats."),
        ("suspended", "suspend", "Users have no access and nothing is charged."),
        ("active", "reactivate", "There is nothing to reactivate."),
        ("cancelled", "reactivate", "It cannot be changed any more."),
        ("cancelled", "cancel", "It cannot be changed any more."),
    ],
)
def test_a_change_its_state_does_not_allow_has_no_form(
    world: World, premium: Subscription, sign_in: SignIn, state: str, name: str, words: str
) -> None:
    for kind in {"suspended": ["suspend"], "cancelled": ["cancel"]}.get(state, []):
        change(world, kind, premium, on=TODAY)

    answer = sign_in(world.ada).get(page_of(name, premium))

    assert words in answer.content.decode()
    assert 'name="reason"' not in answer.content.decode()


def test_an_add_on_is_not_reactivated_before_its_base(
    world: World, premium: Subscription, phone: Subscription, sign_in: SignIn
) -> None:
    change(world, "suspend", premium, on=TODAY)

    answer = sign_in(world.ada).post(page_of("reactivate", phone), {"reason": "wanted"})

    assert answer.context["form"].non_field_errors() == [
        "It is an add-on to Business Premium, which is suspended: reactivate that first."
    ]


def quoted(world: World, subscription: Subscription, kind: str) -> Quote:
    return quotes.quote(
        kind=kind,
        partner=world.fabrikam,
        tenant=world.northwind,
        subscription=subscription,
        act=world.act(),
    )


def page_of_quote(name: str, quote: Quote) -> str:
    return reverse(f"billing:{name}", args=[quote.public_id])


def states(*subscriptions: Subscription) -> list[str]:
    for subscription in subscriptions:
        subscription.refresh_from_db()
    return [subscription.state for subscription in subscriptions]


def forget_sign_in(browser: Browser) -> None:
    """Make the sign-in ten minutes old: the password was given then, not now."""
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 600
    session.save()

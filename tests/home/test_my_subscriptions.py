"""A customer's own subscriptions: everything it holds, who bills it and whom to ask."""

import re

import pytest
from django.urls import reverse

from subscriptions.models import Subscription
from tests import make
from tests.world import World

from .reading import SignIn, links, main_words, panel_words, table_rows, text

PAGE = reverse("home:my-subscriptions")


@pytest.fixture
def held(premium: Subscription, sold: World) -> Subscription:
    make.other_channel(sold.northwind, "direct", "Office Suite E3", seats=210, assigned_seats=187)
    make.other_channel(sold.contoso, "direct", "Contoso Suite")
    return premium


def actions_on(subscription: Subscription) -> set[str]:
    names = ("change-seats", "suspend", "reactivate", "cancel")
    return {reverse(f"billing:{name}", args=[subscription.public_id]) for name in names}


@pytest.mark.parametrize("who", ["carl", "bea"])
def test_everything_the_organisation_holds_is_there_with_who_bills_it(
    held: Subscription, sold: World, sign_in: SignIn, who: str
) -> None:
    page = sign_in(getattr(sold, who)).get(PAGE)

    csp, direct = table_rows(page)
    assert ["Business Premium" in csp, "Fabrikam Cloud" in csp, "€20.60" in csp] == [True] * 3
    assert ["Office Suite E3" in direct, "The vendor" in direct, "187" in direct] == [True] * 3
    assert "Contoso Suite" not in text(page)


@pytest.mark.parametrize("who", ["carl", "bea"])
def test_a_csp_subscription_offers_no_action_and_says_whom_to_ask(
    held: Subscription, sold: World, sign_in: SignIn, who: str
) -> None:
    page = sign_in(getattr(sold, who)).get(PAGE, {"panel": held.public_id})

    assert actions_on(held) & links(page) == set()
    assert not re.search(r'<form[^>]*method="post"[^>]*action="/(subscriptions|quotes)', text(page))
    assert "Ask Fabrikam Cloud" in panel_words(page)
    assert "€20.60" in panel_words(page)
    assert "16.48" not in text(page)


def test_what_only_a_partner_does_is_forbidden_to_a_customer(
    held: Subscription, sold: World, sign_in: SignIn
) -> None:
    browser = sign_in(sold.carl)

    answers = {browser.post(path, {"seats": 1}).status_code for path in actions_on(held)}

    assert answers == {403}
    held.refresh_from_db()
    assert (held.seats, held.state) == (60, "active")


def test_the_list_can_be_filtered(held: Subscription, sold: World, sign_in: SignIn) -> None:
    browser = sign_in(sold.carl)

    def count(**query: str) -> int:
        return len(table_rows(browser.get(PAGE, query)))

    assert count() == 2
    assert count(channel="direct") == 1
    assert count(q="premium") == 1
    assert count(q="nothing like it") == 0


def test_without_subscriptions_the_page_says_so(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.tom).get(PAGE)

    assert "Your organisation holds no subscription yet." in main_words(page)


def test_what_another_organisation_holds_opens_no_panel(
    held: Subscription, sold: World, sign_in: SignIn
) -> None:
    page = sign_in(sold.tom).get(PAGE, {"panel": held.public_id})

    assert panel_words(page) == ""
    assert "Business Premium" not in text(page)


@pytest.mark.parametrize("who", ["mia", "ada", "helen", "gita"])
def test_the_page_is_for_admins_and_billing_readers_of_customers(
    sold: World, sign_in: SignIn, who: str
) -> None:
    assert sign_in(getattr(sold, who)).get(PAGE).status_code == 403


def test_a_billing_reader_is_told_who_changes_what_it_reads(
    held: Subscription, sold: World, sign_in: SignIn
) -> None:
    direct = Subscription.objects.get(tenant=sold.northwind, channel="direct")
    asked = {"panel": direct.public_id}

    reader, admin = (sign_in(who).get(PAGE, asked) for who in (sold.bea, sold.carl))

    assert "A Tenant admin of your organisation changes or cancels it." in panel_words(reader)
    assert "Your Tenant admin manages it" in main_words(reader)
    assert reverse("billing:own-cancel", args=[direct.public_id]) not in links(reader)
    assert "You can cancel it here, without a charge or credit." in panel_words(admin)
    assert "You manage it" in main_words(admin)

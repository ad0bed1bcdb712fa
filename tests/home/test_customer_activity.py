"""A partner reads of a customer's log what concerns them both, and nothing else (R9)."""

import pytest
from django.urls import reverse

from relationships.services import invitations
from subscriptions.models import Subscription
from tenants.services import activity
from tests.world import World

from .reading import SignIn, main_words


@pytest.fixture
def logged(billed: World, premium: Subscription) -> World:
    """Northwind's log also has its own people, a bill of the vendor, another partner's offer."""
    carl = billed.act(billed.carl)
    for action, summary in (
        ("member.added", "added Zoe Quill as Billing reader"),
        ("invoice.issued", "Invoice 2026-000777 of Cirrus over €4,321.00, mailed to 1"),
        ("tenant.changed", "changed the tax id to DE999"),
    ):
        activity.record(
            tenant=billed.northwind, act=carl, action=action, about=billed.northwind.public_id,
            summary=summary,
        )  # fmt: skip
    rival, _token = invitations.invite(
        partner=billed.tailspin, has_delegated_admin=True, act=billed.act(billed.nora)
    )
    invitations.decline(invitation=rival, tenant=billed.northwind, reason="too dear", act=carl)
    return billed


PRIVATE = ["Zoe Quill", "2026-000777", "4,321", "DE999", "Tailspin", "too dear", "declined"]
PAGES = ["home:customer", "home:customer-activity"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("leak", PRIVATE)
def test_what_is_the_customers_own_stays_its_own(
    logged: World, sign_in: SignIn, page: str, leak: str
) -> None:
    shown = sign_in(logged.ada).get(reverse(page, args=[logged.northwind.public_id]))

    assert leak not in main_words(shown)


@pytest.mark.parametrize("page", PAGES)
def test_what_the_partner_did_there_is_shown(logged: World, sign_in: SignIn, page: str) -> None:
    shown = sign_in(logged.ada).get(reverse(page, args=[logged.northwind.public_id]))

    assert "Business Premium: 60 seats ordered" in main_words(shown)


def test_the_customer_reads_all_of_it(logged: World, sign_in: SignIn) -> None:
    shown = main_words(sign_in(logged.carl).get(reverse("tenants:activity")))

    assert [word in shown for word in ("Zoe Quill", "4,321", "Tailspin")] == [True] * 3


def test_a_number_too_large_for_a_page_is_the_first_page(logged: World, sign_in: SignIn) -> None:
    page = reverse("home:customer-activity", args=[logged.northwind.public_id])

    answer = sign_in(logged.ada).get(page, {"before": "9" * 40})

    assert "60 seats ordered" in main_words(answer)

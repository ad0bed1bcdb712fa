"""
R9: what a partner sees of other channels is never a price, and not how it is paid.

It sees offer, channel, state, seats and seats in use, renewal day and partner of record.
"""

import pytest
from django.urls import reverse

from subscriptions.models import Offer, Subscription
from tenants.services import activity
from tests import make
from tests.world import World

from .reading import SignIn, panel_words, text

CHANNELS = ("direct", "advisor", "open", "ea")
# What the data holds, or what its list price would come to: 210 x 20.60 = 4,326.00
SECRETS = (
    "card ending 4411",
    "AGREEMENT-77",
    "57.13",
    "Payment failed",
    "4,326.00",
    "41.95",
    "20.60",
    "16.48",
)


@pytest.fixture
def telling(sold: World) -> list[Subscription]:
    """Subscriptions of four channels, of an offer with a CSP price, whose data say too much."""
    offer = Offer.objects.get(pk=sold.premium.pk)
    found = [
        make.other_channel(
            sold.northwind,
            channel,
            f"Suite of {channel}",
            seats=210,
            offer=offer if channel != "ea" else None,
            assigned_seats=187,
            reference=f"AGREEMENT-77-{channel}",
            note="card ending 4411, 57.13 a seat. Payment failed",
            partner_of_record=sold.tailspin if channel == "advisor" else None,
        )
        for channel in CHANNELS
    ]
    for said in ("paid with the card ending 4411", "was billed €41.95 by the vendor"):
        activity.record(
            tenant=sold.northwind,
            act=sold.act(sold.carl),
            action="direct.paid",
            about=found[0].public_id,
            summary=said,
        )
    return found


def pages(world: World, held: list[Subscription]) -> list[str]:
    page = reverse("home:customer-subscriptions", args=[world.northwind.public_id])
    return [
        "/",
        reverse("home:customers"),
        reverse("home:customers") + "?format=csv",
        reverse("home:customer", args=[world.northwind.public_id]),
        reverse("home:customer-activity", args=[world.northwind.public_id]),
        reverse("home:search") + "?q=suite",
        reverse("home:search") + "?q=card",
        reverse("home:search") + "?q=AGREEMENT",
        page,
        *(f"{page}?panel={subscription.public_id}" for subscription in held),
    ]


@pytest.mark.parametrize("who", ["ada", "sam", "helen"])
def test_no_byte_of_any_page_tells_a_price_or_a_payment(
    sold: World, telling: list[Subscription], sign_in: SignIn, who: str
) -> None:
    browser = sign_in(getattr(sold, who))

    told = {
        (path, secret)
        for path in pages(sold, telling)
        for secret in SECRETS
        if secret in text(browser.get(path))
    }

    assert told == set()


def test_what_may_be_seen_is_seen(
    sold: World, telling: list[Subscription], sign_in: SignIn
) -> None:
    browser = sign_in(sold.ada)
    page = reverse("home:customer-subscriptions", args=[sold.northwind.public_id])

    shown = panel_words(browser.get(page, {"panel": telling[1].public_id}))

    for fact in ("Suite of advisor", "Advisor", "Active", "187 of 210", "Tailspin Partners"):
        assert fact in shown
    assert "19 Feb 2027" in shown  # a year from 20 Feb 2026, its last day


def test_a_word_of_a_hidden_note_finds_nothing(
    sold: World, telling: list[Subscription], sign_in: SignIn
) -> None:
    page = reverse("home:customer-subscriptions", args=[sold.northwind.public_id])
    browser = sign_in(sold.ada)

    found = [browser.get(page, {"q": q}).context["shown"] for q in ("4411", "agreement", "57.13")]

    assert found == [0, 0, 0]


def test_the_customer_reads_its_own_note_and_reference(
    sold: World, telling: list[Subscription], sign_in: SignIn
) -> None:
    page = reverse("home:my-subscriptions")

    shown = panel_words(sign_in(sold.carl).get(page, {"panel": telling[3].public_id}))

    assert "card ending 4411" in shown
    assert "AGREEMENT-77-ea" in shown

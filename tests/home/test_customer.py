"""One customer: its overview, and the part of its log that concerns the partner."""

import pytest
from django.urls import reverse

from subscriptions.models import Subscription
from tenants.models import Tenant
from tenants.services import activity
from tests import make
from tests.billing.selling import sell
from tests.world import World

from .reading import SignIn, links, main_words, queries, text


def overview(world: World) -> str:
    return reverse("home:customer", args=[world.northwind.public_id])


def log_page(world: World) -> str:
    return reverse("home:customer-activity", args=[world.northwind.public_id])


def test_the_overview_shows_the_company_and_what_it_holds(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    make.other_channel(sold.northwind, "direct", "Office Suite E3", seats=210, assigned_seats=187)
    Tenant.objects.filter(pk=sold.northwind.pk).update(tax_id="DE123456789")

    page = sign_in(sold.ada).get(overview(sold))

    for shown in (
        "northwind.example",
        "DE123456789",
        "1 Jan 2026",
        "Business Premium",
        "Office Suite E3",
        "187",
        "€1,236.00",  # the next invoice: 60 x 20.60
    ):
        assert shown in main_words(page)


def test_the_overview_of_a_helpdesk_agent_has_no_amount(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    page = sign_in(sold.helen).get(overview(sold))

    assert "Business Premium" in main_words(page)
    for leak in ("€", "1,236", "20.60", "16.48", "Next invoice"):
        assert leak not in text(page)
    assert reverse("billing:customer-orders", args=[sold.northwind.public_id]) not in links(page)


def test_the_overview_of_a_customer_without_anything_says_so(sold: World, sign_in: SignIn) -> None:
    page = sign_in(sold.ada).get(overview(sold))

    assert "No CSP subscription yet." in main_words(page)
    assert "Nothing from other channels." in main_words(page)


def test_more_subscriptions_take_no_more_queries(sold: World, sign_in: SignIn) -> None:
    browser = sign_in(sold.ada)
    sell(sold)
    one = queries(browser, overview(sold))
    sell(sold, seats=5)
    make.other_channel(sold.northwind, "direct", "Office Suite E3")

    assert queries(browser, overview(sold)) == one


@pytest.mark.parametrize("name", ["customer", "customer-activity", "customer-subscriptions"])
def test_a_customer_of_somebody_else_is_not_found(sold: World, sign_in: SignIn, name: str) -> None:
    theirs = reverse(f"home:{name}", args=[sold.northwind.public_id])
    nobodys = reverse(f"home:{name}", args=[sold.contoso.public_id])

    assert sign_in(sold.nora).get(theirs).status_code == 404
    assert sign_in(sold.ada).get(nobodys).status_code == 404
    assert sign_in(sold.gita).get(theirs).status_code == 403
    assert sign_in(sold.carl).get(theirs).status_code == 403


def test_the_log_shows_what_the_partner_did_there(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    page = sign_in(sold.ada).get(log_page(sold))

    assert "Business Premium: 60 seats ordered" in main_words(page)
    assert "Ada Keller" in main_words(page)


def test_the_log_keeps_what_is_only_the_customers(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    for by, words in ((sold.carl, "paid the vendor 57.00"), (sold.nora, "sent an invitation")):
        activity.record(
            tenant=sold.northwind, act=sold.act(by), action="other.thing", about="x", summary=words
        )
    browser = sign_in(sold.ada)

    for page in (browser.get(log_page(sold)), browser.get(overview(sold))):
        assert "57.00" not in text(page)
        assert "sent an invitation" not in text(page)
        assert "Lind" not in text(page)


def test_the_log_is_read_page_by_page(sold: World, sign_in: SignIn) -> None:
    for number in range(60):
        activity.record(
            tenant=sold.northwind,
            act=sold.act(),
            action="subscription.seats",
            about=number,
            summary=f"entry {number:02}.",
        )
    browser = sign_in(sold.ada)

    first = browser.get(log_page(sold))
    older = browser.get(log_page(sold), {"before": first.context["log"].older})

    # the newest fifty, then the ten before them
    assert [f"entry {n:02}." in main_words(first) for n in (59, 10, 9)] == [True, True, False]
    assert [f"entry {n:02}." in main_words(older) for n in (10, 9, 0)] == [False, True, True]
    assert older.context["log"].older == 0


@pytest.mark.parametrize("before", ["x", "-1", "", "9" * 30, "9" * 5000, "٣", "1e3"])
def test_a_place_in_the_log_that_is_none_does_no_harm(
    sold: World, sign_in: SignIn, before: str
) -> None:
    assert sign_in(sold.ada).get(log_page(sold), {"before": before}).status_code == 200

"""Search finds what the person may open, and not a trace of anything else."""

from datetime import date

import pytest
from django.urls import reverse

from billing.models import Invoice
from subscriptions.models import Subscription
from tests import make
from tests.billing.selling import sell
from tests.conftest import Browser
from tests.world import World

from .reading import SignIn, main_words, text

PAGE = reverse("home:search")


def hits(browser: Browser, q: str) -> set[str]:
    page = browser.get(PAGE, {"q": q})
    assert page.status_code == 200
    return {hit.title for _title, found in page.context["groups"] for hit in found}


@pytest.fixture
def two_houses(billed: World) -> World:
    """Tailspin serves Northgate, which holds Business Premium too."""
    northgate = make.tenant("Northgate Foods", domain="northgate.example")
    make.relationship(billed.tailspin, northgate)
    sell(billed, seats=7, partner=billed.tailspin, tenant=northgate, by=billed.nora)
    return billed


def test_a_partner_finds_its_own_customers_and_what_it_sold(
    two_houses: World, sign_in: SignIn
) -> None:
    ada, nora = sign_in(two_houses.ada), sign_in(two_houses.nora)

    assert hits(ada, "north") == {"Northwind Traders"}
    assert hits(nora, "north") == {"Northgate Foods"}
    assert hits(ada, "premium") == hits(nora, "premium") == {"Business Premium"}
    assert main_words(ada.get(PAGE, {"q": "premium"})).count("Business Premium") == 1
    assert "Northgate" not in text(ada.get(PAGE, {"q": "premium"}))


@pytest.mark.parametrize("q", ["trad", "NORTHWIND", "northwind.ex", "northwind"])
def test_a_customer_is_found_by_a_word_or_its_domain(sold: World, sign_in: SignIn, q: str) -> None:
    assert "Northwind Traders" in hits(sign_in(sold.ada), q)


def test_a_subscription_is_found_by_its_sku_and_leads_to_its_panel(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    page = sign_in(sold.ada).get(PAGE, {"q": "cfq7ttc0lchc"})

    panel = reverse("home:customer-subscriptions", args=[sold.northwind.public_id])
    assert f"{panel}?panel={premium.public_id}" in text(page)


@pytest.mark.parametrize("q", ["%", "_", "%%%", "N_rthwind", "n%d", "\\", "'", '"', "\\%"])
def test_wildcards_are_letters_like_others(
    premium: Subscription, sold: World, sign_in: SignIn, q: str
) -> None:
    assert hits(sign_in(sold.ada), q) == set()


@pytest.mark.parametrize("q", ["", "   "])
def test_nothing_typed_finds_nothing(
    premium: Subscription, sold: World, sign_in: SignIn, q: str
) -> None:
    assert hits(sign_in(sold.ada), q) == set()


def test_what_was_typed_is_shown_as_text(sold: World, sign_in: SignIn) -> None:
    page = sign_in(sold.ada).get(PAGE, {"q": "<script>alert(1)</script>"})

    assert b"<script>alert(1)" not in page.content
    assert "Nothing found" in main_words(page)


def test_numbers_of_invoices_are_for_those_who_see_invoices(billed: World, sign_in: SignIn) -> None:
    sale = Invoice.objects.get(seller=billed.fabrikam.tenant, month=date(2026, 10, 1))
    number = str(sale.number)

    found = {
        who: number in hits(sign_in(getattr(billed, who)), number)
        for who in ("ada", "helen", "gita", "nora", "carl", "bea", "mia", "tom")
    }

    assert found == {
        "ada": True,
        "helen": False,
        "gita": False,
        "nora": False,
        "carl": True,
        "bea": True,
        "mia": False,
        "tom": False,
    }


def test_a_customer_never_finds_what_its_partner_was_invoiced(
    billed: World, sign_in: SignIn
) -> None:
    purchase = Invoice.objects.get(buyer=billed.fabrikam.tenant, month=date(2026, 10, 1))

    page = sign_in(billed.carl).get(PAGE, {"q": purchase.number})

    assert reverse("billing:invoice", args=[purchase.public_id]) not in text(page)


def test_a_customer_finds_its_own_subscriptions(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    make.other_channel(sold.northwind, "direct", "Office Suite E3")
    make.other_channel(sold.contoso, "direct", "Office Suite E5")

    assert hits(sign_in(sold.carl), "office") == {"Office Suite E3"}
    assert hits(sign_in(sold.tom), "office") == {"Office Suite E5"}
    assert hits(sign_in(sold.mia), "office") == set()


def test_a_global_admin_finds_no_customer(
    premium: Subscription, sold: World, sign_in: SignIn
) -> None:
    browser = sign_in(sold.gita)

    assert [hits(browser, q) for q in ("north", "premium", "CFQ7")] == [set()] * 3


def test_other_channels_of_a_customer_are_not_searched(sold: World, sign_in: SignIn) -> None:
    make.other_channel(sold.northwind, "direct", "Office Suite E3")

    assert hits(sign_in(sold.ada), "office") == set()


def test_somebody_without_a_workspace_has_nothing_to_search(world: World, sign_in: SignIn) -> None:
    world.mia.memberships.all().delete()

    assert sign_in(world.mia).get(PAGE, {"q": "north"}).status_code == 403

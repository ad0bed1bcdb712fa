"""The first page after signing in: everybody finds there what their roles are about."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from relationships.services import transfers
from tenants.models import User
from tenants.roles import Kind, Role
from tests import make
from tests.billing.selling import list_prices, sell
from tests.relationships.transferring import requested
from tests.two_tier import link, two_tier
from tests.world import World

from .reading import SignIn, links, main_words, text, words

HOME = "/"


def test_an_admin_agent_who_also_bills_sees_revenue_seats_and_the_next_invoice(
    billed: World, sign_in: SignIn
) -> None:
    page = sign_in(billed.ada).get(HOME)

    # 60 x 20.60 sold and 60 x 16.48 bought, each month
    assert "€1,236.00" in main_words(page)
    assert "€988.80" in main_words(page)
    assert "of 60" in main_words(page)
    assert reverse("relationships:invite") in links(page)


def test_a_sales_agent_sees_revenue_and_nothing_that_the_vendor_invoices(
    billed: World, sign_in: SignIn
) -> None:
    page = sign_in(billed.sam).get(HOME)

    assert "€1,236.00" in main_words(page)
    assert "988.80" not in text(page)
    assert reverse("billing:next-invoice") not in links(page)


@pytest.mark.parametrize("leak", ["€", "20.60", "16.48", "1,236", "988.80", "evenue", "rice list"])
def test_a_helpdesk_agent_sees_customers_and_not_one_amount(
    billed: World, sign_in: SignIn, leak: str
) -> None:
    page = sign_in(billed.helen).get(HOME)

    assert "of 60" in main_words(page)
    assert reverse("home:customer", args=[billed.northwind.public_id]) in links(page)
    assert leak not in text(page)


@pytest.mark.parametrize("leak", ["orthwind", "Business Premium", "€", "1,236", "60 seats"])
def test_a_global_admin_learns_nothing_about_customers(
    billed: World, sign_in: SignIn, leak: str
) -> None:
    page = sign_in(billed.gita).get(HOME)

    assert leak not in text(page)
    assert reverse("home:customers") not in links(page)


def test_the_coming_price_list_is_announced_to_those_who_see_prices(
    sold: World, sign_in: SignIn
) -> None:
    coming = make.price_list(date(2026, 12, 1), {sold.premium: ("17.00", "21.00")})
    diff = reverse("billing:price-list-diff", args=[coming.pk])

    shown = {who: diff in links(sign_in(getattr(sold, who)).get(HOME)) for who in READERS}

    assert shown == READERS


READERS = {"ada": True, "sam": True, "helen": False, "gita": False}


def test_every_renewal_of_the_next_thirty_days_is_counted(sold: World, sign_in: SignIn) -> None:
    for seats in range(1, 10):
        sell(sold, seats=seats, on=date(2026, 11, 1), duration="P1M")

    page = sign_in(sold.ada).get(HOME)

    # nine terms of a month, from 1 to 30 Nov; a few of them are listed
    assert "Renewals, next 30 days 9" in main_words(page)


def test_a_partner_without_customers_has_a_start_page_too(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.ada).get(HOME)

    assert "€0.00" in main_words(page)
    assert reverse("relationships:invite") in links(page)


@pytest.mark.parametrize(
    "leak", ["Northwind", "Fabrikam", "Business Premium", "1,236", "988.80", "of 60"]
)
def test_another_partner_sees_nothing_of_it(billed: World, sign_in: SignIn, leak: str) -> None:
    page = sign_in(billed.nora).get(HOME)

    assert leak not in text(page)


def test_a_tenant_admin_sees_what_the_organisation_has_and_who_sells_it(
    billed: World, sign_in: SignIn
) -> None:
    make.other_channel(billed.northwind, "direct", "Office Suite E3", seats=210)

    page = sign_in(billed.carl).get(HOME)

    for shown in ("Business Premium", "Office Suite E3", "Fabrikam Cloud", "€1,236.00"):
        assert shown in main_words(page)
    assert reverse("relationships:my-partner") in links(page)


def test_a_customer_sees_that_it_moves_to_another_partner_and_when(
    billed: World, sign_in: SignIn
) -> None:
    transfer = requested(billed)
    asked = main_words(sign_in(billed.carl).get(HOME))
    transfers.approve(transfer=transfer, act=billed.act(billed.ada))
    decided = main_words(sign_in(billed.bea).get(HOME))

    assert "You asked to move to Tailspin Partners on 27 Nov 2026" in asked
    assert "your partner has not decided yet" in asked
    assert "You move to Tailspin Partners on 27 Nov 2026" in decided


@pytest.mark.parametrize("who", ["carl", "bea", "mia"])
def test_no_customer_learns_what_its_partner_pays(billed: World, sign_in: SignIn, who: str) -> None:
    page = sign_in(getattr(billed, who)).get(HOME)

    assert "988.80" not in text(page)
    assert "16.48" not in text(page)


def test_a_billing_reader_sees_bills_and_subscriptions_and_no_log(
    billed: World, sign_in: SignIn
) -> None:
    page = sign_in(billed.bea).get(HOME)

    assert "€1,236.00" in main_words(page)
    assert "Business Premium" in main_words(page)
    assert "Latest activity" not in words(page)


@pytest.mark.parametrize("leak", ["Business Premium", "€", "Fabrikam", "1,236"])
def test_a_member_sees_neither_subscriptions_nor_bills(
    billed: World, sign_in: SignIn, leak: str
) -> None:
    page = sign_in(billed.mia).get(HOME)

    assert "You have no licence yet" in words(page)
    assert leak not in text(page)


def test_a_customer_without_a_partner_is_told_how_to_get_one(world: World, sign_in: SignIn) -> None:
    page = sign_in(world.tom).get(HOME)

    assert "no CSP partner" in main_words(page)


def test_somebody_without_a_membership_is_told_what_to_do(world: World, sign_in: SignIn) -> None:
    alone = User.objects.create_user("sole@nowhere.example", make.PASSWORD)

    page = sign_in(alone).get(HOME)

    assert "You belong to no organisation" in words(page)
    assert "nav" not in page.context


def test_an_operator_is_led_to_the_admin(world: World, sign_in: SignIn) -> None:
    olga = User.objects.create_user("olga@vendor.example", make.PASSWORD, is_staff=True)

    page = sign_in(olga).get(HOME)

    assert reverse("admin:index") in links(page)


def test_nobody_gets_in_without_signing_in(db: None) -> None:
    answer = Client().get(HOME)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


def test_a_reseller_sees_the_next_invoice_of_each_of_its_providers(
    world: World, sign_in: SignIn
) -> None:
    tiers = two_tier(world)
    other = make.partner(
        "Second Source", domain="second.example", mpn_id="4711077", kind=Kind.INDIRECT_PROVIDER
    )
    boss = make.member("bo", other.tenant, Role.GLOBAL_ADMIN)
    link(world, other, tiers.litware, by=boss, accepted_by=tiers.lars, discount="20")
    vanarsdel = make.tenant("VanArsdel", domain="vanarsdel.example")
    make.relationship(other, vanarsdel, reseller=tiers.litware)
    list_prices(world)
    first = date(2026, 11, 1)
    sell(world, partner=tiers.wingtip, tenant=tiers.relecloud, seats=10, on=first)
    browser = sign_in(tiers.lena)
    one = browser.get(HOME)
    sell(world, partner=other, tenant=vanarsdel, seats=20, on=first)

    page = browser.get(HOME)

    # 10 x 18.54 at 10 % off; then 20 x 16.48 at 20 % off
    assert "Next invoice to you Preview €185.40" in main_words(one)
    assert f"?seller={tiers.wingtip.tenant.public_id}" in text(one)
    shown = main_words(page)
    assert "Next invoices to you" in shown
    assert "Wingtip Distribution €185.40" in shown
    assert "Second Source €329.60" in shown
    assert "€515.00" in shown  # both
    assert f"?seller={other.tenant.public_id}" in text(page)

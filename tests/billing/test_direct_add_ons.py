"""Add-ons to what a customer bought from the vendor: they follow their base in every move."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from billing.models import Invoice, Quote
from billing.services import closing, renewals
from csp_portal.shared.dates import Period
from subscriptions.models import OfferRule, Subscription
from subscriptions.services import errors, lifecycle, trials
from tenants.models import Activity
from tests import make
from tests.subscriptions.test_other_channels import APP, as_role, refusal
from tests.world import TODAY, World

from .selling import FOUNDED, charged, list_prices, place, sell
from .test_direct import buy, change

IN_NOVEMBER = date(2026, 11, 22)
INSERT = """
INSERT INTO subscriptions_subscription (public_id, tenant_id, channel, reference, title, base_id,
  state, is_trial, seats, assigned_seats, starts_on, auto_renew, note, created_at)
VALUES (gen_random_uuid(), {tenant}, '{channel}', '', 'x', {base},
  'active', false, 1, 0, '2026-11-22', true, '', now())
"""


@pytest.fixture
def shop_world(world: World) -> World:
    list_prices(world)
    make.relationship(world.fabrikam, world.northwind)
    return world


@pytest.fixture
def base(shop_world: World) -> Subscription:
    return buy(shop_world)  # on 14 March 2026, for a year


def add(world: World, base: Subscription | None, *, seats: int = 6, **asked: Any) -> Subscription:
    asked = {"offer": world.phone, "on": IN_NOVEMBER, **asked}
    return buy(world, seats=seats, base=base, **asked)


def contosos(world: World) -> Subscription:
    """Let another customer buy the same."""
    asked = {"by": world.tom, "tenant": world.contoso, "offer": world.premium}
    return place(world, "new", on=TODAY, partner=None, seats=5, **asked).subscription


# -------------------------------------------------------------------------- coterminous


def test_it_ends_with_its_base_and_is_billed_on_the_same_days(
    shop_world: World, base: Subscription
) -> None:
    add_on = add(shop_world, base)

    term = add_on.terms.get()
    assert (add_on.channel, add_on.base, add_on.partner) == ("direct", base, None)
    assert (term.anchor_on, term.period) == (FOUNDED, Period(IN_NOVEMBER, date(2027, 3, 14)))
    # 8.00 x 6 x 22/30: 22 Nov to 13 Dec of the period from 14 Nov
    assert charged(add_on, shop_world.northwind) == [("new", 6, "35.20")]


def test_both_logs_know_who_bought_it(shop_world: World, base: Subscription) -> None:
    add_on = add(shop_world, base)

    logged = Activity.objects.filter(about=add_on.public_id)
    assert [(entry.tenant, entry.action) for entry in logged] == [
        (shop_world.northwind, "subscription.ordered")
    ]


def test_the_run_time_role_buys_and_cancels_it(shop_world: World, base: Subscription) -> None:
    with as_role(APP):
        add(shop_world, base)
        change(shop_world, "cancel", base, on=TODAY)


# --------------------------------------------------------------------- it follows its base


def test_it_is_cancelled_with_its_base_and_credited(shop_world: World, base: Subscription) -> None:
    add_on = add(shop_world, base)

    change(shop_world, "cancel", base, on=date(2026, 12, 1))

    add_on.refresh_from_db()
    assert add_on.state == "cancelled"
    assert charged(add_on, shop_world.northwind) == [
        ("new", 6, "35.20"),
        ("cancelImmediate", -6, "-20.80"),  # 8.00 x -6 x 13/30
    ]


def test_it_is_renewed_with_its_base(shop_world: World, base: Subscription) -> None:
    add_on = add(shop_world, base)

    report = renewals.renew_due(act=shop_world.act(on=date(2027, 3, 14)))

    add_on.refresh_from_db()
    assert (report.renewed, report.failures) == (1, [])
    assert [term.ends_on for term in add_on.terms.order_by("number")] == [
        date(2027, 3, 14),
        date(2028, 3, 14),
    ]
    assert add_on.ends_on == date(2028, 3, 14)


def test_it_expires_with_a_base_that_is_not_renewed(shop_world: World, base: Subscription) -> None:
    add_on = add(shop_world, base)
    base.refresh_from_db()
    lifecycle.set_auto_renew(
        subscription=base, is_on=False, act=shop_world.act(shop_world.carl, TODAY)
    )
    renewals.renew_due(act=shop_world.act(on=date(2027, 3, 14)))

    for each in (base, add_on):
        each.refresh_from_db()
        assert each.state == "expired"


def test_it_can_be_cancelled_alone(shop_world: World, base: Subscription) -> None:
    add_on = add(shop_world, base)

    change(shop_world, "cancel", add_on, on=TODAY)

    base.refresh_from_db()
    add_on.refresh_from_db()
    assert (base.state, add_on.state) == ("active", "cancelled")


def test_the_month_bills_both_periods_on_one_invoice(shop_world: World, base: Subscription) -> None:
    add(shop_world, base)

    closing.close_month(month=date(2026, 12, 1), act=shop_world.act(on=date(2027, 1, 1)))

    invoice = Invoice.objects.get(buyer=shop_world.northwind, month=date(2026, 12, 1))
    assert (invoice.line_count, invoice.total) == (2, Decimal("1284.00"))  # 20.60 x 60 + 8.00 x 6


# ------------------------------------------------------------------------------- refused


def test_each_reason_why_it_cannot_be_added(shop_world: World, base: Subscription) -> None:
    sold = sell(shop_world, on=TODAY)
    imported = make.other_channel(shop_world.northwind, "direct", "Windows")
    offer = make.offer("Suite trial", "TRY:1", is_trial=True)
    trial = trials.start_trial(
        tenant=shop_world.northwind, offer=offer, act=shop_world.act(shop_world.carl)
    )
    add_on = add(shop_world, base)
    monthly = buy(shop_world, on=TODAY, duration="P1M")
    ended = buy(shop_world, on=TODAY)
    change(shop_world, "cancel", ended, on=TODAY)

    for wrong, why in (
        (None, "is an add-on: choose the subscription it is added to"),
        (sold, "Add it to a subscription that you bought from the vendor yourself"),
        (add_on, "Add it to a subscription that you bought from the vendor yourself"),
        (imported, "was bought before this portal"),
        (trial, "Suite trial is a trial. Buy the offer first"),
        (monthly, "An add-on has the term of its base: 1 month."),
        (ended, "Business Premium is not active."),
    ):
        with pytest.raises(errors.AddOnNeedsBase, match=why):
            add(shop_world, wrong, on=TODAY)


def test_it_is_added_only_to_the_offers_it_goes_with(shop_world: World, base: Subscription) -> None:
    shop_world.phone.add_on_to.add(make.offer("Enterprise", "E5:1"))

    with pytest.raises(errors.AddOnNeedsBase, match="cannot be added to Business Premium"):
        add(shop_world, base)


def test_another_customers_subscription_is_no_base(shop_world: World) -> None:
    theirs = contosos(shop_world)

    with pytest.raises(errors.AddOnNeedsBase, match="that you bought from the vendor yourself"):
        add(shop_world, theirs)


def test_the_offer_matrix_holds_for_customers_too(shop_world: World, base: Subscription) -> None:
    rule = OfferRule.objects.create(
        offer=shop_world.phone,
        customer_limit=1,
        limit_kind="concurrent",
        imported_at=make.LONG_AGO,
    )
    needed = make.offer("Teams Enterprise", "TEAMS:1")
    rule.requires.add(needed)

    with pytest.raises(errors.MissingPrerequisite, match="Teams Enterprise"):
        add(shop_world, base)

    make.other_channel(shop_world.northwind, "ea", "Teams Enterprise", offer=needed)
    add(shop_world, base)
    with pytest.raises(errors.CustomerLimitReached, match="at most 1"):
        add(shop_world, base)


def test_more_seats_need_the_prerequisite_as_well(shop_world: World, base: Subscription) -> None:
    add_on = add(shop_world, base)
    rule = OfferRule.objects.create(offer=shop_world.phone, imported_at=make.LONG_AGO)
    rule.requires.add(make.offer("Teams Enterprise", "TEAMS:1"))

    with pytest.raises(errors.MissingPrerequisite):
        change(shop_world, "seats", add_on, on=TODAY, seats=7)
    change(shop_world, "seats", add_on, on=TODAY, seats=5)


def test_an_offer_outside_the_matrix_is_csps_affair(shop_world: World, base: Subscription) -> None:
    OfferRule.objects.create(offer=shop_world.premium, imported_at=make.LONG_AGO)

    assert add(shop_world, base).seats == 6


@pytest.mark.parametrize("wrong", ["customer", "channel", "seller", "add-on"])
def test_the_database_refuses_a_base_of_somebody_else(
    shop_world: World, base: Subscription, wrong: str
) -> None:
    make.relationship(shop_world.tailspin, shop_world.contoso)
    found = {
        "customer": lambda: contosos(shop_world),
        "channel": lambda: make.other_channel(shop_world.northwind, "advisor", "Exchange"),
        "seller": lambda: sell(shop_world, on=TODAY),
        "add-on": lambda: add(shop_world, base),
    }[wrong]()

    with transaction.atomic():
        insert = INSERT.format(tenant=shop_world.northwind.pk, channel="direct", base=found.pk)
        assert refusal(insert) == "subscriptions_add_on_beside_its_base"


def test_the_database_knows_no_add_on_of_the_other_channels(shop_world: World) -> None:
    base = make.other_channel(shop_world.northwind, "advisor", "Exchange")

    with transaction.atomic():
        insert = INSERT.format(tenant=shop_world.northwind.pk, channel="advisor", base=base.pk)
        assert refusal(insert) == "subscriptions_only_csp_and_direct_add_ons"


# --------------------------------------------------------------------------------- pages


@pytest.fixture
def carl(shop_world: World, sign_in: Any) -> Client:
    return sign_in(shop_world.carl)  # type: ignore[no-any-return]


def price_of_phone(world: World, duration: str = "P1Y") -> int:
    return world.phone.prices.get(duration=duration, plan="monthly").pk  # type: ignore[no-any-return]


def test_from_the_panel_over_the_shop_to_the_add_on(
    shop_world: World, base: Subscription, carl: Client
) -> None:
    panel = carl.get(reverse("home:my-subscriptions") + f"?panel={base.public_id}").text
    way = f"{reverse('billing:shop')}?kind=add-ons&base={base.public_id}"
    assert way.replace("&", "&amp;") in panel

    form = carl.get(f"{way}&price={price_of_phone(shop_world)}").text
    assert f'<option value="{base.public_id}" selected>' in form
    quoted = carl.post(
        way, {"price": price_of_phone(shop_world), "base": base.public_id, "seats": 6}
    )
    quote = Quote.objects.get(offer=shop_world.phone)
    page = carl.get(quoted["Location"]).text
    carl.post(reverse("billing:confirm-quote", args=[quote.public_id]))

    assert "Order 6 seats for €35.20" in page
    assert "Added to" in page
    add_on = Subscription.objects.get(offer=shop_world.phone)
    assert add_on.base == base
    shown = carl.get(reverse("home:my-subscriptions") + f"?panel={add_on.public_id}").text
    assert "It is an add-on to Business Premium" in shown
    assert "Add-on to Business Premium" in shown
    assert (
        "Teams Phone Standard (6)"
        in carl.get(reverse("home:my-subscriptions") + f"?panel={base.public_id}").text
    )


def test_without_a_base_the_shop_says_what_to_buy_first(shop_world: World, carl: Client) -> None:
    sell(shop_world, on=TODAY)

    page = carl.get(reverse("billing:shop") + f"?price={price_of_phone(shop_world)}").text

    assert "You have no active Direct subscription of 1 year that it can be added to" in page
    assert "Show the price" not in page


def test_a_base_that_does_not_fit_is_refused_in_its_field(
    shop_world: World, base: Subscription, carl: Client
) -> None:
    sold = sell(shop_world, on=TODAY)

    page = carl.post(
        reverse("billing:shop"),
        {"price": price_of_phone(shop_world), "base": sold.public_id, "seats": 6},
    ).text

    assert "Choose an active subscription that takes this add-on." in page
    assert not Quote.objects.filter(offer=shop_world.phone).exists()


def test_what_the_matrix_refuses_is_said_on_the_page(
    shop_world: World, base: Subscription, carl: Client
) -> None:
    rule = OfferRule.objects.create(offer=shop_world.phone, imported_at=make.LONG_AGO)
    rule.requires.add(make.offer("Teams Enterprise", "TEAMS:1"))

    page = carl.post(
        reverse("billing:shop"),
        {"price": price_of_phone(shop_world), "base": base.public_id, "seats": 6},
    ).text

    assert "Teams Phone Standard needs one of these first" in page


def test_cancelling_the_base_says_what_goes_along(
    shop_world: World, base: Subscription, carl: Client
) -> None:
    add(shop_world, base)
    url = reverse("billing:own-cancel", args=[base.public_id])

    assert "One add-on goes along" in carl.get(url).text
    quoted = carl.post(url, {"reason": ""})
    assert "One add-on goes along" in carl.get(quoted["Location"]).text

"""A customer changes what it bought from the vendor from the next term on; never CSP (R10)."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from billing.models import LockedPrice
from billing.services import closing, next_terms
from billing.services.charging import lock_prices
from billing.services.renewals import renew_due
from subscriptions.models import Offer, OfferRule, ScheduledChange, Subscription
from subscriptions.services import lifecycle, trials
from subscriptions.services.errors import (
    AskYourPartner,
    NoTermHere,
    NotForSale,
    OtherChannel,
    SeatsBelowAssigned,
    TrialIsFixed,
    WillNotRenew,
)
from subscriptions.services.owners import owning_path
from tenants.models import Activity
from tests import make
from tests.conftest import Browser
from tests.world import World

from .selling import FOUNDED, charged, list_prices, place, sell

SignIn = Callable[..., Browser]
END = date(2027, 3, 14)


@pytest.fixture
def direct(world: World) -> Subscription:
    """60 seats of Business Premium that Northwind bought from the vendor at 20.60 a month."""
    list_prices(world)
    return place(
        world, "new", on=FOUNDED, by=world.carl, partner=None, offer=world.premium, seats=60
    ).subscription


@pytest.fixture
def standard(world: World, direct: Subscription) -> Offer:
    """Put Business Standard at 11.70 and Premium at 23.00 on the list of December."""
    offer = make.offer("Business Standard", "CFQ7TTC0LDPB:0001")
    make.price_list(
        date(2026, 12, 1), {world.premium: ("18.00", "23.00"), offer: ("9.83", "11.70")}
    )
    return offer


def schedule(world: World, subscription: Subscription, **asked: Any) -> ScheduledChange:
    by = asked.pop("by", world.carl)
    return next_terms.schedule(subscription=subscription, act=world.act(by), **asked)


def page_of(subscription: Subscription) -> str:
    return reverse("billing:own-next-term", args=[subscription.public_id])


def undo_of(subscription: Subscription) -> str:
    return reverse("billing:undo-own-next-term", args=[subscription.public_id])


def words(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return " ".join(re.sub(r"<[^>]*>", " ", unescape(answer.content.decode())).split())


def set_assigned(subscription: Subscription, seats: int) -> None:
    with transaction.atomic(), owning_path(subscription):
        Subscription.objects.filter(pk=subscription.pk).update(assigned_seats=seats)


def test_the_price_is_shown_before_the_click_and_one_click_takes_it_back(
    world: World, direct: Subscription, standard: Offer, sign_in: SignIn
) -> None:
    carl, page = sign_in(world.carl), page_of(direct)
    asked = {"seats": 50, "terms": "P1Y.monthly", "offer": str(world.premium.public_id)}

    before = words(carl.get(page))
    priced = words(carl.get(page, asked))
    assert not ScheduledChange.objects.exists()
    done = words(carl.post(page, asked, follow=True))

    assert "Cirrus bills you Subscription Now Next term" in before
    # 20.60 x 60 now; 23.00 x 60 by the list of December
    assert "€1,236.00 60 × €20.60 per month €1,380.00 60 × €23.00 per month" in before
    # 23.00 x 50
    assert "€1,236.00 60 × €20.60 per month €1,150.00 50 × €23.00 per month" in priced
    assert "Schedule it for 14 Mar 2027" in priced
    assert "Scheduled for 14 Mar 2027. Nothing is charged before then." in done
    assert "A change is scheduled for 14 Mar 2027 by Carl Novak 50 seats Take it back" in done

    back = words(carl.post(undo_of(direct), follow=True))
    again = words(carl.post(undo_of(direct), follow=True))
    assert "Taken back. It renews as it is." in back
    assert "This change was applied or taken back before" in again


def test_the_renewal_applies_it_at_the_price_of_that_day(
    world: World, direct: Subscription, standard: Offer
) -> None:
    schedule(world, direct, seats=50, offer=standard, plan="annual")

    report = renew_due(act=world.act(on=END))
    closing.close_due(act=world.act(on=date(2027, 4, 1)))

    assert report.failures == []
    direct.refresh_from_db()
    assert (direct.title, direct.seats, direct.ends_on) == (
        "Business Standard",
        50,
        date(2028, 3, 14),
    )
    (locked,) = LockedPrice.objects.filter(subscription=direct, term__number=2)
    assert (locked.leg, locked.plan, locked.unit_price) == (1, "annual", Decimal("140.4000"))
    assert charged(direct, world.northwind)[-2:] == [
        ("cycleCharge", 60, "1236.00"),  # 20.60 x 60, 14 Feb to 14 Mar
        ("renew", 50, "7020.00"),  # 11.70 x 12 x 50
    ]


def test_only_the_customers_log_has_it(world: World, direct: Subscription) -> None:
    make.relationship(world.fabrikam, world.northwind)
    change = schedule(world, direct, seats=50)
    lifecycle.take_back(change=change, act=world.act(world.carl))

    logged = Activity.objects.filter(action__contains="change-").order_by("seq")
    assert [(entry.tenant, entry.action, entry.by) for entry in logged] == [
        (world.northwind, "subscription.change-scheduled", world.carl),
        (world.northwind, "subscription.change-undone", world.carl),
    ]
    change.refresh_from_db()
    assert (change.acting_for, change.closed_for) == (world.northwind, world.northwind)


def test_the_offer_matrix_is_for_csp_only(
    world: World, direct: Subscription, standard: Offer
) -> None:
    """The matrix has only another offer: through CSP Business Standard would be refused."""
    OfferRule.objects.create(offer=world.premium, imported_at=world.act().at)

    assert schedule(world, direct, offer=standard).offer == standard


def test_fewer_seats_than_assigned_are_refused_on_the_page(
    world: World, direct: Subscription, sign_in: SignIn
) -> None:
    set_assigned(direct, 45)
    asked = {"seats": 44, "terms": "P1Y.monthly", "offer": str(world.premium.public_id)}

    with pytest.raises(SeatsBelowAssigned):
        schedule(world, direct, seats=44)
    for method in ("get", "post"):
        shown = words(getattr(sign_in(world.carl), method)(page_of(direct), asked))
        assert "45 seats are assigned to users; unassign some before you remove seats." in shown
    assert not ScheduledChange.objects.exists()


def test_an_offer_that_is_not_sold_is_refused(world: World, direct: Subscription) -> None:
    with pytest.raises(NotForSale):
        schedule(world, direct, offer=world.phone)  # an add-on


def test_with_automatic_renewal_off_there_is_no_next_term(
    world: World, direct: Subscription, sign_in: SignIn
) -> None:
    carl = sign_in(world.carl)
    url = reverse("billing:own-auto-renew", args=[direct.public_id])
    off = words(carl.post(url, {"is_on": "no", "next": "term"}, follow=True))

    assert "Business Premium ends with its term." in off
    assert "It ends; there is no next term after 13 Mar 2027" in off
    with pytest.raises(WillNotRenew):
        schedule(world, direct, seats=50)
    asked = {"seats": 50, "terms": "P1Y.monthly", "offer": str(world.premium.public_id)}
    refused = carl.post(page_of(direct), asked)
    assert refused.status_code == 200
    assert not ScheduledChange.objects.exists()


def test_imported_trial_and_ended_say_why_not(
    world: World, direct: Subscription, sign_in: SignIn
) -> None:
    imported = make.other_channel(world.northwind, "direct", "Windows", offer=world.premium)
    trial = trials.start_trial(
        tenant=world.northwind,
        offer=make.offer("Office Suite E5", "T:1", is_trial=True),
        act=world.act(world.carl),
    )
    lifecycle.cancel(subscription=direct, act=world.act(world.carl))
    carl = sign_in(world.carl)

    for subscription, refusal, text in (
        (imported, NoTermHere, "its term and price are not kept here"),
        (trial, TrialIsFixed, "A trial has 25 seats for 30 days and does not renew."),
        (direct, None, "Business Premium is cancelled. To have the service again, buy it anew."),
    ):
        assert text in words(carl.get(page_of(subscription)))
        assert text in words(carl.post(page_of(subscription), {"seats": 3}))
        if refusal:
            with pytest.raises(refusal):
                schedule(world, subscription, seats=3)
    assert not ScheduledChange.objects.exists()


def test_r10_a_customer_schedules_nothing_on_csp(world: World, sign_in: SignIn) -> None:
    """By the page, by the service, and by the database; nor takes it back what waits there."""
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    csp = sell(world, seats=60)
    waiting = next_terms.schedule(subscription=csp, seats=50, act=world.act(world.ada))
    carl, text = sign_in(world.carl), "Fabrikam Cloud manages this CSP subscription for you."

    assert text in words(carl.get(page_of(csp)))
    assert text in words(carl.post(page_of(csp), {"seats": 40}))
    assert text in words(carl.post(undo_of(csp), follow=True))
    with pytest.raises(AskYourPartner):
        schedule(world, csp, seats=40)
    with pytest.raises(AskYourPartner):
        lifecycle.take_back(change=waiting, act=world.act(world.carl))
    with pytest.raises(DatabaseError, match="R10"), transaction.atomic():
        ScheduledChange.objects.filter(pk=waiting.pk).update(
            outcome="undone", closed_at=world.act().at, closed_for=world.northwind
        )
    lifecycle.take_back(change=waiting, act=world.act(world.ada))
    with pytest.raises(DatabaseError, match="R10"), transaction.atomic():
        row_of(world, csp, acting_for=world.northwind)
    assert not ScheduledChange.objects.open().exists()


def test_r3_a_partner_schedules_nothing_on_what_the_customer_bought(
    world: World, direct: Subscription, sign_in: SignIn
) -> None:
    make.relationship(world.fabrikam, world.northwind)
    waiting = schedule(world, direct, seats=50)

    partners_page = reverse("billing:scheduled-change", args=[direct.public_id])
    assert sign_in(world.ada).get(partners_page).status_code == 404
    with pytest.raises(OtherChannel):
        schedule(world, direct, seats=40, by=world.ada)
    with pytest.raises(OtherChannel):
        lifecycle.take_back(change=waiting, act=world.act(world.ada))
    with pytest.raises(DatabaseError, match="R3"), transaction.atomic():
        ScheduledChange.objects.filter(pk=waiting.pk).update(
            outcome="undone", closed_at=world.act().at, closed_for=world.fabrikam.tenant
        )
    lifecycle.take_back(change=waiting, act=world.act(world.carl))
    with pytest.raises(DatabaseError, match="R3"), transaction.atomic():
        row_of(world, direct, acting_for=world.fabrikam.tenant)


def row_of(world: World, subscription: Subscription, **fields: Any) -> ScheduledChange:
    """Write a row past the services."""
    return ScheduledChange.objects.create(
        subscription=subscription,
        takes_effect_on=END,
        seats=40,
        created_at=world.act().at,
        created_by=world.carl,
        **fields,
    )


@pytest.mark.parametrize(
    ("who", "code"), [("carl", 200), ("bea", 403), ("mia", 403), ("tom", 404), ("ada", 403)]
)
def test_who_may_open_it(
    world: World, direct: Subscription, sign_in: SignIn, who: str, code: int
) -> None:
    browser = sign_in(getattr(world, who))

    assert browser.get(page_of(direct)).status_code == code
    assert browser.post(undo_of(direct)).status_code == (302 if code == 200 else code)


def test_the_panel_leads_there_and_shows_what_waits(
    world: World, direct: Subscription, sign_in: SignIn
) -> None:
    schedule(world, direct, seats=50)

    panel = sign_in(world.carl).get(reverse("home:my-subscriptions"), {"panel": direct.public_id})

    assert f'href="{page_of(direct)}"' in panel.content.decode()
    assert "Next term 50 seats from 14 Mar 2027" in words(panel)


def test_an_advisor_one_keeps_its_partner_of_record(
    world: World, direct: Subscription, standard: Offer
) -> None:
    bought = lifecycle.buy(
        tenant=world.northwind,
        offer=world.premium,
        seats=5,
        duration="P1Y",
        partner_of_record=world.tailspin,
        act=world.act(world.carl, FOUNDED),
    ).term

    lock_prices(term=bought, segment="commercial", plan="monthly")
    schedule(world, bought.subscription, offer=standard)

    renew_due(act=world.act(on=END))

    now = Subscription.objects.get(pk=bought.subscription_id)
    assert (now.channel, now.title, now.partner_of_record) == (
        "advisor",
        "Business Standard",
        world.tailspin,
    )

"""Direct trials: 25 seats, 30 days, free, once; told 7 days and 1 day before the end."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from billing.models import Charge
from billing.queries import term_notices
from billing.queries.prices import prices_for_sale
from billing.services import renewals
from subscriptions.models import Offer, Subscription, TrialNotice
from subscriptions.services import errors, lifecycle, trials
from tenants.acts import Act

from .. import make
from ..world import TODAY, World
from .test_other_channels import APP, as_role

ENDS = date(2026, 12, 22)


@pytest.fixture
def tryable(world: World) -> Offer:
    return make.offer("Business Premium Trial", "CFQ7TTC0LCHC:T", is_trial=True)


def start(world: World, offer: Offer, on: date = TODAY) -> Subscription:
    return trials.start_trial(tenant=world.northwind, offer=offer, act=world.act(world.carl, on))


def portal(on: date) -> Act:
    return Act.of_the_portal(at=make.LONG_AGO, on=on)


def test_a_trial_has_25_seats_for_30_days_and_costs_nothing(world: World, tryable: Offer) -> None:
    with as_role(APP):
        trial = start(world, tryable)

    assert (trial.channel, trial.is_trial, trial.seats, trial.ends_on, trial.auto_renew) == (
        "direct",
        True,
        25,
        ENDS,
        False,
    )
    assert not Charge.objects.exists()


def test_it_is_given_once_however_it_ended(world: World, tryable: Offer) -> None:
    trial = start(world, tryable)
    lifecycle.cancel(subscription=trial, act=world.act(world.carl))

    with pytest.raises(errors.TriedBefore, match="a trial is given once"):
        start(world, tryable)


def test_the_notices_of_terms_leave_it_alone(world: World, tryable: Offer) -> None:
    start(world, tryable)

    assert not term_notices.candidates(on=ENDS - timedelta(days=7)).exists()


def test_it_ends_by_itself(world: World, tryable: Offer) -> None:
    trial = start(world, tryable)

    renewals.renew_due(act=portal(ENDS - timedelta(days=1)))
    trial.refresh_from_db()
    assert trial.state == "active"
    report = renewals.renew_due(act=portal(ENDS))

    trial.refresh_from_db()
    assert (trial.state, report.expired, report.failures) == ("expired", 1, [])


def test_its_seats_and_its_end_are_fixed(world: World, tryable: Offer) -> None:
    trial, act = start(world, tryable), world.act(world.carl)

    with pytest.raises(errors.TrialIsFixed, match="25 seats for 30 days"):
        lifecycle.change_seats(subscription=trial, seats=30, act=act)
    with pytest.raises(errors.TrialIsFixed):
        lifecycle.set_auto_renew(subscription=trial, is_on=True, act=act)


def test_no_partner_starts_one(world: World, tryable: Offer) -> None:
    make.relationship(world.fabrikam, world.northwind)

    with pytest.raises(errors.OtherChannel):
        trials.start_trial(tenant=world.northwind, offer=tryable, act=world.act())


def test_only_trial_offers_can_be_tried(world: World) -> None:
    with pytest.raises(errors.NoTrial):
        start(world, world.premium)


def test_there_is_no_trial_in_a_csp_catalogue(world: World, tryable: Offer) -> None:
    make.relationship(world.fabrikam, world.northwind)
    make.price_list(
        date(2026, 3, 1), {world.premium: ("16.48", "20.60"), tryable: ("0.00", "0.00")}
    )

    on_sale = prices_for_sale(market="DE", currency="EUR", on=TODAY)
    with pytest.raises(errors.NotForSale):
        lifecycle.provision(
            partner=world.fabrikam,
            tenant=world.northwind,
            offer=tryable,
            seats=1,
            duration="P1Y",
            act=world.act(),
        )

    assert {price.offer for price in on_sale} == {world.premium}


def test_notices_7_days_and_1_day_before_each_once(world: World, tryable: Offer) -> None:
    start(world, tryable)

    sent = {
        day: trials.send_notices(act=portal(ENDS - timedelta(days=day)))
        for day in (9, 8, 7, 6, 5, 2, 1, 0)
        for _ in range(2)
    }
    again = trials.send_notices(act=portal(ENDS - timedelta(days=1)))

    assert (sent[9], sent[8], again) == (0, 0, 0)
    assert [letter.subject for letter in mail.outbox] == [
        "Your trial of Business Premium Trial ends in 7 days",
        "Your trial of Business Premium Trial ends in 1 day",
    ]
    assert {letter.to[0] for letter in mail.outbox} == {world.carl.email}
    assert sorted(TrialNotice.objects.values_list("days_before", flat=True)) == [1, 7]


def test_a_late_notice_says_how_many_days_are_left(world: World, tryable: Offer) -> None:
    start(world, tryable)

    trials.send_notices(act=portal(ENDS - timedelta(days=3)))

    assert mail.outbox[0].subject == "Your trial of Business Premium Trial ends in 3 days"


def test_the_customer_starts_one_on_the_page(world: World, tryable: Offer, sign_in: Any) -> None:
    carl = sign_in(world.carl)
    page = reverse("subscriptions:trials")

    offered = carl.get(page).content.decode()
    said = carl.post(page, {"offer": tryable.public_id}, follow=True).content.decode()
    again = carl.post(page, {"offer": tryable.public_id}, follow=True).content.decode()

    assert "Business Premium Trial" in offered
    assert "25 seats until 21 Dec 2026" in said
    assert "a trial is given once" in again
    for person in (world.ada, world.bea):
        assert sign_in(person).get(page).status_code == 403

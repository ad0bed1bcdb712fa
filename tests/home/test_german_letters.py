"""The letters about what renews, ends and is paid twice, to somebody who reads German."""

from datetime import date
from typing import Any

import pytest
from django.core import mail

from billing.services.term_notices import notify_due
from csp_portal.home.reminders import remind_of_transitions
from subscriptions.models import OfferEquivalence
from subscriptions.services import lifecycle, trials
from tenants.acts import Act
from tenants.models import User
from tests import make
from tests.billing.selling import change, sell
from tests.world import TODAY, World


@pytest.fixture
def carl(sold: World) -> User:
    """Carl reads German, Ada English."""
    sold.carl.language = "de"
    sold.carl.save(update_fields=["language"])
    return sold.carl


def portal(world: World, on: date) -> Act:
    return Act.of_the_portal(at=world.act(on=on).at, on=on)


def letters_to(user: User) -> list[tuple[str, str]]:
    """Return subject and text of each, in single spaces."""
    return [
        (each.subject, " ".join(str(each.body).split()))
        for each in mail.outbox
        if each.to == [user.email]
    ]


def test_what_renews_and_what_ends(
    sold: World, carl: User, django_capture_on_commit_callbacks: Any
) -> None:
    premium = sell(sold)
    day = date(2027, 2, 12)  # 30 days before the term's end
    with django_capture_on_commit_callbacks(execute=True):
        notify_due(act=portal(sold, day))
    lifecycle.set_auto_renew(subscription=premium, is_on=False, act=sold.act(on=day))
    with django_capture_on_commit_callbacks(execute=True):
        notify_due(act=portal(sold, date(2027, 3, 7)))

    (renews, ends), english = letters_to(carl), letters_to(sold.ada)
    assert renews[0] == "Business Premium verlängert sich am 14. März 2027"
    assert (
        "Diese verlängern sich von selbst, zum Preis, der an diesem Tag gilt: - Business Premium, "
        "Northwind Traders, am 14. März 2027" in renews[1]
    )
    assert ends[0] == "Business Premium endet am 13. März 2027"
    assert "- Business Premium, Northwind Traders, letzter Tag 13. März 2027" in ends[1]
    assert [subject for subject, _text in english] == [
        "Business Premium renews on 14 March 2027",
        "Business Premium ends on 13 March 2027",
    ]


def test_what_is_suspended_for_long(
    sold: World, carl: User, django_capture_on_commit_callbacks: Any
) -> None:
    change(sold, "suspend", sell(sold), on=TODAY)
    with django_capture_on_commit_callbacks(execute=True):
        notify_due(act=portal(sold, date(2027, 1, 21)))  # 30 days before the 90th day

    ((subject, text),) = letters_to(carl)
    assert subject == "Business Premium wird am 20. Februar 2027 gekündigt"
    assert "samt ihren Daten gekündigt, wenn sie nicht wieder aktiviert werden" in text


def test_what_is_paid_twice(sold: World, carl: User) -> None:
    exchange = make.offer("Exchange Online Plan 1", "CFQ7TTC0LH16:0001")
    make.price_list(
        date(2026, 8, 1), {sold.premium: ("16.48", "20.60"), exchange: ("3.11", "3.70")}
    )
    OfferEquivalence.objects.create(offer=exchange, replacement=sold.premium)
    make.other_channel(
        sold.northwind, "advisor", "Exchange Online Plan 1", seats=35, offer=exchange
    )
    sell(sold, seats=40, on=date(2026, 9, 1))

    remind_of_transitions(act=portal(sold, TODAY))

    ((subject, text),) = letters_to(carl)
    assert subject == "Exchange Online Plan 1 wird doppelt bezahlt"
    # 3.70 x 35 = 129.50 a month, x 12 x 82/365 = 349.12 so far; 20.60 x 40 = 824.00
    assert (
        "82 Tage; das alte kostet €129.50 im Monat, bisher €349.12 (zum Listenpreis); das "
        "CSP-Abonnement €824.00 im Monat" in text
    )
    assert letters_to(sold.ada)[0][0] == "Exchange Online Plan 1 is paid twice"


def test_a_trial_that_ends(sold: World, carl: User) -> None:
    offer = make.offer("Office Suite E5", "E5:TRIAL", is_trial=True)
    trials.start_trial(tenant=sold.northwind, offer=offer, act=sold.act(carl))
    trials.send_notices(act=portal(sold, date(2026, 12, 15)))

    ((subject, text),) = letters_to(carl)
    assert subject == "Ihre Testversion von Office Suite E5 endet in 7 Tagen"
    assert "Der letzte Tag der Testversion ist der 21. Dezember 2026." in text

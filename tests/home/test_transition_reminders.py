"""Reminders of what is paid twice: every 14 days at most, and nothing is cancelled by itself."""

from datetime import date

import pytest
from django.core import mail

from csp_portal.home.reminders import remind_of_transitions
from subscriptions.models import OfferEquivalence, Subscription, SubscriptionNotice
from tenants.acts import Act
from tests import make
from tests.billing.selling import sell
from tests.world import TODAY, World

FROM = date(2026, 9, 1)


@pytest.fixture
def twice(sold: World) -> Subscription:
    """Return what Northwind pays beside 40 seats of Business Premium from Fabrikam."""
    mailboxes = make.offer("Exchange Online Plan 1", "CFQ7TTC0LH16:0001")
    OfferEquivalence.objects.create(offer=mailboxes, replacement=sold.premium)
    make.price_list(
        date(2026, 8, 1), {sold.premium: ("16.48", "20.60"), mailboxes: ("3.11", "3.70")}
    )
    held = make.other_channel(
        sold.northwind, "advisor", "Exchange Online Plan 1", seats=35, offer=mailboxes
    )
    sell(sold, seats=40, on=FROM)
    return held


def remind(world: World, on: date) -> int:
    return remind_of_transitions(act=Act.of_the_portal(at=world.act(on=on).at, on=on))


def test_the_customer_reads_both_sums_the_partner_only_the_days(
    sold: World, twice: Subscription
) -> None:
    remind(sold, TODAY)

    letters = {each.to[0]: str(each.body) for each in mail.outbox}
    assert sorted(letters) == [
        "ada@fabrikam.example",
        "carl@northwind.example",
        "sam@fabrikam.example",
    ]
    partner, customer = letters["ada@fabrikam.example"], letters["carl@northwind.example"]
    assert (
        "Exchange Online Plan 1 (Advisor) → Business Premium (CSP), 82 days; the old one costs "
        "€129.50 per month, €349.12 so far (at list price); the CSP one €824.00 per month"
    ) in customer
    assert (
        "Northwind Traders: Exchange Online Plan 1 (Advisor) → Business Premium (CSP), 82 days"
        in partner
    )
    assert "€" not in partner  # R9
    assert mail.outbox[0].subject == "Exchange Online Plan 1 is paid twice"


def test_every_fourteen_days_at_most(sold: World, twice: Subscription) -> None:
    days = [remind(sold, date(2026, 11, day)) for day in range(1, 31)]

    assert [day for day, count in enumerate(days, start=1) if count] == [1, 15, 29]
    assert SubscriptionNotice.objects.filter(subscription=twice, kind="twice").count() == 3


def test_running_it_again_reminds_nobody_twice(sold: World, twice: Subscription) -> None:
    assert [remind(sold, TODAY), remind(sold, TODAY)] == [1, 0]
    assert len(mail.outbox) == 3


def test_nothing_is_cancelled_by_the_portal(sold: World, twice: Subscription) -> None:
    for month in (9, 10, 11, 12):
        remind(sold, date(2026, month, 15))

    twice.refresh_from_db()
    assert (twice.state, twice.seats, twice.auto_renew) == ("active", 35, True)


def test_the_customers_log_says_so(sold: World, twice: Subscription) -> None:
    remind(sold, TODAY)

    last = sold.northwind.activities.order_by("-seq")[0]
    assert (last.action, last.about) == ("subscription.paid-twice", str(twice.public_id))


def test_nothing_paid_twice_makes_no_mail(sold: World) -> None:
    assert remind(sold, TODAY) == 0
    assert mail.outbox == []

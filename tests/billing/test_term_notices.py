"""Notices 60, 30 and 7 days before a term ends, and before a suspended one is cancelled."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.queries.term_notices import candidates, due_notices
from billing.services.term_notices import notify_due
from subscriptions.models import Offer, Subscription, SubscriptionNotice
from subscriptions.services import lifecycle
from tenants.acts import Act
from tests import make
from tests.two_tier import two_tier
from tests.world import World

from .selling import change, list_prices, sell

END = date(2027, 3, 14)

pytestmark = pytest.mark.usefixtures("_mails_at_once")


@pytest.fixture
def _mails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "billing.services.term_notices.transaction.on_commit", lambda do, **_options: do()
    )


@pytest.fixture
def shop(world: World) -> World:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return world


def notify(world: World, on: date) -> int:
    return notify_due(act=Act.of_the_portal(at=world.act(on=on).at, on=on))


def told() -> list[tuple[str, str, date, int, date]]:
    return list(
        SubscriptionNotice.objects.order_by("pk").values_list(
            "subscription__title", "kind", "about_on", "days", "sent_on"
        )
    )


def letters() -> list[tuple[str, str]]:
    return [(each.to[0], each.subject) for each in mail.outbox]


@pytest.mark.parametrize(
    ("before", "step"),
    [(61, None), (60, 60), (31, 60), (30, 30), (8, 30), (7, 7), (1, 7), (0, None)],
)
def test_the_step_of_each_day(shop: World, before: int, step: int | None) -> None:
    sell(shop)
    on = END - timedelta(days=before)

    assert notify(shop, on) == (0 if step is None else 1)
    assert [(kind, days) for _, kind, _, days, _ in told()] == (
        [] if step is None else [("renews", step)]
    )


def test_each_step_is_told_once(shop: World) -> None:
    sell(shop)

    for before in range(70, 0, -1):
        notify(shop, END - timedelta(days=before))
        notify(shop, END - timedelta(days=before))

    assert told() == [
        ("Business Premium", "renews", END, 60, date(2027, 1, 13)),
        ("Business Premium", "renews", END, 30, date(2027, 2, 12)),
        ("Business Premium", "renews", END, 7, date(2027, 3, 7)),
    ]


def test_partner_and_customer_read_it_in_mail_and_log(shop: World) -> None:
    sell(shop)

    notify(shop, date(2027, 2, 12))

    assert letters() == [
        ("ada@fabrikam.example", "Business Premium renews on 14 March 2027"),
        ("sam@fabrikam.example", "Business Premium renews on 14 March 2027"),
        ("carl@northwind.example", "Business Premium renews on 14 March 2027"),
    ]
    for tenant in (shop.fabrikam.tenant, shop.northwind):
        last = tenant.activities.order_by("-seq")[0]
        assert (last.action, last.summary) == (
            "subscription.renews-soon",
            "Business Premium: renews in 30 days, on 2027-03-14",
        )


@pytest.mark.parametrize("why", ["auto-renew off", "withdrawn", "not listed"])
def test_what_ends_is_said_to_end(shop: World, why: str) -> None:
    subscription = sell(shop)
    if why == "auto-renew off":
        lifecycle.set_auto_renew(subscription=subscription, is_on=False, act=shop.act())
    elif why == "withdrawn":
        shop.premium.state = Offer.OfferState.WITHDRAWN
        shop.premium.save(update_fields=["state"])
    else:
        make.price_list(date(2027, 1, 1), {shop.phone: ("6.40", "8.00")})

    notify(shop, date(2027, 2, 12))

    assert [(kind, days) for _, kind, _, days, _ in told()] == [("expires", 30)]
    assert letters()[0][1] == "Business Premium ends on 13 March 2027"
    assert "last day 13 March 2027" in str(mail.outbox[0].body)


def test_a_list_nobody_can_see_yet_ends_nothing(shop: World) -> None:
    sell(shop)
    make.price_list(date(2027, 3, 1), {shop.phone: ("6.40", "8.00")})  # public on 30 January

    notify(shop, date(2027, 1, 29))
    notify(shop, date(2027, 2, 12))

    assert [(kind, days) for _, kind, _, days, _ in told()] == [("renews", 60), ("expires", 30)]


def test_monthly_terms_are_told_of_only_if_they_end(shop: World) -> None:
    subscription = sell(shop, duration="P1M")
    for day in range(1, 14):
        notify(shop, date(2026, 4, day))
    assert told() == []

    lifecycle.set_auto_renew(subscription=subscription, is_on=False, act=shop.act())
    for day in range(1, 14):
        notify(shop, date(2026, 4, day))

    assert told() == [
        ("Business Premium", "expires", date(2026, 4, 14), 7, date(2026, 4, 7)),
    ]


def test_an_add_on_is_told_of_only_if_it_ends_alone(shop: World) -> None:
    base = sell(shop)
    sell(shop, seats=6, offer=shop.phone, base=base)
    notify(shop, date(2027, 2, 12))
    shop.phone.state = Offer.OfferState.WITHDRAWN
    shop.phone.save(update_fields=["state"])
    notify(shop, date(2027, 3, 7))

    assert [(title, kind, days) for title, kind, _, days, _ in told()] == [
        ("Business Premium", "renews", 30),
        ("Business Premium", "renews", 7),
        ("Teams Phone Standard", "expires", 7),
    ]


@pytest.mark.parametrize(
    ("on", "step"),
    [("2026-08-12", None), ("2026-08-13", 30), ("2026-09-05", 7), ("2026-09-11", 7)],
)
def test_before_a_suspended_one_is_cancelled(shop: World, on: str, step: int | None) -> None:
    """Suspended on 14 June, cancelled after 90 days on 12 September."""
    subscription = sell(shop)
    change(shop, "suspend", subscription, on=date(2026, 6, 14))

    notify(shop, date.fromisoformat(on))

    assert [(kind, about_on, days) for _, kind, about_on, days, _ in told()] == (
        [] if step is None else [("kept", date(2026, 9, 12), step)]
    )
    if step:
        assert letters()[0][1] == "Business Premium is cancelled on 12 September 2026"


def test_a_mail_server_that_is_down_keeps_nothing_from_the_log(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sell(shop)

    def down(*_: Any, **__: Any) -> None:
        raise OSError("down")

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", down)

    assert notify(shop, date(2027, 2, 12)) == 1
    assert len(told()) == 1


def test_the_same_queries_for_one_and_for_fifty(shop: World) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            due_notices(candidates(on=date(2027, 2, 12)), on=date(2027, 2, 12), at=shop.act().at)
        return len(captured)

    sell(shop)
    one = count()
    for _ in range(49):
        sell(shop, seats=1)

    assert Subscription.objects.count() == 50
    assert count() == one == 8


def test_a_resellers_people_read_it_as_well(world: World) -> None:
    """Nobody orders at a reseller, which bills and supports the customer all the same."""
    cast = two_tier(world)
    list_prices(world)
    sell(world, partner=cast.wingtip, tenant=cast.relecloud, by=cast.wes)

    notify(world, date(2027, 2, 12))

    assert [to for to, _subject in letters()] == [
        "wes@wingtip.example",
        "lena@litware-consulting.example",
        "sol@litware-consulting.example",
        "rita@relecloud.example",
    ]


def test_whoever_was_disabled_reads_nothing(shop: World) -> None:
    sell(shop)
    shop.sam.memberships.update(disabled_at=shop.act().at)

    notify(shop, date(2027, 2, 12))

    assert [to for to, _subject in letters()] == ["ada@fabrikam.example", "carl@northwind.example"]


def test_one_day_is_one_day(shop: World) -> None:
    sell(shop)

    notify(shop, date(2027, 3, 13))

    last = shop.northwind.activities.order_by("-seq")[0]
    assert last.summary == "Business Premium: renews in 1 day, on 2027-03-14"

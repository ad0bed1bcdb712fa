"""What waits for the next term: seats, offer, term and plan, applied by the renewal."""

from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from billing.models import LockedPrice
from billing.services import closing, next_terms
from billing.services.renewals import renew_due
from subscriptions.models import Offer, ScheduledChange, Subscription
from subscriptions.services import lifecycle
from subscriptions.services.errors import (
    AddOnFollowsBase,
    AlreadyClosed,
    NotForSale,
    NothingChanges,
    NotInThatState,
    SeatsBelowAssigned,
    SeatsOutOfRange,
    SubscriptionRefused,
    WillNotRenew,
)
from tests import make
from tests.world import TODAY, World

from .selling import change, charged, list_prices, sell

END = date(2027, 3, 14)


@pytest.fixture
def shop(world: World) -> World:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return world


@pytest.fixture
def standard(shop: World) -> Offer:
    """Put Business Standard on a list of April 2026, beside Premium and Phone."""
    offer = make.offer("Business Standard", "CFQ7TTC0LDPB:0001", seat_maximum=100)
    make.price_list(
        date(2026, 4, 1),
        {
            shop.premium: ("16.48", "20.60"),
            shop.phone: ("6.40", "8.00"),
            offer: ("9.83", "11.70"),
        },
    )
    return offer


def schedule(world: World, subscription: Subscription, **asked: object) -> ScheduledChange:
    return next_terms.schedule(subscription=subscription, act=world.act(), **asked)  # type: ignore[arg-type]


def renew(world: World, on: date = END) -> None:
    report = renew_due(act=world.act(on=on))
    assert report.failures == []


def now(subscription: Subscription) -> Subscription:
    return Subscription.objects.select_related("offer").get(pk=subscription.pk)


def outcome(scheduled: ScheduledChange) -> tuple[str, str]:
    scheduled.refresh_from_db()
    return scheduled.outcome, scheduled.remark


def second_term(subscription: Subscription) -> tuple[str, int, int, date]:
    term = subscription.terms.get(number=2)
    return term.duration, term.opening_seats, term.billable_seats, term.ends_on


def prices_of_second_term(subscription: Subscription) -> list[tuple[int, str, str, str]]:
    locked = LockedPrice.objects.filter(subscription=subscription, term__number=2)
    return list(locked.order_by("leg").values_list("leg", "plan", "offer_title", "unit_price"))


def test_fewer_seats_run_from_the_first_day_of_the_next_term(shop: World) -> None:
    subscription = sell(shop, seats=60)
    scheduled = schedule(shop, subscription, seats=50)

    renew(shop)
    closing.close_due(act=shop.act(on=date(2027, 4, 1)))

    assert now(subscription).seats == 50
    assert second_term(subscription) == ("P1Y", 50, 50, date(2028, 3, 14))
    assert charged(subscription, shop.northwind)[-2:] == [
        ("cycleCharge", 60, "1236.00"),  # 20.60 x 60, 14 Feb to 14 Mar
        ("renew", 50, "1030.00"),  # 20.60 x 50
    ]
    assert outcome(scheduled) == ("applied", "")


@pytest.mark.parametrize(("on", "seats"), [("2027-03-13", 60), ("2027-03-14", 50)])
def test_nothing_changes_before_the_term_ends(shop: World, on: str, seats: int) -> None:
    subscription = sell(shop, seats=60)
    schedule(shop, subscription, seats=50)

    renew(shop, date.fromisoformat(on))

    assert now(subscription).seats == seats


def test_another_plan_is_locked_at_the_price_of_the_list_in_force(shop: World) -> None:
    subscription = sell(shop, seats=60)
    schedule(shop, subscription, plan="annual")
    make.price_list(
        date(2027, 3, 1), {shop.premium: ("18.00", "23.00"), shop.phone: ("6.40", "8.00")}
    )

    renew(shop)

    assert [
        (leg, plan, str(price)) for leg, plan, _, price in prices_of_second_term(subscription)
    ] == [
        (1, "annual", "216.0000"),  # 18.00 x 12
        (2, "annual", "276.0000"),  # 23.00 x 12
    ]


def test_another_term_makes_it_monthly_and_its_add_ons_with_it(shop: World) -> None:
    base = sell(shop, seats=60, plan="annual")
    add_on = sell(shop, seats=6, offer=shop.phone, base=base, plan="annual")
    schedule(shop, base, duration="P1M", plan="monthly")

    renew(shop)

    assert second_term(base) == ("P1M", 60, 60, date(2027, 4, 14))
    assert second_term(add_on) == ("P1M", 6, 6, date(2027, 4, 14))
    assert [plan for _, plan, _, _ in prices_of_second_term(add_on)] == ["monthly", "monthly"]


def test_another_offer_keeps_the_add_ons_that_fit_it(shop: World, standard: Offer) -> None:
    base = sell(shop, seats=60)
    add_on = sell(shop, seats=6, offer=shop.phone, base=base)
    schedule(shop, base, offer=standard, seats=40)

    renew(shop)

    renewed = now(base)
    assert (renewed.title, renewed.offer, renewed.seats) == ("Business Standard", standard, 40)
    assert [(t, str(p)) for _, _, t, p in prices_of_second_term(base)] == [
        ("Business Standard", "9.8300"),
        ("Business Standard", "11.7000"),
    ]
    assert now(add_on).state == "active"


def test_add_ons_that_do_not_fit_the_new_offer_expire(shop: World, standard: Offer) -> None:
    base = sell(shop, seats=60)
    add_on = sell(shop, seats=6, offer=shop.phone, base=base)
    shop.phone.add_on_to.add(shop.premium)
    schedule(shop, base, offer=standard)

    renew(shop)

    assert (now(base).state, now(add_on).state) == ("active", "expired")


def test_never_fewer_seats_than_are_assigned(shop: World) -> None:
    subscription = sell(shop, seats=60)
    Subscription.objects.filter(pk=subscription.pk).update(assigned_seats=45)
    scheduled = schedule(shop, subscription, seats=50)
    Subscription.objects.filter(pk=subscription.pk).update(assigned_seats=55)

    renew(shop)

    assert now(subscription).seats == 55
    assert outcome(scheduled) == (
        "applied",
        "Renewed with 55 seats instead of 50: that many are assigned.",
    )


def test_what_can_no_longer_be_had_is_dropped_and_it_is_renewed_as_it_was(
    shop: World, standard: Offer
) -> None:
    subscription = sell(shop, seats=60)
    scheduled = schedule(shop, subscription, offer=standard, seats=40)
    standard.state = Offer.OfferState.WITHDRAWN
    standard.save(update_fields=["state"])

    renew(shop)

    assert (now(subscription).title, now(subscription).seats) == ("Business Premium", 60)
    assert outcome(scheduled) == ("lapsed", "Business Standard cannot be ordered through CSP.")


def test_a_withdrawn_offer_runs_to_its_terms_end_and_expires(shop: World) -> None:
    subscription = sell(shop, seats=60)
    shop.premium.state = Offer.OfferState.WITHDRAWN
    shop.premium.save(update_fields=["state"])

    renew(shop, date(2027, 3, 13))
    before = now(subscription).state
    renew(shop)

    assert (before, now(subscription).state) == ("active", "expired")
    with pytest.raises(NotForSale):
        sell(shop, on=TODAY)


def test_a_withdrawn_offer_goes_on_as_another_if_that_is_scheduled(
    shop: World, standard: Offer
) -> None:
    subscription = sell(shop, seats=60)
    schedule(shop, subscription, offer=standard)
    shop.premium.state = Offer.OfferState.WITHDRAWN
    shop.premium.save(update_fields=["state"])

    renew(shop)

    assert (now(subscription).state, now(subscription).title) == ("active", "Business Standard")


def test_a_second_change_replaces_the_first(shop: World) -> None:
    subscription = sell(shop, seats=60)
    first = schedule(shop, subscription, seats=50)
    second = schedule(shop, subscription, seats=70)

    renew(shop)

    assert (outcome(first)[0], outcome(second)[0]) == ("replaced", "applied")
    assert now(subscription).seats == 70


def test_taken_back_it_stays_as_history_and_changes_nothing(shop: World) -> None:
    subscription = sell(shop, seats=60)
    scheduled = schedule(shop, subscription, seats=50)

    lifecycle.take_back(change=scheduled, act=shop.act())
    renew(shop)

    assert outcome(scheduled)[0] == "undone"
    assert now(subscription).seats == 60
    with pytest.raises(AlreadyClosed):
        lifecycle.take_back(change=scheduled, act=shop.act())


def test_both_organisations_read_of_it(shop: World) -> None:
    subscription = sell(shop, seats=60)
    scheduled = schedule(shop, subscription, seats=50)
    lifecycle.take_back(change=scheduled, act=shop.act())

    for tenant in (shop.fabrikam.tenant, shop.northwind):
        rows = tenant.activities.filter(action__startswith="subscription.change-").order_by("seq")
        assert [row.summary for row in rows] == [
            "Business Premium: from 14 Mar 2027 50 seats",
            "Business Premium: the change scheduled for 14 Mar 2027 was taken back",
        ]


@pytest.mark.parametrize("how", ["cancel", "expire"])
def test_what_ends_takes_its_waiting_change_along(shop: World, how: str) -> None:
    subscription = sell(shop, seats=60)
    scheduled = schedule(shop, subscription, seats=50)
    if how == "cancel":
        change(shop, "cancel", subscription, on=TODAY)
    else:
        lifecycle.set_auto_renew(subscription=subscription, is_on=False, act=shop.act())
        renew(shop)

    assert outcome(scheduled)[0] == "lapsed"


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"seats": 60}, NothingChanges),
        ({"plan": "monthly"}, NothingChanges),
        ({"seats": 44}, SeatsBelowAssigned),
        ({"seats": 10_001}, SeatsOutOfRange),
        ({"duration": "P1M", "plan": "annual"}, None),
    ],
)
def test_what_is_refused(shop: World, asked: dict[str, object], refusal: type | None) -> None:
    subscription = sell(shop, seats=60)
    Subscription.objects.filter(pk=subscription.pk).update(assigned_seats=45)

    if refusal is None:  # the maker lists P1M monthly only for monthly; annual is listed for P1Y
        refusal = next_terms.NotListedThen
        asked = {"duration": "P1M", "plan": "annual"}
    with pytest.raises(refusal):
        schedule(shop, subscription, **asked)
    assert not ScheduledChange.objects.exists()


def test_refused_for_another_reason(shop: World, standard: Offer) -> None:
    base = sell(shop, seats=60)
    add_on = sell(shop, seats=6, offer=shop.phone, base=base)
    cases: list[tuple[Subscription, dict[str, object], type[SubscriptionRefused]]] = [
        (add_on, {"duration": "P1M"}, AddOnFollowsBase),
        (base, {"offer": shop.phone}, NotForSale),
        (base, {"offer": make.offer("Unlisted", "X:1")}, next_terms.NotListedThen),
    ]
    for subscription, asked, refusal in cases:
        with pytest.raises(refusal):
            schedule(shop, subscription, **asked)
    lifecycle.set_auto_renew(subscription=base, is_on=False, act=shop.act())
    with pytest.raises(WillNotRenew, match="Turn automatic renewal on first"):
        schedule(shop, base, seats=50)
    lifecycle.set_auto_renew(subscription=base, is_on=True, act=shop.act())
    change(shop, "suspend", base, on=TODAY)
    with pytest.raises(NotInThatState):
        schedule(shop, base, seats=50)


def test_the_database_keeps_one_open_change_and_closed_ones_as_they_are(shop: World) -> None:
    subscription = sell(shop, seats=60)
    scheduled = schedule(shop, subscription, seats=50)

    with pytest.raises(IntegrityError, match="one_open_change"), transaction.atomic():
        ScheduledChange.objects.create(
            subscription=subscription,
            takes_effect_on=END,
            seats=51,
            created_at=make.LONG_AGO,
            created_by=shop.ada,
        )
    lifecycle.take_back(change=scheduled, act=shop.act())
    with pytest.raises(ProgrammingError, match="stays as it is"), transaction.atomic():
        ScheduledChange.objects.filter(pk=scheduled.pk).update(outcome="", closed_at=None)
    with pytest.raises(ProgrammingError), transaction.atomic():
        scheduled.delete()

from datetime import date

import pytest

from subscriptions.models import Subscription, Term
from subscriptions.queries import history_of, in_families, subscriptions_of, term_on
from subscriptions.services import errors, lifecycle
from tenants.models import Activity

from .. import make
from ..world import TODAY
from .conftest import START, House, facts, terms

DEC_1, DEC_20, JAN_5 = date(2026, 12, 1), date(2026, 12, 20), date(2027, 1, 5)
END = date(2027, 3, 14)


def state(subscription: Subscription) -> tuple[str, int, date | None]:
    subscription.refresh_from_db()
    return subscription.state, subscription.seats, subscription.suspended_on


def test_the_year_of_the_billing_page_as_facts(house: House) -> None:
    subscription = house.order(60)
    act = house.world.act

    lifecycle.change_seats(subscription=subscription, seats=66, reason="new team", act=act())
    lifecycle.change_seats(subscription=subscription, seats=62, act=act(on=DEC_1))
    lifecycle.suspend(subscription=subscription, act=act(on=DEC_20))
    lifecycle.reactivate(subscription=subscription, act=act(on=JAN_5))
    lifecycle.cancel(subscription=subscription, act=act(on=date(2027, 2, 1)))

    assert facts(subscription) == [
        ("ordered", START, 0, 60, 60),
        ("seats", TODAY, 60, 66, 6),
        ("seats", DEC_1, 66, 62, -4),
        ("suspended", DEC_20, 62, 62, -62),
        ("reactivated", JAN_5, 62, 62, 62),
        ("cancelled", date(2027, 2, 1), 62, 62, -62),
    ]
    assert terms(subscription) == [(1, START, START, END, 0, 0)]
    assert state(subscription) == ("cancelled", 62, None)


def test_a_change_says_who_when_and_why(house: House) -> None:
    subscription = house.order(60)

    change = lifecycle.change_seats(
        subscription=subscription, seats=66, reason="new team", act=house.world.act(house.world.sam)
    )

    change.refresh_from_db()
    assert (change.by, change.acting_for) == (house.world.sam, house.world.fabrikam.tenant)
    assert change.reason == "new team"
    assert Activity.objects.filter(action="subscription.seats").count() == 2


# ------------------------------------------------------------------ seats


def test_the_same_number_of_seats_is_no_change(house: House) -> None:
    subscription = house.order(10)

    with pytest.raises(errors.NothingChanges):
        lifecycle.change_seats(subscription=subscription, seats=10, act=house.world.act())


@pytest.mark.parametrize("seats", [-1, 0, 10_001])
def test_changed_seats_keep_to_the_offers_limits(house: House, seats: int) -> None:
    subscription = house.order(10)

    with pytest.raises(errors.SeatsOutOfRange):
        lifecycle.change_seats(subscription=subscription, seats=seats, act=house.world.act())


def test_seats_never_go_below_those_assigned(house: House) -> None:
    subscription = house.order(10)
    Subscription.objects.filter(pk=subscription.pk).update(assigned_seats=8)

    with pytest.raises(errors.SeatsBelowAssigned, match=r"^8 seats are assigned"):
        lifecycle.change_seats(subscription=subscription, seats=7, act=house.world.act())
    lifecycle.change_seats(subscription=subscription, seats=8, act=house.world.act())


def test_an_offer_may_keep_reductions_for_the_renewal(house: House) -> None:
    offer = make.offer("Enterprise E5", "CFQ7TTC0LFLZ:0002", seat_reduction="at_renewal")
    subscription = house.order(10, offer=offer)

    with pytest.raises(errors.OnlyAtRenewal, match=r"on 14 Mar 2027\.$"):
        lifecycle.change_seats(subscription=subscription, seats=9, act=house.world.act())
    lifecycle.change_seats(subscription=subscription, seats=11, act=house.world.act())


def test_the_seats_of_a_suspended_subscription_stay(house: House) -> None:
    subscription = house.order(10)
    lifecycle.suspend(subscription=subscription, act=house.world.act())

    with pytest.raises(errors.NotInThatState, match=r"is suspended: reactivate it first"):
        lifecycle.change_seats(subscription=subscription, seats=12, act=house.world.act())


@pytest.mark.parametrize("on", [date(2026, 3, 13), END])
def test_nothing_changes_outside_the_running_term(house: House, on: date) -> None:
    subscription = house.order(10)

    with pytest.raises(errors.NoRunningTerm):
        lifecycle.change_seats(subscription=subscription, seats=12, act=house.world.act(on=on))


def test_no_fact_is_dated_before_another(house: House) -> None:
    subscription = house.order(10)
    lifecycle.change_seats(subscription=subscription, seats=12, act=house.world.act(on=DEC_1))

    with pytest.raises(errors.DayIsBefore, match=r"before 1 Dec 2026\.$"):
        lifecycle.change_seats(subscription=subscription, seats=14, act=house.world.act())

    assert state(subscription) == ("active", 12, None)
    assert terms(subscription)[0][-1] == 12


def test_a_change_and_its_opposite_on_one_day_are_two_facts_that_cancel(house: House) -> None:
    subscription = house.order(10)
    lifecycle.change_seats(subscription=subscription, seats=12, act=house.world.act())
    lifecycle.change_seats(subscription=subscription, seats=10, act=house.world.act())

    assert [delta for *_, delta in facts(subscription)] == [10, 2, -2]
    assert terms(subscription)[0][-1] == 10


# ------------------------------------------------------------------ suspending, reactivating


def test_a_suspended_subscription_keeps_its_seats_and_its_terms_end(house: House) -> None:
    subscription = house.order(10)

    lifecycle.suspend(subscription=subscription, act=house.world.act(on=DEC_20))

    assert state(subscription) == ("suspended", 10, DEC_20)
    assert terms(subscription) == [(1, START, START, END, 0, 0)]


def test_suspending_a_base_suspends_its_active_add_ons_after_it(house: House) -> None:
    base = house.order(10)
    add_on = house.order(4, base=base)

    changes = lifecycle.suspend(subscription=base, act=house.world.act())

    assert [(c.term.subscription, c.billable_delta) for c in changes] == [(base, -10), (add_on, -4)]
    assert state(add_on) == ("suspended", 4, TODAY)


def test_suspending_an_add_on_leaves_its_base_alone(house: House) -> None:
    base = house.order(10)
    add_on = house.order(4, base=base)

    lifecycle.suspend(subscription=add_on, act=house.world.act())

    assert (state(base)[0], state(add_on)[0]) == ("active", "suspended")


def test_reactivating_a_base_takes_along_what_was_suspended_with_it(house: House) -> None:
    base = house.order(10)
    before = house.order(3, base=base)
    together = house.order(4, base=base)
    lifecycle.suspend(subscription=before, act=house.world.act())  # on the same day, but before
    lifecycle.suspend(subscription=base, act=house.world.act())

    changes = lifecycle.reactivate(subscription=base, act=house.world.act(on=DEC_20))

    assert [c.term.subscription for c in changes] == [base, together]
    assert [state(s) for s in (base, before, together)] == [
        ("active", 10, None),
        ("suspended", 3, TODAY),
        ("active", 4, None),
    ]


def test_an_add_on_stays_suspended_while_its_base_is(house: House) -> None:
    base = house.order(10)
    add_on = house.order(4, base=base)
    lifecycle.suspend(subscription=base, act=house.world.act())

    with pytest.raises(errors.NotInThatState, match=r"reactivate that first\.$"):
        lifecycle.reactivate(subscription=add_on, act=house.world.act())


def test_what_is_not_suspended_is_not_reactivated(house: House) -> None:
    subscription = house.order(10)

    with pytest.raises(errors.NotInThatState, match=r"is active, so this cannot be done"):
        lifecycle.reactivate(subscription=subscription, act=house.world.act())


def test_suspending_twice_is_refused(house: House) -> None:
    subscription = house.order(10)
    lifecycle.suspend(subscription=subscription, act=house.world.act())

    with pytest.raises(errors.NotInThatState):
        lifecycle.suspend(subscription=subscription, act=house.world.act())


# ------------------------------------------------------------------ cancelling


def test_cancelling_a_base_cancels_its_add_ons(house: House) -> None:
    base = house.order(10)
    active = house.order(4, base=base)
    suspended = house.order(3, base=base)
    lifecycle.suspend(subscription=suspended, act=house.world.act())

    changes = lifecycle.cancel(subscription=base, act=house.world.act())

    assert [(c.term.subscription, c.billable_delta) for c in changes] == [
        (base, -10),
        (active, -4),
        (suspended, 0),
    ]
    assert {state(s)[0] for s in (base, active, suspended)} == {"cancelled"}


def test_there_is_no_way_back_from_cancelled(house: House) -> None:
    subscription = house.order(10)
    lifecycle.cancel(subscription=subscription, act=house.world.act())

    for service in (lifecycle.cancel, lifecycle.suspend, lifecycle.reactivate):
        with pytest.raises(errors.NotInThatState):
            service(subscription=subscription, act=house.world.act())


def test_what_is_still_suspended_when_its_term_ends_is_cancelled_on_its_last_day(
    house: House,
) -> None:
    subscription = house.order(10)
    lifecycle.suspend(subscription=subscription, act=house.world.act(on=date(2027, 3, 1)))

    lifecycle.cancel(subscription=subscription, act=house.world.act(on=date(2027, 3, 20)))

    assert facts(subscription)[-1] == ("cancelled", date(2027, 3, 13), 10, 10, 0)


def test_what_is_active_after_its_term_is_renewed_or_expires_but_not_cancelled(
    house: House,
) -> None:
    subscription = house.order(10)

    with pytest.raises(errors.NoRunningTerm):
        lifecycle.cancel(subscription=subscription, act=house.world.act(on=END))


# ------------------------------------------------------------------ renewing, expiring


def test_a_renewal_opens_the_next_term_with_the_seats_of_that_day(house: House) -> None:
    subscription = house.order(10)
    lifecycle.change_seats(subscription=subscription, seats=16, act=house.world.act())

    new = lifecycle.renew(subscription=subscription, act=house.world.act(on=END))

    next_end = date(2028, 3, 14)
    assert [(t.subscription, t.number) for t in new] == [(subscription, 2)]
    assert terms(subscription) == [(1, START, START, END, 0, 16), (2, END, END, next_end, 16, 16)]
    assert facts(subscription)[-1] == ("renewed", END, 16, 16, 0)
    subscription.refresh_from_db()
    assert (subscription.starts_on, subscription.ends_on) == (END, next_end)


def test_a_late_renewal_starts_on_the_day_the_old_term_ended(house: House) -> None:
    subscription = house.order(10, duration="P1M", on=date(2026, 1, 31))
    act = house.world.act(on=date(2026, 4, 2))

    rounds = 0
    while lifecycle.renew(subscription=subscription, act=act):
        rounds += 1

    # each counted from its own start: 31 Jan - 28 Feb - 28 Mar - 28 Apr
    assert rounds == 2
    assert [t[2:4] for t in terms(subscription)] == [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 2, 28), date(2026, 3, 28)),
        (date(2026, 3, 28), date(2026, 4, 28)),
    ]


def test_a_year_from_29_february_goes_on_from_the_28th(house: House) -> None:
    subscription = house.order(10, on=date(2028, 2, 29))

    lifecycle.renew(subscription=subscription, act=house.world.act(on=date(2029, 2, 28)))

    assert [t[2:4] for t in terms(subscription)] == [
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2029, 2, 28), date(2030, 2, 28)),
    ]


def test_before_its_end_a_term_is_not_renewed(house: House) -> None:
    subscription = house.order(10)

    assert (
        lifecycle.renew(subscription=subscription, act=house.world.act(on=date(2027, 3, 13))) == []
    )
    assert Term.objects.count() == 1


def test_renewing_twice_is_renewing_once(house: House) -> None:
    subscription = house.order(10)
    act = house.world.act(on=END)

    assert [len(lifecycle.renew(subscription=subscription, act=act)) for _ in range(3)] == [1, 0, 0]


def test_add_ons_are_renewed_with_their_base_and_counted_from_its_new_term(house: House) -> None:
    base = house.order(10)
    add_on = house.order(4, base=base, on=TODAY)

    new = lifecycle.renew(subscription=base, act=house.world.act(on=END))

    next_end = date(2028, 3, 14)
    assert [t.subscription for t in new] == [base, add_on]
    assert terms(add_on) == [(1, START, TODAY, END, 0, 4), (2, END, END, next_end, 4, 4)]


def test_at_a_renewal_add_ons_that_do_not_go_on_end(house: House) -> None:
    base = house.order(10)
    unwanted = house.order(4, base=base)
    suspended = house.order(3, base=base)
    lifecycle.set_auto_renew(subscription=unwanted, is_on=False, act=house.world.act())
    lifecycle.suspend(subscription=suspended, act=house.world.act())

    new = lifecycle.renew(subscription=base, act=house.world.act(on=END))

    assert [t.subscription for t in new] == [base]
    assert (state(unwanted)[0], state(suspended)[0]) == ("expired", "cancelled")
    assert facts(unwanted)[-1] == ("expired", date(2027, 3, 13), 4, 4, 0)


def test_an_add_on_is_not_renewed_by_itself(house: House) -> None:
    add_on = house.order(4, base=house.order(10))

    with pytest.raises(errors.NotInThatState, match=r"^It is renewed with Business Premium"):
        lifecycle.renew(subscription=add_on, act=house.world.act(on=END))


def test_what_is_suspended_or_not_to_go_on_is_not_renewed(house: House) -> None:
    suspended, ending = house.order(10), house.order(10)
    lifecycle.suspend(subscription=suspended, act=house.world.act())
    lifecycle.set_auto_renew(subscription=ending, is_on=False, act=house.world.act())

    for subscription in (suspended, ending):
        with pytest.raises(errors.NotInThatState):
            lifecycle.renew(subscription=subscription, act=house.world.act(on=END))


def test_an_expired_subscription_ends_with_its_term_and_its_add_ons_too(house: House) -> None:
    base = house.order(10)
    add_on = house.order(4, base=base)

    changes = lifecycle.expire(subscription=base, act=house.world.act(on=date(2027, 4, 1)))

    assert [c.term.subscription for c in changes] == [base, add_on]
    assert facts(base)[-1] == ("expired", date(2027, 3, 13), 10, 10, 0)
    assert terms(base)[0][-1] == 10  # the term's end bounds what is charged
    assert (state(base)[0], state(add_on)[0]) == ("expired", "expired")


def test_nothing_expires_while_its_term_runs(house: House) -> None:
    subscription = house.order(10)

    with pytest.raises(errors.DayIsBefore, match=r"before 14 Mar 2027\.$"):
        lifecycle.expire(subscription=subscription, act=house.world.act())


def test_automatic_renewal_can_be_turned_off_and_on(house: House) -> None:
    subscription = house.order(10)
    before = Activity.objects.count()

    lifecycle.set_auto_renew(subscription=subscription, is_on=False, act=house.world.act())

    subscription.refresh_from_db()
    assert subscription.auto_renew is False
    assert Activity.objects.count() == before + 2
    with pytest.raises(errors.NothingChanges):
        lifecycle.set_auto_renew(subscription=subscription, is_on=False, act=house.world.act())


# ------------------------------------------------------------------ reading


def test_a_tenants_subscriptions_come_with_csp_first_and_add_ons_under_their_base(
    house: House,
) -> None:
    northwind = house.world.northwind
    direct = make.other_channel(northwind, "direct", "Visio")
    advisor = make.other_channel(northwind, "advisor", "Exchange")
    ended = house.order(1)
    lifecycle.cancel(subscription=ended, act=house.world.act())
    first, second = house.order(10), house.order(20)
    under_first = house.order(4, base=first)
    lifecycle.cancel(subscription=under_first, act=house.world.act())
    under_second = house.order(5, base=second)

    assert in_families(subscriptions_of(northwind)) == [
        first,
        under_first,
        second,
        under_second,
        ended,
        direct,
        advisor,
    ]


def test_the_history_is_newest_first_and_a_day_has_one_term(house: House) -> None:
    subscription = house.order(10)
    lifecycle.suspend(subscription=subscription, act=house.world.act())

    assert [change.kind for change in history_of(subscription)] == ["suspended", "ordered"]
    assert term_on(subscription, date(2027, 3, 13)) == Term.objects.get()
    assert term_on(subscription, END) is None

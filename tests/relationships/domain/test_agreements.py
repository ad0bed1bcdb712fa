"""When a programme agreement is in force: the days around 1 and 31 August."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relationships.domain.agreements import (
    Event,
    EventKind,
    Side,
    State,
    agreement_on,
    last_day_after_notice,
    last_day_for_notice,
    year_end,
)

SIGNED = Event(EventKind.SIGNED, Side.PARTNER, date(2024, 9, 1))


def notice(on: date, side: Side = Side.PARTNER) -> Event:
    return Event(EventKind.NOTICE, side, on)


def withdrawn(on: date, side: Side = Side.PARTNER) -> Event:
    return Event(EventKind.WITHDRAWN, side, on)


def test_without_a_signature_there_is_no_agreement() -> None:
    agreement = agreement_on([], date(2026, 11, 22))

    assert agreement.state == State.NONE
    assert not agreement.is_in_force


def test_it_is_in_force_from_the_day_it_is_signed() -> None:
    assert not agreement_on([SIGNED], date(2024, 8, 31)).is_in_force
    assert agreement_on([SIGNED], date(2024, 9, 1)).is_in_force


@pytest.mark.parametrize(
    ("day", "last_day", "renews_on", "last_day_for_notice"),
    [
        (date(2026, 8, 1), date(2026, 8, 31), date(2026, 9, 1), date(2026, 8, 1)),
        (date(2026, 8, 2), date(2026, 8, 31), date(2026, 9, 1), date(2027, 8, 1)),
        (date(2026, 8, 31), date(2026, 8, 31), date(2026, 9, 1), date(2027, 8, 1)),
        (date(2026, 9, 1), date(2027, 8, 31), date(2027, 9, 1), date(2027, 8, 1)),
    ],
)
def test_without_notice_it_renews_every_year(
    day: date, last_day: date, renews_on: date, last_day_for_notice: date
) -> None:
    agreement = agreement_on([SIGNED], day)

    assert agreement.state == State.IN_FORCE
    assert agreement.last_day == last_day
    assert agreement.renews_on == renews_on
    assert agreement.next_last_day_for_notice == last_day_for_notice


@pytest.mark.parametrize(
    ("given_on", "last_day"),
    [
        (date(2026, 8, 1), date(2026, 8, 31)),  # 30 days before
        (date(2026, 8, 2), date(2027, 8, 31)),  # 29 days before: a year later
        (date(2026, 8, 31), date(2027, 8, 31)),
        (date(2026, 9, 1), date(2027, 8, 31)),
    ],
)
def test_notice_ends_it_on_the_first_31_august_30_days_later(
    given_on: date, last_day: date
) -> None:
    events = [SIGNED, notice(given_on)]

    assert agreement_on(events, last_day).state == State.NOTICE
    assert agreement_on(events, last_day).renews_on is None
    assert agreement_on(events, last_day + timedelta(days=1)).state == State.ENDED


def test_a_withdrawn_notice_lets_it_renew() -> None:
    events = [SIGNED, notice(date(2026, 7, 1)), withdrawn(date(2026, 8, 31))]

    assert agreement_on(events, date(2026, 9, 1)).state == State.IN_FORCE


def test_the_other_sides_notice_stands_when_one_is_withdrawn() -> None:
    events = [
        SIGNED,
        notice(date(2026, 7, 1)),
        notice(date(2026, 7, 2), Side.VENDOR),
        withdrawn(date(2026, 7, 3)),
    ]

    agreement = agreement_on(events, date(2026, 7, 4))

    assert agreement.state == State.NOTICE
    assert agreement.noticed_by == {Side.VENDOR}
    assert agreement_on(events, date(2026, 9, 1)).state == State.ENDED


def test_the_earlier_of_two_notices_decides() -> None:
    events = [SIGNED, notice(date(2026, 8, 2), Side.VENDOR), notice(date(2026, 8, 1))]

    assert agreement_on(events, date(2026, 8, 3)).last_day == date(2026, 8, 31)


def test_signing_again_after_it_ended_starts_a_new_one() -> None:
    events = [
        SIGNED,
        notice(date(2026, 8, 1)),
        Event(EventKind.SIGNED, Side.PARTNER, date(2026, 10, 1)),
    ]

    assert agreement_on(events, date(2026, 9, 30)).state == State.ENDED
    assert agreement_on(events, date(2026, 10, 1)).state == State.IN_FORCE
    assert agreement_on(events, date(2026, 10, 1)).last_day == date(2027, 8, 31)


@given(st.dates(min_value=date(2012, 1, 1), max_value=date(2090, 1, 1)))
def test_notice_is_always_30_days_to_a_year_and_30_days_long(given_on: date) -> None:
    end = last_day_after_notice(given_on)

    assert (end.month, end.day) == (8, 31)
    assert timedelta(days=30) <= end - given_on <= timedelta(days=366 + 29)
    assert given_on <= last_day_for_notice(end)
    assert end == year_end(end)

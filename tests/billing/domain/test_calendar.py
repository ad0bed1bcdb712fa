from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.calendar import (
    latest_effective_day,
    next_possible_effective_day,
    publication_day,
)

DAYS = st.dates(date(2010, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("effective_on", "published_on"),
    [
        (date(2026, 12, 1), date(2026, 11, 1)),
        (date(2027, 1, 1), date(2026, 12, 2)),
        (date(2027, 3, 1), date(2027, 1, 30)),
        (date(2028, 3, 1), date(2028, 1, 31)),  # 29 days in February
    ],
)
def test_a_list_is_public_thirty_days_before(effective_on: date, published_on: date) -> None:
    assert publication_day(effective_on) == published_on


@pytest.mark.parametrize(
    ("day", "effective_on"),
    [
        (date(2026, 11, 22), date(2027, 1, 1)),  # January's is public on 2 December
        (date(2026, 12, 1), date(2027, 1, 1)),
        (date(2026, 12, 2), date(2027, 2, 1)),  # in the course of its publication day: late
    ],
)
def test_a_late_list_takes_the_next_possible_month(day: date, effective_on: date) -> None:
    assert next_possible_effective_day(day) == effective_on


@given(DAYS)
def test_the_newest_list_that_can_be_public_is(day: date) -> None:
    newest = latest_effective_day(day)
    assert newest.day == 1
    assert publication_day(newest) <= day < publication_day(next_possible_effective_day(day))


@given(DAYS)
def test_no_month_lies_between_the_newest_public_and_the_next_possible(day: date) -> None:
    following = latest_effective_day(day) + timedelta(days=31)
    assert next_possible_effective_day(day) == following.replace(day=1)

import doctest
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csp_portal.shared import dates
from csp_portal.shared.dates import (
    Period,
    add_months,
    billing_periods,
    month_of,
    period_containing,
)

DAYS = st.dates(date(2015, 1, 1), date(2060, 12, 31))


def test_the_examples_in_the_docstrings_are_true() -> None:
    assert doctest.testmod(dates).failed == 0


@pytest.mark.parametrize(
    ("anchor", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 11, 15), 3, date(2027, 2, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_add_months_keeps_the_day_or_takes_the_last(
    anchor: date, months: int, expected: date
) -> None:
    assert add_months(anchor, months) == expected


def test_a_period_excludes_its_end() -> None:
    november = month_of(date(2026, 11, 22))

    assert november == Period(date(2026, 11, 1), date(2026, 12, 1))
    assert date(2026, 11, 30) in november
    assert date(2026, 12, 1) not in november
    assert november.last_day == date(2026, 11, 30)


def test_an_annual_plan_has_one_period_and_an_add_on_shares_it() -> None:
    term = Period(date(2026, 5, 2), date(2027, 3, 14))

    periods = list(billing_periods(term, anchor=date(2026, 3, 14), months=12))

    assert periods == [Period(date(2026, 3, 14), date(2027, 3, 14))]


def test_an_add_on_bought_inside_a_month_has_that_month_first() -> None:
    term = Period(date(2026, 5, 2), date(2027, 3, 14))

    first = next(billing_periods(term, anchor=date(2026, 3, 14), months=1))

    assert first == Period(date(2026, 4, 14), date(2026, 5, 14))


@given(DAYS, st.sampled_from([1, 12]))
def test_periods_of_a_year_meet_and_fill_it(start: date, months: int) -> None:
    term = Period(start, add_months(start, 12))

    periods = list(billing_periods(term, anchor=start, months=months))

    assert [p.start for p in periods] == [start, *(p.end for p in periods[:-1])]
    assert periods[-1].end == term.end
    assert len(periods) == 12 // months


@given(DAYS, st.integers(0, 364))
def test_every_day_of_a_term_is_in_exactly_one_period(start: date, offset: int) -> None:
    term = Period(start, add_months(start, 12))
    day = date.fromordinal(start.toordinal() + offset)

    found = [p for p in billing_periods(term, anchor=start, months=1) if day in p]

    assert found == [period_containing(day, term, anchor=start, months=1)]


def test_a_day_outside_the_term_has_no_period() -> None:
    term = Period(date(2026, 1, 1), date(2027, 1, 1))

    with pytest.raises(ValueError, match="is not in"):
        period_containing(term.end, term, anchor=term.start, months=1)

"""Every worked number of the arithmetic, and what holds for all numbers."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.proration import not_below_zero, prorate
from csp_portal.shared.dates import Period, add_months, billing_periods, period_containing
from csp_portal.shared.money import minor_units as minor_units_of
from csp_portal.shared.money import round_money

YEAR = Period(date(2026, 3, 14), date(2027, 3, 14))
NOVEMBER = Period(date(2026, 11, 14), date(2026, 12, 14))
DECEMBER = Period(date(2026, 12, 14), date(2027, 1, 14))


@pytest.mark.parametrize(
    ("case", "unit_price", "seats", "day", "period", "expected"),
    [
        ("order, annual plan", "247.20", 10, date(2026, 3, 14), YEAR, "2472.00"),
        ("6 more, annual plan: x 112/365", "247.20", 6, date(2026, 11, 22), YEAR, "455.12"),
        ("6 more, monthly plan: x 22/30", "20.60", 6, date(2026, 11, 22), NOVEMBER, "90.64"),
        ("4 fewer: x 13/30", "20.60", -4, date(2026, 12, 1), NOVEMBER, "-35.71"),
        ("the next period, 66 seats", "20.60", 66, date(2026, 12, 14), DECEMBER, "1359.60"),
        ("suspended: x 25/31", "20.60", -66, date(2026, 12, 20), DECEMBER, "-1096.45"),
        ("reactivated: x 9/31", "20.60", 66, date(2027, 1, 5), DECEMBER, "394.72"),
        (
            "half a cent: 9.99 x 15/30 = 4.995",
            "9.99",
            1,
            date(2026, 11, 29),
            NOVEMBER,
            "5.00",
        ),
        ("2 seats, 12 of 31 days", "4.00", 2, date(2027, 1, 2), DECEMBER, "3.10"),
    ],
)
def test_the_worked_numbers(
    case: str, unit_price: str, seats: int, day: date, period: Period, expected: str
) -> None:
    used = period.rest_from(day)

    amount = prorate(unit_price=Decimal(unit_price), seats=seats, used=used, period=period)

    assert str(amount) == expected, case


def test_half_a_cent_of_credit_rounds_away_from_zero_too() -> None:
    used = NOVEMBER.rest_from(date(2026, 11, 29))

    # 9.99 x -1 x 15/30 = -4.995
    amount = prorate(unit_price=Decimal("9.99"), seats=-1, used=used, period=NOVEMBER)

    assert str(amount) == "-5.00"


def test_yen_have_no_minor_unit() -> None:
    used = NOVEMBER.rest_from(date(2026, 11, 29))

    # 2500 x 1 x 15/30 = 1250; 2501 x 15/30 = 1250.5
    whole, half = (
        prorate(unit_price=Decimal(p), seats=1, used=used, period=NOVEMBER, minor_units=0)
        for p in (2500, 2501)
    )

    assert (str(whole), str(half)) == ("1250", "1251")
    assert (minor_units_of("JPY"), minor_units_of("EUR"), minor_units_of("USD")) == (0, 2, 2)


def test_days_outside_the_period_are_refused() -> None:
    before = Period(date(2026, 11, 13), date(2026, 12, 14))

    with pytest.raises(ValueError, match="is not inside"):
        prorate(unit_price=Decimal(1), seats=1, used=before, period=NOVEMBER)


def test_a_period_without_days_is_refused() -> None:
    nothing = Period(date(2026, 11, 14), date(2026, 11, 14))

    with pytest.raises(ValueError, match="has no days"):
        prorate(unit_price=Decimal(1), seats=1, used=nothing, period=nothing)


def test_months_count_from_the_start_and_are_clamped() -> None:
    term = Period(date(2027, 1, 31), date(2028, 1, 31))

    starts = [p.start for p in billing_periods(term, anchor=term.start, months=1)]

    assert starts[:4] == [
        date(2027, 1, 31),
        date(2027, 2, 28),
        date(2027, 3, 31),
        date(2027, 4, 30),
    ]


def test_a_year_from_a_leap_day_ends_on_the_28th() -> None:
    assert add_months(date(2028, 2, 29), 12) == date(2029, 2, 28)


def test_an_add_on_is_charged_to_the_end_of_its_bases_period() -> None:
    # Bought on 22 Nov under a base whose months run from the 14th.
    term = Period(date(2026, 11, 22), date(2027, 3, 14))

    period = period_containing(term.start, term, anchor=date(2026, 3, 14), months=1)

    assert period == NOVEMBER
    # 8.00 x 6 x 22/30 = 35.20
    assert prorate(
        unit_price=Decimal("8.00"), seats=6, used=period.rest_from(term.start), period=period
    ) == Decimal("35.20")


prices = st.decimals("0", "99999999.9999", places=4)
seats_held = st.integers(-10_000, 10_000)
starts = st.dates(date(2010, 1, 1), date(2090, 1, 1))


@st.composite
def periods_with_a_day(draw: st.DrawFn) -> tuple[Period, date]:
    start = draw(starts)
    period = Period(start, add_months(start, draw(st.sampled_from([1, 12]))))
    return period, start + timedelta(days=draw(st.integers(0, period.days - 1)))


@given(prices, seats_held, periods_with_a_day(), st.sampled_from([0, 2]))
def test_it_is_the_exact_fraction_rounded_once(
    unit_price: Decimal, seats: int, when: tuple[Period, date], minor_units: int
) -> None:
    period, day = when
    used = period.rest_from(day)

    amount = prorate(
        unit_price=unit_price, seats=seats, used=used, period=period, minor_units=minor_units
    )

    with localcontext(prec=60) as context:
        # 60 digits: a quotient that close to a tie is a tie
        exact = unit_price * seats * used.days / Decimal(period.days)
        expected = exact.quantize(Decimal(1).scaleb(-minor_units), ROUND_HALF_UP, context)
    assert amount == expected
    assert amount.as_tuple().exponent == -minor_units


@given(prices, seats_held, periods_with_a_day())
def test_a_change_and_its_opposite_on_the_same_day_cancel(
    unit_price: Decimal, seats: int, when: tuple[Period, date]
) -> None:
    period, day = when
    used = period.rest_from(day)

    there = prorate(unit_price=unit_price, seats=seats, used=used, period=period)
    back = prorate(unit_price=unit_price, seats=-seats, used=used, period=period)

    assert there + back == 0


@given(prices, st.integers(0, 10_000), periods_with_a_day())
def test_suspending_later_credits_no_more(
    unit_price: Decimal, seats: int, when: tuple[Period, date]
) -> None:
    period, day = when
    tomorrow = min(day + timedelta(days=1), period.last_day)

    today_costs, tomorrow_costs = (
        prorate(unit_price=unit_price, seats=seats, used=period.rest_from(d), period=period)
        for d in (day, tomorrow)
    )

    assert today_costs >= tomorrow_costs >= 0


@given(
    st.decimals("0", "1", places=4),
    st.integers(0, 5),
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 30)), max_size=12),
)
def test_the_sum_for_a_period_is_never_negative(
    unit_price: Decimal, opening: int, steps: list[tuple[int, int]]
) -> None:
    """Small prices make every rounding matter; without the floor this fails (see below)."""
    charged = round_money(unit_price * opening)
    seats = opening
    for after, offset in sorted(steps, key=lambda step: step[1]):
        day = DECEMBER.start + timedelta(days=offset)
        amount = prorate(
            unit_price=unit_price,
            seats=after - seats,
            used=DECEMBER.rest_from(day),
            period=DECEMBER,
        )
        charged += not_below_zero(amount, charged_so_far=charged)
        seats = after

        assert charged >= 0


def test_without_the_floor_rounding_alone_makes_a_period_negative() -> None:
    # 0.0040 x 1 = 0.00, twice; then 0.0040 x -2 = -0.008 = -0.01
    one = prorate(unit_price=Decimal("0.004"), seats=1, used=DECEMBER, period=DECEMBER)
    two = prorate(unit_price=Decimal("0.004"), seats=-2, used=DECEMBER, period=DECEMBER)

    assert (one, two, one + one + two) == (Decimal("0.00"), Decimal("-0.01"), Decimal("-0.01"))
    assert not_below_zero(two, charged_so_far=one + one) == 0


@given(st.fractions(-(10**12), 10**12))
def test_rounding_is_symmetric(amount: Fraction) -> None:
    assert round_money(-amount) == -round_money(amount)

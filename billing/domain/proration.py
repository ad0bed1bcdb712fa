"""The two rules of the arithmetic. Plain Python; the prose is in billing/README.md."""

from decimal import Decimal
from fractions import Fraction

from csp_portal.shared.dates import Period
from csp_portal.shared.money import round_money


def prorate(
    *, unit_price: Decimal, seats: int, used: Period, period: Period, minor_units: int = 2
) -> Decimal:
    """
    Return the price of `seats` for the days of `period` that are in `used`.

    `unit_price` is per seat for the whole billing period, in major units of the invoice's
    currency. The divisor is the days of the full period; both periods exclude their end.
    Rounded once, here, to the currency's minor unit, halves away from zero. Negative
    `seats` give exactly the negative amount.

    With `used` equal to `period` this is rule 1, the period charge; with the rest of the
    period from the day of a change it is rule 2, the prorated change.

    :raises ValueError: if `used` is not inside `period`, or `period` has no days

    >>> from datetime import date
    >>> month = Period(date(2026, 11, 14), date(2026, 12, 14))
    >>> prorate(
    ...     unit_price=Decimal("20.60"), seats=6, period=month,
    ...     used=month.rest_from(date(2026, 11, 22)),
    ... )
    Decimal('90.64')
    """
    if not period.days:
        raise ValueError(f"{period} has no days")
    if not period.covers(used):
        raise ValueError(f"{used} is not inside {period}")
    exact = Fraction(unit_price) * seats * Fraction(used.days, period.days)
    return round_money(exact, minor_units)


def not_below_zero(amount: Decimal, *, charged_so_far: Decimal) -> Decimal:
    """
    Return `amount`, or so much of a credit as was charged.

    Each line is rounded by itself, so several small additions can round down and their
    common credit up. "The sum charged for a subscription, leg and period is never
    negative": the credit gives way, by a minor unit or so.

    >>> not_below_zero(Decimal("-0.01"), charged_so_far=Decimal("0.00"))
    Decimal('0.00')
    """
    return max(amount, Decimal(0) - charged_so_far)

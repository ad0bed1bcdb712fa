"""Whole days and spans of whole days. No time zones, no Django."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """
    Every day from `start` up to, but not including, `end`.

    :raises ValueError: if `end` is before `start`

    >>> november = Period(date(2026, 11, 1), date(2026, 12, 1))
    >>> november.days, date(2026, 12, 1) in november
    (30, False)
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"{self.end} is before {self.start}")

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day that belongs to the period, as screens and documents show it."""
        return date.fromordinal(self.end.toordinal() - 1)

    def covers(self, other: Self) -> bool:
        return self.start <= other.start and other.end <= self.end

    def rest_from(self, day: date) -> Self:
        """Return what is left of the period, counting `day` itself."""
        return type(self)(min(max(day, self.start), self.end), self.end)


def add_months(anchor: date, months: int) -> date:
    """
    Return the same day of another month, or that month's last day.

    Always count from the anchor, never from an earlier result: 31 January plus one
    month is 28 February, and 28 February plus one month is not 31 March.

    >>> [add_months(date(2026, 1, 31), n).isoformat() for n in (1, 2, 3)]
    ['2026-02-28', '2026-03-31', '2026-04-30']
    """
    years, month = divmod(anchor.month - 1 + months, 12)
    year = anchor.year + years
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def month_of(day: date) -> Period:
    """Return the calendar month that contains `day`."""
    first = day.replace(day=1)
    return Period(first, add_months(first, 1))


def billing_periods(term: Period, *, anchor: date, months: int) -> Iterator[Period]:
    """
    Yield the billing periods of `term`, each `months` long, counted from `anchor`.

    `anchor` is the first day of the base's term: for an ordinary subscription it is
    `term.start`; an add-on that starts inside its base's term has its base's periods,
    so its first period may begin before `term.start`. The last one ends with the term.

    Source: the programme's billing rules, "month k of a term runs from
    add_months(term start, k) to add_months(term start, k + 1)".

    >>> term = Period(date(2026, 1, 31), date(2026, 4, 30))
    >>> [p.start.isoformat() for p in billing_periods(term, anchor=term.start, months=1)]
    ['2026-01-31', '2026-02-28', '2026-03-31']
    """
    if months < 1 or anchor > term.start:
        raise ValueError("periods are counted forward from an anchor not after the term's start")
    index = 0
    while (start := add_months(anchor, index * months)) < term.end:
        end = min(add_months(anchor, (index + 1) * months), term.end)
        if end > term.start:
            yield Period(start, end)
        index += 1


def period_containing(day: date, term: Period, *, anchor: date, months: int) -> Period:
    """
    Return the billing period that `day` is in.

    :raises ValueError: if `day` is not in `term`
    """
    if day not in term:
        raise ValueError(f"{day} is not in {term}")
    return next(p for p in billing_periods(term, anchor=anchor, months=months) if day in p)

"""
The cells of a price list file: numbers, days and words from fixed lists.

Each function appends what is wrong to `faults` and returns a harmless value, so that a row
reports all its faults at once.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from csp_portal.shared.money import round_money

from ..models.price_lists import LARGEST_PRICE

Faults = list[tuple[str, str]]

FIRST_DAY = date(2010, 1, 1)
# A file says "no end" with a day like 9999-12-31.
NO_END = date(2100, 1, 1)
ZERO = Decimal(0)

_PRICE = re.compile(r"[0-9]{1,8}(?:\.[0-9]{1,4})?")
_DAY = re.compile(
    r"(?:(?P<y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})"
    r"|(?P<um>[0-9]{1,2})/(?P<ud>[0-9]{1,2})/(?P<uy>[0-9]{4}))"
    r"(?P<time>[ T](?P<h>[0-9]{1,2}):(?P<min>[0-9]{2})(?::(?P<s>[0-9]{2})(?:\.[0-9]+)?)?"
    r"(?: ?(?P<half>[AaPp])[Mm])?(?:Z|\+00:00)?)?"
)


class Days(NamedTuple):
    """When a row is valid: from the first day up to, but not including, the second."""

    start: date | None
    end: date | None


def check_text(column: str, text: str, limit: int, faults: Faults) -> None:
    if not text:
        faults.append((column, _("Empty.")))
    elif len(text) > limit:
        message = _("Longer than %(limit)d characters.") % {"limit": limit}
        faults.append((column, message))


def one_of(row: Mapping[str, str], column: str, words: Mapping[str, str], faults: Faults) -> str:
    """Return what the cell's word stands for, whatever its case."""
    word = words.get(row[column].casefold())
    if word is None:
        allowed = ", ".join(sorted(key for key in words if key))
        faults.append(
            (
                column,
                _("“%(cell)s” is none of: %(allowed)s.")
                % {"cell": row[column], "allowed": allowed},
            )
        )
        return ""
    return word


def price(row: Mapping[str, str], column: str, faults: Faults) -> Decimal:
    """Return digits with a decimal point and at most four decimals; nothing else is a price."""
    found = _price(row[column])
    if found is None:
        faults.append(
            (
                column,
                _("“%(cell)s” is not a price: digits, a point, at most four decimals.")
                % {"cell": row[column]},
            )
        )
        return ZERO
    return found


@lru_cache(maxsize=20_000)
def _price(cell: str) -> Decimal | None:
    return Decimal(cell) if _PRICE.fullmatch(cell) else None


@lru_cache(maxsize=20_000)
def share(amount: Decimal, minor_units: int) -> Decimal:
    """
    Return a twelfth, rounded once to the currency's minor unit, halves away from zero.

    >>> share(Decimal("3393.90"), 2), share(Decimal("18000"), 0)
    (Decimal('282.83'), Decimal('1500'))
    """
    return round_money(Fraction(amount) / 12, minor_units)


def twelve(amount: Decimal) -> Decimal | None:
    """Return the price of a year, or None if a price list cannot hold it."""
    return amount * 12 if amount * 12 <= LARGEST_PRICE else None


def days_in(row: Mapping[str, str], first: str, last: str, faults: Faults) -> Days:
    """
    Return the validity that the cells `first` and `last` name, ISO or M/D/YYYY; None if empty.

    The time of the first day does not matter. The last one belongs to the validity if it
    comes alone, or with a time after midnight; midnight is the end of the day before.
    """
    start, end = (_day_in(row, column, faults) for column in (first, last))
    start_day = start[0] if start else None
    if end is None or end[0] >= NO_END:
        return Days(start_day, None)
    end_day = end[0] if end[1] else end[0] + timedelta(days=1)
    if start_day is not None and end_day <= start_day:
        faults.append((last, _("Before the first day.")))
    return Days(start_day, end_day)


def _day_in(row: Mapping[str, str], column: str, faults: Faults) -> tuple[date, bool] | None:
    found = _day(row[column]) if row[column] else None
    if found is None and row[column]:
        message = _("“%(cell)s” is not a day: YYYY-MM-DD or M/D/YYYY.") % {"cell": row[column]}
        faults.append((column, message))
    return found


@lru_cache(maxsize=10_000)
def _day(cell: str) -> tuple[date, bool] | None:
    """Return the day, and whether it comes with the time of midnight."""
    match = _DAY.fullmatch(cell)
    if match is None:
        return None
    year, month, day = (
        int(match[a] or match[b]) for a, b in (("y", "uy"), ("m", "um"), ("d", "ud"))
    )
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    if found < FIRST_DAY or not _is_a_time(match):
        return None
    hour = int(match["h"] or 1)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] in "pP" else 0)
    return found, match["time"] is not None and not (
        hour or int(match["min"]) or int(match["s"] or 0)
    )


def _is_a_time(match: re.Match[str]) -> bool:
    if match["time"] is None:
        return True
    hours = range(1, 13) if match["half"] else range(24)
    sixty = range(60)
    return int(match["h"]) in hours and int(match["min"]) in sixty and int(match["s"] or 0) in sixty

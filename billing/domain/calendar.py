"""
When a price list becomes public, and which month it can still take.

Source: the programme, "provides 30 days advance notice of the price list", and nobody gets
"pricing more than 30 days in advance" (R13).
"""

from datetime import date, timedelta

from csp_portal.shared.dates import add_months

NOTICE = timedelta(days=30)


def publication_day(effective_on: date) -> date:
    """
    Return the day, from 00:00 business time, on which every partner sees the list.

    >>> [publication_day(date(2026, 12, 1)), publication_day(date(2027, 3, 1))]
    [datetime.date(2026, 11, 1), datetime.date(2027, 1, 30)]
    """
    return effective_on - NOTICE


def latest_effective_day(day: date) -> date:
    """
    Return the effective day of the newest list that can be public on `day`.

    A price for a day before the month after it is final: no list that is still unknown
    can take effect earlier.

    >>> [latest_effective_day(date(2026, 12, 1)), latest_effective_day(date(2026, 12, 2))]
    [datetime.date(2026, 12, 1), datetime.date(2027, 1, 1)]
    """
    return (day + NOTICE).replace(day=1)


def next_possible_effective_day(day: date) -> date:
    """
    Return the first month that a list made ready in the course of `day` can take.

    Its publication day is still ahead: what is ready during the publication day itself is
    late, since the list should have been public from that day's first moment.

    >>> [next_possible_effective_day(date(2026, 12, d)) for d in (1, 2)]
    [datetime.date(2027, 1, 1), datetime.date(2027, 2, 1)]
    """
    return add_months(latest_effective_day(day), 1)

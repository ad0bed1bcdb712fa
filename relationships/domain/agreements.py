"""
When a partner's programme agreement is in force: plain dates and what happened on them.

Source: the programme agreement. "It runs to 31 August and renews for a year unless either
side gave notice at least 30 days before", so 1 August is the last day for notice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

NOTICE_PERIOD = timedelta(days=30)
LAST_MONTH, LAST_DAY = 8, 31

# Versions of the customer agreement a customer may have accepted, the current one first.
TEMPLATE_VERSIONS = ("2026-09", "2025-09", "2024-09")


class Side(StrEnum):
    PARTNER = "partner"
    VENDOR = "vendor"


class EventKind(StrEnum):
    SIGNED = "signed"
    NOTICE = "notice"
    WITHDRAWN = "withdrawn"


class State(StrEnum):
    NONE = "unsigned"
    IN_FORCE = "in_force"
    NOTICE = "notice"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Event:
    """What a side did on a day. A withdrawal takes back the notice of the same side."""

    kind: EventKind
    side: Side
    on: date


@dataclass(frozen=True, slots=True)
class Agreement:
    """
    An agreement as it stands on a day.

    `last_day` is the 31 August its present year runs to, or on which it ends or ended;
    `next_last_day_for_notice` the last day on which a side can still give notice, of this
    year or the next. `noticed_by` are the sides whose notice stands.
    """

    state: State
    signed_on: date | None
    last_day: date | None
    next_last_day_for_notice: date | None
    noticed_by: frozenset[Side] = frozenset()

    @property
    def is_in_force(self) -> bool:
        return self.state in {State.IN_FORCE, State.NOTICE}

    @property
    def renews_on(self) -> date | None:
        """The first day of its next year; None if it ends or has ended."""
        if self.state != State.IN_FORCE or self.last_day is None:
            return None
        return self.last_day + timedelta(days=1)


def year_end(day: date) -> date:
    """
    Return the last day of the agreement year that `day` is in.

    >>> year_end(date(2026, 8, 31)), year_end(date(2026, 9, 1))
    (datetime.date(2026, 8, 31), datetime.date(2027, 8, 31))
    """
    end = date(day.year, LAST_MONTH, LAST_DAY)
    return end if day <= end else date(day.year + 1, LAST_MONTH, LAST_DAY)


def last_day_for_notice(end: date) -> date:
    """
    Return the last day on which notice still ends the agreement on `end`.

    >>> last_day_for_notice(date(2026, 8, 31))
    datetime.date(2026, 8, 1)
    """
    return end - NOTICE_PERIOD


def last_day_after_notice(given_on: date) -> date:
    """
    Return the last day in force after notice given on a day.

    >>> last_day_after_notice(date(2026, 8, 1)), last_day_after_notice(date(2026, 8, 2))
    (datetime.date(2026, 8, 31), datetime.date(2027, 8, 31))
    """
    return year_end(given_on + NOTICE_PERIOD)


def agreement_on(events: Iterable[Event], day: date) -> Agreement:
    """Return how the agreement stands on `day`, by the events up to then, in their order."""
    signed_on: date | None = None
    notices: dict[Side, date] = {}
    for event in events:
        if event.on > day:
            continue
        if event.kind == EventKind.SIGNED:
            signed_on, notices = event.on, {}
        elif event.kind == EventKind.NOTICE:
            notices.setdefault(event.side, last_day_after_notice(event.on))
        else:
            notices.pop(event.side, None)
    if signed_on is None:
        return Agreement(State.NONE, None, None, None)
    noticed_by = frozenset(notices)
    last_day = min(notices.values(), default=year_end(day))
    if last_day < day:
        return Agreement(State.ENDED, signed_on, last_day, None, noticed_by)
    deadline = last_day_for_notice(last_day_after_notice(day))
    state = State.NOTICE if notices else State.IN_FORCE
    return Agreement(state, signed_on, last_day, deadline, noticed_by)

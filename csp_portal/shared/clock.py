"""
The one place that knows what time it is.

Only the interface (views, tasks, commands) may call it; services and queries take
`on: date` or `at: datetime` as an argument.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

_pinned: ContextVar[datetime | None] = ContextVar("pinned", default=None)
_travelled = timedelta(0)


def now() -> datetime:
    return _pinned.get() or timezone.now() + _travelled  # noqa: TID251 -- this is the clock


def real_now() -> datetime:
    """Return the machine's time, for what must not travel: the age of a session."""
    return timezone.now()  # noqa: TID251 -- this is the clock


def business_zone() -> ZoneInfo:
    return ZoneInfo(settings.BUSINESS_TIME_ZONE)


def today() -> date:
    """Return the current day in the programme's business time zone."""
    return now().astimezone(business_zone()).date()


@contextmanager
def pinned_to(day: date) -> Iterator[None]:
    """Stop the clock at noon UTC of `day` in this context, and restore it on exit. Nests."""
    token = _pinned.set(datetime.combine(day, time(12), tzinfo=UTC))
    try:
        yield
    finally:
        _pinned.reset(token)


@contextmanager
def travelled_to(day: date) -> Iterator[None]:
    """
    Let the whole process, every thread of it, live on `day` and go on from there.

    For journeys in tests, where a browser talks to a server in another thread.
    """
    global _travelled  # noqa: PLW0603 -- one clock per process is the point
    before = _travelled
    start = datetime.combine(day, time(12), tzinfo=UTC)
    _travelled = start - timezone.now()  # noqa: TID251 -- this is the clock
    try:
        yield
    finally:
        _travelled = before

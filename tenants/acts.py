"""Who did it, for which organisation, and when: what every writing service is told."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from .models import Tenant, User


@dataclass(frozen=True, slots=True)
class Act:
    """
    The circumstances of a change.

    `at` is the moment it was asked for, aware; `on` the business day it belongs to
    (a confirmed quote fixes `on`, so it may be the day before `at`). `by` is None for
    what the portal does on its own, such as a renewal.
    """

    by: User | None
    organisation: Tenant | None
    at: datetime
    on: date

    @classmethod
    def of_the_portal(cls, *, at: datetime, on: date) -> Self:
        return cls(by=None, organisation=None, at=at, on=on)

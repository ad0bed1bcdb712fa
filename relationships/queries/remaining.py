"""What keeps a relationship from ending."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tenants.models import Tenant

from ..models import Relationship


@dataclass(frozen=True, slots=True)
class Remaining:
    """A CSP subscription that is active or suspended; an add-on goes with its base."""

    public_id: UUID
    title: str
    state: str
    seats: int
    ends_on: date
    is_add_on: bool

    @property
    def last_day(self) -> date:
        return date.fromordinal(self.ends_on.toordinal() - 1)


def remaining(relationship: Relationship) -> list[Remaining]:
    """
    Return the CSP subscriptions of the relationship that are active or suspended, add-ons last.

    Like `is_syndicated` this looks upwards by relation and without an import.
    """
    rows: Any = relationship.customer.subscriptions.filter(
        exclusive_channel=Tenant.ExclusiveChannel.CSP, partner=relationship.partner
    ).order_by("base_id", "title", "id")
    return sorted(
        (
            Remaining(s.public_id, s.title, s.state, s.seats, s.ends_on, s.base_id is not None)
            for s in rows
        ),
        key=lambda row: row.is_add_on,
    )

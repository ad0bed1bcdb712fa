from dataclasses import dataclass
from datetime import date

import pytest

from subscriptions.models import Offer, SeatChange, Subscription, Term
from subscriptions.services import lifecycle

from .. import make
from ..world import World

START = date(2026, 3, 14)


@dataclass
class House:
    """Northwind as Fabrikam's customer, and what Fabrikam does for it."""

    world: World

    def order(
        self,
        seats: int = 10,
        *,
        offer: Offer | None = None,
        base: Subscription | None = None,
        duration: str = "P1Y",
        on: date = START,
    ) -> Subscription:
        change = lifecycle.provision(
            partner=self.world.fabrikam,
            tenant=self.world.northwind,
            offer=offer or (self.world.phone if base else self.world.premium),
            seats=seats,
            duration=duration,
            base=base,
            act=self.world.act(on=on),
        )
        return change.term.subscription


@pytest.fixture
def house(world: World) -> House:
    make.relationship(world.fabrikam, world.northwind)
    return House(world)


def facts(subscription: Subscription) -> list[tuple[str, date, int, int, int]]:
    return list(
        SeatChange.objects.filter(term__subscription=subscription)
        .order_by("pk")
        .values_list("kind", "effective_on", "seats_before", "seats_after", "billable_delta")
    )


def terms(subscription: Subscription) -> list[tuple[int, date, date, date, int, int]]:
    return list(
        Term.objects.filter(subscription=subscription)
        .order_by("number")
        .values_list(
            "number", "anchor_on", "starts_on", "ends_on", "opening_seats", "billable_seats"
        )
    )

"""The lists that have commands for many rows: what an address finds, and which commands."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from billing.models import Recommendation
from billing.queries.recommendations import narrowed as narrowed_advice
from billing.queries.recommendations import recommendations_of
from billing.views.recommendation_listing import RECOMMENDATIONS
from csp_portal.lists import Asked, Listing, asked_in
from relationships.models import Invitation, Relationship
from relationships.queries.invitations import invitations_of, narrowed
from relationships.queries.relationships import customers_of
from relationships.views.invitation_listing import INVITATIONS
from subscriptions.models import Subscription
from tenants.models import Membership, Partner
from tenants.roles import Action

from ..listings.customers import CUSTOMERS
from ..listings.subscriptions import RENEWALS, SUBSCRIPTIONS
from ..queries.all_subscriptions import narrowed as narrowed_subscriptions
from ..queries.all_subscriptions import renewals_of, subscriptions_of_customers
from ..queries.customers import Wanted, customer_relationships
from . import advice, changes, costly
from .commands import Command
from .subjects import CUSTOMER, INVITATION, RECOMMENDATION, SUBSCRIPTION, Subject

Found = Callable[[Partner, Asked, date], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Source:
    """
    A list whose rows commands are for; whoever may see it has `needs`.

    `rows` are all that a partner sees there, with the key of a ticked row at `key`; `found`
    those that an address asks for. A command may be about something else than the rows, such
    as their customers: `keys` says where that one's public id is.
    """

    listing: Listing
    url_name: str
    needs: Action
    rows: Callable[[Partner], QuerySet[Any]]
    key: str
    found: Found
    keys: Mapping[str, str]
    commands: tuple[Command, ...]

    def command(self, key: str) -> Command | None:
        return next((command for command in self.commands if command.key == key), None)

    def ticked(self, partner: Partner, subject: Subject, ticked: Iterable[UUID]) -> list[UUID]:
        """Return the public ids of what the ticked rows stand for."""
        path = self.keys[subject.name]
        if path == self.key:
            return list(ticked)
        rows = self.rows(partner).filter(**{f"{self.key}__in": list(ticked)})
        return list(rows.order_by().values_list(path, flat=True).distinct())

    def matching(
        self, membership: Membership, subject: Subject, query: str, *, on: date, most: int
    ) -> list[UUID]:
        """Return the public ids of what the address finds now, one more than `most` at most."""
        path = self.keys[subject.name]
        asked = asked_in(QueryDict(query), self.listing, membership=membership)
        found = self.found(membership.tenant.partner, asked, on).order_by()
        keys = found.values_list(path, flat=True)
        # of a million rows the first are enough, unless several stand for the same
        return list((keys if path == self.key else keys.distinct())[: most + 1])


def _customers(partner: Partner, asked: Asked, _on: date) -> QuerySet[Relationship]:
    return customer_relationships(partner, Wanted(q=asked.q, **asked.values))


def _subscriptions(partner: Partner, asked: Asked, on: date) -> QuerySet[Subscription]:
    found = subscriptions_of_customers(partner)
    return narrowed_subscriptions(found, partner, asked.values, asked.q, on=on)


def _renewals(partner: Partner, asked: Asked, on: date) -> QuerySet[Subscription]:
    found = renewals_of(partner, on=on)
    return narrowed_subscriptions(found, partner, asked.values, asked.q, on=on)


def _invitations(partner: Partner, asked: Asked, on: date) -> QuerySet[Invitation]:
    return narrowed(invitations_of(partner), state=asked.chosen("state"), q=asked.q, on=on)


def _recommendations(partner: Partner, asked: Asked, on: date) -> QuerySet[Recommendation]:
    found = recommendations_of(partner)
    return narrowed_advice(found, state=asked.chosen("state"), q=asked.q, on=on)


def _of_subscriptions(listing: Listing, found: Found) -> Source:
    return Source(
        listing=listing,
        url_name=f"home:{listing.name}",
        needs=Action.SEE_CUSTOMERS,
        rows=subscriptions_of_customers,
        key="public_id",
        found=found,
        keys={SUBSCRIPTION.name: "public_id", CUSTOMER.name: "tenant__public_id"},
        commands=(
            costly.SUSPEND,
            costly.REACTIVATE,
            changes.RENEW,
            changes.LET_END,
            changes.TAG,
        ),
    )


SOURCES: Mapping[str, Source] = {
    source.listing.name: source
    for source in (
        Source(
            listing=CUSTOMERS,
            url_name="home:customers",
            needs=Action.SEE_CUSTOMERS,
            rows=customers_of,
            key="customer__public_id",
            found=_customers,
            keys={CUSTOMER.name: "customer__public_id"},
            commands=(changes.TAG, changes.UNTAG),
        ),
        _of_subscriptions(SUBSCRIPTIONS, _subscriptions),
        _of_subscriptions(RENEWALS, _renewals),
        Source(
            listing=INVITATIONS,
            url_name="relationships:invitations",
            needs=Action.INVITE_CUSTOMERS,
            rows=invitations_of,
            key="public_id",
            found=_invitations,
            keys={INVITATION.name: "public_id"},
            commands=(changes.SEND, changes.WITHDRAW),
        ),
        Source(
            listing=RECOMMENDATIONS,
            url_name="billing:recommendations",
            needs=Action.RECOMMEND,
            rows=recommendations_of,
            key="public_id",
            found=_recommendations,
            keys={RECOMMENDATION.name: "public_id"},
            commands=(advice.SEND, advice.WITHDRAW),
        ),
    )
}

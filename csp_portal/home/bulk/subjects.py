"""What a command is about: customers, subscriptions, invitations, … as a partner sees them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from billing.models import Recommendation
from billing.queries.recommendations import display_name as name_of_recommendation
from billing.queries.recommendations import recommendations_of
from relationships.models import Invitation
from relationships.queries.invitations import invitations_of
from relationships.queries.relationships import customers_of
from relationships.views.presentation import display_name
from subscriptions.models import Subscription
from tenants.models import Partner, Tenant

from ..queries.all_subscriptions import subscriptions_of_customers


@dataclass(frozen=True, slots=True)
class Subject:
    """
    What the rows of a run are.

    `visible` are the rows that a partner may see, with the public id at `key`; `of` is what
    such a row stands for. They are done in `order`.
    """

    name: str
    visible: Callable[[Partner], QuerySet[Any]]
    key: str
    label: Callable[[Any], str]
    page: Callable[[Any], str]
    of: Callable[[Any], Any] = lambda row: row
    order: Callable[[Any], Any] = lambda row: row.pk

    def found(self, partner: Partner, keys: Iterable[UUID]) -> list[Any]:
        """Return what is there of `keys` and the partner may see, in the order to do it."""
        rows = self.visible(partner).filter(**{f"{self.key}__in": list(keys)})
        return sorted(map(self.of, rows), key=self.order)


def _name_of_subscription(subscription: Subscription) -> str:
    return f"{subscription.title} · {subscription.tenant.name}"


def _page_of_subscription(subscription: Subscription) -> str:
    page = reverse("home:customer-subscriptions", args=[subscription.tenant.public_id])
    return f"{page}?panel={subscription.public_id}"


def _bases_first(subscription: Subscription) -> tuple[bool, int, int]:
    """Order bases before the add-ons that follow them, and tenants as they are locked."""
    return subscription.base_id is not None, subscription.tenant_id, subscription.pk


def _page_of_customer(customer: Tenant) -> str:
    return reverse("home:customer", args=[customer.public_id])


def _page_of_invitation(invitation: Invitation) -> str:
    return reverse("relationships:invitation", args=[invitation.public_id])


def _page_of_recommendation(recommendation: Recommendation) -> str:
    return reverse("billing:recommendation", args=[recommendation.public_id])


CUSTOMER = Subject(
    name="customer",
    visible=customers_of,
    key="customer__public_id",
    of=lambda relationship: relationship.customer,
    label=lambda customer: customer.name,
    page=_page_of_customer,
)
SUBSCRIPTION = Subject(
    name="subscription",
    visible=subscriptions_of_customers,
    key="public_id",
    label=_name_of_subscription,
    page=_page_of_subscription,
    order=_bases_first,
)
INVITATION = Subject(
    name="invitation",
    visible=invitations_of,
    key="public_id",
    label=display_name,
    page=_page_of_invitation,
)
RECOMMENDATION = Subject(
    name="recommendation",
    visible=recommendations_of,
    key="public_id",
    label=name_of_recommendation,
    page=_page_of_recommendation,
)

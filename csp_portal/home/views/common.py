"""What several of the pages share: who may, chips, numbers in the address."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from csp_portal.lists.parts import Bulk
from relationships.models import Relationship
from relationships.services.standing import SellingRefused, selling_refusal
from subscriptions.domain.channels import Channel
from subscriptions.models import Subscription
from tenants.http import PortalRequest, act_of
from tenants.models import Partner
from tenants.roles import Action

from ..bulk.sources import SOURCES
from ..queries.subscription_page import Row


def may(request: PortalRequest, action: Action) -> bool:
    return request.membership is not None and request.membership.may(action)


def bulk_of(request: PortalRequest, list_name: str) -> dict[str, Any]:
    """Return the commands for many rows of the list that the person may give."""
    commands = [
        Bulk(command.key, command.icon, str(command.label))
        for command in SOURCES[list_name].commands
        if may(request, command.action)
    ]
    if not commands:
        return {}
    return {"bulk_url": reverse("home:bulk-ask", args=[list_name]), "bulk": commands}


@dataclass(frozen=True, slots=True)
class Chip:
    channel: str
    label: str
    count: int | str
    is_current: bool


def refusal_to_sell(
    request: PortalRequest, relationship: Relationship, rows: list[Row]
) -> SellingRefused | None:
    """Return what stops a new order for the customer, for those who may order or ask for it."""
    if not may(request, Action.ORDER) and not may(request, Action.REQUEST_ORDERS):
        return None
    partner = relationship.partner
    return selling_refusal(
        partner=partner,
        customer=relationship.customer,
        on=act_of(request).on,
        is_first_order=not any(_was_ordered_by(partner, row.subscription) for row in rows),
    )


def _was_ordered_by(partner: Partner, subscription: Subscription) -> bool:
    """Tell whether the partner ordered it; what moved there from another one was not."""
    return subscription.partner_id == partner.pk and subscription.moved_from_id is None


def csp_first() -> list[Channel]:
    return sorted(Channel, key=lambda channel: channel != Channel.CSP)


def number_in(text: str) -> int | None:
    """Return the number a query value is; None for anything else or one too big for a key."""
    fits = text.isascii() and text.isdecimal() and len(text) < 19  # noqa: PLR2004 -- digits of a bigint
    return int(text) if fits else None

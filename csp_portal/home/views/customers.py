"""A partner's customers: the list, its files, and what is done to many of them at once."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from csp_portal.lists import Choice, asked_of, list_context
from csp_portal.lists.parts import Command, Empty
from csp_portal.lists.views import default_view, file_of
from relationships.models import Relationship
from relationships.queries.relationships import customers_of
from relationships.queries.tags import words_of
from subscriptions.domain.channels import RULES
from tenants.http import PortalRequest, act_of
from tenants.models import Partner
from tenants.permissions import acting_partner, acting_tenant, requires
from tenants.roles import Action

from ..listings.customers import CHANNELS, CUSTOMERS
from ..queries.customers import (
    COUNTED,
    CustomerRow,
    Wanted,
    channels_of_customers,
    customer_relationships,
    resellers_of,
    rows_for,
)
from .common import bulk_of, may


@requires(Action.SEE_CUSTOMERS)
@require_safe
def customers(request: PortalRequest) -> HttpResponse:
    if (usual := default_view(request, CUSTOMERS)) is not None:
        return usual
    partner, asked = acting_partner(request), asked_of(request, CUSTOMERS)
    found = asked.ordered(customer_relationships(partner, Wanted(q=asked.q, **asked.values)))

    def rows_of(relationships: Sequence[Relationship]) -> list[CustomerRow]:
        return rows_for(
            relationships,
            seller=acting_tenant(request),
            with_values=may(request, Action.SEE_PRICES),
            with_changes=any(column.key == "changed" for column in asked.columns),
            on=act_of(request).on,
        )

    if asked.file_format:
        return file_of(request, asked, found, rows_of)
    choices = _choices(partner)
    context = list_context(request, asked, found=found, rows_of=rows_of, choices=choices)
    return render(request, "lists/list.html", context | _around(request))


def _choices(partner: Partner) -> dict[str, list[Choice]]:
    """Return what the organisation has: channels in use with their counts, tags, resellers."""
    return {
        "channel": _channels(partner),
        "tag": [Choice(word, word) for word in words_of(partner)],
        "reseller": [Choice(r.mpn_id, r.tenant.name) for r in resellers_of(partner)],
    }


def _channels(partner: Partner) -> list[Choice]:
    """Return the channels in use; of many customers all channels, uncounted."""
    if customers_of(partner)[: COUNTED + 1].count() > COUNTED:
        return [Choice(c.value, RULES[c].label, channel=c.value) for c in CHANNELS]
    counts = channels_of_customers(partner)
    return [Choice(c.value, RULES[c].label, counts[c], c.value) for c in CHANNELS if counts[c]]


def _around(request: PortalRequest) -> dict[str, Any]:
    context: dict[str, Any] = {
        "lead": _("Companies with an active reseller relationship"),
        "empty": Empty(
            "people",
            _("No customers yet"),
            _("Invite a company that has a tenant, or create one for it."),
        ),
    }
    if may(request, Action.INVITE_CUSTOMERS):
        invite = Command(
            "handshake",
            _("Request a reseller relationship"),
            reverse("relationships:invite"),
            is_primary=True,
        )
        new = Command("person-add", _("New customer"), reverse("relationships:new-customer"))
        context |= {"commands": [invite, new], "empty": context["empty"].leading(invite)}
    return context | bulk_of(request, CUSTOMERS.name)

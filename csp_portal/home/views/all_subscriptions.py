"""The subscriptions of all customers; and of those what renews or ends soon."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from csp_portal.lists import Choice, Listing, asked_of, list_context
from csp_portal.lists.parts import Command, Empty
from csp_portal.lists.views import default_view, file_of
from relationships.queries.tags import words_of
from subscriptions.models import Subscription
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..listings.subscriptions import RENEWALS, SUBSCRIPTIONS
from ..queries.all_subscriptions import (
    SubscriptionRow,
    narrowed,
    paid_twice_among,
    renewals_of,
    rows_for,
    subscriptions_of_customers,
)
from ..queries.customers import resellers_of
from .common import bulk_of, may


@requires(Action.SEE_CUSTOMERS)
@require_safe
def all_subscriptions(request: PortalRequest) -> HttpResponse:
    found = subscriptions_of_customers(acting_partner(request))
    around: dict[str, Any] = {
        "lead": _("What all your customers hold, in every channel"),
        "empty": Empty("box", _("No subscriptions yet"), _("Order the first one for a customer.")),
    }
    return _list(request, SUBSCRIPTIONS, found, around)


@requires(Action.SEE_CUSTOMERS)
@require_safe
def renewals(request: PortalRequest) -> HttpResponse:
    found = renewals_of(acting_partner(request), on=act_of(request).on)
    around: dict[str, Any] = {
        "lead": _("CSP subscriptions whose term ends within a year, the next one first"),
        "empty": Empty("calendar-clock", _("No renewals"), _("No term ends within a year.")),
        "commands": [Command("calendar-ltr", _("Calendar"), reverse("home:calendar"))],
    }
    return _list(request, RENEWALS, found, around)


def _list(
    request: PortalRequest,
    listing: Listing,
    found: QuerySet[Subscription],
    around: dict[str, Any],
) -> HttpResponse:
    if (usual := default_view(request, listing)) is not None:
        return usual
    partner, asked, on = acting_partner(request), asked_of(request, listing), act_of(request).on
    found = asked.ordered(narrowed(found, partner, asked.values, asked.q, on=on))

    def rows_of(subscriptions: Sequence[Subscription]) -> list[SubscriptionRow]:
        with_values = may(request, Action.SEE_PRICES)
        return rows_for(subscriptions, partner=partner, with_values=with_values, on=on)

    def rows_of_page(subscriptions: Sequence[Subscription]) -> list[SubscriptionRow]:
        return paid_twice_among(rows_of(subscriptions), partner=partner)

    if asked.file_format:
        return file_of(request, asked, found, rows_of)
    choices = {
        "tag": [Choice(word, word) for word in words_of(partner)],
        "reseller": [Choice(r.mpn_id, r.tenant.name) for r in resellers_of(partner)],
    }
    context = list_context(request, asked, found=found, rows_of=rows_of_page, choices=choices)
    return render(request, "lists/list.html", context | around | bulk_of(request, listing.name))

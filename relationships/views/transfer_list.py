"""The list of transfers: who leaves the partner, and who comes to it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from csp_portal.lists import Asked, Choice, among, asked_of, list_context
from csp_portal.lists.parts import Command, Empty
from csp_portal.lists.views import default_view, file_of
from tenants.http import PortalRequest
from tenants.models import Partner, Tenant
from tenants.permissions import acting_partner, requires
from tenants.roles import Action, Kind

from ..models import Transfer
from ..queries.planned_moves import providers_of
from ..queries.transfers import counts_by_state, incoming, outgoing, transfers_of
from .transfer_listing import STATE_LABELS, TRANSFERS, TransferRow


@requires(Action.SEE_TRANSFERS)
@require_safe
def transfers(request: PortalRequest) -> HttpResponse:
    if (usual := default_view(request, TRANSFERS)) is not None:
        return usual
    partner, asked = acting_partner(request), asked_of(request, TRANSFERS)
    found = asked.ordered(_found(partner, asked))

    def rows_of(page: Sequence[Transfer]) -> list[TransferRow]:
        return [TransferRow(each, partner) for each in page]

    if asked.file_format:
        return file_of(request, asked, found, rows_of)
    choices = {"state": _states(partner)}
    context = list_context(request, asked, found=found, rows_of=rows_of, choices=choices)
    return render(request, "lists/list.html", context | _around(request, partner))


def _found(partner: Partner, asked: Asked) -> QuerySet[Transfer]:
    sides = {"leaving": outgoing, "coming": incoming}
    found = sides.get(asked.chosen("direction"), transfers_of)(partner)
    if asked.chosen("state"):
        found = found.filter(state=asked.chosen("state"))
    if asked.q:
        customers = Tenant.objects.matching(asked.q).values_list("pk", flat=True)
        found = among(found, "relationship__customer", customers)
    return found


def _states(partner: Partner) -> list[Choice]:
    counts = counts_by_state(partner)
    return [Choice(s.value, label, counts.get(s.value, 0)) for s, label in STATE_LABELS.items()]


def _around(request: PortalRequest, partner: Partner) -> dict[str, Any]:
    lead = _(
        "Customers that change their CSP partner: asked for by the customer, decided by the "
        "partner it leaves."
    )
    empty = Empty(
        "arrow-swap",
        _("No customer is moving"),
        _(
            "When one accepts another partner's invitation to replace you, you approve or decline "
            "it here within 14 days. One that is to come to you gets your invitation to replace "
            "its partner; what it holds moves over unchanged."
        ),
    )
    if request.membership is None or not request.membership.may(Action.INVITE_CUSTOMERS):
        return {"lead": lead, "empty": empty}
    ask = Command(
        "handshake",
        _("Ask to replace a partner"),
        reverse("relationships:invite"),
        is_primary=True,
    )
    commands = [ask]
    if partner.kind == Kind.DIRECT_PARTNER and providers_of(partner).exists():
        url = reverse("relationships:move-customers")
        commands.append(Command("people-team", _("Move my customers to a provider"), url))
    return {"lead": lead, "commands": commands, "empty": empty.leading(ask)}

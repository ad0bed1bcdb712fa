"""The list of a partner's invitations."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from csp_portal.lists import Choice, asked_of, list_context
from csp_portal.lists.parts import Bulk, Command, Empty
from csp_portal.lists.views import default_view, file_of
from tenants.http import PortalRequest, act_of
from tenants.models import Partner
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..models import Invitation
from ..queries.invitations import State, counts_by_state, invitations_of, narrowed
from ..queries.links import chains_for, has_links
from . import presentation
from .invitation_listing import INVITATIONS

# Invitations up to which the chips say how many are in each state.
COUNTED = 2_000


@requires(Action.INVITE_CUSTOMERS)
@require_safe
def invitations(request: PortalRequest) -> HttpResponse:
    if (usual := default_view(request, INVITATIONS)) is not None:
        return usual
    partner, asked = acting_partner(request), asked_of(request, INVITATIONS)
    today = act_of(request).on
    found = narrowed(invitations_of(partner), state=asked.chosen("state"), q=asked.q, on=today)
    found = asked.ordered(found)

    def rows_of(page: Sequence[Invitation]) -> list[presentation.InvitationRow]:
        return [presentation.invitation_row(each, today, viewer=partner) for each in page]

    if asked.file_format:
        return file_of(request, asked, found, rows_of)
    choices = {"state": _states(request, partner)}
    context = list_context(request, asked, found=found, rows_of=rows_of, choices=choices)
    return render(request, "relationships/invitations.html", context | _around(partner))


def _states(request: PortalRequest, partner: Partner) -> list[Choice]:
    """Return the states, of not too many invitations with their counts."""
    counts: dict[str, Any] = {}
    if invitations_of(partner)[: COUNTED + 1].count() <= COUNTED:
        counts = counts_by_state(partner, act_of(request).on)
    labels = presentation.STATE_LABELS
    return [Choice(s.value, labels[s.value], counts.get(s.value, "")) for s in State]


def _around(partner: Partner) -> dict[str, Any]:
    may_invite = bool(chains_for(partner))
    empty = Empty(
        "handshake",
        _("No invitations yet"),
        _(
            "Invite a customer: you get a letter and a link to send. Nothing changes for them "
            "until they accept."
        ),
    )
    invite = Command(
        "handshake",
        _("Request a reseller relationship"),
        reverse("relationships:invite"),
        is_primary=True,
    )
    new = Command("person-add", _("New customer"), reverse("relationships:new-customer"))
    return {
        "may_invite": may_invite,
        "is_two_tier": has_links(partner),
        "commands": [invite, new] if may_invite else [],
        "empty": empty.leading(invite) if may_invite else empty,
        "row_menu": "relationships/_invitation_menu.html",
        "bulk_url": reverse("home:bulk-ask", args=[INVITATIONS.name]),
        "bulk": [
            Bulk("send", "send", _("Send again")),
            Bulk("withdraw", "dismiss", _("Withdraw")),
        ],
    }

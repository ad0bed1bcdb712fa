"""Transfers as partners see them: who leaves, who comes, and the decision."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from csp_portal.shared import clock
from tenants.http import PortalRequest, act_of, partner_of
from tenants.permissions import acting_partner, requires, with_fresh_sign_in
from tenants.roles import Action

from ..forms import ReasonForm
from ..models import Transfer
from ..permissions import get_transfer, get_transfer_to_decide, get_transfer_to_withdraw
from ..queries.relationships import customers_of
from ..queries.remaining import remaining
from ..queries.transfers import before_and_after
from ..services import transfers as service


@requires(Action.SEE_TRANSFERS)
@require_safe
def transfer(request: PortalRequest, transfer_id: uuid.UUID) -> HttpResponse:
    return _page(request, get_transfer(request, transfer_id), ReasonForm())


@with_fresh_sign_in
@requires(Action.DECIDE_TRANSFERS)
@require_POST
def approve(request: PortalRequest, transfer_id: uuid.UUID) -> HttpResponse:
    found = get_transfer_to_decide(request, transfer_id)
    try:
        service.approve(transfer=found, act=act_of(request))
    except service.TransferRefused as refusal:
        messages.error(request, str(refusal))
    else:
        text = _("Approved. %(customer)s moves on the day it chose; until then you serve it.")
        if found.takes_effect_on <= clock.today():
            text = _("Approved. The day has come: %(customer)s moves within minutes.")
        messages.success(request, text % {"customer": found.customer})
    return redirect("relationships:transfer", found.public_id)


@with_fresh_sign_in
@requires(Action.DECIDE_TRANSFERS)
@require_POST
def decline(request: PortalRequest, transfer_id: uuid.UUID) -> HttpResponse:
    found = get_transfer_to_decide(request, transfer_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form)
    try:
        service.decline(transfer=found, reason=form.cleaned_data["reason"], act=act_of(request))
    except service.TransferRefused as refusal:
        messages.error(request, str(refusal))
    else:
        text = _("Declined. %(customer)s and %(partner)s see the reason; nothing has changed.")
        names = {"customer": found.customer, "partner": found.new_seller}
        messages.info(request, text % names)
    return redirect("relationships:transfer", found.public_id)


@requires(Action.INVITE_CUSTOMERS, Action.ACCEPT_INVITATIONS)
@require_POST
def withdraw(request: PortalRequest, transfer_id: uuid.UUID) -> HttpResponse:
    """For the customer and the new partner, until the day it takes effect."""
    found = get_transfer_to_withdraw(request, transfer_id)
    try:
        service.withdraw(transfer=found, act=act_of(request))
    except service.TransferRefused as refusal:
        messages.error(request, str(refusal))
    else:
        text = _("Withdrawn. %(partner)s goes on serving %(customer)s; nothing has changed.")
        names = {"customer": found.customer, "partner": found.old_seller}
        messages.info(request, text % names)
    if partner_of(request) is None:
        return redirect("relationships:my-partner")
    return redirect("relationships:transfer", found.public_id)


def _page(request: PortalRequest, found: Transfer, form: ReasonForm) -> HttpResponse:
    today, partner = clock.today(), acting_partner(request)
    before, after = before_and_after(found, on=today)
    context: dict[str, Any] = {
        "transfer": found,
        "before": before,
        "after": after,
        "form": form,
        "is_old_partner": partner == found.old_partner,
        "is_new_partner": partner in {found.new_partner, found.new_seller},
        "is_late": found.is_open and found.takes_effect_on <= today,
        "moving": remaining(found.relationship) if found.is_open else [],
        "is_served": customers_of(partner).filter(customer=found.customer).exists(),
    }
    return render(request, "relationships/transfer.html", context)

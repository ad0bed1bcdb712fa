"""What a partner does to an invitation it made: a new link, send, withdraw."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenants.http import PortalRequest, act_of
from tenants.permissions import requires
from tenants.roles import Action

from ..models import Invitation
from ..permissions import get_invitation, get_sent_invitation
from ..services import invitations as service
from . import presentation


@requires(Action.INVITE_CUSTOMERS, Action.AGREE_LINKS)
@require_POST
def renew_link(request: PortalRequest, invitation_id: uuid.UUID) -> HttpResponse:
    """Make a new link and show it, this once; see `invite` for why there is no redirect."""
    invitation = get_sent_invitation(request, invitation_id)
    try:
        token = service.renew_link(invitation=invitation, act=act_of(request))
    except service.InvitationNotOpen as error:
        return _say_not_open(request, invitation, error)
    invitation.refresh_from_db()
    shown = presentation.shown_link(invitation, token, is_new=False)
    return render(request, "relationships/invitation_link.html", shown)


@requires(Action.INVITE_CUSTOMERS, Action.AGREE_LINKS)
@require_POST
def send(request: PortalRequest, invitation_id: uuid.UUID) -> HttpResponse:
    invitation = get_sent_invitation(request, invitation_id)
    if not invitation.email:
        messages.error(request, _("This invitation has no e-mail address. Copy a new link."))
        return redirect("relationships:invitation", invitation_id)
    try:
        service.send(invitation=invitation, act=act_of(request))
    except service.InvitationNotOpen as error:
        return _say_not_open(request, invitation, error)
    except service.MailNotSent:
        messages.error(request, _("The mail server did not take the letter. Nothing changed."))
    else:
        text = _("Sent to %(email)s with a new link. Earlier links no longer work.")
        messages.success(request, text % {"email": invitation.email})
    return redirect("relationships:invitation", invitation_id)


@requires(Action.INVITE_CUSTOMERS, Action.AGREE_LINKS)
@require_POST
def withdraw(request: PortalRequest, invitation_id: uuid.UUID) -> HttpResponse:
    invitation = get_invitation(request, invitation_id)
    try:
        service.withdraw(invitation=invitation, act=act_of(request))
    except service.InvitationNotOpen as error:
        return _say_not_open(request, invitation, error)
    messages.success(request, _("Invitation withdrawn. Its link now says so."))
    return redirect("relationships:invitation", invitation_id)


def _say_not_open(
    request: PortalRequest, invitation: Invitation, error: service.InvitationNotOpen
) -> HttpResponse:
    text = _("Nothing changed: the invitation is %(state)s.")
    messages.error(request, text % {"state": presentation.STATE_LABELS[error.state].lower()})
    return redirect("relationships:invitation", invitation.public_id)

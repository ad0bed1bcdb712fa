"""How a partner makes an invitation, and what it sees of one."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from csp_portal.shared import clock
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..forms import InvitationForm
from ..permissions import get_invitation, selling_chains
from ..services import invitations as service
from ..services.standing import SellingRefused, selling_refusal
from . import presentation


@requires(Action.INVITE_CUSTOMERS)
@require_http_methods(["GET", "POST"])
def invite(request: PortalRequest) -> HttpResponse:
    """
    Make an invitation and show its link, this once.

    The answer to the POST is the page itself and no redirect: the token is kept nowhere, so
    no later request could show it.
    """
    partner, chains = acting_partner(request), selling_chains(request)
    if not chains:
        return render(request, "relationships/no_provider.html", status=403)
    refusal = selling_refusal(partner=partner, customer=None, on=clock.today())
    form = InvitationForm(request.POST or None, chains=chains)
    if form.is_valid():
        try:
            invitation, token = service.invite(
                sent_by=partner, act=act_of(request), **form.service_values()
            )
        except service.NotLinked as error:
            form.add_error("chain", presentation.not_linked_words(error))
        except service.MailNotSent:
            form.add_error(None, _("The mail server did not take the letter. Nothing was made."))
        except SellingRefused as error:
            if refusal is None:  # else the page says it anyhow
                form.add_error(None, str(error))
        else:
            shown = presentation.shown_link(invitation, token, is_new=True)
            return render(request, "relationships/invitation_link.html", shown)
    context = {"form": form, "selling_refusal": refusal}
    return render(request, "relationships/invite.html", context)


@requires(Action.INVITE_CUSTOMERS, Action.AGREE_LINKS)
@require_safe
def invitation(request: PortalRequest, invitation_id: uuid.UUID) -> HttpResponse:
    found = get_invitation(request, invitation_id)
    context = presentation.invitation_page(found, clock.today(), viewer=acting_partner(request))
    return render(request, "relationships/invitation.html", context)

"""The customer's answer to an invitation that asks to replace its partner."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from csp_portal.shared import clock
from tenants.held_links import drop_link
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant, requires, with_fresh_sign_in
from tenants.roles import Action

from ..forms import ReplaceForm
from ..queries.relationships import active_relationships
from ..services import ending, errors
from ..services import transfers as service
from ..services.standing import SellingRefused
from .answer_pages import answer_page, invitation_at_hand, remember


@with_fresh_sign_in
@requires(Action.ACCEPT_INVITATIONS)
@require_POST
def request_transfer(request: PortalRequest) -> HttpResponse:
    """Accept: ask the current partner to let the organisation go on a day."""
    invitation, today = invitation_at_hand(request), clock.today()
    if invitation is None:
        raise Http404
    current = active_relationships(acting_tenant(request)).exclude(partner=invitation.partner)
    form = ReplaceForm(request.POST, relationships=current, today=today)
    if not form.is_valid():
        return answer_page(request, invitation, today, form=form)
    try:
        transfer = service.request_transfer(
            invitation=invitation, act=act_of(request), **form.cleaned_data
        )
    except (
        service.TransferRefused,
        ending.EndingRefused,
        SellingRefused,
        errors.NotLinked,
    ) as refusal:
        form.add_error(None, str(refusal))
        return answer_page(request, invitation, today, form=form)
    except (errors.InvitationNotOpen, errors.OwnTenant):
        invitation.refresh_from_db()
        return answer_page(request, invitation, today)
    text = _("Accepted. %(partner)s decides on the move now; until then nothing changes.")
    if not transfer.is_undecided:
        text = _("Accepted. Until the day you chose, %(partner)s serves you as before.")
    messages.success(request, text % {"partner": transfer.old_seller})
    remember(request, invitation)
    response = redirect("relationships:my-partner")
    drop_link(response)
    return response

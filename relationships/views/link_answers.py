"""A partner's Global admin answers a provider's invitation to resell."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from csp_portal.shared import clock
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant, requires, with_fresh_sign_in
from tenants.roles import Action

from ..forms import DeclineForm
from ..services import invitations as service
from ..services import reseller_invitations as linking
from .answer_pages import answer_page
from .answers import answered, invitation_or_404


@with_fresh_sign_in
@requires(Action.AGREE_LINKS)
@require_POST
def accept_link(request: PortalRequest) -> HttpResponse:
    invitation = invitation_or_404(request, for_reseller=True)
    try:
        link = linking.accept_link(
            invitation=invitation, tenant=acting_tenant(request), act=act_of(request)
        )
    except (
        service.InvitationNotOpen,
        service.OwnTenant,
        linking.NotAReseller,
        linking.AlreadyLinked,
    ):
        # The page says which of these it is, with its own status.
        invitation.refresh_from_db()
        return answer_page(request, invitation, clock.today())
    text = _("You now resell for %(provider)s. Either of you can take on customers for both.")
    messages.success(request, text % {"provider": link.provider})
    return answered(request, invitation, "relationships:resellers")


@requires(Action.AGREE_LINKS)
@require_POST
def decline_link(request: PortalRequest) -> HttpResponse:
    invitation = invitation_or_404(request, for_reseller=True)
    form = DeclineForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else request.POST["reason"][:500]
    try:
        service.decline(
            invitation=invitation,
            tenant=acting_tenant(request),
            reason=reason,
            act=act_of(request),
        )
    except (service.InvitationNotOpen, service.OwnTenant):
        invitation.refresh_from_db()
        return answer_page(request, invitation, clock.today())
    text = _("Declined. %(partner)s sees that, and the reason you gave. Nothing else changed.")
    messages.info(request, text % {"partner": invitation.partner})
    return answered(request, invitation, "home:home")

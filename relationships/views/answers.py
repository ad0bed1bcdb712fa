"""
The customer's way through an invitation.

Mail scanners follow links, so no GET answers anything: `/i/<token>/` puts the invitation
into a signed cookie and the token out of the address, `/invitation/` shows it, and only
the two POSTs of a signed-in Tenant admin answer it.
"""

from contextlib import suppress
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from csp_portal.shared import clock
from tenants.held_links import HeldLink, LinkKind, drop_link, hold_link
from tenants.http import PortalRequest, act_of, tenant_of
from tenants.permissions import acting_tenant, open_to_anyone, requires, with_fresh_sign_in
from tenants.roles import Action

from ..forms import DeclineForm
from ..models import Invitation
from ..queries.invitations import fingerprint_of, invitation_with_token
from ..services import invitations as service
from ..services.standing import SellingRefused
from .answer_pages import answer_page, invitation_at_hand, is_first_look, is_over, remember


@open_to_anyone
@never_cache
@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Where an invitation's link leads. Changes nothing; a dead link is answered here."""
    invitation = invitation_with_token(token)
    today = clock.today()
    if invitation is None or invitation.state_on(today) != "open":
        response = answer_page(cast("PortalRequest", request), invitation, today)
    else:
        response = redirect("relationships:answer-invitation")
        public_id = str(invitation.public_id)
        hold_link(response, HeldLink(LinkKind.INVITATION, public_id, fingerprint_of(invitation)))
    response["Referrer-Policy"] = "no-referrer"
    return response


@open_to_anyone
@never_cache
@require_safe
def answer_invitation(request: HttpRequest) -> HttpResponse:
    """Show the invitation as this person can answer it, or why they cannot."""
    portal_request = cast("PortalRequest", request)
    invitation = invitation_at_hand(portal_request)
    today = clock.today()
    tenant = tenant_of(portal_request)
    if invitation is not None and tenant is not None and is_first_look(invitation, tenant, today):
        with suppress(service.InvitationNotOpen):  # answered at this very moment
            service.note_opened(invitation=invitation, tenant=tenant, act=act_of(portal_request))
    # No Referrer-Policy of its own: with no-referrer browsers send "Origin: null" along with
    # the answer, which the check against forged forms refuses. This address has no token.
    response = answer_page(portal_request, invitation, today)
    if request.user.is_authenticated and is_over(invitation, today):
        remember(portal_request, invitation)
        drop_link(response)
    return response


@with_fresh_sign_in
@requires(Action.ACCEPT_INVITATIONS)
@require_POST
def accept_invitation(request: PortalRequest) -> HttpResponse:
    invitation = invitation_or_404(request)
    tenant = acting_tenant(request)
    try:
        service.accept(invitation=invitation, tenant=tenant, act=act_of(request))
    except (
        service.InvitationNotOpen,
        service.NotLinked,
        service.OwnTenant,
        service.TenantAlreadyManaged,
        service.TenantIsSyndicated,
        SellingRefused,
    ):
        # The page says which of these it is, with its own status.
        invitation.refresh_from_db()
        return answer_page(request, invitation, clock.today())
    text = _("%(partner)s is now your CSP partner. Nothing else of %(tenant)s changed.")
    messages.success(request, text % {"partner": invitation.seller, "tenant": tenant})
    return answered(request, invitation, "relationships:my-partner")


@requires(Action.ACCEPT_INVITATIONS)
@require_POST
def decline_invitation(request: PortalRequest) -> HttpResponse:
    invitation = invitation_or_404(request)
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
    messages.info(request, text % {"partner": invitation.seller})
    return answered(request, invitation, "home:home")


def invitation_or_404(request: PortalRequest, *, for_reseller: bool = False) -> Invitation:
    """Return the invitation this browser holds, if it is one of the kind that is answered here."""
    invitation = invitation_at_hand(request)
    if invitation is None or invitation.is_for_reseller != for_reseller:
        raise Http404
    return invitation


def answered(request: PortalRequest, invitation: Invitation, then: str) -> HttpResponse:
    """Let go of the cookie; the session remembers, so that a reload says what was answered."""
    remember(request, invitation)
    response = redirect(then)
    drop_link(response)
    return response

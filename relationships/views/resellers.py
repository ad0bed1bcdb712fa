"""A provider's resellers, a reseller's providers, and the link of the two."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from csp_portal.shared import clock
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires, with_fresh_sign_in
from tenants.roles import Action, Kind

from ..forms import EndLinkForm, ResellerInvitationForm
from ..models import ResellerLink
from ..permissions import get_link
from ..queries.links import links_of, offers_to_resellers
from ..services import invitations, links, reseller_invitations
from . import presentation


@requires(Action.SEE_LINKS)
@require_safe
def resellers(request: PortalRequest) -> HttpResponse:
    """List whom the partner is linked with, as provider or as reseller, and open invitations."""
    partner, today = acting_partner(request), clock.today()
    may_agree = request.membership is not None and request.membership.may(Action.AGREE_LINKS)
    offers = offers_to_resellers(partner).exclude(answer="accepted") if may_agree else []
    context = {
        "links": [(link, link.other_side(partner)) for link in links_of(partner)],
        "is_provider": partner.kind == Kind.INDIRECT_PROVIDER,
        "offers": [presentation.invitation_row(each, today, viewer=partner) for each in offers],
    }
    return render(request, "relationships/resellers.html", context)


@requires(Action.AGREE_LINKS)
@require_http_methods(["GET", "POST"])
def invite_reseller(request: PortalRequest) -> HttpResponse:
    """Make an invitation to resell and show its link, this once: see `invitations.invite`."""
    provider = acting_partner(request)
    if provider.kind != Kind.INDIRECT_PROVIDER:
        raise PermissionDenied
    form = ResellerInvitationForm(request.POST or None)
    if form.is_valid():
        try:
            invitation, token = reseller_invitations.invite_reseller(
                provider=provider, act=act_of(request), **form.cleaned_data
            )
        except invitations.MailNotSent:
            form.add_error(None, _("The mail server did not take the letter. Nothing was made."))
        else:
            shown = presentation.shown_link(invitation, token, is_new=True)
            return render(request, "relationships/invitation_link.html", shown)
    return render(request, "relationships/invite_reseller.html", {"form": form})


@with_fresh_sign_in
@requires(Action.SEE_LINKS)
@require_http_methods(["GET", "POST"])
def reseller_link(request: PortalRequest, link_id: uuid.UUID) -> HttpResponse:
    """Show a link and its state. A POST ends it, by those who agree links."""
    link, partner = get_link(request, link_id), acting_partner(request)
    form = EndLinkForm(request.POST or None)
    if request.method == "POST":
        if request.membership is None or not request.membership.may(Action.AGREE_LINKS):
            raise PermissionDenied
        if form.is_valid():
            return _end(request, link, form.cleaned_data["reason"])
    context = {
        "link": link,
        "other": link.other_side(partner),
        "is_provider": link.provider == partner,
        "form": form,
    }
    return render(request, "relationships/reseller_link.html", context)


def _end(request: PortalRequest, link: ResellerLink, reason: str) -> HttpResponse:
    try:
        links.end_link(link=link, reason=reason, act=act_of(request))
    except links.LinkEnded:
        messages.error(request, _("Nothing changed: the link had ended already."))
    else:
        text = _("The link with %(other)s has ended. Customers you have together stay.")
        other = link.other_side(acting_partner(request))
        messages.success(request, text % {"other": other})
    return redirect("relationships:reseller-link", link.public_id)

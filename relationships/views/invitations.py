"""What a partner sees of its invitations, and how it makes one."""

import uuid

from django.core.paginator import Paginator
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
from ..queries.invitations import State, counts_by_state, in_state, invitations_of, matching
from ..queries.links import chains_for, has_links
from ..services import invitations as service
from ..services.standing import SellingRefused, selling_refusal
from . import presentation

PAGE_SIZES = (25, 50, 100)


@requires(Action.INVITE_CUSTOMERS)
@require_safe
def invitations(request: PortalRequest) -> HttpResponse:
    partner = acting_partner(request)
    today = clock.today()
    q = request.GET.get("q", "").strip()
    state = request.GET.get("state", "")
    rows = invitations_of(partner)
    if state in set(State):
        rows = rows.filter(in_state(State(state), today))
    if q:
        rows = rows.filter(matching(q))
    size = request.GET.get("per_page", "")
    paginator = Paginator(rows, int(size) if size in map(str, PAGE_SIZES) else PAGE_SIZES[0])
    page = paginator.get_page(request.GET.get("page"))
    counts = counts_by_state(partner, today)
    context = {
        "page": page,
        "rows": [
            presentation.invitation_row(invitation, today, viewer=partner) for invitation in page
        ],
        "chips": presentation.state_chips(counts, current=state, q=q),
        "total": sum(counts.values()),
        "state": state,
        "q": q,
        "may_invite": bool(chains_for(partner)),
        "is_two_tier": has_links(partner),
    }
    return render(request, "relationships/invitations.html", context)


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

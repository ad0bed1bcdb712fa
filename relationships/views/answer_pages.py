"""Which page an invitation is: one for each reason, with the status that fits it."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tenants.held_links import LinkKind, held_link
from tenants.http import PortalRequest, tenant_of
from tenants.models import Membership, Tenant
from tenants.roles import Action

from ..forms import ReplaceForm
from ..letters import is_following
from ..models import Invitation, Relationship
from ..queries.invitations import (
    Standing,
    invitation_with_fingerprint,
    invitation_with_id,
    standing,
)
from ..queries.policy import most_partners
from ..queries.relationships import active_relationships
from ..queries.transfers import in_the_way
from ..services.standing import selling_refusal
from .link_pages import link_page
from .pages import ANONYMOUS, Page

ANSWERED_KEY = "answered_invitation"
# Said also to those who could not accept anyway.
FOR_EVERYBODY = {Standing.OWN_TENANT, Standing.LINK_ENDED}


UNKNOWN = Page("unknown", 404)
OFFER = Page("offer", 200)
NOT_ADMIN = Page("not_admin", 403)
ON_HOLD = Page("on_hold", 409)
REASONS = {
    Standing.EXPIRED: Page("expired", 410),
    Standing.WITHDRAWN: Page("withdrawn", 410),
    Standing.ACCEPTED: Page("used", 410),
    Standing.DECLINED: Page("used", 410),
    Standing.OWN_TENANT: Page("own_tenant", 403),
    Standing.LINK_ENDED: Page("link_ended", 410),
    Standing.ALREADY_YOURS: Page("already_yours", 409),
    Standing.OTHER_PARTNER: Page("other_partner", 409),
    Standing.SYNDICATION: Page("syndication", 409),
    Standing.REPLACES: Page("replace", 200),
}


def invitation_at_hand(request: PortalRequest) -> Invitation | None:
    """Return the invitation this browser holds, or the one this session answered."""
    held = held_link(request, LinkKind.INVITATION)
    if held is not None:
        return invitation_with_fingerprint(held.public_id, held.fingerprint)
    answered = request.session.get(ANSWERED_KEY)
    return invitation_with_id(answered) if answered else None


def remember(request: PortalRequest, invitation: Invitation | None) -> None:
    """Keep which invitation it was for this session's reloads, once the cookie is gone."""
    if invitation is not None:
        request.session[ANSWERED_KEY] = str(invitation.public_id)


def is_over(invitation: Invitation | None, today: date) -> bool:
    return invitation is None or invitation.state_on(today) != "open"


def is_first_look(invitation: Invitation, tenant: Tenant, today: date) -> bool:
    return (
        invitation.opened_at is None
        and invitation.state_on(today) == "open"
        and tenant.pk not in {side.tenant_id for side in invitation.sides}
    )


def answer_page(
    request: PortalRequest,
    invitation: Invitation | None,
    today: date,
    *,
    form: ReplaceForm | None = None,
) -> HttpResponse:
    """Return the page about the invitation as the person may see it, with what was typed."""
    page = _page(request, invitation, today)
    tenant = tenant_of(request)
    is_taken = tenant is not None and page.status == 409  # noqa: PLR2004 -- Conflict
    current = list(active_relationships(tenant)) if tenant and is_taken else []
    context: dict[str, Any] = {
        "invitation": invitation,
        "partner": invitation.seller if invitation else None,
        "provider": invitation.partner if invitation and invitation.reseller else None,
        "tenant": tenant,
        "membership": request.membership,
        "current": _the_one_in_question(invitation, current),
        "others": current,
        "is_one_allowed": most_partners() == 1,
        "is_replacement": bool(invitation and invitation.kind == Invitation.Kind.REPLACEMENT),
        "is_following": bool(invitation and is_following(invitation)),
        "is_ours": bool(invitation and tenant and invitation.tenant_id == tenant.pk),
        "is_accepted": bool(invitation and invitation.answer == Invitation.Answer.ACCEPTED),
        "elsewhere": _where_they_may_answer(request, invitation),
    }
    if tenant and invitation and page == REASONS[Standing.REPLACES]:
        replaceable = active_relationships(tenant).exclude(partner=invitation.partner)
        context["form"] = form or ReplaceForm(relationships=replaceable, today=today)
        context["others"] = replaceable
        context["under_way"] = in_the_way(replaceable)
        context["new_seller"] = invitation.reseller or invitation.partner
    name = f"relationships/answer/{page.template}.html"
    return render(request, name, context, status=page.status)


def _page(request: PortalRequest, invitation: Invitation | None, today: date) -> Page:
    if invitation is None:
        return UNKNOWN
    found = standing(invitation=invitation, tenant=tenant_of(request), on=today)
    if invitation.state_on(today) != "open":
        return REASONS[found]
    if invitation.is_for_reseller:
        return link_page(request, invitation)
    if not request.user.is_authenticated:
        return REASONS[found] if found == Standing.LINK_ENDED else ANONYMOUS
    may_answer = request.membership is not None and request.membership.may(
        Action.ACCEPT_INVITATIONS
    )
    if not may_answer and found not in FOR_EVERYBODY:
        return NOT_ADMIN
    return _offer_or_reason(invitation, found, today)


def _offer_or_reason(invitation: Invitation, found: Standing, today: date) -> Page:
    page = REASONS.get(found, OFFER)
    if page in {OFFER, REASONS[Standing.REPLACES]}:
        sellers = [p for p in (invitation.partner, invitation.reseller) if p is not None]
        is_on_hold = any(selling_refusal(partner=p, customer=None, on=today) for p in sellers)
        return ON_HOLD if is_on_hold else page
    return page


def _the_one_in_question(
    invitation: Invitation | None, current: list[Relationship]
) -> Relationship | None:
    """Return the relationship with the inviting partner, or the longest one."""
    same = [r for r in current if invitation and r.partner_id == invitation.partner_id]
    return next(iter(same or current), None)


def _where_they_may_answer(
    request: PortalRequest, invitation: Invitation | None
) -> list[Membership]:
    """Return the person's other workspaces in which they could answer."""
    is_for_reseller = invitation is not None and invitation.is_for_reseller
    action = Action.AGREE_LINKS if is_for_reseller else Action.ACCEPT_INVITATIONS
    return [
        membership
        for membership in request.memberships
        if membership != request.membership and membership.may(action)
    ]

"""Which page an open invitation to resell is, for the person who looks at it."""

from tenants.http import PortalRequest, tenant_of
from tenants.roles import Action

from ..models import Invitation
from ..queries.links import LinkStanding, link_standing
from .pages import ANONYMOUS, Page

OFFER = Page("link_offer", 200)
NOT_GLOBAL_ADMIN = Page("not_global_admin", 403)
REASONS = {
    LinkStanding.OWN_TENANT: Page("own_tenant", 403),
    LinkStanding.NOT_A_RESELLER: Page("not_reseller", 403),
    LinkStanding.ALREADY_LINKED: Page("already_linked", 409),
}


def link_page(request: PortalRequest, invitation: Invitation) -> Page:
    tenant = tenant_of(request)
    if not request.user.is_authenticated:
        return ANONYMOUS
    if tenant is None or request.membership is None:
        return NOT_GLOBAL_ADMIN
    found = link_standing(invitation=invitation, tenant=tenant)
    if found in {LinkStanding.OWN_TENANT, LinkStanding.NOT_A_RESELLER}:
        return REASONS[found]
    if not request.membership.may(Action.AGREE_LINKS):
        return NOT_GLOBAL_ADMIN
    return REASONS.get(found, OFFER)

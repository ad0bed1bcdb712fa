from django.http import HttpRequest

from csp_portal.shared import clock

from .acts import Act
from .models import Membership, Partner, Tenant, User


class PortalRequest(HttpRequest):
    """A request after the portal's middleware has run."""

    user: User  # a view that sees this type has a signed-in person
    membership: Membership | None
    memberships: list[Membership]
    # set by a page that counted them, for the navigation:
    open_invitations: int | None
    paid_twice: int | None  # the customer's own transitions


def act_of(request: PortalRequest) -> Act:
    """Return who acts in this request, for which organisation, and when."""
    return Act(
        by=request.user,
        organisation=request.membership.tenant if request.membership else None,
        at=clock.now(),
        on=clock.today(),
    )


def partner_of(request: PortalRequest) -> Partner | None:
    """Return the partner the person works for in this request, if it is one."""
    if request.membership is None:
        return None
    return getattr(request.membership.tenant, "partner", None)


def tenant_of(request: PortalRequest) -> Tenant | None:
    return request.membership.tenant if request.membership else None

"""What base.html and the pages know about the person and the workspace."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from csp_portal.shared import clock
from tenants.held_links import LinkKind, held_link
from tenants.http import PortalRequest
from tenants.models import Membership
from tenants.roles import Action, Kind

from .navigation import TWO_TIER, navigation
from .queries.start_page import MANY, count_of_open_invitations
from .queries.transitions import counts_by_tenant

KIND_LABELS = {
    Kind.VENDOR: "Vendor",
    Kind.DIRECT_PARTNER: "Direct partner",
    Kind.INDIRECT_PROVIDER: "Indirect provider",
    Kind.INDIRECT_RESELLER: "Indirect reseller",
    Kind.ADVISOR: "Advisor",
    Kind.CUSTOMER: "Customer",
}


@dataclass(frozen=True, slots=True)
class Workspace:
    """A membership as templates see it; `may` has one entry per action, by its name."""

    public_id: UUID
    organisation_name: str
    role_names: str
    kind_label: str
    currency: str
    is_partner: bool
    is_current: bool
    may: Mapping[str, bool]


def workspace_of(membership: Membership, *, is_current: bool) -> Workspace:
    kind = membership.tenant.kind
    return Workspace(
        public_id=membership.public_id,
        organisation_name=membership.tenant.name,
        role_names=membership.role_names,
        kind_label=_(KIND_LABELS[kind]),
        currency=membership.tenant.currency,
        is_partner=kind not in {Kind.CUSTOMER, Kind.VENDOR},
        is_current=is_current,
        may={action.name.lower(): membership.may(action) for action in Action},
    )


def _waiting(membership: Membership, request: HttpRequest) -> dict[str, int | str]:
    """
    Return what waits behind a page, for those who may do something about it.

    For a partner the invitations that customers have not answered; for a customer what it
    pays twice. No query if the page has counted it already.
    """
    partner = getattr(membership.tenant, "partner", None)
    if membership.tenant.kind == Kind.CUSTOMER:
        if not membership.may(Action.SEE_OWN_SUBSCRIPTIONS):
            return {}
        twice = getattr(request, "paid_twice", None)
        if twice is None:
            twice = counts_by_tenant([membership.tenant_id]).get(membership.tenant_id, 0)
        return {"home:transitions": twice}
    if partner is None or not membership.may(Action.INVITE_CUSTOMERS):
        return {}
    count = getattr(request, "open_invitations", None)
    if count is None:
        count = count_of_open_invitations(partner, on=clock.today())
    return {"relationships:invitations": count if count < MANY else f"{MANY}+"}


def _hidden(membership: Membership, waiting: Mapping[str, int | str]) -> frozenset[str]:
    """Return the pages that would be empty: 2-tier, if it has none; a customer's transitions."""
    kind = membership.tenant.kind
    if kind == Kind.CUSTOMER:
        return frozenset() if waiting.get("home:transitions") else frozenset({"home:transitions"})
    return TWO_TIER if kind == Kind.DIRECT_PARTNER and not membership.resells else frozenset()


def portal(request: HttpRequest) -> dict[str, Any]:
    """
    Context processor for every page. Reads one number: see `_waiting`.

    `workspace` is what the forms of the page name: see tenants.permissions.requires.
    """
    theme = request.COOKIES.get("theme", "")
    held = held_link(request)
    context: dict[str, Any] = {
        "theme": theme if theme in {"light", "dark"} else "",
        "demo": settings.DEMO,
        "holds_invitation": held is not None and held.kind == LinkKind.INVITATION,
        "holds_recommendation": held is not None and held.kind == LinkKind.RECOMMENDATION,
    }
    portal_request = cast("PortalRequest", request)
    membership = getattr(portal_request, "membership", None)
    if membership is not None:
        waiting = _waiting(membership, request)
        context["nav"] = navigation(
            membership, request.path, waiting, hidden=_hidden(membership, waiting)
        )
        context["workspace"] = workspace_of(membership, is_current=True)
        context["workspaces"] = [
            workspace_of(m, is_current=m.pk == membership.pk) for m in portal_request.memberships
        ]
    return context

"""Transitions from other channels to CSP: the list, and one case with its checklist."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from csp_portal.lists.paging import page_of
from relationships.models import Invitation, Relationship
from relationships.queries.relationships import customers_of
from subscriptions.domain.channels import Channel
from subscriptions.models import Subscription
from subscriptions.queries.replaced import BESIDE_CSP
from subscriptions.services.cancellation_requests import open_request
from tenants.http import PortalRequest, act_of, partner_of
from tenants.models import Tenant
from tenants.permissions import acting_tenant, requires
from tenants.roles import Action

from ..queries.transition_steps import needs_support, steps_of
from ..queries.transitions import Case, case_of, cases_of, open_cases, open_cases_seen
from .common import may


@requires(Action.SEE_CUSTOMERS, Action.SEE_OWN_SUBSCRIPTIONS)
@require_safe
def transitions(request: PortalRequest) -> HttpResponse:
    """Show what is paid twice: a partner its customers', a customer its own."""
    partner = partner_of(request)
    found = (
        open_cases_seen(partner, on=act_of(request).on)
        if partner and may(request, Action.SEE_CUSTOMERS)
        else open_cases(tenants_of(request), partner=partner)
    )
    page = page_of(request, found)
    request.paid_twice = page.paginator.count
    context = {
        "page": page,
        "cases": _cases(request, page.object_list),
        "is_partner": partner is not None,
        "with_prices": _sees_prices(request),
    }
    return render(request, "home/transitions.html", context)


@requires(Action.SEE_CUSTOMERS, Action.SEE_OWN_SUBSCRIPTIONS)
@require_safe
def transition(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Show how far one subscription of another channel is on its way to CSP."""
    partner = partner_of(request)
    held = get_object_or_404(
        Subscription.objects.filter(
            channel__in=BESIDE_CSP, is_trial=False, tenant__in=tenants_of(request)
        ),
        public_id=subscription_id,
    )
    case = _cases(request, [case_of(held, partner=partner)])[0]
    relationship = _relationship(request, case)
    context = {
        "case": case,
        "customer": case.old.tenant,
        "own": partner is None,
        "relationship": relationship,
        "steps": steps_of(
            case,
            relationship,
            invitation=_seen_invitation(request, relationship),
            own=partner is None,
        ),
        "needs_support": needs_support(case),
        "with_prices": _sees_prices(request),
        "cancel_url": _cancel_url(request, case),
        "users_url": _users_url(request, case, relationship),
        "asked_support": open_request(case.old) if partner is None else None,
        "today": act_of(request).on,
    }
    return render(request, "home/transition.html", context)


def tenants_of(request: PortalRequest) -> QuerySet[Tenant]:
    """Return whose transitions the acting organisation sees: its customers', or its own."""
    partner = partner_of(request)
    if partner is None:
        return Tenant.objects.filter(pk=acting_tenant(request).pk)
    if not may(request, Action.SEE_CUSTOMERS):
        return Tenant.objects.none()
    return Tenant.objects.filter(pk__in=customers_of(partner).values("customer_id"))


def _cases(request: PortalRequest, olds: Any) -> list[Case]:
    return cases_of(
        olds,
        viewer=acting_tenant(request),
        with_prices=_sees_prices(request),
        on=act_of(request).on,
    )


def _sees_prices(request: PortalRequest) -> bool:
    needed = Action.SEE_PRICES if partner_of(request) else Action.SEE_INVOICES
    return may(request, needed)


def _relationship(request: PortalRequest, case: Case) -> Relationship | None:
    """Return the relationship the CSP one is sold on, else the one that would sell it."""
    active = (
        Relationship.objects.active()
        .filter(customer=case.old.tenant)
        .select_related("partner__tenant", "reseller__tenant", "invitation")
        .order_by("pk")
    )
    if case.new is not None:
        active = active.filter(partner=case.new.partner)
    elif partner := partner_of(request):
        active = active.filter(partner=partner)
    return active.first()


def _seen_invitation(
    request: PortalRequest, relationship: Relationship | None
) -> Invitation | None:
    """Return the newest open invitation that the acting customer has opened; it accepts there."""
    if relationship is not None or partner_of(request) is not None:
        return None
    opened = Invitation.objects.open_on(act_of(request).on).for_customers()
    opened = opened.filter(opened_by_tenant=acting_tenant(request))
    return (
        opened.select_related("partner__tenant", "reseller__tenant")
        .order_by("-created_at", "-pk")
        .first()
    )


def _users_url(request: PortalRequest, case: Case, relationship: Relationship | None) -> str:
    """Return where the licences of the new one are assigned, for whoever may do so."""
    if case.new is None:
        return ""
    if partner_of(request) is None:
        return reverse("subscriptions:own-users") if may(request, Action.MANAGE_OWN_USERS) else ""
    delegated = relationship is not None and relationship.has_delegated_admin
    if delegated and may(request, Action.DELEGATED_ADMIN):
        return reverse("subscriptions:users", args=[case.old.tenant.public_id])
    return ""


def _cancel_url(request: PortalRequest, case: Case) -> str:
    """Return where the customer cancels it, or asks the vendor's support to (R17)."""
    ours = {Channel.DIRECT, Channel.ADVISOR}
    if partner_of(request) or not case.old.is_live or case.old.channel not in ours:
        return ""
    if not may(request, Action.BUY):
        return ""
    return reverse("billing:own-cancel", args=[case.old.public_id])

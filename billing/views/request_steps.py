"""The steps of an order request: order, change, agree, decline, withdraw, write."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..forms.order_requests import DeclineRequestForm, MessageForm, ProposalForm
from ..models import OrderRequest
from ..permissions import get_order_request
from ..services import order_requests as service
from .refusals import REFUSALS, words_of

State = OrderRequest.State


def forms_for(request: PortalRequest, asked: OrderRequest) -> dict[str, Any]:
    """Return the steps that the acting side can take now."""
    is_provider = asked.provider == acting_partner(request)
    context: dict[str, Any] = {
        "message_form": MessageForm(),
        "can_agree": not is_provider and asked.state == State.CHANGED,
        "can_withdraw": not is_provider and not asked.is_closed,
        "can_order": is_provider and asked.state == State.OPEN,
        "can_decline": is_provider and not asked.is_closed,
    }
    if is_provider:
        context |= {
            "proposal_form": ProposalForm(initial={"seats": asked.seats}),
            "decline_form": DeclineRequestForm(),
        }
    return context


@requires(Action.ORDER)
@require_POST
def approve(request: PortalRequest, request_id: UUID) -> HttpResponse:
    """Price what is asked for; the quote's confirmation orders it, bound to the request."""
    asked = _of_provider(request, request_id)
    try:
        quote = service.approve(request=asked, act=act_of(request))
    except REFUSALS as refusal:
        return _refused(request, asked, words_of(refusal))
    return redirect("billing:quote", quote.public_id)


@requires(Action.ORDER)
@require_POST
def change(request: PortalRequest, request_id: UUID) -> HttpResponse:
    asked = _of_provider(request, request_id)

    def step(typed: dict[str, Any]) -> str:
        service.change(request=asked, act=act_of(request), **typed)
        return _("Changed. %(reseller)s has to agree before you can order it.")

    return _stepped(request, asked, ProposalForm(request.POST), step)


@requires(Action.ORDER)
@require_POST
def decline(request: PortalRequest, request_id: UUID) -> HttpResponse:
    asked = _of_provider(request, request_id)

    def step(typed: dict[str, Any]) -> str:
        service.decline(request=asked, act=act_of(request), **typed)
        return _("Declined. %(reseller)s reads the reason.")

    return _stepped(request, asked, DeclineRequestForm(request.POST), step)


@requires(Action.REQUEST_ORDERS)
@require_POST
def agree(request: PortalRequest, request_id: UUID) -> HttpResponse:
    asked = _of_reseller(request, request_id)

    def step(_typed: dict[str, Any]) -> str:
        service.agree(request=asked, act=act_of(request))
        return _("Agreed. %(provider)s can order it now.")

    return _stepped(request, asked, forms.Form(request.POST), step)


@requires(Action.REQUEST_ORDERS)
@require_POST
def withdraw(request: PortalRequest, request_id: UUID) -> HttpResponse:
    asked = _of_reseller(request, request_id)

    def step(_typed: dict[str, Any]) -> str:
        service.withdraw(request=asked, note="", act=act_of(request))
        return _("Withdrawn. %(provider)s is told.")

    return _stepped(request, asked, forms.Form(request.POST), step)


@requires(Action.REQUEST_ORDERS, Action.ORDER)
@require_POST
def write(request: PortalRequest, request_id: UUID) -> HttpResponse:
    asked = get_order_request(request, request_id)

    def step(typed: dict[str, Any]) -> str:
        service.write(request=asked, act=act_of(request), **typed)
        return _("Sent.")

    return _stepped(request, asked, MessageForm(request.POST), step)


def _stepped(
    request: PortalRequest,
    asked: OrderRequest,
    form: forms.Form,
    step: Callable[[dict[str, Any]], str],
) -> HttpResponse:
    """Take the step with what was typed, and go back to the request."""
    if not form.is_valid():
        words = " ".join(
            f"{form.fields[name].label}: {each}"
            for name, errors in form.errors.items()
            for each in errors
        )
        return _refused(request, asked, words)
    try:
        done = step(form.cleaned_data)
    except REFUSALS as refusal:
        return _refused(request, asked, words_of(refusal))
    messages.success(request, done % {"reseller": asked.reseller, "provider": asked.provider})
    return redirect("billing:order-request", asked.public_id)


def _refused(request: PortalRequest, asked: OrderRequest, words: str) -> HttpResponse:
    messages.error(request, _("Nothing was changed. %s") % words)
    return redirect("billing:order-request", asked.public_id)


def _of_provider(request: PortalRequest, request_id: UUID) -> OrderRequest:
    asked = get_order_request(request, request_id)
    if asked.provider != acting_partner(request):
        raise PermissionDenied
    return asked


def _of_reseller(request: PortalRequest, request_id: UUID) -> OrderRequest:
    asked = get_order_request(request, request_id)
    if asked.reseller != acting_partner(request):
        raise PermissionDenied
    return asked

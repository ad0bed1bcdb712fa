"""Order requests: a reseller sends one, its provider orders, changes or declines it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from relationships.models import Relationship
from relationships.permissions import get_relationship
from relationships.queries.links import discount_of
from relationships.queries.transfers import transfer_notice
from relationships.services.standing import selling_refusal
from subscriptions.permissions import get_resold_subscription
from subscriptions.queries.selling import order_refusal
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..forms.order_requests import OfferRequestForm, SeatsRequestForm
from ..models import OrderRequest
from ..permissions import get_order_request
from ..queries.offers_for_sale import bases_for, offer_row
from ..queries.prices import prices_for_sale
from ..services import order_requests as service
from .offers import asked_price, chosen_price, offers_to_choose
from .refusals import REFUSALS, show_refusal
from .request_steps import forms_for


@requires(Action.REQUEST_ORDERS, Action.ORDER)
@require_safe
def order_request(request: PortalRequest, request_id: UUID) -> HttpResponse:
    """Show the request, its thread, and the steps that are this side's to take."""
    found, partner = get_order_request(request, request_id), acting_partner(request)
    forms = forms_for(request, found)
    context = {
        "asked": found,
        **(
            transfer_notice(partner=found.provider, customer=found.tenant)
            if forms["can_order"]
            else {}
        ),
        "customer": found.tenant,
        "thread": found.messages.select_related("by", "acting_for").order_by("id"),
        "is_provider": found.provider == partner,
        **forms,
    }
    return render(request, "billing/order_request.html", context)


@requires(Action.REQUEST_ORDERS)
@require_http_methods(["GET", "POST"])
def new_order_request(request: PortalRequest, customer_id: UUID) -> HttpResponse:
    """Ask the provider for an offer or, with `?subscription=`, for other seats."""
    relationship = get_relationship(request, customer_id)
    if relationship.reseller != acting_partner(request):
        raise PermissionDenied
    if "subscription" in request.GET:
        return _ask_for_seats(request, relationship)
    provider, customer, act = relationship.partner, relationship.customer, act_of(request)
    home = provider.tenant
    prices = prices_for_sale(market=home.country, currency=home.currency, on=act.on)
    chosen = chosen_price(request, prices)
    bases = bases_for(chosen, partner=provider, tenant=customer, on=act.on)
    form = OfferRequestForm(request.POST or None, prices=prices, bases=bases, chosen=chosen)
    if form.is_valid():
        typed = form.as_order()
        try:
            made = service.ask_for_offer(
                relationship=relationship,
                price=form.cleaned_data["price"],
                seats=typed["seats"],
                base=typed["base"],
                note=typed["reason"],
                act=act,
            )
        except REFUSALS as refusal:
            show_refusal(form, refusal)
        else:
            return _sent(request, made)
    discount = discount_of(relationship)
    context = {
        "customer": customer,
        "buyer": customer,
        "provider": provider,
        "form": form,
        "chosen": offer_row(chosen, discount=discount) if chosen else None,
        "was_chosen": bool(asked_price(request)),
        "bases": bases,
        "is_request": True,
        "selling_refusal": order_refusal(partner=provider, tenant=customer, on=act.on),
        **transfer_notice(partner=provider, customer=customer),
        **offers_to_choose(request, prices, discount=discount),
    }
    return render(request, "billing/order.html", context)


def _ask_for_seats(request: PortalRequest, relationship: Relationship) -> HttpResponse:
    subscription = get_resold_subscription(request, _uuid(request.GET["subscription"]))
    if subscription.tenant != relationship.customer:
        raise Http404
    form = SeatsRequestForm(request.POST or None, subscription=subscription)
    if form.is_valid():
        try:
            made = service.ask_for_seats(
                relationship=relationship,
                subscription=subscription,
                seats=form.cleaned_data["seats"],
                note=form.cleaned_data["reason"],
                act=act_of(request),
            )
        except REFUSALS as refusal:
            show_refusal(form, refusal)
        else:
            return _sent(request, made)
    context: dict[str, Any] = {
        "customer": relationship.customer,
        "provider": relationship.partner,
        "subscription": subscription,
        "form": form,
        "selling_refusal": selling_refusal(
            partner=relationship.partner, customer=relationship.customer, on=act_of(request).on
        ),
        **transfer_notice(partner=relationship.partner, customer=relationship.customer),
    }
    return render(request, "billing/order_request_seats.html", context)


def _sent(request: PortalRequest, made: OrderRequest) -> HttpResponse:
    text = _("Sent to %(provider)s. You get a mail when it answers.")
    messages.success(request, text % {"provider": made.provider})
    return redirect("billing:order-request", made.public_id)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)  # nobody's: answered like any unknown one

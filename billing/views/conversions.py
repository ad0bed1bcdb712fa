"""Converting a Direct trial into CSP (R11): the partner proposes, the customer consents."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from relationships.permissions import get_sold_customer
from relationships.queries.transfers import transfer_notice
from subscriptions.models import Subscription
from tenants.http import PortalRequest, act_of, partner_of
from tenants.models import Tenant
from tenants.permissions import acting_partner, acting_tenant, requires, with_fresh_sign_in
from tenants.roles import Action

from ..forms.conversions import ConversionForm
from ..models import Price, Quote
from ..permissions import get_conversion
from ..queries.prices import prices_for_sale
from ..queries.quote_summary import summary_of
from ..services import conversions as service
from .destinations import own_subscriptions
from .refusals import REFUSALS, show_refusal, words_of


@requires(Action.ORDER)
@require_http_methods(["GET", "POST"])
def convert_trial(request: PortalRequest, customer_id: UUID, subscription_id: UUID) -> HttpResponse:
    """Propose a CSP subscription in a trial's place; nothing changes by that."""
    customer, partner = get_sold_customer(request, customer_id), acting_partner(request)
    trial = get_object_or_404(
        Subscription.objects.select_related("tenant"),
        public_id=subscription_id,
        tenant=customer,
        is_trial=True,
    )
    if (waiting := trial.conversions.filter(partner=partner, answer="").first()) is not None:
        messages.info(request, str(service.AlreadyProposed()))
        return redirect("billing:conversion", waiting.public_id)
    act = act_of(request)
    prices = _prices(partner.tenant, act.on)
    form = ConversionForm(request.POST or None, prices=prices, trial=trial)
    if form.is_valid():
        try:
            made = service.propose(partner=partner, trial=trial, act=act, **form.as_proposal())
        except REFUSALS as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Proposed. The customer's admins have a letter."))
            return redirect("billing:conversion", made.public_id)
    context = {
        "customer": customer,
        "trial": trial,
        "form": form,
        **transfer_notice(partner=partner, customer=customer),
    }
    return render(request, "billing/conversions/new.html", context)


def _prices(billed: Tenant, on: date) -> QuerySet[Price]:
    """Return what can follow a trial: everything on the list in force but add-ons."""
    prices = prices_for_sale(market=billed.country, currency=billed.currency, on=on)
    return prices.filter(offer__is_add_on=False).order_by("offer__title", "-duration", "-plan")


@requires(Action.ORDER, Action.BUY)
@require_safe
def conversion(request: PortalRequest, conversion_id: UUID) -> HttpResponse:
    """
    Show it to either side: to each its own legs, to the customer with the consent.

    While it is open at today's price, once accepted at what was ordered.
    """
    found = get_conversion(request, conversion_id)
    act = act_of(request)
    own = partner_of(request) is None
    context: dict[str, Any] = {
        "conversion": found,
        "own": own,
        "state": found.state_on(act.on),
        "is_open": found.state_on(act.on) == "open",
        "reseller": service.reseller_of(found),
    }
    shown: Quote | None = found.order.quote if found.order else found.quote
    if context["is_open"]:
        try:
            shown = service.price_today(conversion=found, act=act)
            context["fingerprint"] = service.fingerprint(shown)
        except REFUSALS as refusal:
            shown, context["refusal"] = None, words_of(refusal)
    if shown is not None:
        context["summary"] = summary_of(shown, organisation=acting_tenant(request))
    return render(request, "billing/conversions/detail.html", context)


@with_fresh_sign_in
@requires(Action.BUY)
@require_POST
def accept_conversion(request: PortalRequest, conversion_id: UUID) -> HttpResponse:
    found = get_conversion(request, conversion_id)
    shown = request.POST.get("shown", "")
    try:
        done = service.accept(conversion=found, shown=shown, act=act_of(request))
    except REFUSALS as refusal:
        messages.error(request, _("Nothing was changed. %s") % words_of(refusal))
        return redirect("billing:conversion", conversion_id)
    assert done.order is not None  # billing_conversion_accepted_with_its_order
    text = _("%(offer)s runs through %(partner)s from today, and the trial has ended.")
    values = {"offer": done.offer.title, "partner": done.order.subscription.seller}
    messages.success(request, text % values)
    return redirect(own_subscriptions(panel=done.order.subscription.public_id))


@requires(Action.ORDER, Action.BUY)
@require_POST
def answer_no(request: PortalRequest, conversion_id: UUID) -> HttpResponse:
    """Decline it, or as the partner take it back."""
    found = get_conversion(request, conversion_id)
    end = service.decline if partner_of(request) is None else service.withdraw
    try:
        end(conversion=found, act=act_of(request))
    except service.ConversionNotOpen as refusal:
        messages.error(request, _("Nothing was changed. %s") % refusal)
    else:
        messages.success(request, _("The proposal is off. The trial goes on to its end."))
    return redirect("billing:conversion", conversion_id)

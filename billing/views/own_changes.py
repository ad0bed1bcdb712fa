"""What a customer does itself with a subscription it bought from the vendor."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from subscriptions.models import Subscription
from subscriptions.permissions import get_own_subscription
from subscriptions.services import lifecycle, taken_over
from subscriptions.services.cancellation_requests import open_request
from subscriptions.services.errors import NeedsSupport, OnOrOff, SubscriptionRefused
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant, requires, with_fresh_sign_in
from tenants.roles import Action

from ..forms.changes import ReasonForm, SeatsForm
from ..models import Quote
from ..queries.consequences import add_ons_that_follow
from ..queries.locked_prices import own_price
from ..queries.own_changes import why_not
from ..services import quotes
from .destinations import own_subscriptions
from .refusals import REFUSALS, show_refusal


@requires(Action.BUY)
@require_http_methods(["GET", "POST"])
def own_seats(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    subscription = get_own_subscription(request, subscription_id)
    form = SeatsForm(request.POST or None, subscription=subscription)
    return _quoted(request, subscription, Quote.QuoteKind.SEATS, form)


@with_fresh_sign_in
@requires(Action.BUY)
@require_http_methods(["GET", "POST"])
def own_cancel(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Cancel it: with a quote, or at once if it was imported, for then nothing is charged."""
    subscription = get_own_subscription(request, subscription_id)
    form = ReasonForm(request.POST or None)
    if subscription.terms.exists() or not form.is_valid():
        return _quoted(request, subscription, Quote.QuoteKind.CANCEL, form)
    try:
        taken_over.cancel(
            subscription=subscription, reason=form.cleaned_data["reason"], act=act_of(request)
        )
    except SubscriptionRefused as refusal:
        show_refusal(form, refusal)
        return _page(request, subscription, Quote.QuoteKind.CANCEL, form)
    text = _("%(title)s is cancelled. Nothing is charged or credited here.")
    messages.success(request, text % {"title": subscription.title})
    return redirect(own_subscriptions(panel=subscription.public_id))


@requires(Action.BUY)
@require_POST
def own_auto_renew(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    subscription = get_own_subscription(request, subscription_id)
    is_on = {"yes": True, "no": False}.get(request.POST.get("is_on", ""))
    try:
        if is_on is None:  # half a form must not end a service
            raise OnOrOff
        lifecycle.set_auto_renew(subscription=subscription, is_on=is_on, act=act_of(request))
    except SubscriptionRefused as refusal:
        messages.error(request, _("Nothing was changed. %s") % refusal)
    else:
        on, off = _("%s renews automatically."), _("%s ends with its term.")
        messages.success(request, (on if is_on else off) % subscription.title)
    if request.POST.get("next") == "term":
        return redirect("billing:own-next-term", subscription.public_id)
    return redirect(own_subscriptions(panel=subscription.public_id))


def _quoted(
    request: PortalRequest, subscription: Subscription, kind: Quote.QuoteKind, form: forms.Form
) -> HttpResponse:
    """Make a quote of what was typed, or show the page with what is wrong."""
    if form.is_valid():
        try:
            made = quotes.quote(
                kind=kind,
                tenant=acting_tenant(request),
                subscription=subscription,
                act=act_of(request),
                **form.cleaned_data,
            )
        except REFUSALS as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("billing:quote", made.public_id)
    return _page(request, subscription, kind, form)


def _page(
    request: PortalRequest, subscription: Subscription, kind: Quote.QuoteKind, form: forms.Form
) -> HttpResponse:
    act = act_of(request)
    refusal = why_not(kind=kind, subscription=subscription, act=act)
    context: dict[str, Any] = {
        "subscription": subscription,
        "form": form,
        "refusal": refusal,
        "price": own_price(subscription=subscription, on=act.on),
        "needs_support": isinstance(refusal, NeedsSupport),
        "waiting": open_request(subscription),
        "add_ons": add_ons_that_follow(kind=kind, subscription=subscription),
        "is_imported": not subscription.terms.exists(),
    }
    return render(request, f"billing/own_{kind}.html", context)

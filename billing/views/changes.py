"""Changing a running subscription: seats, suspend, reactivate, cancel. Each makes a quote."""

from datetime import date, timedelta
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from relationships.queries.transfers import transfer_notice
from relationships.services.standing import SellingRefused, selling_refusal
from subscriptions.domain.lifecycle import State
from subscriptions.models import Subscription
from subscriptions.permissions import get_managed_subscription
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires, with_fresh_sign_in
from tenants.roles import Action

from ..forms.changes import ReasonForm, SeatsForm
from ..models import Quote
from ..queries.consequences import add_ons_that_follow, can_start, consequences_of, why_not
from ..queries.locked_prices import running_prices
from ..services import quotes
from .destinations import comes_from_panel, to_panel
from .refusals import REFUSALS, show_refusal


@requires(Action.ORDER)
@require_http_methods(["GET", "POST"])
def change_seats(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    subscription = get_managed_subscription(request, subscription_id)
    form = SeatsForm(request.POST or None, subscription=subscription)
    return _quoted(request, subscription, Quote.QuoteKind.SEATS, form)


@with_fresh_sign_in
@requires(Action.CHANGE_SERVICE)
@require_http_methods(["GET", "POST"])
def suspend(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    subscription = get_managed_subscription(request, subscription_id)
    form = ReasonForm(request.POST or None)
    return _quoted(request, subscription, Quote.QuoteKind.SUSPEND, form)


@requires(Action.CHANGE_SERVICE)
@require_http_methods(["GET", "POST"])
def reactivate(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    subscription = get_managed_subscription(request, subscription_id)
    form = ReasonForm(request.POST or None)
    return _quoted(request, subscription, Quote.QuoteKind.REACTIVATE, form)


@with_fresh_sign_in
@requires(Action.CHANGE_SERVICE)
@require_http_methods(["GET", "POST"])
def cancel(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    subscription = get_managed_subscription(request, subscription_id)
    form = ReasonForm(request.POST or None)
    return _quoted(request, subscription, Quote.QuoteKind.CANCEL, form)


def _quoted(
    request: PortalRequest, subscription: Subscription, kind: Quote.QuoteKind, form: forms.Form
) -> HttpResponse:
    """Make a quote of what was typed, or show the page with what is wrong."""
    if form.is_valid():
        try:
            made = quotes.quote(
                kind=kind,
                partner=acting_partner(request),
                tenant=subscription.tenant,
                subscription=subscription,
                act=act_of(request),
                **form.cleaned_data,
            )
        except REFUSALS as refusal:
            show_refusal(form, refusal)
        else:
            if comes_from_panel(request):
                return to_panel(
                    subscription.tenant, panel=subscription.public_id, quote=made.public_id
                )
            return redirect("billing:quote", made.public_id)
    return _page(request, subscription, kind, form)


def _page(
    request: PortalRequest, subscription: Subscription, kind: Quote.QuoteKind, form: forms.Form
) -> HttpResponse:
    today = act_of(request).on
    context = {
        "selling_refusal": _refusal_of_more(subscription, today),
        **transfer_notice(partner=acting_partner(request), customer=subscription.tenant),
        "subscription": subscription,
        "customer": subscription.tenant,
        "form": form,
        "last_day": _last_day(subscription),
        "prices": running_prices(subscription=subscription, on=today),
        "can_start": can_start(kind=kind, subscription=subscription),
        "consequences": consequences_of(kind=kind, subscription=subscription, on=today),
        "add_ons": add_ons_that_follow(kind=kind, subscription=subscription),
        "why_not": why_not(kind=kind, subscription=subscription),
        "instead": _instead(request, subscription),
    }
    return render(request, f"billing/change_{kind}.html", context)


def _refusal_of_more(subscription: Subscription, today: date) -> SellingRefused | None:
    """Return what stops more seats; only the page for seats shows it."""
    if subscription.partner is None:
        return None
    return selling_refusal(partner=subscription.partner, customer=subscription.tenant, on=today)


def _last_day(subscription: Subscription) -> date | None:
    """Return the last day that belongs to the term, as screens show it."""
    return subscription.ends_on - timedelta(days=1) if subscription.ends_on else None


def _instead(request: PortalRequest, subscription: Subscription) -> tuple[str, str] | None:
    """Return address and name of what can be done from the present state."""
    membership = request.membership
    if subscription.state == State.SUSPENDED:
        if membership and membership.may(Action.CHANGE_SERVICE):
            return reverse("billing:reactivate", args=[subscription.public_id]), _("Reactivate")
    elif not subscription.is_live and membership and membership.may(Action.ORDER):
        return reverse("billing:order", args=[subscription.tenant.public_id]), _("Order")
    return None

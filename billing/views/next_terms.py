"""What the next term will be and cost, and changing it while it can still be changed."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from subscriptions.models import ScheduledChange, Subscription
from subscriptions.permissions import get_managed_subscription
from subscriptions.services import lifecycle
from subscriptions.services.errors import AlreadyClosed, SubscriptionRefused
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant, requires
from tenants.roles import Action

from ..forms.next_terms import NextTermForm
from ..queries.locked_prices import running_prices
from ..queries.next_offers import offers_for_next_term
from ..services import next_terms
from ..services.renewal_preview import Wish, preview
from .refusals import REFUSALS, show_refusal


@requires(Action.ORDER)
@require_http_methods(["GET", "POST"])
def scheduled_change(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Show the next term with its price; `?seats=…` what a change would make of it."""
    subscription = get_managed_subscription(request, subscription_id)
    is_asked = request.method == "POST" or "seats" in request.GET
    form = _form(request, subscription, is_asked=is_asked)
    if request.method == "POST" and form.is_valid():
        try:
            change = next_terms.schedule(
                subscription=subscription, act=act_of(request), **form.wish()
            )
        except REFUSALS as refusal:
            show_refusal(form, refusal)
        else:
            undo = reverse("billing:undo-scheduled-change", args=[subscription.public_id])
            messages.success(request, _scheduled(change), extra_tags=f"undo={undo}")
            return _back(subscription)
    return _page(request, subscription, form)


@requires(Action.ORDER)
@require_POST
def undo_scheduled_change(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    subscription = get_managed_subscription(request, subscription_id)
    change = ScheduledChange.objects.open().filter(subscription=subscription).first()
    try:
        if change is None:
            raise AlreadyClosed
        lifecycle.take_back(change=change, act=act_of(request))
    except SubscriptionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back. It renews as it is."))
    return _back(subscription)


def _form(request: PortalRequest, subscription: Subscription, *, is_asked: bool) -> NextTermForm:
    before = next_terms.locked_price_before(subscription)
    data = request.POST if request.method == "POST" else request.GET
    return NextTermForm(
        data if is_asked else None,
        subscription=subscription,
        duration=before.term.duration,
        plan=before.plan,
        offers=offers_for_next_term(
            subscription=subscription, segment=before.segment, at=act_of(request).at
        ),
        initial=_waiting(subscription, before.term.duration, before.plan),
    )


def _waiting(subscription: Subscription, duration: str, plan: str) -> dict[str, Any]:
    """Return what waits already, so that the form shows the next term as it will be."""
    change = ScheduledChange.objects.open().filter(subscription=subscription).first()
    if change is None:
        return {}
    initial: dict[str, Any] = {"terms": f"{change.duration or duration}.{change.plan or plan}"}
    if change.seats is not None:
        initial["seats"] = change.seats
    if change.offer is not None:
        initial["offer"] = change.offer.public_id
    return initial


def _page(request: PortalRequest, subscription: Subscription, form: NextTermForm) -> HttpResponse:
    act, tenant = act_of(request), acting_tenant(request)
    wished = None
    if request.method == "GET" and form.is_bound and form.is_valid():
        try:
            wished = preview(
                subscription=subscription, viewer=tenant, wish=Wish(**form.wish()), act=act
            )
        except REFUSALS as refusal:
            show_refusal(form, refusal)
    changes = ScheduledChange.objects.filter(subscription=subscription).select_related(
        "created_by", "closed_by", "offer"
    )
    context = {
        "subscription": subscription,
        "customer": subscription.tenant,
        "form": form,
        "prices": running_prices(subscription=subscription, on=act.on),
        "last_day": date.fromordinal(subscription.ends_on.toordinal() - 1)
        if subscription.ends_on
        else None,
        "next": wished or preview(subscription=subscription, viewer=tenant, act=act),
        "is_wish": wished is not None,
        "waiting": changes.open().first(),
        "history": list(changes.exclude(outcome="").order_by("-closed_at", "-pk")[:10]),
    }
    return render(request, "billing/next_term.html", context)


def _scheduled(change: ScheduledChange) -> str:
    return _("Scheduled for %(day)s. Nothing is charged before then.") % {
        "day": date_format(change.takes_effect_on, "j M Y")
    }


def _back(subscription: Subscription) -> HttpResponseRedirect:
    return redirect("billing:scheduled-change", subscription.public_id)

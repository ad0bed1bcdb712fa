"""What the pages of a next term share: the form, and the price before the click."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from subscriptions.models import ScheduledChange, Subscription
from subscriptions.services import lifecycle
from subscriptions.services.errors import AlreadyClosed, SubscriptionRefused
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant

from ..forms.next_terms import NextTermForm
from ..queries.next_offers import offers_for_next_term
from ..services import next_terms
from ..services.renewal_preview import Wish, preview
from .refusals import REFUSALS, show_refusal


def form_of(request: PortalRequest, subscription: Subscription) -> NextTermForm:
    """Return the form: bound by a POST, and by `?seats=…`, which asks for a price."""
    before = next_terms.locked_price_before(subscription)
    data = request.POST if request.method == "POST" else request.GET
    is_asked = request.method == "POST" or "seats" in request.GET
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


def schedule(
    request: PortalRequest, subscription: Subscription, form: NextTermForm, *, undo: str
) -> bool:
    """Schedule what was typed and say so, with a way back; else show the refusal in the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        change = next_terms.schedule(subscription=subscription, act=act_of(request), **form.wish())
    except REFUSALS as refusal:
        show_refusal(form, refusal)
        return False
    text = _("Scheduled for %(day)s. Nothing is charged before then.")
    day = date_format(change.takes_effect_on, "j M Y")
    messages.success(request, text % {"day": day}, extra_tags=f"undo={undo}")
    return True


def take_back(request: PortalRequest, subscription: Subscription) -> None:
    """Take back what waits, and say so, or why not."""
    change = ScheduledChange.objects.open().filter(subscription=subscription).first()
    try:
        if change is None:
            raise AlreadyClosed
        lifecycle.take_back(change=change, act=act_of(request))
    except SubscriptionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Taken back. It renews as it is."))


def page_context(
    request: PortalRequest, subscription: Subscription, form: NextTermForm
) -> dict[str, Any]:
    """Return the next term as it will be, or as what is asked for would make it."""
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
    return {
        "subscription": subscription,
        "form": form,
        "last_day": date.fromordinal(subscription.ends_on.toordinal() - 1)
        if subscription.ends_on
        else None,
        "next": wished or preview(subscription=subscription, viewer=tenant, act=act),
        "is_wish": wished is not None,
        "waiting": changes.open().first(),
        "history": list(changes.exclude(outcome="").order_by("-closed_at", "-pk")[:10]),
    }


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

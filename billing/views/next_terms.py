"""What the next term will be and cost, and changing it while it can still be changed."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from relationships.queries.transfers import transfer_notice
from subscriptions.permissions import get_managed_subscription, get_own_subscription
from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_partner, requires
from tenants.roles import Action

from ..queries.locked_prices import own_price, running_prices
from ..queries.own_changes import why_no_next_term
from .next_term_pages import form_of, page_context, schedule, take_back


@requires(Action.ORDER)
@require_http_methods(["GET", "POST"])
def scheduled_change(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Show the next term with its price; `?seats=…` what a change would make of it."""
    subscription = get_managed_subscription(request, subscription_id)
    form = form_of(request, subscription)
    own = [subscription.public_id]
    urls = {
        "page": reverse("billing:scheduled-change", args=own),
        "undo": reverse("billing:undo-scheduled-change", args=own),
        "renew": reverse("subscriptions:auto-renew", args=own),
    }
    if schedule(request, subscription, form, undo=urls["undo"]):
        return redirect(urls["page"])
    context = page_context(request, subscription, form) | {
        "customer": subscription.tenant,
        "urls": urls,
        **transfer_notice(partner=acting_partner(request), customer=subscription.tenant),
        "prices": running_prices(subscription=subscription, on=act_of(request).on),
    }
    return render(request, "billing/next_term.html", context)


@requires(Action.ORDER)
@require_POST
def undo_scheduled_change(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    subscription = get_managed_subscription(request, subscription_id)
    take_back(request, subscription)
    return redirect("billing:scheduled-change", subscription.public_id)


@requires(Action.BUY)
@require_http_methods(["GET", "POST"])
def own_next_term(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Show a customer the same of what it bought from the vendor; of CSP whom to ask (R10)."""
    subscription = get_own_subscription(request, subscription_id)
    act, own = act_of(request), [subscription.public_id]
    refusal = why_no_next_term(subscription=subscription, act=act)
    if refusal is not None:
        context = {"subscription": subscription, "refusal": refusal}
        return render(request, "billing/own_next_term.html", context)
    form = form_of(request, subscription)
    urls = {
        "page": reverse("billing:own-next-term", args=own),
        "undo": reverse("billing:undo-own-next-term", args=own),
        "renew": reverse("billing:own-auto-renew", args=own),
    }
    if schedule(request, subscription, form, undo=urls["undo"]):
        return redirect(urls["page"])
    context = page_context(request, subscription, form) | {
        "own": True,
        "urls": urls,
        "price": own_price(subscription=subscription, on=act.on),
    }
    return render(request, "billing/own_next_term.html", context)


@requires(Action.BUY)
@require_POST
def undo_own_next_term(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    subscription = get_own_subscription(request, subscription_id)
    take_back(request, subscription)
    return redirect("billing:own-next-term", subscription.public_id)

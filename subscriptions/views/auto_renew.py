"""Turning automatic renewal on and off; it costs nothing, so its page is not billing's."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenants.http import PortalRequest, act_of
from tenants.permissions import requires
from tenants.roles import Action

from ..models import Subscription
from ..permissions import get_managed_subscription
from ..services import lifecycle
from ..services.errors import SubscriptionRefused


@requires(Action.ORDER)
@require_POST
def auto_renew(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Set it to what the form says (`renew`: on or off), and go back to where it was asked."""
    subscription = get_managed_subscription(request, subscription_id)
    is_on = request.POST.get("renew") == "on"
    try:
        lifecycle.set_auto_renew(subscription=subscription, is_on=is_on, act=act_of(request))
    except SubscriptionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _done(subscription, is_on=is_on))
    if request.POST.get("next") == "term":
        return redirect("billing:scheduled-change", subscription.public_id)
    page = reverse("home:customer-subscriptions", args=[subscription.tenant.public_id])
    return redirect(f"{page}?panel={subscription.public_id}")


def _done(subscription: Subscription, *, is_on: bool) -> str:
    day = date_format(subscription.ends_on, "j M Y") if subscription.ends_on else ""
    words = (
        _("%(title)s renews automatically on %(day)s.")
        if is_on
        else _("%(title)s ends on %(day)s and is not renewed.")
    )
    return words % {"title": subscription.title, "day": day}

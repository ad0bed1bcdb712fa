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
from ..services.errors import OnOrOff, SubscriptionRefused

ON_OR_OFF = {"on": True, "off": False}


@requires(Action.ORDER)
@require_POST
def auto_renew(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Set it to what the form says (`renew`: on or off), and go back to where it was asked."""
    subscription = get_managed_subscription(request, subscription_id)
    is_on = ON_OR_OFF.get(request.POST.get("renew", ""))
    try:
        if is_on is None:  # half a form must not end a service
            raise OnOrOff
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
    ends_on, last = subscription.ends_on, subscription.last_day
    assert ends_on is not None  # a CSP subscription has a term
    assert last is not None  # as above
    if not is_on:
        words = _("%(title)s ends after %(last_day)s and is not renewed.")
    elif subscription.is_offer_withdrawn:
        words = _(
            "Automatic renewal of %(title)s is on, but its offer is withdrawn from sale: it ends "
            "after %(last_day)s unless you schedule another offer for the next term."
        )
    else:
        words = _("%(title)s renews automatically on %(day)s.")
    day, last_day = (date_format(each, "j M Y") for each in (ends_on, last))
    return words % {"title": subscription.title, "day": day, "last_day": last_day}

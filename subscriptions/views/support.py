"""Asking the vendor's support to cancel an Advisor subscription (R17)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tenants.http import PortalRequest, act_of
from tenants.permissions import requires
from tenants.roles import Action

from ..permissions import get_own_subscription
from ..services import cancellation_requests
from ..services.errors import SubscriptionRefused


@requires(Action.BUY)
@require_POST
def ask_support(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """File the request, or take it back."""
    subscription = get_own_subscription(request, subscription_id)
    act, note = act_of(request), request.POST.get("note", "")[:300]
    try:
        if "take_back" in request.POST:
            waiting = cancellation_requests.open_request(subscription)
            if waiting is None:
                raise cancellation_requests.RequestAnswered
            cancellation_requests.take_back(request=waiting, act=act)
            messages.success(request, _("Request taken back. The subscription goes on."))
        else:
            cancellation_requests.ask(subscription=subscription, note=note, act=act)
            messages.success(
                request, _("The vendor's support has your request. Nothing changes until then.")
            )
    except SubscriptionRefused as refusal:
        messages.error(request, _("Nothing was changed. %s") % refusal)
    return redirect("billing:own-cancel", subscription_id)

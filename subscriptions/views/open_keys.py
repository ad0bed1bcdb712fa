"""Redeeming an Open key."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant, requires
from tenants.roles import Action

from ..forms import KeyForm
from ..services import open_keys
from ..services.errors import KeyRedeemedHere, SubscriptionRefused, TooManyTries

TOO_MANY_REQUESTS = 429


@requires(Action.BUY)
@require_http_methods(["GET", "POST"])
def redeem_key(request: PortalRequest) -> HttpResponse:
    """Take a key and say what became of it; what was typed is never shown again."""
    form = KeyForm(request.POST or None)
    status = 200
    wait = None
    if form.is_valid():
        typed = form.cleaned_data["key"]
        try:
            got = open_keys.redeem(typed=typed, tenant=acting_tenant(request), act=act_of(request))
        except KeyRedeemedHere as refusal:
            messages.info(request, str(refusal))
            return redirect(f"{reverse('home:my-subscriptions')}?panel={refusal.subscription_id}")
        except TooManyTries as refusal:
            wait, status = refusal, TOO_MANY_REQUESTS
        except SubscriptionRefused as refusal:
            form.add_error("key", str(refusal))
        else:
            text = _("%(title)s with %(seats)d seats is yours. It is paid; no bill follows.")
            messages.success(request, text % {"title": got.title, "seats": got.seats})
            return redirect(f"{reverse('home:my-subscriptions')}?panel={got.public_id}")
    context = {"form": form, "wait": wait}
    return render(request, "subscriptions/redeem_key.html", context, status=status)

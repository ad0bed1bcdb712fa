"""Trying an offer for 30 days."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenants.http import PortalRequest, act_of
from tenants.permissions import acting_tenant, requires
from tenants.roles import Action

from ..forms import TrialForm
from ..models import Offer
from ..queries.trials import offers_to_try
from ..services import trials as service
from ..services.errors import SubscriptionRefused


@requires(Action.BUY)
@require_http_methods(["GET", "POST"])
def trials(request: PortalRequest) -> HttpResponse:
    """List what can be tried; a POST starts the trial, which costs nothing."""
    tenant, act = acting_tenant(request), act_of(request)
    form = TrialForm(request.POST or None)
    if form.is_valid():
        offer = get_object_or_404(Offer, public_id=form.cleaned_data["offer"])
        try:
            trial = service.start_trial(tenant=tenant, offer=offer, act=act)
        except SubscriptionRefused as refusal:
            messages.error(request, _("No trial was started. %s") % refusal)
            return redirect("subscriptions:trials")
        last_day = trial.starts_on + service.LASTS - trial.starts_on.resolution
        text = _("%(title)s: 25 seats until %(day)s, free. It ends by itself.")
        values = {"title": trial.title, "day": date_format(last_day, "j M Y")}
        messages.success(request, text % values)
        return redirect(f"{reverse('home:my-subscriptions')}?panel={trial.public_id}")
    context = {"offers": offers_to_try(tenant)}
    return render(request, "subscriptions/trials.html", context)

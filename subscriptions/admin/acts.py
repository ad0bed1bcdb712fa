"""What operators do to one subscription, each on a page that asks for the reason."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from tenants.admin import act_in_admin
from tenants.models import Partner

from ..models import Subscription
from ..services.elsewhere import record_end
from ..services.errors import SubscriptionRefused
from ..services.partner_of_record import change_partner_of_record


class PartnerOfRecordForm(forms.Form):
    partner = forms.ModelChoiceField(
        queryset=Partner.objects.select_related("tenant").order_by("tenant__name"),
        required=False,
        empty_label="Nobody",
    )
    reason = forms.CharField(
        max_length=200, help_text="The customer and both partners read it in their activity."
    )


class EndForm(forms.Form):
    reason = forms.CharField(
        max_length=200, help_text="How you know it. The customer reads it in its activity."
    )


def urls(guard: Callable[..., Any]) -> list[URLPattern]:
    """Return the pages; `guard` is the admin site's `admin_view`."""
    at = "<int:subscription_id>"
    return [
        path(
            f"{at}/partner-of-record/",
            guard(partner_of_record_page),
            name="subscriptions_partner_of_record",
        ),
        path(f"{at}/end/", guard(end_page), name="subscriptions_end"),
    ]


def partner_of_record_page(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Ask for the new partner of record and the reason (R6)."""
    subscription = _asked_about(request, subscription_id)
    now = {"partner": subscription.partner_of_record}
    form = PartnerOfRecordForm(request.POST or None, initial=now)
    return _page(request, subscription, form, change_partner_of_record, "Change partner of record")


def end_page(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Record that a subscription ended where it was bought: EA or Syndication."""
    subscription = _asked_about(request, subscription_id)
    form = EndForm(request.POST or None)
    return _page(request, subscription, form, record_end, "Record that it ended")


def _asked_about(request: HttpRequest, subscription_id: int) -> Subscription:
    if not request.user.has_perm("subscriptions.change_subscription"):
        raise PermissionDenied
    found = Subscription.objects.select_related("tenant", "partner_of_record__tenant")
    return get_object_or_404(found, pk=subscription_id)


def _page(
    request: HttpRequest,
    subscription: Subscription,
    form: forms.Form,
    service: Callable[..., None],
    title: str,
) -> HttpResponse:
    if form.is_valid():
        try:
            service(subscription=subscription, **form.cleaned_data, act=act_in_admin(request))
        except SubscriptionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{title}: {subscription}, done.")
            return redirect("admin:subscriptions_subscription_change", subscription.pk)
    context = {
        **admin.site.each_context(request),
        "opts": Subscription._meta,  # noqa: SLF001 -- Django's documented name
        "title": title,
        "subscription": subscription,
        "form": form,
    }
    return TemplateResponse(request, "admin/subscriptions/act.html", context)


# The admin guards them; AccessMiddleware knows its views by their module, and not these.
for page in (partner_of_record_page, end_page):
    page.access = "operators"  # type: ignore[attr-defined]  # as above

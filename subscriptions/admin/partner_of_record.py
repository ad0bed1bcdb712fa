"""The operators' page that changes a partner of record."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse

from tenants.admin import act_in_admin
from tenants.models import Partner

from ..models import Subscription
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


def partner_of_record_page(request: HttpRequest, subscription_id: int) -> HttpResponse:
    """Ask for the new partner and the reason; the service does the rest."""
    if not request.user.has_perm("subscriptions.change_subscription"):
        raise PermissionDenied
    subscription = get_object_or_404(
        Subscription.objects.select_related("tenant", "partner_of_record__tenant"),
        pk=subscription_id,
    )
    form = PartnerOfRecordForm(
        request.POST or None, initial={"partner": subscription.partner_of_record}
    )
    if form.is_valid():
        try:
            change_partner_of_record(
                subscription=subscription, **form.cleaned_data, act=act_in_admin(request)
            )
        except SubscriptionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Partner of record of {subscription} changed.")
            return redirect("admin:subscriptions_subscription_change", subscription.pk)
    context = {
        **admin.site.each_context(request),
        "opts": Subscription._meta,  # noqa: SLF001 -- Django's documented name
        "title": "Change partner of record",
        "subscription": subscription,
        "form": form,
    }
    name = "admin/subscriptions/partner_of_record.html"
    return TemplateResponse(request, name, context)


# The admin guards it; AccessMiddleware knows those views by their module, and not this one.
partner_of_record_page.access = "operators"  # type: ignore[attr-defined]  # as above

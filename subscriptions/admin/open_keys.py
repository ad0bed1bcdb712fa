"""Open keys in the admin: issue them, see what became of them, withdraw them, export."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from csp_portal.shared import clock
from csp_portal.shared.csvfiles import csv_lines
from tenants.admin import act_in_admin

from ..models import KeyAttempt, Offer, OpenKey
from ..services import open_keys
from ..services.errors import SeatsOutOfRange, SubscriptionRefused
from .imports import for_operators
from .models import ReadOnly

EXPORT = (
    *("Ending in", "Offer", "SKU", "Seats", "Months", "Agreement", "Issued on", "Redeem until"),
    *("State", "Redeemed by", "Redeemed on", "Subscription ID"),
)


class IssueForm(forms.Form):
    offer = forms.ModelChoiceField(
        queryset=Offer.objects.for_sale().filter(is_add_on=False).order_by("title")
    )
    seats = forms.IntegerField(min_value=1, max_value=1_000_000)
    months = forms.IntegerField(min_value=1, max_value=36, initial=12)
    count = forms.IntegerField(label="How many keys", min_value=1, max_value=100, initial=1)
    redeem_until = forms.DateField(
        label="Can be redeemed until",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    agreement = forms.CharField(max_length=100, required=False)
    batch = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4, required=False)

    def clean_redeem_until(self) -> date:
        day: date = self.cleaned_data["redeem_until"]
        if day < clock.today():
            raise forms.ValidationError("Choose today or a later day; nobody could redeem it.")
        return day


@admin.register(OpenKey)
class OpenKeyAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = ("ending", "offer", "seats", "months", "agreement", "redeem_until", "state")
    list_filter = ("offer", ("redeemed_at", admin.EmptyFieldListFilter))
    list_select_related = ("offer",)
    search_fields = ("ending", "agreement", "subscription__tenant__name")
    ordering = ("-issued_at", "-id")
    exclude = ("key_hash",)
    actions = ("withdraw", "export")
    change_list_template = "admin/subscriptions/open_keys.html"

    @admin.display
    def state(self, obj: OpenKey) -> str:
        return obj.state_on(clock.today())

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.issue)
        return [path("issue/", view, name="subscriptions_openkey_issue"), *super().get_urls()]

    @for_operators
    def issue(self, request: HttpRequest) -> HttpResponse:
        """Issue keys; the answer is the only page that ever shows them."""
        if not request.user.has_perm("subscriptions.add_openkey"):
            raise PermissionDenied
        form = IssueForm(request.POST or None)
        keys: list[str] = []
        if form.is_valid():
            try:
                keys = open_keys.issue(**form.cleaned_data, act=act_in_admin(request))
            except SeatsOutOfRange as refusal:
                form.add_error("seats", str(refusal))
            except SubscriptionRefused as refusal:
                form.add_error(None, str(refusal))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Issue Open keys",
            "form": form,
            "keys": keys,
        }
        response = TemplateResponse(request, "admin/subscriptions/open_keys_issue.html", context)
        response["Cache-Control"] = "no-store"
        return response

    @admin.action(description="Withdraw", permissions=["change_any"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[OpenKey]) -> None:
        done = 0
        for key in queryset.order_by("pk"):
            try:
                open_keys.withdraw(key=key, act=act_in_admin(request))
            except SubscriptionRefused as refusal:
                self.message_user(request, f"{key}: {refusal}", messages.WARNING)
            else:
                done += 1
        self.message_user(request, f"{done} withdrawn.", messages.SUCCESS)

    def has_change_any_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm("subscriptions.change_openkey")

    @admin.action(description="Export their state as CSV", permissions=["view"])
    def export(self, _request: HttpRequest, queryset: QuerySet[OpenKey]) -> HttpResponse:
        keys = queryset.select_related("offer", "subscription__tenant").order_by("issued_at", "pk")
        lines = csv_lines(header=EXPORT, rows=[_exported(key) for key in keys])
        response = HttpResponse(b"".join(lines), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="open-keys.csv"'
        return response


@admin.register(KeyAttempt)
class KeyAttemptAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # as above
    list_display = ("at", "tenant", "by", "outcome")
    list_filter = ("outcome",)
    list_select_related = ("tenant", "by")
    ordering = ("-at", "-id")


def _exported(key: OpenKey) -> list[object]:
    got = key.subscription
    return [
        key.ending,
        key.offer.title,
        key.offer.sku,
        key.seats,
        key.months,
        key.agreement,
        key.issued_at.date(),
        key.redeem_until,
        key.state_on(clock.today()),
        got.tenant.name if got else "",
        key.redeemed_at.date() if key.redeemed_at else "",
        got.public_id if got else "",
    ]

"""What customers ask of the vendor's support: operators carry it out or decline it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from subscriptions.admin.models import ReadOnly
from subscriptions.models import CancellationRequest
from subscriptions.services import cancellation_requests
from subscriptions.services.errors import SubscriptionRefused
from tenants.admin import act_in_admin

from ..services import support


@admin.register(CancellationRequest)
class CancellationRequestAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]  # has none at run time
    list_display = ("asked_at", "tenant", "subscription", "assigned_seats", "answer", "note")
    list_filter = ("answer",)
    list_select_related = ("subscription__tenant", "asked_by")
    search_fields = ("subscription__tenant__name", "subscription__title")
    ordering = ("answer", "-asked_at", "-id")
    actions = ("cancel_as_asked", "decline")

    @admin.display
    def tenant(self, obj: CancellationRequest) -> str:
        return obj.subscription.tenant.name

    @admin.action(description="Cancel the subscription as asked", permissions=["change_any"])
    def cancel_as_asked(
        self, request: HttpRequest, queryset: QuerySet[CancellationRequest]
    ) -> None:
        self._each(request, queryset, "cancelled")

    @admin.action(description="Decline", permissions=["change_any"])
    def decline(self, request: HttpRequest, queryset: QuerySet[CancellationRequest]) -> None:
        self._each(request, queryset, "declined")

    def has_change_any_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm("subscriptions.change_cancellationrequest")

    def _each(
        self, request: HttpRequest, queryset: QuerySet[CancellationRequest], word: str
    ) -> None:
        """Answer each; one that is refused stops no other."""
        act, done = act_in_admin(request), 0
        for asked in queryset.select_related("subscription").order_by("pk"):
            try:
                if word == "cancelled":
                    support.cancel_as_asked(request=asked, remark="", act=act)
                else:
                    text = "Please contact the vendor's support."
                    cancellation_requests.decline(request=asked, remark=text, act=act)
            except SubscriptionRefused as refusal:
                self.message_user(request, f"{asked}: {refusal}", messages.WARNING)
            else:
                done += 1
        self.message_user(request, f"{done} {word}.", messages.SUCCESS)

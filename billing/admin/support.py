"""What customers ask of the vendor's support: operators carry it out or decline it."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from subscriptions.models import CancellationRequest
from subscriptions.services import cancellation_requests
from subscriptions.services.errors import SubscriptionRefused
from tenants.admin import OperatorAdmin, act_in_admin

from ..services import support


class AnswerForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    decision = forms.ChoiceField(
        choices=[("cancel", "Cancel the subscription"), ("decline", "Decline")]
    )
    answer_text = forms.CharField(
        label="Remark",
        max_length=300,
        required=False,
        help_text="The customer reads it. Needed to decline: say why, and what to do.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("decision") == "decline" and not cleaned.get("answer_text", "").strip():
            self.add_error("answer_text", "Say why, and what the customer can do.")
        return cleaned


@admin.register(CancellationRequest)
class CancellationRequestAdmin(OperatorAdmin):
    """An open request is answered on its page, or carried out for several from the list."""

    can_change = True
    refusals: ClassVar = {SubscriptionRefused: ""}
    form = AnswerForm
    list_display = ("asked_at", "tenant", "subscription", "assigned_seats", "answer", "note")
    list_filter = ("answer",)
    list_select_related = ("subscription__tenant", "asked_by")
    search_fields = ("subscription__tenant__name", "subscription__title")
    ordering = ("answer", "-asked_at", "-id")
    readonly_fields = ("tenant", "subscription", "assigned_seats", "note", "asked_at", "asked_by",
                       "answer", "answered_at", "answered_by", "remark")  # fmt: skip
    actions = ("cancel_as_asked",)

    @admin.display
    def tenant(self, obj: CancellationRequest) -> str:
        return obj.subscription.tenant.name

    def get_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        is_open = obj is not None and not obj.answer
        return (*self.readonly_fields, *(("decision", "answer_text") if is_open else ()))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_answered = obj is not None and obj.answer
        return not is_answered and super().has_change_permission(request, obj)

    def has_change_any_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm("subscriptions.change_cancellationrequest")

    def save_model(
        self,
        request: HttpRequest,
        obj: CancellationRequest,
        form: Any,
        change: bool,  # noqa: ARG002, FBT001 -- Django's signature
    ) -> None:
        answer = (
            support.cancel_as_asked
            if form.cleaned_data["decision"] == "cancel"
            else cancellation_requests.decline
        )
        answer(request=obj, remark=form.cleaned_data["answer_text"], act=act_in_admin(request))

    @admin.action(description="Cancel the subscription as asked", permissions=["change_any"])
    def cancel_as_asked(
        self, request: HttpRequest, queryset: QuerySet[CancellationRequest]
    ) -> None:
        """Carry out each; one that is refused stops no other."""
        act, done = act_in_admin(request), 0
        for asked in queryset.select_related("subscription").order_by("pk"):
            try:
                support.cancel_as_asked(request=asked, remark="", act=act)
            except SubscriptionRefused as refusal:
                self.message_user(request, f"{asked}: {refusal}", messages.WARNING)
            else:
                done += 1
        self.message_user(request, f"{done} cancelled.", messages.SUCCESS)

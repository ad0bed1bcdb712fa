"""The operators' part in transfers: deciding for a partner that does not answer."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from csp_portal.shared import clock
from tenants.admin import OperatorAdmin, act_in_admin

from ..models import Transfer
from ..models.transfers import PATIENCE
from ..services import transfers


class DecisionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    decision = forms.ChoiceField(choices=[("approve", "Approve"), ("decline", "Decline")])
    reason = forms.CharField(max_length=500, required=False, help_text="Needed to decline.")


class DecidableFilter(admin.SimpleListFilter):
    """What waits for an operator: asked 14 days ago or earlier, and not answered."""

    title = "operators' decision"
    parameter_name = "decidable"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Any:
        return [("now", "Can be decided now")]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Transfer]) -> QuerySet[Transfer]:
        if self.value() != "now":
            return queryset
        latest = clock.today() - PATIENCE
        return queryset.filter(state=Transfer.State.REQUESTED, requested_on__lte=latest)


@admin.register(Transfer)
class TransferAdmin(OperatorAdmin):
    """An operator decides for a partner that has not answered for 14 days, and not before."""

    can_change = True
    refusals: ClassVar = {transfers.TransferRefused: ""}
    form = DecisionForm
    list_display = ("customer", "old_partner", "new_partner", "takes_effect_on", "state",
                    "requested_on", "operators_decide_from", "failure")  # fmt: skip
    list_filter = (DecidableFilter, "state", "decided_as")
    list_select_related = ("invitation__partner__tenant", "relationship__partner__tenant",
                           "relationship__customer")  # fmt: skip
    search_fields = ("relationship__customer__name", "relationship__partner__tenant__name")
    date_hierarchy = "requested_at"
    ordering = ("-requested_at", "-id")
    readonly_fields = ("relationship", "invitation", "takes_effect_on", "requested_at",
                       "requested_by", "operators_decide_from", "state", "decided_at",
                       "decided_by", "decided_as",
                       "decline_reason", "withdrawn_at", "withdrawn_by", "carried_out_on",
                       "started", "failure", "failed_at")  # fmt: skip

    def get_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        asked = ("decision", "reason") if obj is not None and obj.is_undecided else ()
        return (*self.readonly_fields, *asked)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_decided = obj is not None and not obj.is_undecided
        return not is_decided and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Transfer, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 -- Django's signature
        act = act_in_admin(request)
        if form.cleaned_data["decision"] == "approve":
            transfers.approve(transfer=obj, act=act, as_operator=True)
        else:
            reason = form.cleaned_data["reason"]
            transfers.decline(transfer=obj, reason=reason, act=act, as_operator=True)

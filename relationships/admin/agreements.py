"""Programme agreements, what customers agreed to, and suspended partners, for operators."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from csp_portal.shared import clock
from tenants.admin import OperatorAdmin, act_in_admin, became
from tenants.models import Partner

from ..domain.agreements import Agreement, Side, State
from ..models import AgreementEvent, CustomerAgreement, PartnerSuspension, ProgrammeAgreement
from ..queries.agreements import agreement_of, agreements_on
from ..services import agreements, suspensions

if TYPE_CHECKING:
    TabularInline = admin.TabularInline[Any, Any]
else:
    TabularInline = admin.TabularInline


STATE_WORDS = {
    State.NONE: _("Not signed"),
    State.IN_FORCE: _("In force"),
    State.NOTICE: _("Notice given"),
    State.ENDED: _("Ended"),
}


class AgreementStateFilter(admin.SimpleListFilter):
    """The state is derived, so it is computed for all partners: there are few."""

    title = "state"
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Any:
        return [(state.value, label) for state, label in STATE_WORDS.items()]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        found = agreements_on(clock.today())
        return queryset.filter(pk__in=[pk for pk, a in found.items() if a.state == self.value()])


class AgreementEventInline(TabularInline):
    model = AgreementEvent
    fields = ("on", "kind", "side", "by", "note")
    ordering = ("pk",)
    extra = 0
    can_delete = False

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        return False


@admin.register(ProgrammeAgreement)
class ProgrammeAgreementAdmin(OperatorAdmin):
    """Programme agreements, one row per partner; what the vendor does is an action."""

    list_display = ("tenant", "mpn_id", "state", "last_day", "renews_on", "last_day_for_notice")
    list_filter = (AgreementStateFilter, "kind")
    list_select_related = ("tenant",)
    search_fields = ("tenant__name", "tenant__domain", "mpn_id")
    ordering = ("tenant__name",)
    fields = ("tenant", "mpn_id", "kind", "joined_on")
    inlines = (AgreementEventInline,)
    actions = ("record_signature", "give_notice", "withdraw_notice")

    @admin.display
    def state(self, obj: Partner) -> str:
        return str(STATE_WORDS[self._of(obj).state])

    @admin.display
    def last_day(self, obj: Partner) -> date | None:
        return self._of(obj).last_day

    @admin.display
    def renews_on(self, obj: Partner) -> date | None:
        return self._of(obj).renews_on

    @admin.display
    def last_day_for_notice(self, obj: Partner) -> date | None:
        return self._of(obj).next_last_day_for_notice

    @admin.action(description="Record as signed today", permissions=["change_any"])
    def record_signature(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, agreements.sign)

    @admin.action(description="Give the vendor's notice", permissions=["change_any"])
    def give_notice(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, agreements.give_notice)

    @admin.action(description="Withdraw the vendor's notice", permissions=["change_any"])
    def withdraw_notice(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._each(request, queryset, agreements.withdraw_notice)

    def has_change_any_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm("relationships.change_programmeagreement")

    def _of(self, partner: Partner) -> Agreement:
        """Return the row's agreement, read once for all its columns."""
        read: Agreement = vars(partner).setdefault("_agreement", None) or agreement_of(
            partner, on=clock.today()
        )
        vars(partner)["_agreement"] = read
        return read

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Any], change: Callable[..., object]
    ) -> None:
        """Do it for each of the partners, on the vendor's side, and say what was refused."""
        done = 0
        for partner in queryset.order_by("pk"):
            try:
                change(partner=partner, side=Side.VENDOR, act=act_in_admin(request))
            except agreements.AgreementRefused as refusal:
                self.message_user(request, f"{partner}: {refusal}", messages.WARNING)
            else:
                done += 1
        self.message_user(request, f"{done} done.", messages.SUCCESS)


@admin.register(CustomerAgreement)
class CustomerAgreementAdmin(OperatorAdmin):
    list_display = ("customer", "partner", "name", "agreed_on", "template_version", "attested_by")
    list_select_related = ("customer", "partner__tenant", "attested_by")
    search_fields = ("customer__name", "customer__domain", "partner__tenant__name", "email")
    ordering = ("-attested_at", "-pk")


@admin.register(PartnerSuspension)
class PartnerSuspensionAdmin(OperatorAdmin):
    """Suspend a partner by adding a row; the action lifts it. What runs goes on meanwhile."""

    can_add = True
    refusals: ClassVar = {suspensions.AlreadySuspended: "The partner is suspended already."}
    fields = ("partner", "reason", "note", "starts_on")
    autocomplete_fields = ("partner",)
    list_display = ("partner", "reason", "starts_on", "suspended_by", "lifted_on", "lifted_by")
    list_filter = ("reason", ("lifted_on", admin.EmptyFieldListFilter))
    list_select_related = ("partner__tenant", "suspended_by", "lifted_by")
    search_fields = ("partner__tenant__name", "partner__mpn_id")
    ordering = ("-starts_on", "-pk")
    actions = ("lift",)

    def get_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        lifted = ("suspended_at", "suspended_by", "lifted_on", "lifted_at", "lifted_by")
        return (*self.fields, *lifted) if obj else self.fields

    def save_model(
        self,
        request: HttpRequest,
        obj: PartnerSuspension,
        form: Any,
        change: bool,  # noqa: ARG002, FBT001 -- Django's signature
    ) -> None:
        act = act_in_admin(request)
        became(obj, suspensions.suspend_partner(act=act, **form.cleaned_data))

    @admin.action(description="Lift from today", permissions=["change_any"])
    def lift(self, request: HttpRequest, queryset: QuerySet[PartnerSuspension]) -> None:
        done = 0
        for suspension in queryset.order_by("pk"):
            try:
                suspensions.lift(suspension=suspension, act=act_in_admin(request))
            except suspensions.AlreadyLifted:
                self.message_user(request, f"{suspension}: lifted before", messages.WARNING)
            else:
                done += 1
        self.message_user(request, f"{done} lifted.", messages.SUCCESS)

    def has_change_any_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm("relationships.change_partnersuspension")

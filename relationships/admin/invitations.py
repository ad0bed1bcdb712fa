"""The operators' view of invitations and relationships. Consent is looked at, never edited."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from csp_portal.shared import clock
from tenants.admin import OperatorAdmin, act_in_admin, became

from ..models import Invitation, PartnerPolicy, Relationship
from ..services import invitations
from ..services.policy import BelowTodaysUse, set_most_partners


@admin.register(Invitation)
class InvitationAdmin(OperatorAdmin):
    list_display = ("partner", "customer_name", "state", "created_at", "expires_on", "tenant")
    list_filter = ("answer", "has_delegated_admin")
    list_select_related = ("partner__tenant", "tenant")
    search_fields = ("partner__tenant__name", "customer_name", "email", "tenant__name")
    date_hierarchy = "created_at"
    ordering = ("-created_at", "-id")
    exclude = ("token_hash",)
    actions = ("withdraw",)

    @admin.display
    def state(self, obj: Invitation) -> str:
        return obj.state_on(clock.today())

    @admin.action(description="Withdraw", permissions=["change_any"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Take invitations back, as when a partner leaves the programme."""
        done = 0
        for invitation in queryset.order_by("id"):
            try:
                invitations.withdraw(invitation=invitation, act=act_in_admin(request))
            except invitations.InvitationNotOpen as error:
                self.message_user(request, f"{invitation}: {error}", messages.WARNING)
            else:
                done += 1
        self.message_user(request, f"{done} withdrawn.", messages.SUCCESS)

    def has_change_any_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        """Say whether Django's permissions allow changes, though the form is read-only."""
        return request.user.has_perm("relationships.change_invitation")


@admin.register(Relationship)
class RelationshipAdmin(OperatorAdmin):
    list_display = ("partner", "customer", "started_on", "ended_on", "slot", "has_delegated_admin")
    list_filter = ("has_delegated_admin", ("ended_on", admin.EmptyFieldListFilter))
    list_select_related = ("partner__tenant", "customer")
    search_fields = ("partner__tenant__name", "customer__name", "customer__domain")
    ordering = ("-started_on", "-id")
    fields = ("partner", "reseller", "customer", "invitation", "has_delegated_admin",
              "started_on", "ended_on", "ended_by", "end_reason", "slot", "attested_by",
              "attested_on")  # fmt: skip


@admin.register(PartnerPolicy)
class PartnerPolicyAdmin(OperatorAdmin):
    """One row: made when the policy is first set, changed ever after."""

    can_add = can_change = True
    refusals: ClassVar = {BelowTodaysUse: ""}
    fields = ("most_partners", "changed_at", "changed_by")
    readonly_fields = ("changed_at", "changed_by")
    list_display = ("__str__", "changed_at", "changed_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not PartnerPolicy.objects.exists()

    def save_model(self, request: HttpRequest, obj: PartnerPolicy, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 -- Django's signature
        became(
            obj,
            set_most_partners(
                most_partners=form.cleaned_data["most_partners"], act=act_in_admin(request)
            ),
        )

"""The operators' view of organisations and people. Whatever is changed goes through a service."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from .acts import Act
from .domain.countries import COUNTRY_CHOICES, CURRENCY_CHOICES
from .forms import clean_company_name, clean_domain
from .http import PortalRequest, act_of
from .models import Activity, Domain, Membership, Partner, SignUp, Tenant, User
from .queries.tenants import owner_of_domain
from .roles import ROLE_LABELS, Kind, Role
from .services import operators, people, tenants
from .services.errors import (
    AlreadyAMember,
    DomainTaken,
    IsDisabled,
    LastAdmin,
    NameNotAllowed,
    PartnerIdTaken,
    RolesDoNotFit,
)
from .services.operators import OwnRights

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    StackedInline = admin.StackedInline[Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    StackedInline = admin.StackedInline


class OperatorAdmin(ModelAdmin):
    """
    Read-only unless a subclass says otherwise, for whoever Django's permissions let see it.

    A subclass that writes overrides `save_model` (and `delete_model`) with a service call
    and lists in `refusals` what the service may raise and how to say it (empty: as it says itself).
    """

    can_add = False
    can_change = False
    can_delete = False
    refusals: ClassVar[dict[type[Exception], str]] = {}
    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.can_add and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_change and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_delete and super().has_delete_permission(request, obj)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._said(request, super().changeform_view, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._said(request, super().delete_view, *args, **kwargs)

    # The admin guards its views; AccessMiddleware knows them by their module, and not this one.
    delete_view.access = "operators"  # type: ignore[attr-defined]  # read by AccessMiddleware

    def get_actions(self, request: HttpRequest) -> Any:
        """Return the actions without Django's own, which deletes past the services."""
        return {k: v for k, v in super().get_actions(request).items() if k != "delete_selected"}

    def _said(self, request: HttpRequest, view: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return cast("HttpResponse", view(request, *args, **kwargs))
        except tuple(self.refusals) as refusal:
            text = next(t for kind, t in self.refusals.items() if isinstance(refusal, kind))
            self.message_user(request, text or str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.path)


def act_in_admin(request: HttpRequest) -> Act:
    """Return who acts: an operator, for the organisation they work in, if any."""
    return act_of(cast("PortalRequest", request))


def became(obj: Model, made: Model) -> None:
    """Let the admin's unsaved `obj` stand for the row a service has `made`."""
    obj.pk = made.pk
    obj._state.adding = False  # noqa: SLF001 -- Django has no public way to say so
    obj.refresh_from_db()


class TenantForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    country = forms.ChoiceField(choices=COUNTRY_CHOICES)
    currency = forms.ChoiceField(choices=CURRENCY_CHOICES)

    def clean_name(self) -> str:
        return clean_company_name(self.cleaned_data["name"])

    def clean_domain(self) -> str:
        domain = clean_domain(self.cleaned_data["domain"])
        if owner_of_domain(domain) is not None:
            raise ValidationError(_("The domain belongs to a tenant."))
        return domain


class DomainInline(StackedInline):
    model = Domain
    extra = 0
    can_delete = False

    def has_add_permission(self, *_args: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        return False


@admin.register(Tenant)
class TenantAdmin(OperatorAdmin):
    can_add = can_change = True
    refusals: ClassVar = {
        DomainTaken: "The domain belongs to a tenant by now.",
        NameNotAllowed: "The company-name rules forbid this name.",
    }
    form = TenantForm
    fields = (
        "name", "domain", "country", "currency", "street", "postal_code", "city", "tax_id",
    )  # fmt: skip
    list_display = ("name", "domain", "country", "currency", "kind_label", "exclusive_channel")
    list_filter = ("is_vendor", "partner__kind", "exclusive_channel", "country")
    list_select_related = ("partner",)
    search_fields = ("name", "domains__name")
    ordering = ("name", "id")
    inlines = (DomainInline,)

    @admin.display(description="kind")
    def kind_label(self, obj: Tenant) -> str:
        return str(obj.kind).replace("_", " ")

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("domain", "country", "currency") if obj else ()

    def get_inlines(self, _request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:  # noqa: FBT001 -- Django's signature
        act = act_in_admin(request)
        if change:
            tenants.change_company_data(tenant=obj, act=act, **form.cleaned_data)
        else:
            became(obj, tenants.create_tenant(act=act, **form.cleaned_data))


@admin.register(Partner)
class PartnerAdmin(OperatorAdmin):
    can_add = True
    refusals: ClassVar = {PartnerIdTaken: "The partner ID or the tenant is enrolled already."}
    fields = ("tenant", "mpn_id", "kind", "joined_on")
    autocomplete_fields = ("tenant",)
    list_display = ("tenant", "mpn_id", "kind", "joined_on")
    list_filter = ("kind",)
    list_select_related = ("tenant",)
    search_fields = ("tenant__name", "tenant__domain", "mpn_id")
    ordering = ("tenant__name",)

    def save_model(self, request: HttpRequest, obj: Partner, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 -- Django's signature
        values = {**form.cleaned_data, "kind": Kind(form.cleaned_data["kind"])}
        became(obj, tenants.enrol_partner(act=act_in_admin(request), **values))


class MembershipForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    email = forms.EmailField(required=False)
    name = forms.CharField(required=False, help_text="Of a person who is new here.")
    roles = forms.MultipleChoiceField(
        choices=[(role.value, ROLE_LABELS[role]) for role in Role],
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.pk is None and not cleaned.get("email"):
            self.add_error("email", _("Whose roles are they?"))
        return cleaned

    def chosen_roles(self) -> list[Role]:
        return [Role(role) for role in self.cleaned_data["roles"]]


@admin.register(Membership)
class MembershipAdmin(OperatorAdmin):
    can_add = can_change = can_delete = True
    refusals: ClassVar = {
        AlreadyAMember: "The person belongs to the tenant already.",
        LastAdmin: "The last admin of a tenant cannot be removed. Name another one first.",
        RolesDoNotFit: "Partners have partners' roles, customers have customers'.",
        IsDisabled: "The person is disabled; restore them first.",
        ProtectedError: "The person has licences: disable them instead.",
    }
    form = MembershipForm
    autocomplete_fields = ("tenant",)
    list_display = ("user", "tenant", "role_names", "disabled_at")
    list_select_related = ("user", "tenant")
    search_fields = ("user__email", "user__last_name", "tenant__name", "tenant__domain")
    ordering = ("tenant__name", "user__email")

    def get_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "tenant", "roles") if obj else ("tenant", "email", "name", "roles")

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("user", "tenant") if obj else ()

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:  # noqa: FBT001 -- Django's signature
        act = act_in_admin(request)
        if change:
            kept = Membership.objects.select_related("tenant", "user").get(pk=obj.pk)
            people.change_roles(membership=kept, roles=form.chosen_roles(), act=act)
            return
        made = people.add_member(
            tenant=obj.tenant,
            email=form.cleaned_data["email"],
            name=form.cleaned_data["name"],
            roles=form.chosen_roles(),
            act=act,
        )
        became(obj, made)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        people.remove_member(membership=obj, act=act_in_admin(request))


@admin.register(User)
class UserAdmin(OperatorAdmin):
    """People to read; a superuser appoints operators and names their groups."""

    can_change = True
    refusals: ClassVar = {OwnRights: ""}
    fields = ("email", "first_name", "last_name", "is_active", "is_staff", "is_superuser",
              "groups", "last_login", "date_joined")  # fmt: skip
    readonly_fields = ("email", "first_name", "last_name", "is_active", "is_superuser",
                       "last_login", "date_joined")  # fmt: skip
    filter_horizontal = ("groups",)
    list_display = ("email", "first_name", "last_name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    search_fields = ("email", "first_name", "last_name")
    ordering = ("email",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_superuser = request.user.is_authenticated and request.user.is_superuser
        return is_superuser and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 -- Django's signature
        operators.appoint(
            user=obj,
            is_operator=form.cleaned_data["is_staff"],
            groups=form.cleaned_data["groups"],
            act=act_in_admin(request),
        )

    def save_related(self, *_request_form_formsets_change: Any) -> None:
        """Do nothing: the service has set the groups."""


# allauth registers these for whoever may edit them: second factors and sessions are
# nobody's business, an address is changed by its owner.
for theirs in (Authenticator, UserSession, EmailAddress):
    admin.site.unregister(theirs)


@admin.register(EmailAddress)
class EmailAddressAdmin(OperatorAdmin):
    list_display = ("email", "user", "verified", "primary")
    list_filter = ("verified",)
    list_select_related = ("user",)
    search_fields = ("email",)
    ordering = ("email",)


@admin.register(SignUp)
class SignUpAdmin(OperatorAdmin):
    list_display = ("user", "organisation", "country", "at")
    list_select_related = ("user",)
    search_fields = ("user__email", "organisation")
    ordering = ("-at",)


@admin.register(Activity)
class ActivityAdmin(OperatorAdmin):
    list_display = ("at", "tenant", "seq", "by", "acting_for", "action", "summary")
    list_select_related = ("tenant", "by", "acting_for")
    search_fields = ("tenant__name", "tenant__domain", "by__email", "action", "about")
    date_hierarchy = "at"
    ordering = ("-at", "-id")
    exclude = ("previous_hash", "hash")

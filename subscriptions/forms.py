from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from csp_portal.shared.csvfiles import MAX_BYTES
from tenants.roles import CUSTOMER_ROLES, ROLE_LABELS, Role

from .models import Subscription
from .services.import_users import MAX_BYTES as MAX_USERS_BYTES

CUSTOMER_ROLE_CHOICES = [(role.value, ROLE_LABELS[role]) for role in Role if role in CUSTOMER_ROLES]


class KeyForm(forms.Form):
    use_required_attribute = False

    key = forms.CharField(
        label=gettext_lazy("Licence key"),
        max_length=60,
        help_text=gettext_lazy("25 letters and digits in five groups; case does not matter."),
        error_messages={"required": gettext_lazy("Enter the key of your licence.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class TrialForm(forms.Form):
    offer = forms.UUIDField()


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("UTF-8, separated by commas, with a header; at most 20 MB."),
        max_length=200,
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(_("The file is larger than 20 MB."))
        return file


class UserForm(forms.Form):
    """A new user of a customer's tenant; without `may_set_roles` it is a Member."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=150)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    roles = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Roles"),
        choices=CUSTOMER_ROLE_CHOICES,
        coerce=Role,
        initial=[Role.MEMBER.value],
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of the letter"), choices=[("en", "English"), ("de", "Deutsch")]
    )

    def __init__(self, *args: Any, may_set_roles: bool, domains: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = _("Of the organisation's own domain: %(domains)s.") % {"domains": domains}
        self.fields["email"].help_text = help_text
        if not may_set_roles:
            del self.fields["roles"]

    def service_values(self) -> dict[str, Any]:
        return {"roles": [Role.MEMBER], **self.cleaned_data}


class RolesForm(forms.Form):
    roles = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Roles"),
        choices=CUSTOMER_ROLE_CHOICES,
        coerce=Role,
        widget=forms.CheckboxSelectMultiple,
    )


class LicencesForm(forms.Form):
    """Which of these subscriptions a person has a seat of."""

    licences = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Licences"),
        queryset=Subscription.objects.none(),
        to_field_name="public_id",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, assignable: QuerySet[Subscription], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["licences"].queryset = assignable  # type: ignore[attr-defined]  # a field of models


class UsersUploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("UTF-8, separated by commas, with a header; at most 100 users."),
        max_length=200,
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_USERS_BYTES:
            raise ValidationError(_("The file is larger than 200 KB."))
        return file

"""Signing up, and how the rules for names and domains are said to people."""

from typing import Any

from allauth.account.forms import SignupForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from csp_portal.shared import clock

from .acts import Act
from .domain.countries import COUNTRY_CHOICES
from .domain.names import (
    DomainNotAllowed,
    NameNotAllowed,
    Problem,
    allowed_company_name,
    allowed_domain,
    domain_of,
    split_person_name,
)
from .models import User
from .queries.tenants import owner_of_domain
from .roles import PARTNER_ROLES, ROLE_LABELS, Role
from .services import sign_ups

PROBLEM_TEXTS = {
    Problem.EMPTY: _("Write the name of the organisation."),
    Problem.TOO_LONG: _("Shorten it to 200 characters."),
    Problem.INVISIBLE: _("The name contains invisible characters. Type it instead of pasting it."),
    Problem.SINGLE_CHARACTER: _("A single letter or digit is no name. Write it in full."),
    Problem.LONE_LEGAL_FORM: _(
        "This is a legal form. Write the name before it, as in “Contoso GmbH”."
    ),
    Problem.MIXED_SCRIPTS: _("Letters of several alphabets are mixed. Write the name in one."),
    Problem.NOT_A_DOMAIN: _("Write a domain such as contoso.com, without “www.” or “https://”."),
    Problem.PUBLIC_MAILBOXES: _(
        "Everybody has a mailbox there. Use the organisation's own domain."
    ),
}


def clean_company_name(text: str) -> str:
    try:
        return allowed_company_name(text)
    except NameNotAllowed as error:
        raise ValidationError(PROBLEM_TEXTS[error.problem]) from error


def clean_domain(text: str) -> str:
    try:
        return allowed_domain(text)
    except DomainNotAllowed as error:
        raise ValidationError(PROBLEM_TEXTS[error.problem]) from error


class SignUpForm(SignupForm):  # type: ignore[misc]  # allauth is untyped
    """
    A person and the organisation they sign up for.

    The organisation is founded when the e-mail is verified, see `sign_ups`. If its domain
    belongs to one already, `is_domain_taken` lets the page offer to notify its admins.
    """

    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=200,
        help_text=_("The company's legal name. It is what your partner will see."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    country = forms.ChoiceField(label=_("Country"), choices=COUNTRY_CHOICES, initial="DE")
    name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["organisation", "country", "name", "email", "password1", "password2"]
    is_domain_taken = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _(
            "At your organisation: its domain becomes the organisation's domain."
        )

    def clean_organisation(self) -> str:
        return clean_company_name(self.cleaned_data["organisation"])

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if owner_of_domain(clean_domain(domain_of(email))) is not None:
            self.is_domain_taken = True
            raise ValidationError(
                _("%(domain)s belongs to an organisation that is here already."),
                code="domain-taken",
                params={"domain": domain_of(email)},
            )
        return email

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        # where allauth looks for the person's name
        first, last = split_person_name(cleaned.get("name", ""))
        return {**cleaned, "first_name": first, "last_name": last}

    @transaction.atomic
    def save(self, request: HttpRequest) -> User:
        user: User = super().save(request)
        return user

    def signup(self, request: HttpRequest, user: User) -> None:  # noqa: ARG002 -- allauth's
        """Keep what was typed; allauth calls this once the person is made."""
        sign_ups.note_sign_up(
            user=user,
            organisation=self.cleaned_data["organisation"],
            country=self.cleaned_data["country"],
            act=Act(by=user, organisation=None, at=clock.now(), on=clock.today()),
        )


class AccessRequestForm(forms.Form):
    """Who asks an organisation's admins for access."""

    email = forms.EmailField()
    name = forms.CharField(max_length=150, required=False)


class SavedViewForm(forms.Form):
    name = forms.CharField(max_length=60, error_messages={"required": _("Give the view a name.")})
    query = forms.CharField(
        max_length=2000,
        required=False,
        error_messages={"max_length": _("These filters are too long to be saved.")},
    )
    is_default = forms.BooleanField(required=False)


PARTNER_ROLE_CHOICES = [(role.value, ROLE_LABELS[role]) for role in Role if role in PARTNER_ROLES]


class PartnerRolesForm(forms.Form):
    roles = forms.TypedMultipleChoiceField(
        label=_("Roles"),
        choices=PARTNER_ROLE_CHOICES,
        coerce=Role,
        widget=forms.CheckboxSelectMultiple,
    )


class PersonForm(PartnerRolesForm):
    """Somebody new in a partner's organisation."""

    name = forms.CharField(label=_("Name"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    language = forms.ChoiceField(
        label=_("Language of the letter"), choices=[("en", "English"), ("de", "Deutsch")]
    )
    field_order = ["name", "email", "roles", "language"]

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from tenants.domain.countries import COUNTRY_CHOICES, CURRENCY_CHOICES
from tenants.forms import clean_company_name, clean_domain

from .domain.agreements import TEMPLATE_VERSIONS
from .models import Invitation, Relationship
from .models.links import LARGEST_DISCOUNT
from .queries.links import Chain
from .services import transfers


class ChainForm(forms.Form):
    """
    What customers are taken on with: who transacts, and in 2-tier through whom.

    The question is asked only of those who have an answer to choose.
    """

    chain = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args: Any, chains: Sequence[Chain], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chains = {chain.key: chain for chain in chains}
        field = cast("forms.ChoiceField", self.fields["chain"])
        field.choices = [(chain.key, chain.label) for chain in chains]
        field.required = "" not in self.chains
        field.initial = chains[0].key
        is_provider = all(chain.partner == chains[0].partner for chain in chains)
        field.label = _("Reseller") if is_provider and len(chains) > 1 else _("Provider")
        if list(self.chains) == [""]:
            del self.fields["chain"]

    def parties(self) -> dict[str, Any]:
        """Return who transacts and who resells, as the services take them."""
        chain = self.chains[self.cleaned_data.get("chain", "")]
        return {"partner": chain.partner, "reseller": chain.reseller}


class LetterForm(forms.Form):
    """Whom a link is for, and the letter that brings it."""

    customer_name = forms.CharField(
        label=_("Customer"),
        max_length=200,
        required=False,
        help_text=_("For your list, and to address the letter. Whoever accepts names the tenant."),
    )
    email = forms.EmailField(
        label=_("E-mail of the customer's administrator"), max_length=254, required=False
    )
    language = forms.ChoiceField(
        label=_("Language of the letter"),
        choices=Invitation.Language,
        initial=Invitation.Language.ENGLISH,
    )
    note = forms.CharField(
        label=_("Note in the letter"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_mailed = forms.BooleanField(label=_("Have the portal send the e-mail now"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("is_mailed") and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("Write the address the portal should send it to."))
        return cleaned


class InvitationForm(ChainForm, LetterForm):
    has_delegated_admin = forms.TypedChoiceField(
        label=_("Delegated admin privileges"),
        choices=[("yes", _("With delegated admin")), ("no", _("Without delegated admin"))],
        coerce=lambda value: value == "yes",
        initial="yes",
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(
        label=_("What you ask for"),
        choices=[
            (Invitation.Kind.CUSTOMER.value, _("To become its CSP partner")),
            (Invitation.Kind.REPLACEMENT.value, _("To replace its current CSP partner")),
        ],
        initial=Invitation.Kind.CUSTOMER.value,
        widget=forms.RadioSelect,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["kind"] = cleaned.get("kind") or Invitation.Kind.CUSTOMER.value
        return cleaned

    def service_values(self) -> dict[str, Any]:
        """Return what the service takes."""
        typed = {key: value for key, value in self.cleaned_data.items() if key != "chain"}
        return typed | self.parties()


class ResellerInvitationForm(LetterForm):
    """A provider's invitation to a partner that is to resell for it."""

    customer_name = forms.CharField(label=_("Partner"), max_length=200, required=False)
    email = forms.EmailField(
        label=_("E-mail of the partner's Global admin"), max_length=254, required=False
    )
    discount_percent = forms.DecimalField(
        label=_("Discount in percent"),
        min_value=0,
        max_value=LARGEST_DISCOUNT,
        max_digits=4,
        decimal_places=2,
        help_text=_("What the reseller pays you less than the estimated retail price (ERP)."),
    )


class EndLinkForm(forms.Form):
    use_required_attribute = False
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("The other side reads it.")
    )


class DomainForm(forms.Form):
    domain = forms.CharField(max_length=253)

    def clean_domain(self) -> str:
        return clean_domain(self.cleaned_data["domain"])


class NewCustomerForm(ChainForm):
    """A customer's company data and first Tenant admin. `today` bounds the attestation."""

    name = forms.CharField(label=_("Company name"), max_length=200)
    domain = forms.CharField(
        label=_("Domain"),
        max_length=253,
        help_text=_("The company's main domain, such as contoso.com."),
        widget=forms.TextInput(
            attrs={
                "autocapitalize": "none",
                "spellcheck": "false",
                "hx-get": reverse_lazy("relationships:domain-check"),
                "hx-trigger": "input changed delay:300ms, change",
                "hx-target": "#domain-check",
                "hx-swap": "outerHTML",
            }
        ),
    )
    street = forms.CharField(label=_("Street"), max_length=200)
    postal_code = forms.CharField(label=_("Postal code"), max_length=20)
    city = forms.CharField(label=_("City"), max_length=100)
    country = forms.ChoiceField(label=_("Country"), choices=COUNTRY_CHOICES)
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCY_CHOICES)
    tax_id = forms.CharField(label=_("Tax ID"), max_length=40, required=False)
    admin_name = forms.CharField(label=_("Name"), max_length=150)
    admin_email = forms.EmailField(
        label=_("E-mail"), help_text=_("Gets a letter with a link to set a password.")
    )
    language = forms.ChoiceField(label=_("Language of the letter"), choices=Invitation.Language)
    attested_on = forms.DateField(
        label=_("The customer agreed on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    is_attested = forms.BooleanField(
        label=_("I attest that the customer accepted the customer agreement on that day.")
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["attested_on"].initial = today
        self.fields["attested_on"].widget.attrs["max"] = today.isoformat()

    def clean_name(self) -> str:
        return clean_company_name(self.cleaned_data["name"])

    def clean_domain(self) -> str:
        return clean_domain(self.cleaned_data["domain"])

    def clean_attested_on(self) -> date:
        attested_on: date = self.cleaned_data["attested_on"]
        if attested_on > self.today:
            raise ValidationError(_("This day is in the future."))
        return attested_on

    def service_values(self) -> dict[str, Any]:
        """Return what the service takes; the ticked box is only consent to be recorded."""
        asked_only = {"is_attested", "chain"}
        typed = {key: value for key, value in self.cleaned_data.items() if key not in asked_only}
        return typed | self.parties()


class NoticeForm(forms.Form):
    note = forms.CharField(label=_("Reason"), max_length=500, required=False)


class CustomerAgreementForm(forms.Form):
    """Who at the customer accepted its agreement, and when. `today` bounds the day."""

    name = forms.CharField(label=_("Who accepted it"), max_length=150)
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    agreed_on = forms.DateField(
        label=_("Accepted on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    template_version = forms.ChoiceField(
        label=_("Version of the agreement"), choices=[(v, v) for v in TEMPLATE_VERSIONS]
    )
    is_attested = forms.BooleanField(
        label=_("I attest that this person accepted the customer agreement for the customer.")
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["agreed_on"].initial = today
        self.fields["agreed_on"].widget.attrs["max"] = today.isoformat()

    def clean_agreed_on(self) -> date:
        agreed_on: date = self.cleaned_data["agreed_on"]
        if agreed_on > self.today:
            raise ValidationError(_("This day is in the future."))
        return agreed_on

    def service_values(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in self.cleaned_data if key != "is_attested"}


class DeclineForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class PartnerChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.reseller or obj.partner)


class ReplaceForm(forms.Form):
    """Which of the customer's partners is replaced, and on which day."""

    use_required_attribute = False
    relationship = PartnerChoice(
        label=_("Partner that is replaced"), queryset=Relationship.objects.none(), empty_label=None
    )
    takes_effect_on = forms.DateField(
        label=_("The move takes effect on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Today or a day in the next 30 days. From this day the new partner bills you."),
    )

    def __init__(
        self, *args: Any, relationships: QuerySet[Relationship], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = cast("PartnerChoice", self.fields["relationship"])
        field.queryset = relationships
        field.initial = relationships.first()
        day = self.fields["takes_effect_on"]
        day.initial = today
        day.widget.attrs |= {
            "min": today.isoformat(),
            "max": (today + transfers.LATEST).isoformat(),
        }


class ReasonForm(forms.Form):
    use_required_attribute = False
    reason = forms.CharField(
        label=_("Reason for declining"),
        max_length=500,
        error_messages={"required": _("Write a reason; the customer and the new partner read it.")},
    )


class EndForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("The other side sees it.")
    )

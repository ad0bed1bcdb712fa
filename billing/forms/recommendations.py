from typing import TYPE_CHECKING, Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from relationships.forms import LetterForm
from subscriptions.models import Offer, Term

from ..models.price_lists import Plan
from .orders import SEATS_AT_MOST

ROWS = 4


class RecommendationForm(LetterForm):
    use_required_attribute = False

    note = forms.CharField(
        label=_("Why you recommend it"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AdviceForm(forms.Form):
    """One offer of a recommendation. An empty row is left out."""

    use_required_attribute = False

    offer = forms.ModelChoiceField(
        queryset=Offer.objects.for_sale().filter(is_add_on=False).order_by("title", "id"),
        label=_("Offer"),
        empty_label=_("No offer"),
        required=False,
    )
    seats = forms.IntegerField(
        label=_("Seats"), min_value=1, max_value=SEATS_AT_MOST, required=False
    )
    duration = forms.ChoiceField(label=_("Term"), choices=Term.Duration, initial="P1Y")
    plan = forms.ChoiceField(label=_("Billing plan"), choices=Plan, initial=Plan.MONTHLY)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("offer") and not cleaned.get("seats") and "seats" not in self.errors:
            self.add_error("seats", _("Enter how many seats."))
        if cleaned.get("seats") and not cleaned.get("offer") and "offer" not in self.errors:
            self.add_error("offer", _("Choose the offer for these seats."))
        if cleaned.get("duration") == Term.Duration.MONTH and cleaned.get("plan") == Plan.ANNUAL:
            self.add_error("plan", _("A term of a month is billed monthly."))
        return cleaned


if TYPE_CHECKING:
    AdviceBase = BaseFormSet[AdviceForm]
else:
    AdviceBase = BaseFormSet


class AdviceRows(AdviceBase):
    """At least one row must name an offer."""

    def clean(self) -> None:
        if not any(self.errors) and not self.chosen():
            raise forms.ValidationError(_("Choose at least one offer to recommend."))

    def chosen(self) -> list[dict[str, Any]]:
        rows = (form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data"))
        return [row for row in rows if row.get("offer")]


AdviceFormSet = formset_factory(AdviceForm, formset=AdviceRows, extra=ROWS, max_num=ROWS)

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from subscriptions.models import Subscription

from ..models import Price
from .orders import SEATS_AT_MOST


class PriceChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    def label_from_instance(self, obj: Any) -> str:
        """Return "Business Premium, 1 year, Monthly" of a price list row."""
        return f"{obj.offer.title}, {obj.get_duration_display()}, {obj.get_plan_display()}"


class ConversionForm(forms.Form):
    """What the CSP subscription in the trial's place shall be."""

    use_required_attribute = False

    price = PriceChoice(
        queryset=Price.objects.none(),
        label=_("Offer, term and plan"),
        empty_label=_("Choose an offer"),
        error_messages={"required": _("Choose the offer that follows the trial.")},
    )
    seats = forms.IntegerField(label=_("Seats"), min_value=1, max_value=SEATS_AT_MOST)
    note = forms.CharField(label=_("Note to the customer"), max_length=300, required=False)

    def __init__(
        self, *args: Any, prices: QuerySet[Price], trial: Subscription, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"].queryset = prices  # type: ignore[attr-defined]  # a ModelChoiceField
        self.initial.setdefault("seats", max(trial.assigned_seats, 1))

    def as_proposal(self) -> dict[str, Any]:
        price: Price = self.cleaned_data["price"]
        return {
            "offer": price.offer,
            "segment": price.segment,
            "duration": price.duration,
            "plan": price.plan,
            "seats": self.cleaned_data["seats"],
            "note": self.cleaned_data["note"],
        }

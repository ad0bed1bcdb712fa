from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from subscriptions.models import Offer, Subscription, Term

from ..models.price_lists import Plan
from .orders import SEATS_AT_MOST

TERMS = [
    (f"{Term.Duration.YEAR}.{Plan.MONTHLY}", _("1 year, billed monthly")),
    (f"{Term.Duration.YEAR}.{Plan.ANNUAL}", _("1 year, billed up front")),
    (f"{Term.Duration.MONTH}.{Plan.MONTHLY}", _("1 month")),
]


class NextTermForm(forms.Form):
    """What shall be different from the next term on. The service knows what is allowed."""

    seats = forms.IntegerField(
        label=_("Seats"),
        min_value=1,
        max_value=SEATS_AT_MOST,
        error_messages={
            "required": _("Enter how many seats the next term shall have."),
            "invalid": _("Enter a whole number of seats."),
            "min_value": _("At least %(limit_value)d. To end the service, turn renewal off."),
            "max_value": _("At most %(limit_value)d."),
        },
    )
    terms = forms.ChoiceField(label=_("Term and billing plan"), choices=TERMS)
    offer = forms.ModelChoiceField(
        queryset=Offer.objects.none(),
        to_field_name="public_id",
        label=_("Offer"),
        empty_label=None,
        error_messages={
            "invalid_choice": _("Choose an offer from the price list of that day."),
        },
    )

    def __init__(
        self,
        *args: Any,
        subscription: Subscription,
        duration: str,
        plan: str,
        offers: QuerySet[Offer],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        offer = subscription.offer
        self.initial.setdefault("seats", subscription.seats)
        self.initial.setdefault("terms", f"{duration}.{plan}")
        self.initial.setdefault("offer", offer.public_id if offer else None)
        self.fields["offer"].queryset = offers  # type: ignore[attr-defined]  # a ModelChoiceField
        if subscription.base_id:
            # An add-on has the offer it has and the term of its base.
            del self.fields["offer"]
            self.fields["terms"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
                choice for choice in TERMS if choice[0].startswith(duration)
            ]

    def wish(self) -> dict[str, Any]:
        """Return the typed values as `services.next_terms.schedule` takes them."""
        duration, _dot, plan = self.cleaned_data["terms"].partition(".")
        return {
            "seats": self.cleaned_data["seats"],
            "offer": self.cleaned_data.get("offer"),
            "duration": duration,
            "plan": plan,
        }

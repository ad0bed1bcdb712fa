from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from subscriptions.models import Subscription, Term

from ..models import Price
from ..models.price_lists import Plan, Segment

SEATS_AT_MOST = 1_000_000


class OfferFilter(forms.Form):
    """Narrows the offers of a price list. What is not understood narrows nothing."""

    q = forms.CharField(required=False, max_length=100)
    kind = forms.ChoiceField(
        required=False, choices=[("", ""), ("licences", "licences"), ("add-ons", "add-ons")]
    )
    segment = forms.ChoiceField(
        required=False,
        label=_("Segment"),
        choices=[("", _("Any segment")), *Segment.choices],
    )
    term = forms.ChoiceField(
        required=False,
        label=_("Term"),
        choices=[("", _("Any term")), *Term.Duration.choices],
    )
    plan = forms.ChoiceField(
        required=False, label=_("Billing plan"), choices=[("", _("Any plan")), *Plan.choices]
    )

    @property
    def is_narrow(self) -> bool:
        return any(self.cleaned_data.values()) if self.is_valid() else False

    def narrowed(self, prices: QuerySet[Price], *, with_kind: bool = True) -> QuerySet[Price]:
        self.is_valid()
        chosen = self.cleaned_data
        for field, lookup in (("segment", "segment"), ("term", "duration"), ("plan", "plan")):
            if chosen.get(field):
                prices = prices.filter(**{lookup: chosen[field]})
        for word in chosen.get("q", "").split():
            prices = prices.filter(offer__title__icontains=word) | prices.filter(
                offer__sku__icontains=word
            )
        if with_kind and chosen.get("kind"):
            prices = prices.filter(offer__is_add_on=chosen["kind"] == "add-ons")
        return prices


class OrderForm(forms.Form):
    """What to order: a row of the price list in force, seats, and an add-on's base."""

    price = forms.ModelChoiceField(
        queryset=Price.objects.none(),
        label=_("Offer"),
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Choose an offer from the list."),
            "invalid_choice": _("This offer is not for sale at that price today. Choose it again."),
        },
    )
    base = forms.ModelChoiceField(
        queryset=Subscription.objects.none(),
        to_field_name="public_id",
        required=False,
        label=_("Add it to"),
        empty_label=_("Choose a subscription"),
        error_messages={
            "invalid_choice": _("Choose an active subscription that takes this add-on."),
        },
    )
    seats = forms.IntegerField(
        label=_("Seats"),
        min_value=1,
        max_value=SEATS_AT_MOST,
        error_messages={
            "required": _("Enter how many seats."),
            "invalid": _("Enter a whole number of seats."),
            "min_value": _("At least %(limit_value)d."),
            "max_value": _("At most %(limit_value)d."),
        },
    )
    reason = forms.CharField(
        required=False,
        max_length=300,
        label=_("Note for the history"),
        help_text=_("For example the customer's order number. It is kept in the history."),
    )

    def __init__(
        self,
        *args: Any,
        prices: QuerySet[Price],
        bases: QuerySet[Subscription],
        chosen: Price | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"].queryset = prices  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["base"].queryset = bases  # type: ignore[attr-defined]  # a ModelChoiceField
        if chosen is None:
            return
        self.initial.setdefault("price", chosen.pk)
        self.initial.setdefault("seats", chosen.offer.seat_minimum)
        self.fields["base"].required = chosen.offer.is_add_on
        widget = self.fields["seats"].widget
        widget.attrs["min"] = chosen.offer.seat_minimum
        widget.attrs["max"] = chosen.offer.seat_maximum

    def as_order(self) -> dict[str, Any]:
        """Return the typed values as `services.quotes.quote` takes them."""
        price: Price = self.cleaned_data["price"]
        return {
            "offer": price.offer,
            "segment": price.segment,
            "duration": price.duration,
            "plan": price.plan,
            "base": self.cleaned_data["base"] if price.offer.is_add_on else None,
            "seats": self.cleaned_data["seats"],
            "reason": self.cleaned_data["reason"],
        }

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from subscriptions.models import Subscription

from .orders import SEATS_AT_MOST


class ReasonForm(forms.Form):
    """Why a subscription is suspended, reactivated or cancelled."""

    reason = forms.CharField(
        required=False,
        max_length=300,
        label=_("Reason"),
        help_text=_("It is kept in the history."),
    )


class SeatsForm(forms.Form):
    """How many seats a subscription shall have. The service knows which numbers are allowed."""

    seats = forms.IntegerField(
        label=_("Seats"),
        min_value=1,
        max_value=SEATS_AT_MOST,
        error_messages={
            "required": _("Enter how many seats the subscription shall have."),
            "invalid": _("Enter a whole number of seats."),
            "min_value": _("At least %(limit_value)d. To end the service, cancel it instead."),
            "max_value": _("At most %(limit_value)d."),
        },
    )
    reason = forms.CharField(
        required=False,
        max_length=300,
        label=_("Reason"),
        help_text=_("It is kept in the history."),
    )

    def __init__(self, *args: Any, subscription: Subscription, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("seats", subscription.seats)
        if subscription.offer:
            widget = self.fields["seats"].widget
            widget.attrs["min"] = max(subscription.offer.seat_minimum, subscription.assigned_seats)
            widget.attrs["max"] = subscription.offer.seat_maximum

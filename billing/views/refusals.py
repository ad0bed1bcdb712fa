"""How a page answers when a service says no: at the field that can put it right."""

from django import forms
from django.utils.translation import gettext as _

from relationships.services.standing import SellingRefused
from subscriptions.services.errors import (
    AddOnNeedsBase,
    NothingChanges,
    OnlyAtRenewal,
    SeatsBelowAssigned,
    SeatsOutOfRange,
    SubscriptionRefused,
)

from ..queries.prices import NoPrice
from ..services.order_requests import RequestRefused

REFUSALS = (SubscriptionRefused, SellingRefused, NoPrice, RequestRefused)
FIELDS: dict[type[Exception], str] = {
    SeatsOutOfRange: "seats",
    SeatsBelowAssigned: "seats",
    OnlyAtRenewal: "seats",
    NothingChanges: "seats",
    AddOnNeedsBase: "base",
}


def words_of(refusal: Exception) -> str:
    if isinstance(refusal, NoPrice):
        return _("The price list in force today does not have this offer on these conditions.")
    return str(refusal)


def show_refusal(form: forms.Form, refusal: Exception) -> None:
    """Put the refusal at its field, or above the form if no field is to blame."""
    field = FIELDS.get(type(refusal), "")
    form.add_error(field if field in form.fields else None, words_of(refusal))

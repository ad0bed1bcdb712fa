from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .changes import SeatsForm
from .orders import OrderForm

NOTE = _("Note")


class OfferRequestForm(OrderForm):
    """What a reseller asks its provider to order."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Note to the provider")
        self.fields["reason"].help_text = ""


class SeatsRequestForm(SeatsForm):
    """What number of seats a reseller asks for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Note to the provider")
        self.fields["reason"].help_text = ""


class ProposalForm(forms.Form):
    """A provider's change of what is asked for."""

    use_required_attribute = False
    seats = forms.IntegerField(label=_("Seats instead"), min_value=1, max_value=1_000_000)
    note = forms.CharField(label=NOTE, max_length=1000, required=False)


class DeclineRequestForm(forms.Form):
    use_required_attribute = False
    reason = forms.CharField(label=_("Reason"), max_length=1000)


class MessageForm(forms.Form):
    use_required_attribute = False
    text = forms.CharField(
        label=_("Message"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

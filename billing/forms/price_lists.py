from collections.abc import Iterable
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from csp_portal.shared.csvfiles import MAX_BYTES
from subscriptions.models import Term

from ..models.price_lists import Plan, Segment
from ..queries.price_changes import MARKS
from ..queries.price_lists import PriceFilter

EVERYTHING = "all"


class PriceListFilter(forms.Form):
    """Narrows the rows of a price list. What is not understood narrows nothing."""

    q = forms.CharField(required=False, max_length=100, label=_("Title or SKU"))
    family = forms.ChoiceField(required=False, label=_("Product family"))
    segment = forms.ChoiceField(
        required=False, label=_("Segment"), choices=[("", _("Any segment")), *Segment.choices]
    )
    term = forms.ChoiceField(
        required=False, label=_("Term"), choices=[("", _("Any term")), *Term.Duration.choices]
    )
    plan = forms.ChoiceField(
        required=False, label=_("Billing plan"), choices=[("", _("Any plan")), *Plan.choices]
    )

    def __init__(self, data: object, *, families: Iterable[str]) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # a QueryDict, as every form takes
        self.fields["family"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", _("Any family")),
            *((family, family) for family in families),
        ]

    @property
    def selects(self) -> list[forms.BoundField]:
        return [self[name] for name in ("family", "segment", "term", "plan")]

    @property
    def wanted(self) -> PriceFilter:
        self.is_valid()
        chosen = self.cleaned_data
        return PriceFilter(
            text=chosen.get("q", ""),
            family=chosen.get("family", ""),
            segment=chosen.get("segment", ""),
            duration=chosen.get("term", ""),
            plan=chosen.get("plan", ""),
        )

    @property
    def is_narrow(self) -> bool:
        return self.wanted != PriceFilter()


class PriceChangesFilter(PriceListFilter):
    """The same for the comparison of two lists, with the mark of its rows."""

    mark = forms.ChoiceField(
        required=False,
        choices=[
            ("", _("All changes")),
            ("ADD", _("New")),
            ("CHG", _("Changed")),
            ("DEL", _("Gone")),
            ("UNC", _("Unchanged")),
            (EVERYTHING, _("Everything")),
        ],
    )

    @property
    def mark_choice(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("mark", ""))

    @property
    def marks(self) -> tuple[str, ...]:
        if self.mark_choice == EVERYTHING:
            return MARKS
        return (self.mark_choice,) if self.mark_choice else MARKS[:-1]


class PriceListUploadForm(forms.Form):
    """What an operator uploads: a file, and whose prices from when they are."""

    file = forms.FileField(
        label=_("File"),
        max_length=200,
        help_text=_("CSV, UTF-8, in the current or the licence-based format."),
    )
    market = forms.CharField(
        label=_("Market"),
        max_length=2,
        validators=[RegexValidator(r"\A[A-Za-z]{2}\Z", _("Two letters, such as DE."))],
    )
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        validators=[RegexValidator(r"\A[A-Za-z]{3}\Z", _("Three letters, such as EUR."))],
    )
    effective_on = forms.DateField(
        label=_("Takes effect on"),
        help_text=_("The first of a month."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    creates_offers = forms.BooleanField(
        label=_("Make draft offers of unknown products"),
        help_text=_("Otherwise a product that is not in the catalogue is an error of its row."),
        required=False,
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(
                _("Larger than 20 MB; longer lists are for the command import_price_list.")
            )
        return file

    def clean_effective_on(self) -> date:
        day: date = self.cleaned_data["effective_on"]
        if day.day != 1:
            raise ValidationError(_("A list takes effect on the first of a month."))
        return day

    def clean_market(self) -> str:
        return str(self.cleaned_data["market"]).upper()

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from csp_portal.shared.csvfiles import MAX_BYTES


class KeyForm(forms.Form):
    use_required_attribute = False

    key = forms.CharField(
        label=gettext_lazy("Licence key"),
        max_length=60,
        help_text=gettext_lazy("25 letters and digits in five groups; case does not matter."),
        error_messages={"required": gettext_lazy("Enter the key of your licence.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy("UTF-8, separated by commas, with a header; at most 20 MB."),
        max_length=200,
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(_("The file is larger than 20 MB."))
        return file

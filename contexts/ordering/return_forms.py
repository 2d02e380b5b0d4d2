"""The form with which something is sent back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.ordering import photos
from contexts.ordering.errors import BadPhoto
from contexts.ordering.events import OrderLine, ReturnedPieces
from contexts.ordering.returns import line_names

REASONS = {
    "changed_mind": _("I do not like it"),
    "damaged": _("It is damaged or does not work"),
    "wrong_article": _("It is not what I ordered"),
    "not_as_described": _("It is not as described"),
    "other": _("Another reason"),
}


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Up to `photos.MOST` pictures, each cleaned of all but its pixels."""

    widget = ManyFiles(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> list[bytes]:
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if len(files) > photos.MOST:
            raise forms.ValidationError(gettext("Send up to %(most)d photos.") % {"most": photos.MOST})
        try:
            return [photos.clean(file, size=file.size) for file in files]
        except BadPhoto as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class ReturnForm(forms.Form):
    """What goes back, why, and how it looks."""

    reason = forms.ChoiceField(
        label=_("Why do you send it back?"), choices=list(REASONS.items()), widget=forms.RadioSelect
    )
    remark = forms.CharField(
        label=_("What should we know?"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    photos = PhotosField(
        label=_("Photos"),
        required=False,
        help_text=_("Up to 3, as JPEG, PNG or WebP of up to 8 MB. Only you and our staff can see them."),
    )
    return_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        lines: Sequence[OrderLine],
        left: Mapping[str, int],
        shown: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data, files, initial={"return_id": uuid7()})
        # The letter about it says what the order says; the page speaks its reader's language.
        self.names = line_names(lines)
        shown = shown or self.names
        self.asked = {f"pieces_{nr}": line.sku for nr, line in enumerate(lines) if left.get(line.sku)}
        for field, sku in self.asked.items():
            self.fields[field] = forms.TypedChoiceField(
                label=shown[sku],
                coerce=int,
                choices=[(number, str(number) if number else gettext("Keep it")) for number in range(left[sku] + 1)],
                initial=left[sku] if len(left) == 1 else 0,
            )
        self.order_fields([*self.asked, "reason", "remark", "photos", "return_id"])
        self.fields["reason"].error_messages["required"] = _("Choose a reason.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.pieces:
            self.add_error(next(iter(self.asked)), _("Choose what to send back."))
        return cleaned

    @property
    def pieces(self) -> list[ReturnedPieces]:
        return [
            ReturnedPieces(sku=sku, name=self.names[sku], quantity=self.cleaned_data[field])
            for field, sku in self.asked.items()
            if self.cleaned_data.get(field)
        ]

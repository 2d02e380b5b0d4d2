"""What an author enters, and what staff give as a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contexts.kernel.languages import language
from contexts.reviews.models import Review
from contexts.reviews.services import Words

STARS = [
    ("5", _("5 stars: as good as it gets")),
    ("4", _("4 stars: good")),
    ("3", _("3 stars: all right")),
    ("2", _("2 stars: weak")),
    ("1", _("1 star: would not buy it again")),
]


class ReviewForm(forms.Form):
    """The author's form; `words()` is what the service is given."""

    rating = forms.ChoiceField(label=_("How do you like it?"), choices=STARS, widget=forms.RadioSelect)
    title = forms.CharField(
        label=_("In a few words"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    text = forms.CharField(
        label=_("What should others know?"), max_length=4000, required=False, strip=True,
        help_text=_("What is it like to use, what would you like to be different? Please leave out names and addresses."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    author = forms.CharField(
        label=_("Name to be shown"), max_length=60, help_text=_("Everybody sees it. A first name is enough."),
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )  # fmt: skip

    @classmethod
    def about(cls, review: Review | None, *, name: str) -> ReviewForm:
        """Begin with what was written before, or with the customer's first name."""
        if review is None:
            return cls(initial={"author": name.split(" ")[0][:60]})
        kept = {"rating": str(review.rating), "title": review.title, "text": review.text, "author": review.author}
        return cls(initial=kept)

    def words(self) -> Words:
        entered: dict[str, Any] = self.cleaned_data
        # A browser sends line ends as CRLF; the same words should be the same text.
        text = entered["text"].replace("\r\n", "\n")
        return Words(
            author=entered["author"], rating=int(entered["rating"]), title=entered["title"], text=text, language=language(),
        )  # fmt: skip


class ReasonForm(forms.Form):
    """Why staff reject a review."""

    reason = forms.CharField(max_length=300)

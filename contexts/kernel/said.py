"""What the shop tells a shopper about an order: kept as codes, and worded when it is read, by whichever context shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _, ngettext


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sentence as its code, with the words and numbers that stand in it. `sku` is the article that it names."""

    code: str
    sku: str = ""
    words: dict[str, str] = {}
    numbers: dict[str, int] = {}


FEW_LEFT = "few_left"
SENTENCES: dict[str, Promise] = {
    "cancelled_by_shopper": _("You cancelled the order."),
    "cancelled_by_shop": _("The shop cancelled the order."),
    "hold_ran_out": _("We could not keep the goods for you any longer, so others can buy them again."),
    "no_other_card": _("Your card was declined and no other was given in time. Nothing was charged."),
    "sold_out": _("“%(name)s” is sold out."),
    "last_piece_gone": _("Somebody else bought the last piece while you were ordering."),
    "code_used_up": _("Somebody else was a moment faster and used the code %(code)s for the last time."),
    "code_used_before": _("The code %(code)s was already used with this e-mail address."),
    "code_over": _("The code %(code)s is no longer valid."),
    "gift_card_balance": _("The gift card ending %(last4)s no longer has the amount that this order needs."),
    "gift_card_stopped": _("The gift card ending %(last4)s cannot be used at the moment."),
    "price_kept": _("So that you do not pay another price than you saw, we ended the order."),
    "card_insufficient_funds": _(
        "Your bank declined the card because there is not enough money available. Nothing was charged."
    ),
    "card_not_confirmed": _("The payment was refused on your bank's confirmation page. Nothing was charged."),
    "card_confirmation_expired": _("The payment was not confirmed with your bank in time. Nothing was charged."),
    "card_unknown_card": _("The card is not known to our payment provider any more. Nothing was charged."),
    "card_declined": _("Your bank declined the card and gave no reason. Nothing was charged."),
}


def article(name: str, label: str) -> str:
    """Return what an article is called in a sentence: "Heath Mug (Ember)"."""
    return format_html("{} ({})", name, label) if label else name


def is_known(one: Said) -> bool:
    """Whether this version of the shop has words for it; a newer one may know more."""
    return one.code == FEW_LEFT or one.code in SENTENCES


def in_words(said: Sequence[Said], articles: Mapping[str, str]) -> str:
    """Word sentences in the language being read; `articles` are names by SKU, each marked where it is in another.

    Returns "" where this version has no words for one of them.
    """
    if not all(is_known(one) for one in said):
        return ""
    sentences = [_sentence(one, articles) for one in said]
    if any(isinstance(sentence, SafeString) for sentence in sentences):
        return mark_safe(" ".join(conditional_escape(sentence) for sentence in sentences))  # noqa: S308 - escaped
    return " ".join(sentences)


def _sentence(one: Said, articles: Mapping[str, str]) -> str:
    name = articles.get(one.sku, one.sku)
    if one.code == FEW_LEFT:
        text = ngettext(
            "Of “%(name)s” only %(left)d is left; you wanted %(wanted)d.",
            "Of “%(name)s” only %(left)d are left; you wanted %(wanted)d.",
            one.numbers["left"],
        )
    else:
        text = str(SENTENCES[one.code])
    if isinstance(name, SafeString):
        words = {key: conditional_escape(word) for key, word in one.words.items()}
        return mark_safe(conditional_escape(text) % {**words, **one.numbers, "name": name})  # noqa: S308 - escaped
    return text % {**one.words, **one.numbers, "name": name}

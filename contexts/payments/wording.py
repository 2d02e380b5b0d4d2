"""Why a payment did not work, in words for the shopper."""

from django.utils.translation import get_language, override

from contexts.kernel.said import Said, in_words
from contexts.payments.cards import card_label
from contexts.payments.models import Payment


def explanation_of(reason: str, *, language: str) -> str:
    """Return the plain words for one of `gateway.REASONS`, in the shopper's language."""
    with override(language):
        return in_words([Said(code=f"card_{reason}")], {}) or in_words([Said(code="card_declined")], {})


def declined_card(payment: Payment) -> str:
    """Say of which card the bank said no, and why, in the language of the page."""
    why = explanation_of(payment.decline_reason, language=get_language() or payment.language)
    return f"{card_label(payment.card_brand, payment.card_last4)}: {why}"

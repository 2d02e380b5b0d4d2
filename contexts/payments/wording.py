"""Why a payment did not work, in words for the shopper."""

from django.utils.translation import get_language, gettext as _, override

from contexts.payments.cards import card_label
from contexts.payments.models import Payment


def explanation_of(reason: str, *, language: str) -> str:
    """Return the plain words for one of `gateway.REASONS`, in the shopper's language."""
    with override(language):
        match reason:
            case "insufficient_funds":
                return _(
                    "Your bank declined the card because there is not enough money available. Nothing was charged."
                )
            case "not_confirmed":
                return _("The payment was refused on your bank's confirmation page. Nothing was charged.")
            case "confirmation_expired":
                return _("The payment was not confirmed with your bank in time. Nothing was charged.")
            case "unknown_card":
                return _("The card is not known to our payment provider any more. Nothing was charged.")
            case _other:
                return _("Your bank declined the card and gave no reason. Nothing was charged.")


def declined_card(payment: Payment) -> str:
    """Say of which card the bank said no, and why, in the language of the page."""
    why = explanation_of(payment.decline_reason, language=get_language() or payment.language)
    return f"{card_label(payment.card_brand, payment.card_last4)}: {why}"

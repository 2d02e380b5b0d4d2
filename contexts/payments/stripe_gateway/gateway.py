"""The `Gateway` port over Stripe's Payment Intents.

A card token is "<customer>/<payment method>": every order's card has a customer of its own at Stripe, so the charges
that were asked of it are a short list, in which a lost one is found by its key however long ago it was.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import stripe
from django.conf import settings

from contexts.kernel.money import Money
from contexts.payments.gateway import PAGE_MARK, Answer, CardToken, GatewayRefused, GatewayUnreachable, Status
from contexts.payments.stripe_gateway.client import asking_stripe, stripe_client

#: Where Stripe asks for cards; a stand-in for its API asks on pages of its own.
CARD_PAGES = "https://checkout.stripe.com"
LIVE_API = "https://api.stripe.com"

STATUSES = {
    "requires_capture": Status.AUTHORISED,
    "requires_action": Status.ACTION_REQUIRED,
    "requires_payment_method": Status.DECLINED,
    "canceled": Status.VOIDED,
    "succeeded": Status.CAPTURED,
}
REASONS = {
    "insufficient_funds": "insufficient_funds",
    "authentication_required": "not_confirmed",
    "payment_intent_authentication_failure": "not_confirmed",
}
#: The states of a refund whose money is back with the shop.
FAILED = ("failed", "canceled")
BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express"}


class StripeGateway:
    """See `contexts.payments.gateway.Gateway` and `HasCardPage` for what each method promises."""

    name = "stripe"

    # --- cards

    def card_page_origin(self) -> str:
        if settings.STRIPE_API_BASE == LIVE_API:
            return CARD_PAGES
        address = urlsplit(settings.STRIPE_API_BASE)
        return f"{address.scheme}://{address.netloc}"

    def open_card_page(self, *, order: str, currency: str, back: str, away: str, language: str) -> str:
        with asking_stripe():
            customer = stripe_client().v1.customers.create({"metadata": {"order": order}})
            page = stripe_client().v1.checkout.sessions.create(
                {
                    "mode": "setup",
                    "customer": customer.id,
                    "currency": currency.lower(),
                    "allowed_payment_method_types": ["card"],
                    "success_url": back.replace(PAGE_MARK, "{CHECKOUT_SESSION_ID}"),
                    "cancel_url": away,
                    "locale": "de" if language == "de" else "en",
                    "metadata": {"order": order},
                }
            )
        if not page.url:
            raise GatewayRefused(f"Stripe opened {page.id} without an address.")
        return page.url

    def card_from_page(self, page: str, *, order: str) -> CardToken:
        with asking_stripe():
            found = stripe_client().v1.checkout.sessions.retrieve(page, {"expand": ["setup_intent.payment_method"]})
        given = found.setup_intent
        method = given.payment_method if isinstance(given, stripe.SetupIntent) else None
        if _field(found.metadata, "order") != order:
            raise GatewayRefused(f"{page} was opened for another order.")
        if not isinstance(method, stripe.PaymentMethod) or method.card is None or found.status != "complete":
            raise GatewayRefused(f"No card was given on {page}.")
        return CardToken(
            token=f"{_id(found.customer)}/{method.id}",
            brand=BRANDS.get(method.card.brand, "Card"),
            last4=method.card.last4 or "",
        )

    # --- money

    def authorise(
        self, *, key: str, card: str, amount: Money, reference: str, back: str, present: bool = True
    ) -> Answer:
        customer, method = _card(card)
        try:
            with asking_stripe():
                intent = stripe_client().v1.payment_intents.create(
                    {
                        "amount": amount.amount,
                        "currency": amount.currency.lower(),
                        "customer": customer,
                        "payment_method": method,
                        "allowed_payment_method_types": ["card"],
                        "capture_method": "manual",
                        "confirm": True,
                        "off_session": not present,
                        "return_url": back,
                        "metadata": {"order": reference, "key": key},
                        "expand": ["latest_charge"],
                    },
                    {"idempotency_key": key},
                )
        except GatewayRefused as refusal:
            if isinstance(refusal.__cause__, stripe.CardError):
                return _declined(refusal.__cause__)
            raise
        return _answer(intent)

    def find(self, *, key: str, card: str) -> Answer | None:
        customer, _method = _card(card)
        with asking_stripe():
            intents = stripe_client().v1.payment_intents.list(
                {"customer": customer, "limit": 100, "expand": ["data.latest_charge"]}
            )
        return next((_answer(intent) for intent in intents.data if _field(intent.metadata, "key") == key), None)

    def status_of(self, charge: str) -> Answer:
        return _answer(_intent(charge))

    def confirmation_page(self, charge: str) -> str:
        wanted = _intent(charge).next_action
        return (wanted.redirect_to_url.url or "") if wanted and wanted.redirect_to_url else ""

    def capture(self, *, key: str, charge: str, amount: Money) -> Answer:
        try:
            with asking_stripe():
                intent = stripe_client().v1.payment_intents.capture(
                    charge,
                    {"amount_to_capture": amount.amount, "expand": ["latest_charge"]},
                    {"idempotency_key": key},
                )
        except GatewayRefused:
            # Stripe forgets a key after a day; then it refuses what it has done already.
            taken = _intent(charge)
            if taken.status != "succeeded" or taken.amount_received != amount.amount:
                raise
            intent = taken
        return _answer(intent)

    def void(self, *, key: str, charge: str) -> Answer:
        try:
            with asking_stripe():
                intent = stripe_client().v1.payment_intents.cancel(charge, {}, {"idempotency_key": key})
        except GatewayRefused:
            intent = _intent(charge)
            if intent.status != "canceled":
                raise
        return _answer(intent)

    def refund(self, *, key: str, charge: str, amount: Money) -> Answer:
        if _refund(key, charge) is None:
            with asking_stripe():
                made = stripe_client().v1.refunds.create(
                    {"payment_intent": charge, "amount": amount.amount, "metadata": {"key": key}},
                    {"idempotency_key": key},
                )
            if made.status in FAILED:
                raise GatewayRefused(f"Stripe: the refund {made.id} {made.status} ({_field(made, 'failure_reason')}).")
        return _answer(_intent(charge))

    def refund_stands(self, *, key: str, charge: str) -> bool:
        made = _refund(key, charge)
        return made is not None and made.status not in FAILED


def _refund(key: str, charge: str) -> stripe.Refund | None:
    with asking_stripe():
        made = stripe_client().v1.refunds.list({"payment_intent": charge, "limit": 100})
    return next((refund for refund in made.data if _field(refund.metadata, "key") == key), None)


def _intent(charge: str) -> stripe.PaymentIntent:
    with asking_stripe():
        return stripe_client().v1.payment_intents.retrieve(charge, {"expand": ["latest_charge"]})


def _answer(intent: stripe.PaymentIntent) -> Answer:
    status = STATUSES.get(intent.status)
    if status is None:
        raise GatewayUnreachable(f"Stripe is still at work on {intent.id} ({intent.status}).")
    if status is Status.DECLINED:
        return Answer(charge=intent.id, status=status, reason=_reason(intent.last_payment_error))
    charged = intent.latest_charge
    if status is Status.CAPTURED and isinstance(charged, stripe.Charge) and charged.refunded:
        status = Status.REFUNDED
    return Answer(charge=intent.id, status=status)


def _declined(problem: stripe.CardError) -> Answer:
    intent = problem.error.payment_intent if problem.error else None
    return Answer(charge=intent.id if intent else "", status=Status.DECLINED, reason=_reason(problem.error))


def _reason(problem: stripe.PaymentIntent.LastPaymentError | stripe.ErrorObject | None) -> str:
    """Return which of the port's reasons Stripe means; what it says further is for the shop alone."""
    codes = (_field(problem, "decline_code"), _field(problem, "code"))
    return next((REASONS[code] for code in codes if code in REASONS), "declined")


def _card(token: str) -> tuple[str, str]:
    customer, _, method = token.partition("/")
    if not method:
        raise GatewayRefused("No card is known by that token.")
    return customer, method


def _field(thing: object, name: str) -> str:
    """Return a field that Stripe may have left out."""
    return str(thing[name] or "") if isinstance(thing, stripe.StripeObject) and name in thing else ""


def _id(thing: object) -> str:
    """Return the id of something that Stripe names or, where it was asked to, shows in full."""
    return thing if isinstance(thing, str) else str(getattr(thing, "id", ""))

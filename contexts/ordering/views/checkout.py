"""The checkout's pages: details, then the card on payments' own page, then the review."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from msgspec import structs

from contexts.kernel import tokens
from contexts.kernel.checkout import STATEMENT_MAX_AGE_S, PaymentMethod, PaymentStatement
from contexts.kernel.currencies import currency
from contexts.kernel.links import link
from contexts.kernel.vouchers import DEMO_CODES
from contexts.ordering import access, entering, queries, quotes, services, states, wording
from contexts.ordering.errors import (
    CannotDo,
    CheckoutOver,
    DetailsMissing,
    MethodUnavailable,
    NotForSale,
    QuoteChanged,
    TooLittle,
)
from contexts.ordering.events import OrderLine
from contexts.ordering.forms import COUNTRIES, DetailsForm, describe
from contexts.ordering.guesses import Guesses
from contexts.ordering.models import Checkout, OrderSummary
from contexts.ordering.quotes import SEEN_MAX_AGE_S, Change, Seen
from contexts.ordering.summaries import lines_of
from contexts.ordering.tax import RATES
from contexts.ordering.views import SeeOther
from contexts.ordering.views.cart import cart_page

#: Audience of the signed note of what a review page showed.
SEEN_AUDIENCE = "ordering.seen"


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Begin to check out what is in the cart, or begin again."""
    if request.method == "GET":
        return SeeOther(reverse("ordering:cart"))
    identity = access.identity_of(request)
    seen = request.POST.get("seen", "")
    try:
        order_id = services.start_checkout(
            cart_id=access.cart_of(request),
            customer_id=identity.customer_id if identity else None,
            email=identity.email if identity else "",
            name=identity.name if identity else "",
            language=get_language() or "en",
            seen_subtotal_cents=int(seen) if seen.isascii() and seen.isdigit() else None,
        )
    except CannotDo as refusal:
        return cart_page(request, problem=str(refusal), status=409)
    return SeeOther(reverse("ordering:checkout", args=[order_id]))


@never_cache
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest, order_id: UUID) -> HttpResponse:
    checkout, order = _own_checkout(request, order_id)
    if order.placed_at:
        return SeeOther(access.order_link(order_id))
    filling = _Filling(request, checkout, order)
    if request.method == "POST" and (unwanted := request.POST.get("remove")):
        return _without(unwanted, filling)
    if request.method == "POST" and "more_time" in request.POST:
        _renew(order_id)
        filling.order = queries.summary(order_id) or order
        return filling.unfinished()
    form = filling.form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            checkout = services.save_details(
                order_id=order_id,
                contact=form.contact,
                address=form.address,
                shipping_method=form.cleaned_data["shipping_method"],
            )
        except MethodUnavailable as refusal:
            form.add_error("shipping_method", str(refusal))
        else:
            kept = checkout.code, checkout.gift_card_id
            checkout.code = form.given.code.code if form.given.code else ""
            checkout.gift_card_id = form.given.card.card_id if form.given.card else None
            if (checkout.code, checkout.gift_card_id) != kept:
                services.save_vouchers(order_id=order_id, code=checkout.code, gift_card_id=checkout.gift_card_id)
            return SeeOther(_after_details(order, checkout))
    return filling.page(form)


@never_cache
@require_POST
def summary(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The sum for what is filled in at this moment, and what there is to say of a code: asked for while typing."""
    checkout, order = _own_checkout(request, order_id)
    filling = _Filling(request, checkout, order)
    form = filling.form(request.POST)
    form.is_valid()
    return render(
        request, "ordering/_details_sum.html", {**filling.sum(form), "form": form, "order": order, "live": True}
    )


class _Filling:
    """The first page of a checkout while it is being filled in."""

    def __init__(self, request: HttpRequest, checkout: Checkout, order: OrderSummary) -> None:
        self.request, self.checkout, self.order = request, checkout, order
        self.lines = lines_of(order)
        self.currency = quotes.currency_of(self.lines)
        self.methods = queries.shipping_methods(self.currency)
        self.offers = services.offers_for(self.lines)
        self.given = services.given_vouchers(checkout, self.currency)

    def form(self, data: Any, typed: dict[str, str] | None = None) -> DetailsForm:
        return DetailsForm(
            data,
            checkout=self.checkout,
            methods=self.methods,
            given=self.given,
            lines=self._present_lines(),
            guesses=Guesses(order_id=self.order.order_id, address=self.request.META.get("REMOTE_ADDR", "")),
            typed=typed,
        )

    def _present_lines(self) -> list[OrderLine]:
        with suppress(NotForSale):
            return quotes.present_lines(self.lines, self.offers)
        return self.lines

    def page(self, form: DetailsForm) -> HttpResponse:
        context = {
            **_hold_context(self.order),
            **self.sum(form),
            "form": form,
            "lines": wording.shown_lines(self.order),
            "is_guest": access.identity_of(self.request) is None,
            "nothing_ships": not self.methods,
            "demo_codes": DEMO_CODES if settings.DEMO else (),
        }
        return render(self.request, "ordering/details.html", context, status=422 if form.errors else 200)

    def unfinished(self, **changed: str) -> HttpResponse:
        """Return the page with what was typed so far, and no word about what is missing."""
        typed = {field: str(text) for field, text in self.request.POST.items()}
        return self.page(self.form(None, typed | changed))

    def sum(self, form: DetailsForm) -> dict[str, object]:
        """Return the quote for what the form says, as far as it does; None where something was withdrawn."""
        country = str(form["country"].value() or "")
        method = form.methods.get(str(form["shipping_method"].value() or ""))
        if country not in RATES:
            country = ""
        if method and country and not method.goes_to(country):
            method = None
        try:
            quote, _objections = services.price(
                self.lines, offers=self.offers, given=form.given, method=method, country=country
            )
        except NotForSale:
            return {"sum": None}
        return {"sum": quote, "no_method": method is None}


def _without(unwanted: str, filling: _Filling) -> HttpResponse:
    """Take a code or gift card off the checkout; what else was typed stays in the form."""
    checkout = filling.checkout
    if unwanted == entering.CODE:
        checkout.code, filling.given = "", structs.replace(filling.given, code=None)
    if unwanted == entering.CARD:
        checkout.gift_card_id, filling.given = None, structs.replace(filling.given, card=None)
    services.save_vouchers(order_id=checkout.order_id, code=checkout.code, gift_card_id=checkout.gift_card_id)
    return filling.unfinished(**{unwanted: ""})


@require_GET
def hold(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The part of a checkout page that says how long the goods are held; 304 while nothing moved."""
    _checkout, order = _own_checkout(request, order_id)
    return live_part(request, "ordering/_hold.html", _hold_context(order))


@require_POST
def renew_hold(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Keep the goods for longer, once. The page's script swaps the sentence; without it the checkout goes on."""
    _own_checkout(request, order_id)
    _renew(order_id)
    if not request.headers.get("HX-Request"):
        return SeeOther(reverse("ordering:checkout-review", args=[order_id]))
    _checkout, order = _own_checkout(request, order_id)
    return live_part(request, "ordering/_hold.html", _hold_context(order))


def _renew(order_id: UUID) -> None:
    with suppress(CheckoutOver):  # The page says that it is over, and how to begin again.
        services.renew_hold(order_id=order_id)


@never_cache
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, order_id: UUID) -> HttpResponse:
    if request.method == "GET" and "payment" in request.GET:
        return _take_card(request, order_id)
    checkout, order = _own_checkout(request, order_id)
    if order.placed_at:
        return SeeOther(access.order_link(order_id))
    if request.method == "POST":
        return _place(request, checkout, order)
    return _review_page(request, checkout, order)


def _place(request: HttpRequest, checkout: Checkout, order: OrderSummary) -> HttpResponse:
    try:
        seen = tokens.read(request.POST.get("seen", ""), Seen, audience=SEEN_AUDIENCE, max_age_s=SEEN_MAX_AGE_S)
        if seen.order_id != order.order_id:
            raise tokens.InvalidToken("for another order")
    except tokens.InvalidToken:
        problem = _("You were away for a while. Please check your order once more.")
        return _review_page(request, checkout, order, problem=problem, status=409)
    try:
        placed = services.place_order(order_id=order.order_id, seen=seen)
    except QuoteChanged as refusal:
        return _review_page(request, checkout, order, problem=str(refusal), changes=refusal.changes, status=409)
    except TooLittle as refusal:
        return _review_page(request, checkout, order, problem=str(refusal), status=409)
    except CheckoutOver:
        return SeeOther(reverse("ordering:checkout", args=[order.order_id]))
    except (NotForSale, DetailsMissing, MethodUnavailable):
        # The review page says which, or leads to the step that is missing.
        return SeeOther(reverse("ordering:checkout-review", args=[order.order_id]))
    response = SeeOther(access.order_link(order.order_id))
    access.keep_order(request, response, order.order_id)
    access.await_in_history(request, response, placed)
    access.show_count(response, services.pieces_in(checkout.cart_id))
    return response


def _review_page(
    request: HttpRequest,
    checkout: Checkout,
    order: OrderSummary,
    *,
    problem: str = "",
    changes: list[Change] | None = None,
    status: int = 200,
) -> HttpResponse:
    if order.status == states.EXPIRED:
        return SeeOther(reverse("ordering:checkout", args=[order.order_id]))
    context = {**_hold_context(order), "checkout": checkout, "lines": wording.shown_lines(order)}
    try:
        shown = services.review(lines=lines_of(order), checkout=checkout)
    except (DetailsMissing, MethodUnavailable):
        return SeeOther(reverse("ordering:checkout", args=[order.order_id]))
    except NotForSale as refusal:
        return render(request, "ordering/review.html", {**context, "withdrawn": str(refusal)}, status=409)
    if shown.quote.payable and not checkout.payment_method:
        return SeeOther(_pay_link(order.order_id, shown.quote))
    context |= {
        "objections": shown.objections,
        "quote": shown.quote,
        "method_line": describe(shown.method),
        "country": COUNTRIES.get(checkout.country, checkout.country),
        "problem": problem,
        "changes": changes if changes is not None else shown.changes,
        "seen": tokens.sign(quotes.seen(order.order_id, shown.quote), audience=SEEN_AUDIENCE),
        "card_link": _pay_link(order.order_id, shown.quote) if shown.quote.payable else "",
    }
    return render(request, "ordering/review.html", context, status=status)


def _take_card(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Keep the card that payments' page hands over, and go on at an address without it."""
    if queries.checkout(order_id, cart_id=access.cart_of(request)) is None:
        raise Http404
    try:
        payment = tokens.read(request.GET["payment"], PaymentMethod, audience="ordering", max_age_s=STATEMENT_MAX_AGE_S)
        services.save_payment_method(order_id=order_id, payment=payment)
    except (tokens.InvalidToken, CannotDo):
        # Without a card the review page asks for one.
        return SeeOther(reverse("ordering:checkout-review", args=[order_id]))
    return SeeOther(reverse("ordering:checkout-review", args=[order_id]))


def _after_details(order: OrderSummary, checkout: Checkout) -> str:
    """Return the next page: the card's, or the review where a card was given before."""
    if order.status == states.EXPIRED:
        return reverse("ordering:checkout", args=[order.order_id])
    try:
        quote = services.review(lines=lines_of(order), checkout=checkout).quote
    except CannotDo:
        # The review page says what is wrong.
        return reverse("ordering:checkout-review", args=[order.order_id])
    return (
        reverse("ordering:checkout-review", args=[order.order_id])
        if checkout.payment_method or not quote.payable
        else _pay_link(order.order_id, quote)
    )


def _pay_link(order_id: UUID, quote: quotes.Quote) -> str:
    statement = PaymentStatement(
        order_id=order_id, amount=quote.payable, return_path=reverse("ordering:checkout-review", args=[order_id])
    )
    return link("pay", {"statement": tokens.sign(statement, audience="payments")}, order_id=order_id)


def _own_checkout(request: HttpRequest, order_id: UUID) -> tuple[Checkout, OrderSummary]:
    """Return the checkout begun from this browser's cart; others do not learn that it exists."""
    checkout = queries.checkout(order_id, cart_id=access.cart_of(request))
    order = queries.summary(order_id) if checkout else None
    if checkout is None or order is None:
        raise Http404
    return checkout, order


def _hold_context(order: OrderSummary) -> dict[str, object]:
    left_s, subtotal = queries.seconds_left(order.held_until), queries.subtotal_of(lines_of(order))
    expired = order.status == states.EXPIRED or left_s == 0
    return {
        "order": order,
        "explanation": wording.explanation_of(order),
        "expired": expired,
        "left_s": left_s,
        "now": timezone.now(),
        "poll_s": None if expired else 1 if left_s is None else 10,
        # Also when inventory's word is still on its way, the page must not go on saying that goods are held.
        "etag": etag_of(order, ".over" if expired else ""),
        "seen_subtotal": subtotal.amount,
        "paid_in": subtotal.currency,
    }


def etag_of(order: OrderSummary, more: str = "") -> str:
    """Return what changes whenever the page of an order would."""
    return f'"{order.order_id}.{order.version}.{get_language()}.{currency()}{more}"'


def live_part(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    """Render a part that is polled, or answer 304 when the browser has what the context's `etag` stands for."""
    etag = str(context["etag"])
    response = (
        HttpResponse(status=304) if request.headers.get("If-None-Match") == etag else render(request, template, context)
    )
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response

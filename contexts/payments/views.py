"""The payment page, the ways to and from a gateway's own pages, and the sandbox bank's confirmation page."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods

from contexts.kernel import tokens
from contexts.kernel.checkout import (
    ANOTHER_CARD,
    ORDER_KEY_MAX_AGE_S,
    STATEMENT_MAX_AGE_S,
    OrderKey,
    PaymentMethod,
    PaymentStatement,
)
from contexts.kernel.links import link
from contexts.kernel.vouchers import DEMO_CODES
from contexts.payments import services
from contexts.payments.cards import InvalidCard
from contexts.payments.forms import CardForm
from contexts.payments.gateway import PAGE_MARK, HasCardPage, current_gateway
from contexts.payments.models import Payment, State
from contexts.payments.sandbox.bank import SandboxGateway
from contexts.payments.sandbox.cards import TEST_CARDS
from contexts.payments.wording import declined_card

logger = structlog.get_logger(__name__)

#: The cookie with the order's key while the shopper is on the gateway's confirmation page.
WAY_BACK = "way_back"
WAY_BACK_MAX_AGE_S = 3600


class SeeOther(HttpResponseRedirect):
    """303: the form was taken; continue there with GET."""

    status_code = 303


@sensitive_post_parameters("number")
@sensitive_variables("form", "typed")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Take a card for what ordering's statement says is to be paid, and send the shopper back there with its token."""
    statement = _statement(request, order_id)
    if statement is None:
        return _not_open(request, order_id)
    declined = None
    if statement.pay_before is not None:
        declined = services.declined_payment(order_id)
        # The order's page says how it stands.
        if statement.pay_before <= timezone.now():
            return SeeOther(statement.return_path)
        if declined is None:
            return SeeOther(_with(statement.return_path, card=ANOTHER_CARD))
    gateway = current_gateway()
    if isinstance(gateway, HasCardPage):
        return _to_card_page(request, statement, declined, origin=gateway.card_page_origin())
    form = CardForm(request.POST or None, declined=declined)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data["number"]
        try:
            method = services.add_card(order_id=order_id, number=typed)
        except InvalidCard as problem:
            form.add_error("number", str(problem))
        else:
            return _card_given(statement, method)
    context = {
        "form": form,
        "amount": statement.amount,
        "order_id": order_id,
        "statement": statement,
        "declined": declined,
        "test_cards": TEST_CARDS if settings.DEMO else (),
        "demo_codes": DEMO_CODES if settings.DEMO else (),
    }
    return render(request, "payments/pay.html", context, status=422 if form.is_bound else 200)


def _to_card_page(
    request: HttpRequest, statement: PaymentStatement, declined: Payment | None, *, origin: str, problem: str = ""
) -> HttpResponse:
    """Send the shopper to the gateway's own page for cards: no number is typed on ours."""
    query = urlencode({"statement": request.GET["statement"]})
    here = f"{reverse('payments:pay', args=[statement.order_id])}?{query}"
    if request.method == "POST":
        # The gateway fills in the page's name, so its place is not to be quoted.
        back = f"{reverse('payments:card', args=[statement.order_id])}?{query}&page={PAGE_MARK}"
        try:
            return SeeOther(
                services.open_card_page(
                    order_id=statement.order_id,
                    currency=statement.amount.currency,
                    back=request.build_absolute_uri("/").rstrip("/") + back,
                    away=request.build_absolute_uri(here),
                )
            )
        except InvalidCard as refusal:
            problem = str(refusal)
    context = {
        "amount": statement.amount,
        "order_id": statement.order_id,
        "statement": statement,
        "here": here,
        "declined": declined,
        "why_declined": declined_card(declined) if declined else "",
        "problem": problem,
    }
    response = render(request, "payments/pay_elsewhere.html", context, status=503 if problem else 200)
    # A form may lead to our own pages only; this one's answer redirects to the gateway's.
    response._csp_update = {"form-action": [origin]}  # type: ignore[attr-defined]  # django-csp reads it
    return response


@never_cache
@require_GET
def card_given(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The gateway's page for cards sends the shopper here with a card."""
    statement = _statement(request, order_id)
    gateway = current_gateway()
    if statement is None or not isinstance(gateway, HasCardPage):
        return _not_open(request, order_id)
    try:
        method = services.take_card_from_page(order_id=order_id, page=request.GET.get("page", ""))
    except InvalidCard as problem:
        declined = services.declined_payment(order_id) if statement.pay_before else None
        origin = gateway.card_page_origin()
        return _to_card_page(request, statement, declined, origin=origin, problem=str(problem))
    return _card_given(statement, method)


def _card_given(statement: PaymentStatement, method: PaymentMethod) -> HttpResponse:
    """Send the shopper on: to the review with the card's token, or to the order that it is now asked about for."""
    if statement.pay_before is None:
        return SeeOther(_with(statement.return_path, payment=tokens.sign(method, audience="ordering")))
    # Whoever was too late, or has pressed twice, sees on the order's page how it stands.
    with suppress(services.NothingToPay):
        services.pay_with_another_card(
            order_id=statement.order_id, card=method.payment_method, before=statement.pay_before
        )
    return SeeOther(_with(statement.return_path, card=ANOTHER_CARD))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The sandbox bank's page: the card holder says yes or no, and goes back to the order."""
    key = request.GET.get("key", "")
    if not _opens(key, order_id):
        return render(request, "payments/confirm_closed.html", {"order_id": order_id, "key": ""}, status=403)
    back = link("order", order_id=order_id, query={"key": key})
    if request.method == "POST":
        # Only the pretend bank is answered here; it knows its own charges alone.
        if request.POST.get("answer") not in ("approve", "refuse"):
            return render(request, "payments/confirm_closed.html", {"back": back}, status=400)
        services.answer_confirmation(order_id=order_id, approve=request.POST["answer"] == "approve")
        return SeeOther(back)
    payment = services.confirmation_for(order_id)
    if payment is not None and payment.state == State.ACTION_REQUIRED and payment.gateway != SandboxGateway.name:
        return _to_the_bank(payment, key, back)
    if payment is None or payment.state != State.ACTION_REQUIRED:
        return render(request, "payments/confirm_closed.html", {"back": back, "payment": payment})
    return render(request, "payments/confirm.html", {"payment": payment, "back": back})


@never_cache
@require_GET
def back_from_the_bank(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The gateway's confirmation page sends the shopper here: find out what was answered, and go on to the order.

    The key was left in a cookie on the way there; without it nobody asks the gateway anything.
    """
    key = request.get_signed_cookie(WAY_BACK, default="", salt=WAY_BACK, max_age=WAY_BACK_MAX_AGE_S) or ""
    if not _opens(key, order_id):
        return SeeOther(link("order", order_id=order_id))
    services.gateway_says(order_id=order_id)
    response = SeeOther(link("order", order_id=order_id, query={"key": key}))
    response.delete_cookie(WAY_BACK)
    return response


def _to_the_bank(payment: Payment, key: str, back: str) -> HttpResponse:
    """Send the shopper to the gateway's confirmation page, or to the order where there is nothing to confirm now."""
    address = services.confirmation_page(payment)
    if not address:
        services.gateway_says(order_id=payment.order_id)
        return SeeOther(back)
    response = HttpResponseRedirect(address)
    response.set_signed_cookie(
        WAY_BACK, key, salt=WAY_BACK, max_age=WAY_BACK_MAX_AGE_S, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip
    return response


def _statement(request: HttpRequest, order_id: UUID) -> PaymentStatement | None:
    """Return what ordering says is to be paid; None unless it is signed, recent, for this order, and leads back here."""
    try:
        statement = tokens.read(
            request.GET.get("statement", ""), PaymentStatement, audience="payments", max_age_s=STATEMENT_MAX_AGE_S
        )
    except tokens.InvalidToken:
        return None
    ours = url_has_allowed_host_and_scheme(statement.return_path, _our_hosts(request))
    return statement if ours and statement.order_id == order_id else None


def _not_open(request: HttpRequest, order_id: UUID) -> HttpResponse:
    return render(
        request,
        "payments/statement_invalid.html",
        {"order_id": order_id, "title": _("This payment page is no longer valid")},
        status=403,
    )


def _opens(key: str, order_id: UUID) -> bool:
    try:
        return tokens.read(key, OrderKey, audience="order", max_age_s=ORDER_KEY_MAX_AGE_S).order_id == order_id
    except tokens.InvalidToken:
        return False


def _our_hosts(request: HttpRequest) -> set[str]:
    bases = {urlsplit(base).netloc for base in settings.CONTEXT_BASE_URLS.values()}
    return (bases | {request.get_host()}) - {""}


def _with(path: str, **query: str) -> str:
    return f"{path}{'&' if urlsplit(path).query else '?'}{urlencode(query)}"

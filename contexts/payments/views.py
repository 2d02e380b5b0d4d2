"""The page that sees a card, the sandbox bank's own confirmation page, and the bank's webhook."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from contexts.kernel import tokens
from contexts.kernel.checkout import ORDER_KEY_MAX_AGE_S, STATEMENT_MAX_AGE_S, OrderKey, PaymentMethod, PaymentStatement
from contexts.kernel.links import link
from contexts.payments import services
from contexts.payments.cards import InvalidCard
from contexts.payments.forms import CardForm
from contexts.payments.models import State
from contexts.payments.sandbox.cards import TEST_CARDS
from contexts.payments.sandbox.notices import ForgedNotice, verified

logger = structlog.get_logger(__name__)

#: A notice of the bank is a few hundred bytes.
NOTICE_MAX_BYTES = 16_384


class SeeOther(HttpResponseRedirect):
    """303: the form was taken; continue there with GET."""

    status_code = 303


@sensitive_post_parameters("number")
@sensitive_variables("form", "typed")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Take a card for what ordering's statement says is to be paid, and send the shopper back there with its token."""
    token = request.GET.get("statement", "")
    try:
        statement = tokens.read(token, PaymentStatement, audience="payments", max_age_s=STATEMENT_MAX_AGE_S)
    except tokens.InvalidToken:
        return _not_open(request, order_id)
    if statement.order_id != order_id or not url_has_allowed_host_and_scheme(
        statement.return_path, _our_hosts(request)
    ):
        return _not_open(request, order_id)
    declined = None
    if statement.pay_before is not None:
        declined = services.declined_payment(order_id)
        if declined is None or statement.pay_before <= timezone.now():
            # The order's page says how it stands.
            return SeeOther(statement.return_path)
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
    }
    return render(request, "payments/pay.html", context, status=422 if form.is_bound else 200)


def _card_given(statement: PaymentStatement, method: PaymentMethod) -> HttpResponse:
    """Send the shopper on: to the review with the card's token, or to the order that it is now asked about for."""
    if statement.pay_before is None:
        return SeeOther(_with(statement.return_path, payment=tokens.sign(method, audience="ordering")))
    # Whoever was too late, or has pressed twice, sees on the order's page how it stands.
    with suppress(services.NothingToPay):
        services.pay_with_another_card(
            order_id=statement.order_id, card=method.payment_method, before=statement.pay_before
        )
    return SeeOther(statement.return_path)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The sandbox bank's page: the card holder says yes or no, and goes back to the order."""
    key = request.GET.get("key", "")
    if not _opens(key, order_id):
        return render(request, "payments/confirm_closed.html", {"order_id": order_id, "key": ""}, status=403)
    back = link("order", order_id=order_id, query={"key": key})
    if request.method == "POST":
        if request.POST.get("answer") not in ("approve", "refuse"):
            return render(request, "payments/confirm_closed.html", {"back": back}, status=400)
        services.answer_confirmation(order_id=order_id, approve=request.POST["answer"] == "approve")
        return SeeOther(back)
    payment = services.confirmation_for(order_id)
    if payment is None or payment.state != State.ACTION_REQUIRED:
        return render(request, "payments/confirm_closed.html", {"back": back, "payment": payment})
    return render(request, "payments/confirm.html", {"payment": payment, "back": back})


@csrf_exempt
@require_POST
def sandbox_webhook(request: HttpRequest) -> HttpResponse:
    """Take a notice of the sandbox bank: 400 and no change for a forged one, 204 however often a true one comes."""
    try:
        if len(request.body) > NOTICE_MAX_BYTES:
            raise ForgedNotice("The notice is too long.")
        notice = verified(request.headers, request.body)
        order_id = UUID(notice["order"])
    except (ForgedNotice, ValueError) as problem:
        logger.warning("bank notice refused", problem=str(problem))
        return HttpResponse(f"Refused: {problem}\n", status=400, content_type="text/plain; charset=utf-8")
    services.gateway_says(order_id=order_id)
    return HttpResponse(status=204)


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

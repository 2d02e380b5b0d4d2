"""A stand-in for Stripe's API on this machine: a real HTTP server with state, for tests that never leave the house.

It keeps customers, card pages, payment intents and refunds; honours idempotency keys as Stripe does (the first answer
is repeated, other parameters are refused, a key in use is a conflict); asks for cards and confirmations on pages of its
own; signs webhooks; and can lose an answer after doing the work, answer late, or fail.

What it is not: it knows only the parameters that the shop uses, and refuses others, so that a misspelt one is found.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, dict[str, Any]]

#: What each of Stripe's own test numbers brings about: (status of the intent, code, decline code).
CARDS = {
    "4242424242424242": ("requires_capture", "", ""),
    "5555555555554444": ("requires_capture", "", ""),
    "4000000000000002": ("requires_payment_method", "card_declined", "generic_decline"),
    "4000000000009995": ("requires_payment_method", "card_declined", "insufficient_funds"),
    "4000002500003155": ("requires_action", "", ""),
}
PARAMETERS = {
    "/v1/customers": {"metadata"},
    "/v1/checkout/sessions": {
        "mode", "customer", "currency", "allowed_payment_method_types", "success_url", "cancel_url", "locale",
        "metadata", "expand",
    },
    "/v1/payment_intents": {
        "amount", "currency", "customer", "payment_method", "allowed_payment_method_types", "capture_method", "confirm",
        "off_session", "return_url", "metadata", "expand", "limit",
    },
    "/v1/payment_intents/capture": {"amount_to_capture", "expand"},
    "/v1/payment_intents/cancel": set(),
    "/v1/refunds": {"payment_intent", "amount", "metadata", "limit"},
}  # fmt: skip


class Refusal(Exception):
    """An error of Stripe's: its status, and what its body says."""

    def __init__(self, status: int, kind: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer: Answer = (status, {"error": {"type": kind, "message": message} | more})


class StripeStandIn:
    """The server and its books; `url` is what STRIPE_API_BASE is set to."""

    def __init__(self, *, key: str, webhook_secret: str) -> None:
        self.key, self.webhook_secret = key, webhook_secret
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._lock = threading.RLock()
        self.forget()

    def __enter__(self) -> StripeStandIn:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        """Begin anew, with empty books and no fault planned."""
        self.customers: dict[str, dict[str, Any]] = {}
        self.pages: dict[str, dict[str, Any]] = {}
        self.methods: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.versions: set[str] = set()
        self._keys: dict[str, tuple[str, Answer | None]] = {}
        self._numbers = count(1)
        self._faults: list[tuple[str, str, float]] = []
        self.requests: list[tuple[str, str]] = []

    # --- what a test can bring about

    def fault(self, kind: str, path: str, delay_s: float = 0) -> None:
        """Plan what happens to the next POST whose path ends so.

        "lose": done, but the connection ends without an answer. "delay": done, answered late. "down": nothing done, 503.
        "broken": done, but answered with 500, and the key repeats that answer, as Stripe's do.
        """
        self._faults.append((kind, path, delay_s))

    def forget_keys(self) -> None:
        """A day goes by: Stripe no longer knows an idempotency key."""
        self._keys.clear()

    def expire(self, intent: str) -> None:
        """Seven days go by: what was set aside is given up."""
        self.intents[intent] |= {"status": "canceled", "cancellation_reason": "automatic"}

    def give_card(self, page: str, number: str) -> None:
        """Fill in a card page, as the shopper does."""
        with self._lock:
            method = self._new(
                "pm", {"object": "payment_method", "type": "card", "customer": self.pages[page]["customer"]}
            )
            method["card"] = {"brand": "mastercard" if number[0] == "5" else "visa", "last4": number[-4:]}
            method["_number"] = number
            self.methods[method["id"]] = method
            setup = self._new("seti", {"object": "setup_intent", "payment_method": method["id"], "status": "succeeded"})
            self.pages[page] |= {"status": "complete", "setup_intent": setup}

    def confirm(self, intent: str, *, approve: bool) -> None:
        """Answer the bank's question, as the card holder does; only the first answer counts."""
        with self._lock:
            asked = self.intents[intent]
            if asked["status"] != "requires_action":
                return
            asked["next_action"] = None
            if approve:
                asked["status"] = "requires_capture"
            else:
                error = {"type": "invalid_request_error", "code": "payment_intent_authentication_failure"}
                asked |= {"status": "requires_payment_method", "last_payment_error": error}

    def send_refund_back(self, refund: str) -> None:
        """Days go by: the card holder's bank would not have the money."""
        with self._lock:
            made = self.refunds[refund]
            made |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
            charge = self.intents[made["payment_intent"]]["latest_charge"]
            charge |= {"amount_refunded": charge["amount_refunded"] - made["amount"], "refunded": False}

    def notice(self, kind: str, thing: str, *, sent_at: float | None = None) -> tuple[dict[str, str], bytes]:
        """Return headers and body of a webhook about an intent or a refund, signed as Stripe signs."""
        event = {
            "id": f"evt_{next(self._numbers)}", "object": "event", "type": kind,
            "data": {"object": self._shown((self.intents | self.refunds)[thing])},
        }  # fmt: skip
        body = json.dumps(event).encode()
        stamp = str(int(time.time() if sent_at is None else sent_at))
        signature = hmac.new(self.webhook_secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return {"Stripe-Signature": f"t={stamp},v1={signature}"}, body

    def charges(self, order: str) -> list[tuple[str, int]]:
        """Return status and amount of each intent made for an order."""
        made = [intent for intent in self.intents.values() if intent["metadata"].get("order") == order]
        return [(intent["status"], intent["amount"]) for intent in made]

    # --- requests

    def answer(self, method: str, path: str, params: dict[str, Any], headers: dict[str, str]) -> tuple[str, Answer]:
        """Return a planned fault's kind ("" without one) and the answer."""
        self.requests.append((method, path))
        self.versions.add(headers.get("stripe-version", ""))
        fault, delay_s = self._planned(path) if method == "POST" else ("", 0.0)
        if fault == "down":
            return "", (503, {"error": {"type": "api_error", "message": "Try again later."}})
        if fault == "delay":
            time.sleep(delay_s)
        try:
            if headers.get("authorization") != f"Bearer {self.key}":
                raise Refusal(401, "invalid_request_error", "Invalid API Key provided.")
            work = self._route(method, path, params)
            key = headers.get("idempotency-key") if method == "POST" else None
            answer = self._once(key, f"{path} {json.dumps(params, sort_keys=True)}", work) if key else _caught(work)
        except Refusal as refusal:
            answer = refusal.answer
        if fault == "broken":
            answer = (500, {"error": {"type": "api_error", "message": "An unknown error occurred."}})
            if key:
                self._keys[key] = (self._keys[key][0], answer)
        return fault, answer

    def _planned(self, path: str) -> tuple[str, float]:
        for plan in self._faults:
            if path.endswith(plan[1]):
                self._faults.remove(plan)
                return plan[0], plan[2]
        return "", 0

    def _once(self, key: str, asked: str, work: Callable[[], dict[str, Any]]) -> Answer:
        with self._lock:
            if key in self._keys:
                before, answer = self._keys[key]
                if before != asked:
                    raise Refusal(400, "idempotency_error", "Keys can only be used with the same parameters.")
                if answer is None:
                    raise Refusal(409, "invalid_request_error", "In use.", code="idempotency_key_in_use")
                return answer
            self._keys[key] = (asked, None)
        answer = _caught(work)
        self._keys[key] = (asked, answer)
        return answer

    def _route(self, method: str, path: str, params: dict[str, Any]) -> Callable[[], dict[str, Any]]:
        parts = path.strip("/").split("/")
        known = (
            PARAMETERS.get(path)
            or PARAMETERS.get("/" + "/".join([*parts[:2], *parts[3:]]))
            or PARAMETERS.get("/" + "/".join(parts[:-1]), set())
        )
        if unknown := params.keys() - known:
            message = f"Received unknown parameter: {sorted(unknown)[0]}"
            raise Refusal(400, "invalid_request_error", message, code="parameter_unknown")
        match method, parts:
            case "POST", ["v1", "customers"]:
                return lambda: self._keep(self.customers, self._new("cus", {"object": "customer", **params}))
            case "POST", ["v1", "checkout", "sessions"]:
                return lambda: self._open_page(params)
            case "GET", ["v1", "checkout", "sessions", page]:
                return lambda: self._shown_page(_found(self.pages, page))
            case "POST", ["v1", "payment_intents"]:
                return lambda: self._pay(params)
            case "GET", ["v1", "payment_intents"]:
                return lambda: _listed(
                    [self._shown(i) for i in self.intents.values() if i["customer"] == params["customer"]]
                )
            case "GET", ["v1", "payment_intents", intent]:
                return lambda: self._shown(_found(self.intents, intent))
            case "POST", ["v1", "payment_intents", intent, "capture"]:
                return lambda: self._capture(_found(self.intents, intent), int(params["amount_to_capture"]))
            case "POST", ["v1", "payment_intents", intent, "cancel"]:
                return lambda: self._cancel(_found(self.intents, intent))
            case "POST", ["v1", "refunds"]:
                return lambda: self._refund(_found(self.intents, params["payment_intent"]), params)
            case "GET", ["v1", "refunds"]:
                return lambda: _listed(
                    [r for r in self.refunds.values() if r["payment_intent"] == params["payment_intent"]]
                )
        raise Refusal(404, "invalid_request_error", f"Unrecognized request URL ({method}: {path}).")

    # --- what Stripe does

    def _open_page(self, params: dict[str, Any]) -> dict[str, Any]:
        _found(self.customers, params["customer"])
        page = self._new("cs_test", {"object": "checkout.session", "status": "open", "setup_intent": None, **params})
        page["url"] = f"{self.url}/pages/card/{page['id']}"
        return self._keep(self.pages, page)

    def _pay(self, params: dict[str, Any]) -> dict[str, Any]:
        method = _found(self.methods, params["payment_method"])
        if method["customer"] != params["customer"]:
            raise Refusal(400, "invalid_request_error", "The payment method belongs to another customer.")
        if int(params["amount"]) <= 0:
            raise Refusal(400, "invalid_request_error", "This value must be greater than or equal to 1.")
        status, code, decline_code = CARDS[method["_number"]]
        if status == "requires_action" and params["off_session"] == "true":
            status, code, decline_code = "requires_payment_method", "authentication_required", "authentication_required"
        intent = self._new(
            "pi",
            {
                "object": "payment_intent", "status": status, "amount": int(params["amount"]), "amount_received": 0,
                "currency": params["currency"], "customer": params["customer"], "metadata": params["metadata"],
                "next_action": None, "last_payment_error": None, "latest_charge": None,
                "return_url": params["return_url"],
            },
        )  # fmt: skip
        if status == "requires_action":
            page = f"{self.url}/pages/confirm/{intent['id']}"
            intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": {"url": page}}
        self._keep(self.intents, intent)
        if code:
            error = {"type": "card_error", "code": code, "decline_code": decline_code}
            intent["last_payment_error"] = error
            raise Refusal(
                402, "card_error", "Your card was declined.", code=code, decline_code=decline_code,
                payment_intent=self._shown(intent),
            )  # fmt: skip
        return self._shown(intent)

    def _capture(self, intent: dict[str, Any], amount: int) -> dict[str, Any]:
        with self._lock:
            if intent["status"] != "requires_capture":
                raise _unexpected(intent, "captured")
            if amount > intent["amount"]:
                raise Refusal(400, "invalid_request_error", "Too much.", code="amount_too_large")
            charge = self._new("ch", {"object": "charge", "amount": amount, "amount_refunded": 0, "refunded": False})
            intent |= {"status": "succeeded", "amount_received": amount, "latest_charge": charge}
            return self._shown(intent)

    def _cancel(self, intent: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            if intent["status"] in ("succeeded", "canceled"):
                raise _unexpected(intent, "canceled")
            intent |= {"status": "canceled", "next_action": None}
            return self._shown(intent)

    def _refund(self, intent: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            charge, amount = intent["latest_charge"], int(params["amount"])
            if charge is None or amount > charge["amount"] - charge["amount_refunded"]:
                raise Refusal(
                    400, "invalid_request_error", "Refund amount is greater than unrefunded amount on charge."
                )
            charge["amount_refunded"] += amount
            charge["refunded"] = charge["amount_refunded"] == charge["amount"]
            made = {
                "object": "refund", "amount": amount, "status": "succeeded", "payment_intent": intent["id"],
                "metadata": params["metadata"],
            }  # fmt: skip
            return self._keep(self.refunds, self._new("re", made))

    # --- books

    def _new(self, prefix: str, fields: dict[str, Any]) -> dict[str, Any]:
        return {"id": f"{prefix}_{next(self._numbers)}"} | fields

    def _keep(self, book: dict[str, dict[str, Any]], thing: dict[str, Any]) -> dict[str, Any]:
        book[thing["id"]] = thing
        return thing

    def _shown_page(self, page: dict[str, Any]) -> dict[str, Any]:
        setup = page["setup_intent"]
        if setup:
            method = {k: v for k, v in self.methods[setup["payment_method"]].items() if not k.startswith("_")}
            setup = setup | {"payment_method": method}
        return page | {"setup_intent": setup}

    def _shown(self, intent: dict[str, Any]) -> dict[str, Any]:
        return json.loads(json.dumps(intent))  # type: ignore[no-any-return]  # a copy, as an answer is

    # --- the pages of its own

    def page(self, method: str, path: str, form: dict[str, Any]) -> tuple[int, str]:
        """Return what a person sees or, with 303, where they are sent."""
        _pages, kind, name = path.strip("/").split("/")
        if kind == "card":
            page = self.pages[name]
            if method == "POST":
                self.give_card(name, form["number"].replace(" ", ""))
                return 303, page["success_url"].replace("{CHECKOUT_SESSION_ID}", name)
            field = '<label>Card number <input name="number"></label><button>Save card</button>'
            return 200, _paper("Your card", f'{field}<a href="{html.escape(page["cancel_url"])}">Back</a>')
        intent = self.intents[name]
        if method == "POST":
            self.confirm(name, approve=form["answer"] == "yes")
            return 303, f"{intent['return_url']}?payment_intent={name}&redirect_status=succeeded"
        buttons = '<button name="answer" value="yes">Complete</button><button name="answer" value="no">Fail</button>'
        return 200, _paper("Confirm the payment", buttons)


def _paper(title: str, inside: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><link rel="icon" href="data:,">'
        f'<main><h1>{title}</h1><form method="post">{inside}</form></main></html>'
    )


def _caught(work: Callable[[], dict[str, Any]]) -> Answer:
    try:
        return 200, work()
    except Refusal as refusal:
        return refusal.answer


def _found(book: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    if name not in book:
        raise Refusal(400, "invalid_request_error", f"No such object: '{name}'", code="resource_missing")
    return book[name]


def _listed(things: list[dict[str, Any]]) -> dict[str, Any]:
    return {"object": "list", "data": things[::-1], "has_more": False, "url": "/"}


def _unexpected(intent: dict[str, Any], what: str) -> Refusal:
    message = f"This PaymentIntent could not be {what} because it has a status of {intent['status']}."
    return Refusal(400, "invalid_request_error", message, code="payment_intent_unexpected_state")


def _nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Return form fields as Stripe nests them: metadata[key]=1, expand[0]=a."""
    params: dict[str, Any] = {}
    for name, value in pairs:
        outer, bracket, inner = name.partition("[")
        if bracket:
            params.setdefault(outer, {})[inner.rstrip("]")] = value
        else:
            params[outer] = value
    return params


def _handler_of(stripe: StripeStandIn) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def _serve(self, method: str) -> None:
            address = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            params = _nested(parse_qsl(self.rfile.read(length).decode() if length else address.query))
            if address.path.startswith("/pages/"):
                self._send_page(*stripe.page(method, address.path, params))
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            fault, (status, body) = stripe.answer(method, address.path, params, headers)
            if fault == "lose":
                self.close_connection = True
                return
            sent = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def _send_page(self, status: int, said: str) -> None:
            self.send_response(status)
            if status == 303:
                self.send_header("Location", said)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            body = b"" if status == 303 else said.encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the tests look at the books."""

    return Handler

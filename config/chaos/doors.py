"""Ways to buy: through the web as a browser does, or through the services as its views do."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import NamedTuple, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.db import InterfaceError, OperationalError, close_old_connections

from contexts.kernel import currencies, tokens
from contexts.kernel.addresses import Address
from contexts.messaging import Conflict, acting_as
from contexts.ordering import services
from contexts.ordering.errors import CannotDo, TooLateToCancel
from contexts.ordering.events import Contact
from contexts.ordering.models import Checkout, OrderSummary
from contexts.ordering.quotes import SEEN_MAX_AGE_S, Seen
from contexts.ordering.summaries import lines_of
from contexts.ordering.views.checkout import SEEN_AUDIENCE
from contexts.payments import services as payments

T = TypeVar("T")

TIMEOUT_S = 20.0
#: Any 32 letters do: Django compares the cookie with the header.
CSRF = "chaos" * 6 + "ch"
HOME = {"name": "Ada Byron", "street": "Kanalstr. 4", "postcode": "20095", "city": "Hamburg", "country": "DE"}
METHOD = "standard"
SEEN_FIELD = re.compile(r'name="seen" value="([^"]+)"')


class Wish(NamedTuple):
    """What somebody wants to buy, and how they pay: in the shop's own currency if none is named."""

    sku: str
    quantity: int
    card: str
    email: str
    currency: str = ""


class Basket(NamedTuple):
    """An order that needs one more click. `seen` is the review page's signed note of what was shown."""

    order_id: UUID
    total_cents: int
    seen: str
    cookies: dict[str, str]


class Away(Exception):
    """No answer, or one that says nothing about what was asked: it may be asked again."""


class Refused(Exception):
    """The shop says no, and why. Nothing was ordered."""


class Door(Protocol):
    """A way into the shop. Each step may be repeated after `Away`."""

    name: str

    def fill(self, wish: Wish) -> Basket:
        """Do everything up to the last click."""

    def place(self, basket: Basket) -> None:
        """Click "Place order"; returning means that the shop said that it is placed."""


class ServiceDoor:
    """Calls the services in this process."""

    name = "services"

    def fill(self, wish: Wish) -> Basket:
        with answered(), acting_as("guest"), currencies.reading(wish.currency):
            cart = services.add_to_cart(cart_id=None, sku=wish.sku, quantity=wish.quantity)
            order_id = services.start_checkout(cart_id=cart.cart_id)
            checkout = services.save_details(
                order_id=order_id,
                contact=Contact(email=wish.email, name=HOME["name"]),
                address=Address(**HOME),
                shipping_method=METHOD,
            )
            card = payments.add_card(order_id=order_id, number=wish.card)
            services.save_payment_method(order_id=order_id, payment=card)
            total = _total_cents(order_id, checkout)
        return Basket(order_id, total, "", {})

    def place(self, basket: Basket) -> None:
        with answered(), acting_as("guest"):
            services.place_order(order_id=basket.order_id)


class WebDoor:
    """Speaks http with the web, a connection for each request, following the forms that a browser would send."""

    name = "web"

    def __init__(self, port: int) -> None:
        self._port = port
        #: How many answers were a server error, and how many never came.
        self.errors = self.silences = 0

    def add_to_cart(self, sku: str) -> None:
        """Put a piece into a cart of its own."""
        self._post("/cart/add/", {"sku": sku, "quantity": "1"}, {"csrftoken": CSRF})

    def fill(self, wish: Wish) -> Basket:
        cookies = {"csrftoken": CSRF, currencies.COOKIE: wish.currency or currencies.own()}
        self._post("/cart/add/", {"sku": wish.sku, "quantity": str(wish.quantity)}, cookies)
        page = self._post("/checkout/", {}, cookies)
        order_id = UUID(page.strip("/").rpartition("/")[2])
        details = HOME | {"email": wish.email, "shipping_method": METHOD}
        page = self._post(page, details, cookies)
        page = self._post(page, {"number": wish.card}, cookies)
        page = self._go(page, cookies)
        seen = SEEN_FIELD.search(self._ask("GET", page, None, cookies)[1])
        if seen is None:
            raise Refused("The review page has no order to place.")
        shown = tokens.read(seen[1], Seen, audience=SEEN_AUDIENCE, max_age_s=SEEN_MAX_AGE_S)
        return Basket(order_id, shown.total, seen[1], cookies)

    def place(self, basket: Basket) -> None:
        page = self._post(f"/checkout/{basket.order_id}/review/", {"seen": basket.seen}, basket.cookies)
        if f"/orders/{basket.order_id}/" not in page:
            raise Refused(f"The shop leads back to {urlsplit(page).path}.")

    def _post(self, page: str, form: dict[str, str], cookies: dict[str, str]) -> str:
        """Send a form and return the page that follows it."""
        status, body, follows = self._ask("POST", page, form, cookies)
        if status != 303:
            raise Refused(f"{urlsplit(page).path} answers {status}: {notice(body)}")
        return follows

    def _go(self, page: str, cookies: dict[str, str]) -> str:
        """Open a page that leads to another one, and return that."""
        return self._ask("GET", page, None, cookies)[2]

    def _ask(
        self, method: str, page: str, form: dict[str, str] | None, cookies: dict[str, str]
    ) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("localhost", self._port, timeout=TIMEOUT_S)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()), "X-CSRFToken": CSRF}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, page, urlencode(form) if form is not None else None, headers)
            answer = connection.getresponse()
            body = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as problem:
            self.silences += 1
            raise Away(f"no answer: {problem}") from problem
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie") or []:
            cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        if answer.status >= 500:
            self.errors += 1
            raise Away(f"{urlsplit(page).path} answers {answer.status}")
        return answer.status, body, answer.headers.get("Location", "")


def cancel(order_id: UUID) -> None:
    """Cancel an order as its shopper; one whose parcel has left stays."""
    with answered(), acting_as("guest"):
        try:
            services.cancel_order(order_id=order_id)
        except TooLateToCancel:
            return


def ask(question: Callable[[], T]) -> T:
    """Return the answer to a question that reads the databases.

    Raises:
        Away: they do not answer.
    """
    with answered():
        return question()


@contextmanager
def answered() -> Iterator[None]:
    """Tell apart, as a shopper would, a shop that says no and one that does not answer."""
    close_old_connections()
    try:
        yield
    except CannotDo as refusal:
        raise Refused(str(refusal)) from refusal
    except (OperationalError, InterfaceError, Conflict) as problem:
        raise Away(str(problem)) from problem
    finally:
        close_old_connections()


def _total_cents(order_id: UUID, checkout: Checkout) -> int:
    checkout.refresh_from_db()
    lines = lines_of(OrderSummary.objects.get(order_id=order_id))
    return services.review(lines=lines, checkout=checkout).quote.total.amount


#: Where a page says what is wrong: an alert, what it warns of, else its heading.
SAID = (
    r'role="alert"[^>]*>([^<]+)',
    r'class="notice notice--warn[^>]*>\s*<p><strong>([^<]+)</strong>([^<]*)',
    r"<h1[^>]*>([^<]+)",
)


def notice(body: str) -> str:
    """Return what a page says is wrong."""
    found = next((found for found in (re.search(said, body) for said in SAID) if found), None)
    return " ".join(" ".join(found.groups()).split()) if found else "no reason given"

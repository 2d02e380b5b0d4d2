"""A guest as a browser without JavaScript is one: a connection that is kept, cookies, and forms as the pages have them.

Styles, scripts, fonts and pictures are left out; of the pages, none is.
"""

from __future__ import annotations

import re
import socket
from collections import Counter
from html import unescape
from typing import NamedTuple
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import UUID

from config.chaos.doors import HOME, METHOD, Away, Refused, Wish, notice

TIMEOUT_S = 20.0
FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
INPUT = re.compile(r"<input\b([^>]*)>")
ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')
#: An answer that leads on, and how many of them a browser follows at most.
LEADS_ON, AT_MOST = (302, 303), 5


class Answer(NamedTuple):
    status: int
    location: str
    cookies: list[str]
    body: str


class Guest:
    """Somebody who comes to the shop with an empty jar of cookies."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: socket.socket | None = None
        self._cookies: dict[str, str] = {}
        self._address = self._page = ""
        #: How many requests were answered, by method.
        self.requests: Counter[str] = Counter()

    def buy(self, page: str, wish: Wish) -> UUID:
        """Buy what is chosen on an article's page, from there to the page of the order; return the order.

        Raises:
            Refused: the shop says no.
            Away: it does not answer, or with an error.
        """
        try:
            self.open(page)
            self.send('action="/cart/add/"')
            self.send('action="/checkout/"')
            order_id = UUID(self._address.strip("/").rpartition("/")[2])
            self.send('name="email"', HOME | {"email": wish.email, "shipping_method": METHOD})
            self.send('name="number"', {"number": wish.card})
            self.send('name="seen"')
        finally:
            self.leave()
        if urlsplit(self._address).path != f"/orders/{order_id}/":
            raise Refused(f"The shop leads back to {urlsplit(self._address).path}: {notice(self._page)}")
        return order_id

    def open(self, address: str) -> None:
        """Open a page, wherever it leads."""
        self._follow(self._ask("GET", address))

    def send(self, mark: str, typed: dict[str, str] | None = None) -> None:
        """Fill in the page's first form that has this mark in it, send it, and open what follows.

        Raises:
            Refused: there is no such form, or what was typed is not taken.
        """
        for attributes, inside in FORM.findall(self._page):
            if mark in attributes or mark in inside:
                break
        else:
            raise Refused(f"{self._address} has no form with {mark}.")
        fields = dict(_given(inside)) | (typed or {})
        action = _attributes(attributes).get("action") or self._address
        answer = self._ask("POST", urljoin(self._address, action), urlencode(fields))
        if answer.status not in LEADS_ON:
            raise Refused(f"{action} answers {answer.status}: {notice(answer.body)}")
        self._follow(answer)

    def leave(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _follow(self, answer: Answer) -> None:
        for _ in range(AT_MOST):
            if answer.status not in LEADS_ON:
                break
            answer = self._ask("GET", urljoin(self._address, answer.location))
        if answer.status != 200:
            raise Refused(f"{self._address} answers {answer.status}: {notice(answer.body)}")
        self._page = answer.body

    def _ask(self, method: str, address: str, form: str = "") -> Answer:
        self._address = address
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        head = f"{method} {address} HTTP/1.1\r\nHost: localhost:{self._port}\r\nAccept-Language: en\r\n"
        if cookies:
            head += f"Cookie: {cookies}\r\n"
        if method == "POST":
            head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
        try:
            answer = self._exchange(f"{head}\r\n{form}".encode())
        except (OSError, ValueError) as problem:
            raise Away(f"no answer: {problem}") from problem
        self.requests[method] += 1
        for cookie in answer.cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.status >= 500:
            raise Away(f"{urlsplit(address).path} answers {answer.status}")
        return answer

    def _exchange(self, request: bytes) -> Answer:
        if self._connection is None:
            self._connection = socket.create_connection(("localhost", self._port), timeout=TIMEOUT_S)
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection.sendall(request)
        head, begun = self._until_blank_line()
        lines = head.decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        cookies = []
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
            if name.lower() == "set-cookie":
                cookies.append(value)
        body = self._rest(begun, int(headers["content-length"]))
        return Answer(int(lines[0].split(" ", 2)[1]), headers.get("location", ""), cookies, body.decode())

    def _until_blank_line(self) -> tuple[bytes, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, begun = received.partition(b"\r\n\r\n")
        return head, begun

    def _rest(self, begun: bytes, length: int) -> bytes:
        body = bytearray(begun)
        while len(body) < length:
            body += self._receive()
        return bytes(body)

    def _receive(self) -> bytes:
        assert self._connection is not None
        received = self._connection.recv(262_144)
        if not received:
            raise ConnectionError("the connection was closed")
        return received


def _given(form: str) -> list[tuple[str, str]]:
    """Return what a form's fields have in them."""
    found = []
    for text in INPUT.findall(form):
        field = _attributes(text)
        chosen = field.get("type") not in {"radio", "checkbox"} or "checked" in field
        if "name" in field and chosen:
            found.append((field["name"], field.get("value", "")))
    return found


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE.findall(text)}

"""Every link that a guest or a customer can reach leads somewhere, and every picture is there."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from tests.journeys.conftest import Enter
from tests.journeys.shop import Shop
from tests.journeys.test_customer_on_a_desktop import sign_in
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.campaign, pytest.mark.xdist_group("journeys")]

#: What a page needs to be shown: tag and attribute.
PARTS = {("img", "src"), ("link", "href"), ("script", "src")}


class Links(HTMLParser):
    """What a page leads to and what it consists of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pages: list[str] = []
        self.parts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if (tag, name) == ("a", "href") and value:
                self.pages.append(value)
            elif (tag, name) in PARTS and value and ("rel", "canonical") not in attrs:
                self.parts.append(value)


def test_every_link_of_a_guest_leads_somewhere(shop: Shop, enter: Enter) -> None:
    guest = enter()

    visited, broken = crawl(guest)

    assert broken == []
    assert {f"{shop.url}/p/{shop.article(kind).slug}/" for kind in ("mug", "tent", "radio")} <= visited
    assert f"{shop.url}/account/sign-up/" in visited


def test_every_link_of_a_customer_leads_somewhere(shop: Shop, enter: Enter) -> None:
    customer = enter()
    sign_in(customer)

    visited, broken = crawl(customer)

    assert broken == []
    assert {f"{shop.url}/account/{page}/" for page in ("purchases", "addresses", "profile")} <= visited


def crawl(visitor: Visitor) -> tuple[set[str], list[str]]:
    """Return every address reached, and what did not answer well and where it was linked."""
    waiting = [(visitor.site + "/", "the start")]
    known = {visitor.site + "/"}
    broken = []
    while waiting:
        address, linked_from = waiting.pop(0)
        answer = visitor.page.request.get(address)
        if answer.status >= 400:
            broken.append(f"{answer.status} at {address}, linked from {linked_from}")
        elif "text/html" in answer.headers.get("content-type", ""):
            links = Links(answer.text())
            for target in [*links.pages, *links.parts]:
                full = urljoin(answer.url, target).partition("#")[0]
                if urlsplit(full).netloc == urlsplit(visitor.site).netloc and full not in known:
                    known.add(full)
                    waiting.append((full, address))
    return known, broken

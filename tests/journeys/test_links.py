"""Every page that a guest or a customer can reach, in each language: it answers, nothing on it is refused by the security
policy, every picture is there, and it speaks one language."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from django.conf import settings

from config import policy_reports
from tests.journeys import steps
from tests.journeys.conftest import Enter
from tests.journeys.shop import Shop, behind_the_scenes
from tests.journeys.test_customer_on_a_desktop import sign_in, until_listed
from tests.journeys.visitor import DESKTOP, NARROW, ZOOMED, Visitor
from tests.test_german import Reader, other_language

pytestmark = [pytest.mark.journey, pytest.mark.campaign, pytest.mark.timeout(900), pytest.mark.xdist_group("journeys")]

#: Filters, sorts and variants of one page make hundreds of addresses; of those that differ in values only so many do.
MOST_ALIKE = 2
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


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_link_of_a_guest_leads_to_a_page_that_is_whole(shop: Shop, enter: Enter, language: str) -> None:
    guest = enter()

    crawled = Crawl(guest, language)

    assert crawled.faults == []
    before = "/de" if language == "de" else ""
    assert {f"{shop.url}{before}/p/{shop.article(kind).slug}/" for kind in ("mug", "tent", "radio")} <= crawled.opened
    assert f"{shop.url}{before}/account/sign-up/" in crawled.opened
    assert behind_the_scenes(policy_reports.counted) == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_link_of_a_customer_leads_to_a_page_that_is_whole(shop: Shop, enter: Enter, language: str) -> None:
    customer = enter()
    sign_in(customer)
    # Both were placed in English, whichever language they are read in.
    orders = [order_one(customer, shop, "kettle"), order_one(customer, shop, "lamp")]
    customer.page.get_by_text("Cancel this order").click()
    customer.press("Yes, cancel the order")
    customer.sees("You cancelled the order.")
    until_listed(customer, orders[-1].number, "Cancelled")
    steps.put_into_cart(customer, shop, "vase")

    crawled = Crawl(customer, language)

    assert crawled.faults == []
    before = "/de" if language == "de" else ""
    wanted = {f"{shop.url}{before}/account/{page}/" for page in ("purchases", "addresses", "profile")}
    assert {*wanted, f"{shop.url}{before}/cart/"} <= crawled.opened
    assert {f"{shop.url}{before}{order.address}" for order in orders} <= crawled.opened
    assert behind_the_scenes(policy_reports.counted) == []


class Placed(NamedTuple):
    number: str
    address: str


def order_one(customer: Visitor, shop: Shop, kind: str) -> Placed:
    steps.put_into_cart(customer, shop, kind)
    customer.press("Check out")
    customer.press("Continue to payment")
    steps.pay_with(customer, "Approved")
    customer.press("Place order")
    customer.sees(steps.CONFIRMED)
    return Placed(steps.order_number(customer), urlsplit(customer.page.url).path)


def _shape(address: str) -> str:
    """Return what is alike in addresses that differ in a filter's value only: path and names of the query."""
    parts = urlsplit(address)
    return f"{parts.path}?{sorted(parse_qs(parts.query))}" if parts.query else address


class Crawl:
    """Everything that can be reached by links from the first page in a language; pages are opened in the browser."""

    def __init__(self, visitor: Visitor, language: str) -> None:
        self._visitor, self._language = visitor, language
        self._alone, self._within = behind_the_scenes(lambda: other_language(language))
        self.faults: list[str] = []
        self.opened: set[str] = set()
        start = visitor.site + ("/" if language == settings.LANGUAGE_CODE else f"/{language}/")
        waiting, known, alike = [(start, "the start")], {start}, Counter[str]()
        while waiting:
            address, linked_from = waiting.pop(0)
            for target in self._look_at(address, linked_from):
                if target not in known and self._is_ours(target):
                    known.add(target)
                    alike[shape := _shape(target)] += 1
                    if alike[shape] <= MOST_ALIKE:
                        waiting.append((target, address))

    def _look_at(self, address: str, linked_from: str) -> list[str]:
        answer = self._visitor.page.request.get(address)
        if answer.status >= 400:
            self.faults.append(f"{answer.status} at {address}, linked from {linked_from}")
        elif "text/html" in answer.headers.get("content-type", ""):
            return self._open(address)
        return []

    def _open(self, address: str) -> list[str]:
        """Open a page as a shopper does, and return what it leads to and consists of."""
        page = self._visitor.page
        heard = len(self._visitor.problems)
        page.goto(address)
        for width in (NARROW, *ZOOMED, DESKTOP["viewport"]["width"]):
            page.set_viewport_size(DESKTOP["viewport"] | {"width": width})
            self._visitor.must_fit(address)
        self.faults += self._visitor.problems[heard:]
        del self._visitor.problems[heard:]
        self.opened.add(address)
        html = page.content()
        reader = Reader(self._language)
        reader.feed(html)
        self.faults += [
            f"not in the page's language at {address}: {text}"
            for text in reader.texts
            if text in self._alone or any(sentence in text for sentence in self._within)
        ]
        links = Links(html)
        return [urljoin(page.url, target).partition("#")[0] for target in [*links.pages, *links.parts]]

    def _is_ours(self, address: str) -> bool:
        """Whether an address is the shop's, and in the language of this walk; that of a picture is in none."""
        site, path = urlsplit(address).netloc, urlsplit(address).path
        if site != urlsplit(self._visitor.site).netloc:
            return False
        named = path.split("/")[1]
        if self._language == settings.LANGUAGE_CODE:
            return named not in dict(settings.LANGUAGES)
        return named == self._language or named in ("static", "media")

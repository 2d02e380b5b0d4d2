"""A browser's way through the shop, for tests of ordering's pages."""

import re
from html import unescape

from contexts.kernel import tokens
from contexts.kernel.identity import COOKIE, Identity
from contexts.ordering.models import Offer, OrderSummary
from tests.ordering.shop import card, offer, shipping_method

FORM = {
    "email": "ada@example.org", "name": "Ada Byron", "street": "Kanalstr. 4", "postcode": "20095", "city": "Hamburg",
    "country": "DE", "shipping_method": "standard",
}  # fmt: skip


def words(response):
    """What a reader sees, in one line."""
    page = response.content.decode()
    main = page[page.find("<main") :] if "<main" in page else page
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def fill_cart(client, quantity=2):
    if not Offer.objects.exists():
        offer("RED-MUG")
    client.post("/cart/add/", {"sku": "RED-MUG", "quantity": quantity})


def begin(client, quantity=2):
    """Go from the product page to the details page; return the order's id."""
    shipping_method()
    fill_cart(client, quantity)
    client.post("/checkout/")
    return OrderSummary.objects.get().order_id


def to_review(client, quantity=2):
    order_id = begin(client, quantity)
    client.post(f"/checkout/{order_id}/", FORM)
    give_card(client, order_id)
    return order_id


def give_card(client, order_id):
    token = tokens.sign(card(order_id), audience="ordering")
    return client.get(f"/checkout/{order_id}/review/", {"payment": token})


def hidden(response, name):
    return unescape(re.search(rf'name="{name}" value="([^"]*)"[^>]*>\s*<button', response.content.decode())[1])


def seen(client, order_id):
    """The note that the review page signs of what it shows."""
    page = client.get(f"/checkout/{order_id}/review/").content.decode()
    return re.findall(r'name="seen" value="([^"]+)"', page)[-1]


def order_it(client, quantity=2):
    order_id = to_review(client, quantity)
    client.post(f"/checkout/{order_id}/review/", {"seen": seen(client, order_id)})
    return order_id


def sign_in(client, customer_id):
    identity = Identity(customer_id=customer_id, email="ada@example.org", name="Ada Byron")
    client.cookies[COOKIE] = tokens.sign(identity, audience="identity")

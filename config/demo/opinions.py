"""What the demo's customers say about the goods: written, waiting and rejected by the services, at past times."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from config.demo.clock import set_back
from config.demo.german import OPINIONS
from config.demo.people import PEOPLE, Person
from contexts.messaging import acting_as, transport as hints
from contexts.messaging.drain import drain
from contexts.messaging.memory import MemoryTransport

NEEDED = ("customers", "reviews")
#: Reviews by people who did not buy the article here; about as many come from the orders.
OTHERS = 90
#: So many are left for a visitor who plays staff.
WAITING = 3
#: From the first day on which somebody wrote until today.
DAYS = 60

#: Stars, in a few words, and in more. They fit a mug as well as a tent.
SAID: tuple[tuple[int, str, str], ...] = (
    (5, "Exactly as shown", "The colour is the one in the picture, which is rare. It is used every day here."),
    (5, "Better made than I expected", "I turned it over twice to find the place where they saved money. There is none."),
    (5, "Bought a second one", "The first went to my sister after one look. I had to order again for myself."),
    (5, "Quietly very good", "Nothing about it asks for attention, and after a month I would not want to be without it."),
    (5, "A present that was kept", "Given to somebody who gives everything away. It still stands there."),
    (5, "Worth the wait", ""),
    (5, "Still like new", "Three moves and a dog. You cannot tell."),
    (5, "The right size at last", "The measures on the page are correct to the millimetre. It fits where nothing else did."),
    (4, "Good, with one wish", "Does what it should. I would have liked it a touch heavier."),
    (4, "Happy with it", "Well packed, well made. The shade is a little darker in the evening light."),
    (4, "Solid", "No surprises, which is what I wanted."),
    (4, "Nearly perfect", "One corner had a mark when it came; a replacement was here within days."),
    (4, "Nice to hold", ""),
    (4, "Would buy it again", "A small thing, but it makes the morning better. One star less for the price."),
    (3, "All right", "It is fine. For this price I had hoped for a bit more weight."),
    (3, "Smaller than I thought", "My own fault, the measures are on the page. Look at them before you order."),
    (3, "Good idea, needs care", "Beautiful, but it wants to be treated gently. Not for a house with small children."),
    (2, "Not for me", "The finish feels rougher than it looks. Sending it back was easy, I will say that."),
    (2, "Scratches quickly", "After two weeks it shows every touch. It still works."),
    (1, "Came with a crack", "Replaced without a question, but the second one was no better."),
)  # fmt: skip
TOO_MUCH = (1, "Ask for Jonas", "He packed mine. You find him behind the station, his number is on my page.")
REASON = "It names a person. Please leave names out."


class Opinion(NamedTuple):
    """What somebody will say, and when."""

    at: datetime
    product_id: UUID
    customer_id: UUID
    person: Person
    said: tuple[int, str, str]


def possible() -> bool:
    return all(context in settings.CONTEXTS for context in NEEDED)


def make(*, seed: int) -> int:
    """Let customers write about what they received, and about what everybody sees first; return how many did.

    Those who wrote before a break do not write again. Staff have looked at all but the newest few, and let one not through.
    """
    from contexts.reviews import services

    random = Random(seed + 3)  # noqa: S311 - who says what, not secrets
    opinions = sorted(_opinions(random), key=lambda opinion: opinion.at)
    if not opinions:
        return 0
    with hints.use(MemoryTransport()), set_back(opinions[0].at) as clock:
        for number, opinion in enumerate(opinions):
            clock.set(opinion.at)
            rating, title, text = opinion.said
            person = opinion.person
            if person.language == "de":
                title, text = OPINIONS[title]
            words = services.Words(
                author=person.name.split(" ")[0], rating=rating, title=title, text=text, language=person.language
            )
            with acting_as(f"customer:{opinion.customer_id}"):
                review = services.write_review(
                    product_id=opinion.product_id, customer_id=opinion.customer_id, words=words
                )
            with acting_as("system:demo"):
                if opinion.said is TOO_MUCH:
                    services.reject_review(review.id, reason=REASON)
                elif not review.is_published and number < len(opinions) - WAITING:
                    services.publish_review(review.id)
        drain()
    return len(opinions)


def _opinions(random: Random) -> Iterator[Opinion]:
    """Yield what is said, each customer about each product once."""
    people = _customers()
    if not people:
        return
    now, said, others = timezone.now(), _said_before(), _others_before()
    for at, product_id, customer_id in _received():
        if customer_id in people and (product_id, customer_id) not in said and random.random() < 0.7:
            said.add((product_id, customer_id))
            written = min(at + timedelta(days=random.uniform(0.5, 5)), now - timedelta(hours=random.uniform(1, 9)))
            yield Opinion(written, product_id, customer_id, people[customer_id], random.choice(SAID))
    seen_first, customers = _seen_first(), sorted(people)
    # The first ones are looked at most, and written about most.
    weights = [1 / (place + 4) for place in range(len(seen_first))]
    for number in range(others, OTHERS if seen_first else 0):
        product_id, customer_id = random.choices(seen_first, weights)[0], random.choice(customers)
        if (product_id, customer_id) in said:
            continue
        said.add((product_id, customer_id))
        written = now - timedelta(days=random.uniform(0.2, DAYS))
        words = TOO_MUCH if number == 0 else random.choice(SAID)
        yield Opinion(written, product_id, customer_id, people[customer_id], words)


def _said_before() -> set[tuple[UUID, UUID | None]]:
    from contexts.reviews.models import Review

    return set(Review.objects.values_list("product_id", "customer_id"))


def _others_before() -> int:
    from contexts.reviews.models import Review

    return Review.objects.filter(verified=False).count()


def _received() -> list[tuple[datetime, UUID, UUID]]:
    """Return when which product was brought to whom, oldest first."""
    from contexts.reviews.models import Article, Purchase

    products = dict(Article.objects.values_list("sku", "product_id"))
    received = Purchase.objects.filter(delivered_at__isnull=False).order_by("delivered_at", "sku")
    return [
        (purchase.delivered_at, products[purchase.sku], purchase.customer_id)
        for purchase in received
        if purchase.delivered_at and purchase.sku in products
    ]


def _seen_first() -> list[UUID]:
    """Return the products of the shop's first page, and some more."""
    from contexts.catalog.models import Product

    shown = Product.objects.filter(state="published").order_by("-featured", "-published_at", "slug")
    return list(shown.values_list("id", flat=True)[:60])


def _customers() -> dict[UUID, Person]:
    """Return the demo's customers by the ids of their accounts."""
    from contexts.customers.models import Account

    people = {person.email: person for person in PEOPLE}
    return {one: people[email] for email, one in Account.objects.filter(email__in=people).values_list("email", "id")}

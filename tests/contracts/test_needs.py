"""A handler that needs what its publisher does not send is found by reading it, through the functions it calls."""

from __future__ import annotations

from uuid import UUID

import pytest

from contexts.catalog.events import PriceChanged, ProductPublished
from contexts.messaging import Envelope
from contexts.messaging.contracts.checking import check_handlers
from contexts.messaging.contracts.landscape import Hearer, Told, landscape
from contexts.messaging.contracts.needs import needs_of
from contexts.messaging.subscriptions import Handler
from contexts.ordering.events import OrderCancelled, OrderPlaced


def use(*values: object) -> None:
    """Where handlers bring what they read."""


def needs(function, event=OrderPlaced, *, batch=False):
    return needs_of(Handler(event, function, batch, "inventory"))


def reads_fields(event: OrderPlaced, envelope: Envelope) -> None:
    use(event.number, event.contact.email, envelope.position)


def reads_in_loops(event: OrderPlaced, envelope: Envelope) -> None:
    for line in event.lines:
        use(line.sku)
    use({line.name: line.quantity for line in event.lines if line.label}, event.lines[0].image)


def passes_on(event: OrderPlaced, envelope: Envelope) -> None:
    helper("x", order=event)


def helper(word: str, order: OrderPlaced) -> None:
    use(order.shipping_address.city)


def reads_what_is_not_there(event: OrderPlaced, envelope: Envelope) -> None:
    use(event.nunber, event.contact.phone)


def reads_a_batch(events: list[tuple[ProductPublished, Envelope]]) -> None:
    for product, _ in events:
        use(product.slug)
    use([product.colour for product, envelope in events])


def matches(event: OrderPlaced | OrderCancelled, envelope: Envelope) -> None:
    match event:
        case OrderPlaced():
            use(event.total.amount)
        case OrderCancelled():
            use(event.reason)
    if isinstance(event, OrderCancelled):
        use(event.explanation)
    else:
        use(event.subtotal)


def gives_it_away(event: OrderPlaced, envelope: Envelope) -> None:
    [].append(event)


@pytest.mark.parametrize(
    ("function", "fields"),
    [
        (reads_fields, {"number", "contact", "contact.email"}),
        (reads_in_loops, {"lines", "lines.sku", "lines.name", "lines.quantity", "lines.label", "lines.image"}),
        (passes_on, {"shipping_address", "shipping_address.city"}),
        (matches, {"total", "total.amount", "subtotal"}),
    ],
)
def test_the_fields_that_a_handler_reads_are_known(function, fields):
    found = needs(function)

    assert (found.fields, found.missing, found.whole) == (fields, [], False)


def test_a_field_that_is_not_sent_is_found_and_the_right_one_suggested():
    assert needs(reads_what_is_not_there).missing == [
        'reads nunber, which OrderPlaced does not have. Did you mean "number"?',
        "reads contact.phone, which Contact does not have. There are: email, language, name.",
    ]


def test_batch_handlers_are_read_too():
    found = needs(reads_a_batch, ProductPublished, batch=True)

    assert found.fields == {"slug"}
    assert found.missing[0].startswith("reads colour, which ProductPublished does not have.")


def test_an_event_that_goes_where_it_cannot_be_followed_is_needed_as_a_whole():
    assert needs(gives_it_away).whole


def test_a_handler_that_needs_what_is_not_sent_fails_the_check():
    handler = Handler(OrderPlaced, reads_what_is_not_there, False, "inventory")
    told = [Told(OrderPlaced, (Hearer("inventory", (handler,), needs(reads_what_is_not_there)),))]

    findings = check_handlers(told)

    assert [finding.kind for finding in findings] == ["handler", "handler"]
    assert findings[0].remedy == "Read another field, or have ordering send it."


def test_an_event_that_is_heard_and_never_made_fails_the_check(declare):
    event = declare({"toy_id": UUID})
    handler = Handler(event, reads_fields, False, "inventory")

    (finding,) = check_handlers([Told(event, (Hearer("inventory", (handler,), needs(gives_it_away)),))])

    assert finding.problem == "is heard by inventory, but no code of catalog makes it"


def test_the_shop_itself_is_read():
    (told,) = [entry for entry in landscape() if entry.event is PriceChanged]

    assert "ordering" in [hearer.subscriber for hearer in told.hearers]
    assert "sku" in next(hearer for hearer in told.hearers if hearer.subscriber == "ordering").needs.fields

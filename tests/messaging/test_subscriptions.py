"""Handlers: a mistake shows when the handler is declared, with the line to write."""

import pytest

from contexts.catalog.events import PriceChanged, ProductWithdrawn
from contexts.messaging import Envelope, handles
from contexts.messaging.errors import MisdeclaredHandler


def placed(function, module: str = "contexts.inventory.handlers"):
    function.__module__, function.__qualname__ = module, "react"
    return function


def test_a_handler_outside_a_context_is_refused():
    with pytest.raises(MisdeclaredHandler, match="is in no context"):
        handles(PriceChanged)(placed(lambda event, envelope: None, "tests.thing"))


def test_a_handler_that_nobody_reaches_says_where_to_move():
    with pytest.raises(MisdeclaredHandler, match=r"contexts/inventory/handlers\.py\. Move it there"):
        handles(PriceChanged)(placed(lambda event, envelope: None, "contexts.inventory.services"))


def test_a_handler_annotated_with_another_event_is_refused():
    def react(event: ProductWithdrawn, envelope: Envelope) -> None: ...

    with pytest.raises(MisdeclaredHandler, match="Annotate it PriceChanged"):
        handles(PriceChanged)(placed(react))


def test_a_batch_handler_takes_a_list():
    def react(event: PriceChanged, envelope: Envelope) -> None: ...

    with pytest.raises(MisdeclaredHandler, match=r"list\[tuple\[PriceChanged, Envelope\]\]"):
        handles(PriceChanged, batch=True)(placed(react))


def test_a_handler_needs_an_event_class():
    with pytest.raises(MisdeclaredHandler, match="needs an event class"):
        handles("catalog.price_changed")(placed(lambda event, envelope: None))


def test_a_wait_that_makes_no_sense_is_refused():
    with pytest.raises(MisdeclaredHandler, match=r"every wait is more than 0 seconds"):
        handles(PriceChanged, retry_after_s=(10, 0))(
            placed(lambda event, envelope: None, "contexts.inventory.handlers")
        )

"""Hints leave a process by a thread of their own: whoever commits waits for no broker, and no wake-up is lost."""

from __future__ import annotations

import threading

import pytest

from contexts.messaging.celery_transport import _Outgoing
from contexts.messaging.transport import Message

CATALOG, ORDERING = (Message("messaging.relay", context, (context,)) for context in ("catalog", "ordering"))


class SlowBroker:
    """Takes a message when it is let."""

    def __init__(self) -> None:
        self.asked, self.open, self.got = threading.Semaphore(0), threading.Event(), list[Message]()

    def __call__(self, message: Message) -> None:
        self.asked.release()
        self.open.wait()
        self.got.append(message)


@pytest.fixture
def broker() -> SlowBroker:
    return SlowBroker()


def test_a_hint_does_not_wait_for_the_broker_and_one_that_waits_speaks_for_both(broker: SlowBroker):
    outgoing = _Outgoing(broker)

    outgoing.put(CATALOG)
    broker.asked.acquire()
    for _ in range(3):
        outgoing.put(ORDERING)

    assert broker.got == []
    broker.open.set()
    outgoing.finish()
    assert broker.got == [CATALOG, ORDERING]


def test_a_hint_that_is_on_its_way_does_not_speak_for_what_is_committed_later(broker: SlowBroker):
    outgoing = _Outgoing(broker)
    outgoing.put(CATALOG)
    broker.asked.acquire()

    outgoing.put(CATALOG)

    broker.open.set()
    outgoing.finish()
    assert broker.got == [CATALOG, CATALOG]


def test_a_broker_that_fails_does_not_end_the_thread(broker: SlowBroker):
    def fail_first(message: Message) -> None:
        if message == CATALOG:
            raise RuntimeError("no such host")
        broker(message)

    broker.open.set()
    outgoing = _Outgoing(fail_first)

    outgoing.put(CATALOG)
    outgoing.put(ORDERING)

    outgoing.finish()
    assert broker.got == [ORDERING]


def test_a_child_process_does_not_send_what_its_parent_has_waiting(broker: SlowBroker):
    outgoing = _Outgoing(broker)
    outgoing.put(CATALOG)
    broker.asked.acquire()
    outgoing.put(ORDERING)

    outgoing.forget()

    broker.open.set()
    outgoing.put(CATALOG)
    outgoing.finish()
    assert ORDERING not in broker.got

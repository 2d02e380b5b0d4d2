"""A small shop as it really runs: web, workers and beat as processes of their own, goods brought in by the services."""

from __future__ import annotations

import email
import email.policy
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from django.db import connections
from django.test import override_settings

from config import processes
from config.demo import goods, rates, shop as demo, vouchers
from config.demo.people import GUIDE
from contexts.catalog.drafts import ProductDraft
from contexts.kernel.addresses import Address
from contexts.messaging import acting_as

REPOSITORY = Path(__file__).resolve().parents[2]
#: What is on the shelves: one of each.
KINDS = (
    "mug", "teapot", "kettle", "casserole", "bowl", "blanket", "vase", "backpack", "lamp", "chair", "tent", "radio",
    "notebook", "headphones",
)  # fmt: skip
PIECES = 40
PATIENCE_S = 120.0
T = TypeVar("T")


class Person(NamedTuple):
    """Somebody with a password."""

    name: str
    email: str
    password: str


CUSTOMER = Person("Hanna Brandt", "hanna@example.com", "a lamp in every room")
STAFF = Person("Sam Staff", "sam@tradepost.example", "nineteen open drawers")


class Letter(NamedTuple):
    """An e-mail that the shop sent."""

    to: str
    subject: str
    text: str


class Shop:
    """The running shop: where it is, what it sells, what it wrote to whom."""

    def __init__(self, port: int, folder: Path, shelves: list[ProductDraft]) -> None:
        self.url = f"http://localhost:{port}"
        self.folder = folder
        self.mail = folder / "mail"
        self.environment: dict[str, str] = {}
        self._shelves = {draft.drawn_as: draft for draft in shelves}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def article(self, kind: str) -> ProductDraft:
        return self._shelves[kind]

    def letters(self, to: str) -> list[Letter]:
        """Return what was sent to an address, oldest first."""
        found = []
        for file in sorted(self.mail.glob("*.log"), key=lambda file: file.stat().st_mtime_ns):
            for raw in re.split(rb"\n-{79}\n", file.read_bytes()):
                message = email.message_from_bytes(raw, policy=email.policy.default)
                body = message.get_body(("plain",))
                if message["To"] and to in str(message["To"]) and body is not None:
                    found.append(Letter(to=to, subject=str(message["Subject"]), text=body.get_content()))
        return found

    def said(self) -> str:
        """Return the last words of every process, for a person who looks for the cause of a failure."""
        logs = sorted(self.folder.glob("*.txt"))
        return "\n".join(f"--- {log.stem}\n{log.read_text(errors='replace')[-1500:]}" for log in logs)

    @contextmanager
    def process(self, name: str, command: list[str], environment: dict[str, str]) -> Iterator[None]:
        with (self.folder / f"{name}.txt").open("wb") as log:
            running = self._running[name] = subprocess.Popen(
                command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log, start_new_session=True
            )
            try:
                yield
            finally:
                _end(running)

    def stop(self, name: str) -> None:
        """End one process for good."""
        _end(self._running[name])

    def close(self) -> None:
        """Ask all processes to end at once; each is waited for in its turn."""
        for running in self._running.values():
            if running.poll() is None:
                running.terminate()


@contextmanager
def another_web(shop: Shop, **environment: str) -> Iterator[str]:
    """Start a second web of the shop, with a setting of its own, and return its address."""
    port = _free_port()
    with override_settings(PORT=port, WEB_WORKERS=1):
        command = processes.web()
    own = shop.environment | environment | {"JOURNEYS_PORT": str(port)}
    with shop.process(f"web-{port}", command, own):
        address = f"http://localhost:{port}"
        _until(lambda: _answers(f"{address}/readyz"), "another web of the shop is ready")
        yield address


@contextmanager
def open_shop(folder: Path, environment: dict[str, str]) -> Iterator[Shop]:
    """Start the processes, fill the shelves, and wait until the workers have told every context of them."""
    port = _free_port()
    shop = Shop(port, folder, _shelves())
    environment = shop.environment = environment | {
        "DJANGO_SETTINGS_MODULE": "tests.journeys.settings",
        "JOURNEYS_PORT": str(port),
        "JOURNEYS_MAIL": str(shop.mail),
        # Journeys look for what must not be in the log of requests.
        "LOG_LEVEL": "INFO",
    }
    with override_settings(PORT=port, WEB_WORKERS=1, WORKER_PROCESSES=2):
        commands = {
            "web": processes.web(), "worker": processes.worker(), "effects": processes.effects(),
            "beat": processes.beat(),
        }  # fmt: skip
    with ExitStack() as running:
        for name, command in commands.items():
            running.enter_context(shop.process(name, command, environment))
        _fill(shop)
        try:
            _until(lambda: _answers(f"{shop.url}/readyz"), "the shop is ready")
            _until(_stocked, "ordering and catalog know what is in stock")
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{shop.said()}") from None
        yield shop
        shop.close()


def _shelves() -> list[ProductDraft]:
    first = {draft.drawn_as: draft for draft in reversed(goods.invent(scale=1, seed=7))}
    return [first[kind] for kind in KINDS]


def _fill(shop: Shop) -> None:
    from contexts.catalog import services as catalog
    from contexts.customers import services as customers
    from contexts.inventory import services as inventory
    from contexts.shipping.services import install_default_methods

    drafts = [shop.article(kind) for kind in KINDS]
    demo.open_categories()
    with acting_as("system:test"):
        catalog.publish_products(catalog.create_products(drafts))
        inventory.receive_many(
            {variant.sku: PIECES for draft in drafts for variant in draft.variants},
            reason="First delivery", actor="system:test", open_missing=True,
        )  # fmt: skip
        install_default_methods()
        rates.make()
        vouchers.make()
        account = customers.register(
            email=CUSTOMER.email, name=CUSTOMER.name, password=CUSTOMER.password, confirmed=True
        )
        home = Address(
            name=CUSTOMER.name, street=GUIDE.street, postcode=GUIDE.postcode, city=GUIDE.city, country=GUIDE.country
        )
        customers.save_address(customer_id=account.id, address=home)
        customers.open_staff_account(email=STAFF.email, name=STAFF.name, password=STAFF.password, superuser=True)


def _stocked() -> bool:
    from contexts.catalog.models import Variant
    from contexts.ordering.models import Code, ExchangeRate, GiftCard, Offer, ShippingMethod

    return (
        not Variant.objects.exclude(available=PIECES).exists()
        and Offer.objects.filter(available=PIECES).count() == Variant.objects.count()
        and ShippingMethod.objects.exists()
        and ExchangeRate.objects.count() == 4
        and (Code.objects.count(), GiftCard.objects.count()) == (3, 2)
    )


def _until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"It did not happen within {PATIENCE_S:.0f} s that {what}.")
        time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(running: subprocess.Popen[bytes]) -> None:
    """End a process and what it started: kindly first."""
    if running.poll() is None:
        running.terminate()
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=15)
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait(timeout=15)


def behind_the_scenes(act: Callable[[], T]) -> T:
    """Do something in the shop that no visitor does; in a thread, because the browser's loop lives in this one."""

    def acted() -> T:
        try:
            with acting_as("system:test"):
                return act()
        finally:
            for connection in connections.all(initialized_only=True):
                connection.close()

    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(acted).result()

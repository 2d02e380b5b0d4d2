"""Told once when an article is back: whoever asked, whatever the order of the news, and not at all after a stop."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from uuid_utils.compat import uuid7

from contexts.catalog.events import ProductChanged, ProductPublished, ProductWithdrawn, Variant
from contexts.customers.events import CustomerErased
from contexts.inventory.events import AvailabilityChanged
from contexts.kernel import identity
from contexts.kernel.identity import Identity
from contexts.kernel.money import eur
from contexts.notifications import back_in_stock, services
from contexts.notifications.back_in_stock import AlreadyBack, TooManyRequests, UnknownArticle
from contexts.notifications.models import BackRequest, Email, MutedAddress

pytestmark = pytest.mark.django_db(databases=["notifications"])
MUG, ADA = UUID(int=9), UUID(int=1)
PAGE = "/back-in-stock/RED-MUG/"


def published(*skus: str, product_id: UUID = MUG) -> ProductPublished:
    variants = [
        Variant(sku=sku, label=sku.split("-")[0].title(), price=eur(9_99), weight_grams=1, image="") for sku in skus
    ]
    return ProductPublished(
        product_id=product_id, slug="mug", name="Mug", category="cups", tax_class="standard", image="",
        variants=variants,
    )  # fmt: skip


def left(available: int, sku: str = "RED-MUG") -> AvailabilityChanged:
    return AvailabilityChanged(sku=sku, available=available)


@pytest.fixture
def sold_out(deliver):
    deliver(published("RED-MUG", "BLUE-MUG"))
    deliver(left(0))
    return deliver


def ask(email: str = "eve@example.com", **more) -> None:
    back_in_stock.ask(**{"sku": "RED-MUG", "email": email, "language": "en"} | more)


def recipients() -> list[str]:
    return sorted(Email.objects.values_list("recipient", flat=True))


def signed_in(client: Client, customer_id: UUID = ADA) -> Client:
    response = HttpResponse()
    identity.issue(response, Identity(customer_id=customer_id, email="ada@example.com", name="Ada"))
    client.cookies[identity.COOKIE] = response.cookies[identity.COOKIE].value
    return client


def test_everybody_who_asked_gets_one_email_however_often_we_are_told(sold_out):
    ask("eve@example.com")
    ask("bob@example.com", language="de")
    ask("late@example.com", sku="BLUE-MUG")

    sold_out(left(3), times=2)
    sold_out(left(0))
    sold_out(left(5))

    assert recipients() == ["bob@example.com", "eve@example.com"]
    services.send_due()
    services.send_due()
    assert sorted(message.to[0] for message in mail.outbox) == ["bob@example.com", "eve@example.com"]


def test_the_email_says_what_is_back_how_many_and_how_to_stop(sold_out):
    ask()
    sold_out(left(3))

    services.send_due()

    [letter] = mail.outbox
    assert letter.subject == "It is back: Mug (Red)"
    assert "There are 3 pieces as we write this; none of them is kept for you." in letter.body
    assert "http://testserver/p/mug/?variant=RED-MUG" in letter.body
    [stop] = re.findall(r"http://testserver/back-in-stock/stop/\S+", letter.body)
    assert letter.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_asking_twice_is_one_request_and_asking_after_the_email_is_another(sold_out):
    ask("Eve@Example.com ")
    ask("eve@example.com")
    assert BackRequest.objects.count() == 1

    sold_out(left(1))
    sold_out(left(0))
    ask()
    sold_out(left(2))

    assert recipients() == ["eve@example.com", "eve@example.com"]


def test_what_is_there_or_unknown_cannot_be_waited_for(sold_out):
    sold_out(left(4))

    with pytest.raises(AlreadyBack):
        ask()
    with pytest.raises(UnknownArticle):
        ask(sku="GHOST")

    assert BackRequest.objects.count() == 0


@pytest.mark.parametrize("first", ["goods", "stock"])
def test_catalog_and_inventory_may_speak_in_any_order(deliver, first):
    news = [published("RED-MUG"), left(0)]
    for event in news if first == "goods" else reversed(news):
        deliver(event, times=2)
    ask()

    deliver(left(1))

    assert recipients() == ["eve@example.com"]


def test_nobody_is_called_for_what_is_not_for_sale_until_it_is(sold_out):
    ask()
    sold_out(ProductWithdrawn(product_id=MUG, skus=["RED-MUG"]))

    sold_out(left(5))
    assert recipients() == []
    sold_out(published("RED-MUG"))

    assert recipients() == ["eve@example.com"]


def test_a_variant_that_was_dropped_calls_nobody(sold_out):
    ask()
    event = published("BLUE-MUG")
    sold_out(ProductChanged(**{field: getattr(event, field) for field in event.__struct_fields__}))

    sold_out(left(5))

    assert recipients() == []


def test_stopping_ends_all_requests_of_the_address_and_those_that_strangers_make(sold_out):
    ask()
    ask(sku="BLUE-MUG")
    ask("bob@example.com")
    [mine] = BackRequest.objects.filter(email="eve@example.com", sku="RED-MUG")

    assert back_in_stock.stop(request_id=mine.id)
    ask()
    sold_out(left(5))

    assert recipients() == ["bob@example.com"]
    assert "eve" not in str(list(MutedAddress.objects.values()))


def test_the_addresss_own_account_may_ask_again(sold_out):
    ask("ada@example.com")
    back_in_stock.stop(request_id=BackRequest.objects.get().id)

    ask("ada@example.com", customer_id=ADA)

    sold_out(left(5))
    assert recipients() == ["ada@example.com"]


def test_an_erased_customer_is_not_written_to(sold_out):
    ask("ada@example.com", customer_id=ADA)

    sold_out(CustomerErased(customer_id=ADA), times=2)
    sold_out(left(5))

    assert BackRequest.objects.count() == 0
    assert recipients() == []


def test_an_address_waits_for_so_many_articles_and_no_more(sold_out, monkeypatch):
    monkeypatch.setattr(back_in_stock, "MOST_OPEN", 1)
    ask()

    with pytest.raises(TooManyRequests):
        ask(sku="BLUE-MUG")


def test_a_guest_asks_on_the_page_and_is_told_what_happens(client, sold_out):
    assert "Tell me when it is back" in client.get(PAGE).content.decode()

    answer = client.post(PAGE, {"email": "eve@example.com"}, follow=True)

    assert answer.redirect_chain == [(f"{PAGE}?asked=yes", 303)]
    assert "We write one e-mail as soon as “Mug (Red)” is back" in answer.content.decode()
    assert BackRequest.objects.values_list("email", "customer_id").get() == ("eve@example.com", None)


@pytest.mark.parametrize("entered", ["", "nonsense", "a@b", "x" * 300 + "@example.com"])
def test_an_address_that_is_none_is_said_beside_the_field(client, sold_out, entered):
    page = client.post(PAGE, {"email": entered}).content.decode()

    assert "field__error" in page
    assert BackRequest.objects.count() == 0


def test_who_is_signed_in_enters_nothing(client, sold_out):
    signed_in(client)
    page = client.get(PAGE).content.decode()
    assert "We write one e-mail to ada@example.com." in page
    assert 'type="email"' not in page

    client.post(PAGE, {"email": "somebody@else.example"})

    assert BackRequest.objects.values_list("email", "customer_id").get() == ("ada@example.com", ADA)


def test_the_page_of_what_is_back_leads_to_the_article(client, sold_out):
    sold_out(left(2))

    assert "It is in stock now." in client.get(PAGE).content.decode()
    answer = client.post(PAGE, {"email": "eve@example.com"})
    assert (answer.status_code, answer["Location"]) == (303, "/p/mug/?variant=RED-MUG")
    assert client.get("/back-in-stock/GHOST/").status_code == 404
    assert client.get("/back-in-stock/%00/").status_code == 404
    assert client.post("/back-in-stock/GHOST/", {"email": "eve@example.com"}).status_code == 404


def test_opening_the_link_changes_nothing_and_the_button_does(sold_out):
    from contexts.notifications.rendering import stop_url

    ask()
    address = stop_url(BackRequest.objects.get().id).removeprefix("http://testserver")
    program = Client(enforce_csrf_checks=True)  # A mail program posts without having seen a page.

    assert "Stop these e-mails" in program.get(address).content.decode()
    assert BackRequest.objects.count() == 1
    assert "You get no more news of stock" in program.post(address).content.decode()

    assert BackRequest.objects.count() == 0
    assert program.post(address).status_code == 200
    assert program.get("/back-in-stock/stop/forged/").status_code == 404


def test_the_page_asks_the_database_once(client, sold_out, django_assert_num_queries):
    with django_assert_num_queries(1, using="notifications"):
        client.get(PAGE)


@pytest.mark.django_db(databases=["notifications"], transaction=True)
def test_who_asks_while_it_comes_back_is_told_or_sees_it():
    def at_once(jobs):
        def run(job):
            try:
                return job()
            finally:
                connections["notifications"].close()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(run, jobs))

    for number in range(12):
        sku, seen = f"MUG-{number}", []
        told = back_in_stock.Told(event_id=uuid7(), product_id=uuid4(), slug="mug", name="Mug", labels={sku: ""})
        back_in_stock.keep_articles([told])
        back_in_stock.keep_availability({sku: (0, uuid7())})

        def wait(sku=sku, seen=seen):
            with suppress(AlreadyBack):
                ask(sku=sku)
                return
            seen.append(sku)

        at_once([wait, lambda sku=sku: back_in_stock.keep_availability({sku: (1, uuid7())})])

        assert len(seen) + Email.objects.filter(data__sku=sku).count() == 1

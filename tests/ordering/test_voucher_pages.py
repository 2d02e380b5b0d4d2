"""The checkout's fields for a code and a gift card: taken by any submit, explained beside the field, always in the sum."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from uuid_utils.compat import uuid7

from contexts.inventory.events import StockReserved
from contexts.kernel.money import eur
from contexts.ordering import guesses
from contexts.ordering.events import OrderPlaced
from contexts.ordering.models import Checkout, Code, GiftCard, Offer
from contexts.promotions.events import PromotionRedeemed, PromotionRefused
from tests.ordering.browsing import FORM, begin, give_card, seen, words
from tests.ordering.test_vouchers import code, gift_card

pytestmark = pytest.mark.django_db(databases=["ordering"])
TYPED = "7F3K-92QX-0000-0001"


@pytest.fixture(autouse=True)
def nobody_has_guessed():
    cache.clear()


def fill_in(client: Client, order_id, **more: str):
    return client.post(f"/checkout/{order_id}/", FORM | more)


def kept() -> tuple[str, object]:
    return Checkout.objects.values_list("code", "gift_card_id").get()


def test_any_submit_takes_a_code_and_a_gift_card(client):
    code()
    card = gift_card(10_00, TYPED)
    order_id = begin(client)

    answer = fill_in(client, order_id, promotion_code="welcome10 ", gift_card=TYPED.lower().replace("-", " "))
    give_card(client, order_id)

    assert answer.status_code == 303
    assert kept() == ("WELCOME10", card.card_id)
    page = words(client.get(f"/checkout/{order_id}/review/"))
    assert "Goods €25.00 Discount with WELCOME10 −€2.50 Shipping €4.90 Total €27.40 of which 19 % tax €4.37" in page
    assert "Gift card ending 0001 −€10.00 To pay €17.40" in page


def test_either_may_stand_in_the_others_field(client):
    code()
    card = gift_card(10_00, TYPED)
    order_id = begin(client)

    fill_in(client, order_id, promotion_code=TYPED, gift_card="WELCOME10")

    assert kept() == ("WELCOME10", card.card_id)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("promotion_code", "WELCOME11", "We do not know this code."),
        ("gift_card", "7F3K-92QX-0000-0002", "We do not know this code."),
        ("promotion_code", "BIGCART", "The code BIGCART needs goods for €100.00; €75.00 is missing."),
        ("gift_card", "EMPTY-CARD", "The gift card ending CARD is used up."),
        ("promotion_code", "'; drop table --", "We do not know this code."),
        ("gift_card", "\N{PILE OF POO}" * 70, "We do not know this code."),
    ],
)
def test_a_problem_is_told_beside_the_field_and_what_was_typed_stays(client, field, typed, said):
    code("BIGCART", minimums={"EUR": 100_00})
    gift_card(0, "EMPTY-CARD")
    order_id = begin(client)

    answer = fill_in(client, order_id, **{field: typed})

    assert answer.status_code == 422
    assert said in words(answer)
    assert answer.context["form"][field].value() == typed
    assert answer.context["form"]["street"].value() == "Kanalstr. 4"
    assert kept() == ("", None)


def test_two_codes_are_one_too_many(client):
    code()
    code("FREESHIP", "free_shipping")
    order_id = begin(client)

    answer = fill_in(client, order_id, promotion_code="WELCOME10", gift_card="FREESHIP")

    assert "One code and one gift card can be used for an order." in words(answer)


def test_what_was_given_stands_in_the_form_again_and_the_gift_card_is_masked(client):
    code()
    gift_card(10_00, TYPED)
    order_id = begin(client)
    fill_in(client, order_id, promotion_code="WELCOME10", gift_card=TYPED)

    page = client.get(f"/checkout/{order_id}/")

    assert page.context["form"]["promotion_code"].value() == "WELCOME10"
    assert page.context["form"]["gift_card"].value() == "•••• 0001"
    assert TYPED not in page.content.decode()
    assert "To pay €17.40" in words(page)
    # And sending the form again as it is keeps both.
    before = kept()
    fill_in(client, order_id, promotion_code="WELCOME10", gift_card="•••• 0001")
    assert kept() == before


def test_an_emptied_field_or_the_button_removes_it_and_keeps_the_rest(client):
    code()
    card = gift_card(10_00, TYPED)
    order_id = begin(client)
    fill_in(client, order_id, promotion_code="WELCOME10", gift_card=TYPED)

    answer = client.post(
        f"/checkout/{order_id}/",
        FORM
        | {
            "street": "Elsewhere 1",
            "promotion_code": "WELCOME10",
            "gift_card": "•••• 0001",
            "remove": "promotion_code",
        },
    )

    assert answer.status_code == 200
    assert kept() == ("", card.card_id)
    assert answer.context["form"]["street"].value() == "Elsewhere 1"
    assert answer.context["form"]["promotion_code"].value() == ""
    fill_in(client, order_id, promotion_code="", gift_card="")
    assert kept() == ("", None)


def test_removing_nonsense_removes_nothing(client):
    code()
    order_id = begin(client)
    fill_in(client, order_id, promotion_code="WELCOME10")

    client.post(f"/checkout/{order_id}/", FORM | {"remove": "street"})

    assert kept() == ("WELCOME10", None)


def test_while_typing_the_sum_follows_and_nothing_is_kept(client):
    code()
    order_id = begin(client)

    part = client.post(
        f"/checkout/{order_id}/sum/", {"promotion_code": "WELCOME10", "country": "DE", "shipping_method": "standard"}
    )

    assert part.status_code == 200
    assert "Discount with WELCOME10 −€2.50 Shipping €4.90 Total €27.40" in words(part)
    assert "This code is valid." in words(part)
    assert part.content.decode().count('hx-swap-oob="true"') == 2
    assert kept() == ("", None)


def test_while_typing_a_wrong_code_is_told_and_the_sum_stays(client):
    order_id = begin(client)

    part = client.post(
        f"/checkout/{order_id}/sum/", {"promotion_code": "WELC", "country": "XX", "shipping_method": "?"}
    )

    assert "We do not know this code." in words(part)
    assert "Goods €25.00" in words(part)
    assert "Discount" not in words(part)


def test_somebody_elses_checkout_answers_nothing(client):
    order_id = begin(client)

    assert Client().post(f"/checkout/{order_id}/sum/", {"promotion_code": "X"}).status_code == 404
    assert client.get(f"/checkout/{order_id}/sum/").status_code == 405


def test_guessing_ends_after_some_wrong_codes_even_with_the_right_one(client, monkeypatch):
    monkeypatch.setattr(guesses, "MOST_PER_CHECKOUT", 3)
    gift_card(10_00, TYPED)
    order_id = begin(client)
    for guess in range(3):
        fill_in(client, order_id, gift_card=f"GUESS-{guess}")

    answer = fill_in(client, order_id, gift_card=TYPED)

    assert answer.status_code == 422
    assert "These were too many wrong codes." in words(answer)
    assert kept() == ("", None)
    # The order itself goes on without.
    assert fill_in(client, order_id).status_code == 303


def test_a_gift_card_that_covers_all_leads_past_the_card(client, deliver, published_events):
    gift_card(100_00, TYPED)
    order_id = begin(client)

    answer = fill_in(client, order_id, gift_card=TYPED)

    assert answer["Location"] == f"/checkout/{order_id}/review/"
    page = words(client.get(answer["Location"]))
    assert "The gift card covers everything: no card is needed." in page
    assert "Place order Your card is charged" not in page
    done = client.post(answer["Location"], {"seen": seen(client, order_id)})
    [placed] = published_events.of(OrderPlaced)
    assert placed.payable == eur(0)
    deliver(PromotionRedeemed(order_id=order_id))
    deliver(StockReserved(order_id=order_id))
    page = words(client.get(done["Location"], follow=True))
    assert "Your order is confirmed." in page
    assert "Paid in full Gift card ending 0001" in page
    assert "To pay €0.00" in page


def test_a_gift_card_emptied_elsewhere_meanwhile_asks_for_a_card_before_anything_is_ordered(client, published_events):
    gift_card(100_00, TYPED)
    order_id = begin(client)
    fill_in(client, order_id, gift_card=TYPED)
    note = seen(client, order_id)
    GiftCard.objects.update(balance_cents=10_00)

    answer = client.post(f"/checkout/{order_id}/review/", {"seen": note})

    assert answer.status_code == 303
    assert answer["Location"].startswith(f"/pay/{order_id}/")
    assert published_events.of(OrderPlaced) == []


def test_a_code_that_ended_meanwhile_is_told_on_the_review_with_the_present_sum(client):
    code()
    order_id = begin(client)
    fill_in(client, order_id, promotion_code="WELCOME10")
    give_card(client, order_id)
    note = seen(client, order_id)
    Code.objects.update(usable=False)

    answer = client.post(f"/checkout/{order_id}/review/", {"seen": note})

    assert answer.status_code == 409
    assert "The code WELCOME10 can no longer be used. Change code or gift card" in words(answer)
    assert "The discount changed from €2.50 to €0.00." in words(answer)
    assert "Total €29.90" in words(answer)


def test_the_form_says_nothing_about_amounts_that_the_server_believes(client, published_events):
    code()
    order_id = begin(client)
    fill_in(client, order_id, promotion_code="WELCOME10", discount="25.00", total="0", payable="0")
    give_card(client, order_id)

    client.post(f"/checkout/{order_id}/review/", {"seen": seen(client, order_id), "total": "0", "discount": "2500"})

    [placed] = published_events.of(OrderPlaced)
    assert (placed.total, placed.payable, placed.discount) == (eur(27_40), eur(27_40), eur(2_50))


def test_an_order_whose_code_was_taken_by_somebody_else_says_so_and_offers_the_cart(client, deliver):
    code()
    order_id = begin(client)
    fill_in(client, order_id, promotion_code="WELCOME10")
    give_card(client, order_id)
    done = client.post(f"/checkout/{order_id}/review/", {"seen": seen(client, order_id)})

    deliver(PromotionRefused(order_id=order_id, reason="code_used_up"))

    page = words(client.get(done["Location"], follow=True))
    assert "Somebody else was a moment faster and used the code WELCOME10 for the last time." in page
    assert "You pay nothing." in page
    assert "Put the goods back in my cart" in page


@pytest.mark.parametrize("articles", [1, 12])
def test_six_queries_are_enough_with_a_code_and_a_gift_card(client, articles, django_assert_num_queries):
    code(per_customer=1)
    gift_card(10_00, TYPED)
    for number in range(articles):
        Offer.objects.create(
            sku=f"MUG-{number}", product_id=uuid7(), name="Mug", price_cents=5_00, on_sale=True, available=9
        )
        client.post("/cart/add/", {"sku": f"MUG-{number}", "quantity": 2})
    order_id = begin(client)
    fill_in(client, order_id, promotion_code="WELCOME10", gift_card=TYPED)
    give_card(client, order_id)

    with django_assert_num_queries(6, using="ordering"):
        client.get(f"/checkout/{order_id}/")
    with django_assert_num_queries(6, using="ordering"):
        client.get(f"/checkout/{order_id}/review/")

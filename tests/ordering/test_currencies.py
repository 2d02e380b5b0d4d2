"""A cart, a checkout and an order each have one currency, and what is in another is said or refused."""

from datetime import date
from decimal import Decimal

import pytest
from uuid_utils.compat import uuid7

from contexts.catalog.events import ExchangeRateSet, PricesFixed
from contexts.inventory.events import StockReserved
from contexts.kernel import currencies
from contexts.kernel.money import Money, eur
from contexts.ordering import queries, services
from contexts.ordering.events import OrderPlaced
from contexts.ordering.invoicing.pdf import draw
from contexts.ordering.models import Cart, Checkout, ExchangeRate, Invoice, ShippingMethod
from contexts.payments.events import PaymentAuthorised, PaymentCaptured, PaymentRefunded
from contexts.shipping.events import ParcelDispatched
from tests.ordering.browsing import FORM, begin, give_card, seen, words
from tests.ordering.shop import cart, checkout, offer, shipping_method, summary
from tests.ordering.test_invoices import text_of
from tests.ordering.test_vouchers import code, gift_card

pytestmark = pytest.mark.django_db(databases=["ordering"])
TYPED = "7F3K-92QX-0000-0001"


@pytest.fixture
def rates():
    for currency, per_unit, step in (("GBP", "0.87", 5), ("JPY", "178", 10)):
        key = f"{currency}-2026-01-01"
        ExchangeRate.objects.create(
            key=key, currency=currency, since=date(2026, 1, 1), per_unit=Decimal(per_unit), step=step
        )


def test_ordering_keeps_the_rates_and_the_fixed_prices_that_it_is_told(deliver):
    offer("RED-MUG", cents=10_00)
    rate = ExchangeRateSet(currency="GBP", since=date(2026, 1, 1), per_unit=Decimal("0.87"), step=5, less=0)

    deliver(rate, times=2)
    deliver(PricesFixed(product_id=uuid7(), sku="RED-MUG", prices=[Money(9_99, "GBP")]), times=2)

    assert ExchangeRate.objects.get().per_unit == Decimal("0.87")
    with currencies.reading("GBP"):
        [line] = queries.cart(cart(("RED-MUG", 1))).lines
    assert line.unit_price == Money(9_99, "GBP")


def test_a_cart_that_is_read_in_another_currency_says_so_until_something_is_done(client, rates):
    offer("RED-MUG", cents=12_50)
    client.post("/cart/add/", {"sku": "RED-MUG", "quantity": 2})

    client.get("/cart/?currency=GBP")
    page = words(client.get("/cart/"))
    client.post("/cart/change/", {"sku": "RED-MUG", "quantity": 1})

    assert "Your cart went over from Euro to Pound sterling" in page
    assert "£21.80" in page
    assert "price changed" not in page
    assert Cart.objects.get().currency == "GBP"
    assert "went over" not in words(client.get("/cart/"))
    client.cookies["currency"] = "CHF"
    assert "we have no exchange rate for Swiss franc (CHF)" in client.get("/cart/").content.decode()


def test_adding_in_another_currency_says_that_the_rest_went_over(client, rates):
    offer("RED-MUG")
    offer("BLUE-MUG")
    client.post("/cart/add/", {"sku": "RED-MUG", "quantity": 1})
    client.cookies["currency"] = "JPY"

    page = words(client.post("/cart/add/", {"sku": "BLUE-MUG", "quantity": 1}, follow=True))

    assert "Your cart went over from Euro to Japanese yen" in page
    assert "¥4,460" in page


def test_a_checkout_keeps_its_currency_and_says_so_where_another_is_read(client, rates):
    order_id = begin(client)
    client.cookies["currency"] = "JPY"

    page = words(client.get(f"/checkout/{order_id}/"))

    assert "You pay this checkout in EUR. To pay in JPY, go to the cart" in page
    assert "€25.00" in page


@pytest.mark.parametrize("articles", [1, 9])
def test_another_currency_costs_no_query(client, rates, articles, django_assert_num_queries):
    client.cookies["currency"] = "GBP"
    code(per_customer=1)
    gift_card(10_00, TYPED)
    for number in range(articles):
        offer(f"MUG-{number}")
        client.post("/cart/add/", {"sku": f"MUG-{number}", "quantity": 2})
    order_id = begin(client)
    client.post(f"/checkout/{order_id}/", FORM | {"promotion_code": "WELCOME10"})
    give_card(client, order_id)

    with django_assert_num_queries(1, using="ordering"):
        client.get("/cart/")
    with django_assert_num_queries(5, using="ordering"):
        client.get(f"/checkout/{order_id}/")
    with django_assert_num_queries(5, using="ordering"):
        client.get(f"/checkout/{order_id}/review/")


def test_an_order_in_yen_is_placed_charged_invoiced_and_refunded_in_yen(client, rates, deliver, published_events):
    client.cookies["currency"] = "JPY"
    order_id = begin(client)
    client.post(f"/checkout/{order_id}/", FORM)
    give_card(client, order_id)
    page = words(client.get(f"/checkout/{order_id}/review/"))
    client.post(f"/checkout/{order_id}/review/", {"seen": seen(client, order_id)})

    assert "Goods ¥4,460 Shipping ¥870 Total ¥5,330 of which 19 % tax ¥851" in page
    [placed] = [event for event in published_events if isinstance(event, OrderPlaced)]
    assert (placed.total, placed.tax) == (Money(5330, "JPY"), Money(851, "JPY"))
    assert placed.exchange_rate == 178

    whole = Money(5330, "JPY")
    deliver(StockReserved(order_id=order_id))
    deliver(PaymentAuthorised(order_id=order_id, amount=whole, method_label="Visa ending 4242"))
    deliver(ParcelDispatched(order_id=order_id, parcel_id=uuid7(), carrier="Blue Van", tracking_number="BV1"))
    deliver(PaymentCaptured(order_id=order_id, amount=whole))
    part = Money(1000, "JPY")
    deliver(PaymentRefunded(order_id=order_id, amount=part, refunded=part, refund_id=uuid7()))

    assert summary(order_id).refunded == part
    invoice, note = Invoice.objects.order_by("serial")
    paper = text_of(draw(invoice))
    assert "Total ¥5,330 Tax in EUR €4.78 Paid by Visa ending 4242 ¥5,330" in paper
    paper = text_of(draw(note))
    assert "Credited in all ¥1,000 Tax in EUR €0.90 Back to Visa ending 4242 ¥1,000" in paper


def test_tax_that_is_added_is_in_the_sum_the_order_the_invoice_and_what_goes_back(client, deliver, published_events):
    shipping_method("abroad", countries=("CA",))
    order_id = begin(client)
    client.post(f"/checkout/{order_id}/", FORM | {"country": "CA", "shipping_method": "abroad"})
    give_card(client, order_id)
    page = words(client.get(f"/checkout/{order_id}/review/"))
    client.post(f"/checkout/{order_id}/review/", {"seen": seen(client, order_id)})
    deliver(StockReserved(order_id=order_id))
    deliver(PaymentAuthorised(order_id=order_id, amount=eur(31_40), method_label="Visa ending 4242"))
    deliver(ParcelDispatched(order_id=order_id, parcel_id=uuid7(), carrier="Blue Van", tracking_number="BV1"))

    assert "Goods €25.00 Shipping €4.90 plus 5 % tax €1.50 Total €31.40" in page
    [placed] = [event for event in published_events if isinstance(event, OrderPlaced)]
    assert (placed.total, placed.tax, placed.tax_added) == (eur(31_40), eur(1_50), True)
    assert "plus tax €1.50 Total €31.40" in words(client.get(f"/orders/{order_id}/"))
    content = Invoice.objects.get().content
    assert [(row.unit_price, row.tax, row.gross) for row in content.rows] == [
        (eur(12_50), eur(1_25), eur(26_25)),
        (eur(4_90), eur(25), eur(5_15)),
    ]
    assert [(rate.net, rate.tax, rate.gross) for rate in content.rates] == [(eur(29_90), eur(1_50), eur(31_40))]


def test_codes_count_at_the_rate_and_a_gift_card_only_in_its_own_currency(client, rates):
    client.cookies["currency"] = "GBP"
    code("FIVE", kind="amount", amounts={"EUR": 5_00}, minimums={"EUR": 20_00})
    gift_card(10_00, TYPED)
    order_id = begin(client)

    refused = words(client.post(f"/checkout/{order_id}/", FORM | {"promotion_code": "FIVE", "gift_card": TYPED}))

    assert "The gift card ending 0001 is in EUR, so it cannot pay for an order in GBP." in refused
    assert "Discount with FIVE −£4.35" in refused
    small = code("BIG", kind="amount", amounts={"EUR": 5_00}, minimums={"EUR": 40_00})
    said = words(client.post(f"/checkout/{order_id}/", FORM | {"promotion_code": small.code}))
    assert "The code BIG needs goods for £34.80; £13.00 is missing." in said


@pytest.mark.parametrize(
    ("off", "discount", "payable", "given_up"),
    [(24_00, 24_00, 1_00, None), (24_70, 25_00, 0, eur(30)), (25_00, 25_00, 0, None)],
)
def test_a_rest_that_no_card_could_pay_after_a_code_is_given_up(off, discount, payable, given_up):
    code("MUCH", kind="amount", amounts={"EUR": off})
    shipping_method(cents=0)
    order_id = checkout(("RED-MUG", 2))
    services.save_vouchers(order_id=order_id, code="MUCH", gift_card_id=None)

    order = services.place_order(order_id=order_id)

    quote = services.review(lines=order.lines, checkout=Checkout.objects.get(order_id=order_id)).quote
    assert (quote.discount, quote.payable, quote.given_up) == (eur(discount), eur(payable), given_up)
    assert order.placed.discount == eur(discount)
    assert sum(line.discount.amount for line in order.placed.lines) == discount
    assert order.placed.payment_method == ("pm_1" if payable else "")


def test_an_order_too_small_for_a_card_is_refused_in_plain_words(client):
    offer("RED-MUG", cents=15)
    order_id = begin(client)
    ShippingMethod.objects.update(price_cents=0)
    client.post(f"/checkout/{order_id}/", FORM)
    give_card(client, order_id)

    answer = client.post(f"/checkout/{order_id}/review/", {"seen": seen(client, order_id)})

    assert answer.status_code == 409
    assert "A card cannot pay less than €0.50." in words(answer)
    assert summary(order_id).placed_at is None

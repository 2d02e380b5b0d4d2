"""Staff make codes and issue gift cards through the services; what orders did is read, not written."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone

from contexts.kernel.money import eur
from contexts.kernel.vouchers import card_digest
from contexts.promotions import services
from contexts.promotions.events import CodeChanged
from contexts.promotions.models import GiftCard, PromotionCode
from tests.promotions.factories import balance, gift_card, ten_percent, wanted

pytestmark = pytest.mark.django_db(databases=["promotions", "customers"])
ADD = "admin:promotions_promotioncode_add"
INLINE = {"redemptions-TOTAL_FORMS": 0, "redemptions-INITIAL_FORMS": 0}


@pytest.fixture
def staff(client):
    ContentType.objects.clear_cache()  # Its rows may have been made, and rolled back, by another test.
    client.force_login(get_user_model().objects.create_superuser(email="staff@example.com", password="a long password"))
    return client


def typed(**terms):
    return {"code": "summer", "kind": "percent", "percent": "15", "active": "on", **INLINE} | terms


def words(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_code_is_made_and_announced(staff, published_events):
    answer = staff.post(
        reverse(ADD),
        typed(minimums="EUR 30.00, USD 35", product_slugs="red-mug\nblue-mug", limit="100", per_customer="1"),
    )

    assert answer.status_code == 302, words(answer)
    [changed] = published_events.of(CodeChanged)
    assert (changed.code, changed.percent_hundredths) == ("SUMMER", 15_00)
    code = PromotionCode.objects.get()
    assert (code.minimums, code.product_slugs) == ({"EUR": 30_00, "USD": 35_00}, ["blue-mug", "red-mug"])
    assert (code.limit, code.per_customer, code.redeemed) == (100, 1, 0)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"code": ""}, "This field is required."),
        ({"code": "two words"}, "Use capital letters, digits and hyphens."),
        ({"percent": ""}, "Say how many percent."),
        ({"percent": "101"}, "less than or equal to 100"),
        ({"kind": "amount"}, "Say how much, as in EUR 5.00."),
        ({"kind": "amount", "amounts": "five"}, "“five” is no amount. Write it like EUR 5.00."),
        ({"minimums": "EUR 5.001"}, "“EUR 5.001” is no amount."),
        ({"minimums": "EUR -5"}, "“EUR -5” is no amount."),
        ({"limit": "-1"}, "greater than or equal to 0"),
    ],
)
def test_nonsense_makes_no_code(staff, published_events, terms, said):
    answer = staff.post(reverse(ADD), typed(**terms))

    assert said in words(answer)
    assert PromotionCode.objects.count() == 0
    assert published_events == []


def test_changing_a_code_keeps_what_was_counted_meanwhile(staff):
    ten_percent(limit=5)
    page = reverse("admin:promotions_promotioncode_change", args=["WELCOME10"])
    assert staff.get(page).status_code == 200
    services.redeem(wanted(code="WELCOME10"))

    answer = staff.post(page, typed(percent="20", limit="1", **INLINE))

    assert answer.status_code == 302, words(answer)
    assert PromotionCode.objects.values_list("code", "percent", "limit", "redeemed").get() == ("WELCOME10", 20, 1, 1)


def test_a_limit_below_the_use_is_refused_beside_the_field(staff):
    ten_percent(limit=5)
    for _ in range(2):
        services.redeem(wanted(code="WELCOME10"))

    answer = staff.post(reverse("admin:promotions_promotioncode_change", args=["WELCOME10"]), typed(limit="1"))

    assert "2 orders use it already. Allow at least so many." in words(answer)
    assert PromotionCode.objects.get().limit == 5


def test_a_code_shows_who_used_it(staff, django_assert_max_num_queries):
    ten_percent()
    for number in range(12):
        services.redeem(wanted(code="WELCOME10", email=f"ada{number}@example.com", number=f"TP-{number}"))

    with django_assert_max_num_queries(12, using="promotions"):
        page = words(staff.get(reverse("admin:promotions_promotioncode_change", args=["WELCOME10"])))

    assert "ada3@example.com" in page
    assert "TP-3" in page


def test_a_gift_card_is_issued_and_its_code_told_once(staff):
    page = staff.post(reverse("admin:promotions_giftcard_add"), {"amount": "50", "currency": "EUR", "note": "Fair"})

    [code] = re.findall(r'id="code">([^<]+)<', page.content.decode())
    card = GiftCard.objects.get()
    assert (card.digest, card.balance, card.note) == (card_digest(code), eur(50_00), "Fair")
    assert "no-store" in page["Cache-Control"]
    assert code not in words(staff.get(reverse("admin:promotions_giftcard_change", args=[card.pk])))
    assert "issued" in words(staff.get(reverse("admin:promotions_giftcard_change", args=[card.pk]))).lower()


@pytest.mark.parametrize(
    "entered", [{"amount": "0"}, {"amount": "-5"}, {"amount": ""}, {"amount": "5", "currency": "euro"}]
)
def test_nonsense_issues_no_gift_card(staff, entered):
    answer = staff.post(reverse("admin:promotions_giftcard_add"), {"currency": "EUR"} | entered)

    assert answer.status_code == 422
    assert GiftCard.objects.count() == 0


def test_a_gift_card_is_stopped_after_a_question(staff):
    card = gift_card()
    page = reverse("admin:promotions_giftcard_switch", args=[card.pk])

    assert "No order can use it from now on" in words(staff.get(page))
    assert GiftCard.objects.get().active
    staff.post(page)

    assert not GiftCard.objects.get().active


def test_the_ledger_cannot_be_written(staff):
    card = gift_card()
    staff.post(
        reverse("admin:promotions_giftcard_change", args=[card.pk]),
        {"balance_cents": "9999999", "movements-TOTAL_FORMS": 0, "movements-INITIAL_FORMS": 0},
    )

    assert balance(card) == eur(50_00)


def test_a_part_goes_back_to_the_gift_card_but_not_more_than_was_taken(staff):
    card = gift_card()
    order = wanted(card=card, cents=20_00)
    services.redeem(order)
    page = reverse("admin:promotions_redemption_refund", args=[order.order_id])

    refused = staff.post(page, {"amount": "20.01", "note": "Broken"})
    assert refused.status_code == 422
    assert "20.01 EUR wanted, 20.00 EUR" in words(refused)
    staff.post(page, {"amount": "5", "note": "Broken"})

    assert balance(card) == eur(35_00)


def test_a_code_over_before_it_begins_is_refused(staff):
    now = timezone.localtime()
    begins, ends = now + timedelta(days=2), now + timedelta(days=1)
    moments = {
        "valid_from_0": begins.date().isoformat(), "valid_from_1": "12:00", "valid_until_0": ends.date().isoformat(),
        "valid_until_1": "12:00",
    }  # fmt: skip

    answer = staff.post(reverse(ADD), typed(**moments))

    assert "It would end before it begins." in words(answer)
    assert PromotionCode.objects.count() == 0

"""The demo shop: the same seed makes the same shop, through the services, with a past."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from config.demo import filling, german, opinions, orders, shop
from config.demo.clock import set_back
from config.demo.goods import ARTICLES, FRONT_TABLE, LINES, invent
from config.demo.lines import CATEGORIES
from config.demo.people import PEOPLE
from config.problems import Problem
from contexts.catalog import drawings
from contexts.catalog.drafts import ProductDraft, VariantDraft
from contexts.catalog.models import Product, Variant
from contexts.kernel.money import eur
from contexts.messaging import delivery
from contexts.messaging.drain import drain
from contexts.messaging.models import LogEntry


@pytest.fixture(scope="module")
def goods() -> list[ProductDraft]:
    return invent(scale=1, seed=7)


def test_the_same_seed_makes_the_same_goods(goods):
    assert invent(scale=1, seed=7) == goods
    assert invent(scale=1, seed=8) != goods


@pytest.mark.parametrize("scale", [1, 3])
def test_goods_are_as_many_as_asked_and_each_is_its_own(scale):
    drafts = invent(scale=scale, seed=7)

    skus = [variant.sku for draft in drafts for variant in draft.variants]
    assert len(drafts) == ARTICLES * scale
    assert len({draft.slug for draft in drafts}) == len(drafts)
    assert len(set(skus)) == len(skus)


def test_goods_fit_the_catalogue(goods):
    aisles = {slug for slug, *_ in CATEGORIES}
    for draft in goods:
        assert draft.category in aisles
        assert len(draft.summary) <= 160
        assert "{" not in draft.summary + draft.description
        Product(**{name: getattr(draft, name) for name in ("slug", "name", "summary")}).clean_fields(
            exclude=["category"]
        )
        for variant in draft.variants:
            Variant(
                sku=variant.sku, label=variant.label, colour=variant.colour, price_cents=variant.price.amount
            ).clean_fields(exclude=["product"])
            drawings.render(
                f"{draft.drawn_as}-{draft.drawing_seed}-{variant.colour[1:]}-{draft.drawing_finish}", "front"
            )


def test_every_kind_that_can_be_drawn_is_sold():
    assert {line.kind for line in LINES} == set(drawings.KINDS)


def test_the_front_table_has_one_of_each(goods):
    assert sorted(draft.drawn_as for draft in goods if draft.featured) == sorted(FRONT_TABLE)


def test_everything_that_is_said_of_the_goods_is_said_in_german_too():
    said = {title: bool(text) for _, title, text in (*opinions.SAID, opinions.TOO_MUCH)}

    assert {title: bool(text) for title, (_, text) in german.OPINIONS.items()} == said


def test_in_the_past_the_services_and_the_log_have_past_times():
    then = timezone.now() - timedelta(days=20)

    with set_back(then) as clock:
        assert then <= timezone.now() < then + timedelta(seconds=5)
        clock.set(then + timedelta(days=1))
        assert timezone.now() >= then + timedelta(days=1)

    assert timezone.now() > then + timedelta(days=19)


@pytest.mark.parametrize("wrong", [{"scale": 0}, {"scale": 501}, {"orders": -1}])
def test_nonsense_is_refused_in_words(wrong):
    with pytest.raises(Problem, match="takes a number"):
        call_command("demo", **wrong)


@pytest.mark.django_db(databases=["catalog"])
def test_a_shop_with_goods_of_its_own_is_left_alone():
    from tests.catalog.factories import draft as one, kept

    kept(one("Our own mug"))

    assert not shop.is_wanted(scale=1, seed=7)


@pytest.mark.django_db(databases=["catalog", "inventory"])
def test_goods_that_were_brought_in_halfway_are_brought_in_once(goods):
    from contexts.catalog.services import create_products
    from contexts.inventory.models import StockMove

    few = goods[:3]
    shop.open_categories()
    create_products(few[:1])
    assert shop.is_wanted(scale=1, seed=7)

    for _ in range(2):
        list(shop.publish_goods(few, seed=7))

    assert Product.objects.filter(state="published").count() == 3
    skus = list(StockMove.objects.values_list("item__sku", flat=True))
    assert len(skus) == len(set(skus)) > 0


@pytest.fixture
def _small_shop(monkeypatch, settings, tmp_path) -> None:
    """Let the demo be of six mugs."""
    settings.DATA_DIR = tmp_path
    small = [
        ProductDraft(
            slug=f"mug-{number}", name=f"Mug {number}", summary="A mug", category="cups",
            variants=[VariantDraft(sku=f"MUG-{number}", price=eur(20_00))],
        )
        for number in range(6)
    ]  # fmt: skip
    monkeypatch.setattr(shop, "invent", lambda **_: small)
    monkeypatch.setattr(shop, "_pieces", lambda random: 500)


@pytest.mark.usefixtures("_small_shop")
@pytest.mark.django_db(databases="__all__", transaction=True)
def test_the_past_is_made_by_the_services_and_a_break_leaves_no_trace(monkeypatch, capsys, caplog):
    monkeypatch.setattr(delivery, "PIPELINED_FROM", 2)
    with monkeypatch.context() as broken, pytest.raises(Problem, match="The database does not answer"):
        steps, real = count(1), drain

        def breaks() -> int:
            if next(steps) == 5:
                raise OperationalError("the connection was closed")
            return real()

        broken.setattr(orders, "drain", breaks)
        call_command("demo", orders=10)
    assert filling.unfinished() is not None

    call_command("demo", orders=0)

    from contexts.ordering.models import OrderSummary
    from contexts.reviews.models import Product as Reviewed, Review

    summaries = list(OrderSummary.objects.order_by("placed_at"))
    now = timezone.now()
    assert len(summaries) == 10
    assert {summary.status for summary in summaries} <= {"completed", "shipped", "confirmed", "cancelled"}
    assert summaries[0].placed_at < now - timedelta(days=1)
    assert summaries[-1].placed_at < now
    for summary in summaries:
        own = LogEntry.objects.using("ordering").filter(subject=f"order/{summary.order_id}").order_by("id")
        times = [entry.time for entry in own]
        assert times == sorted(times)
        assert times[-1] < now
    assert drain() == 0
    assert "page failed" not in caplog.text, "every page is applied at its first try"
    told = {one.id: (one.rating_hundredths, one.rating_count) for one in Product.objects.all()}
    assert told == {one.id: (one.rating_hundredths, one.rating_count) for one in Reviewed.objects.all()}
    assert sum(count for _, count in told.values()) > 20
    states = Counter(Review.objects.values_list("state", flat=True))
    assert states["waiting"] <= opinions.WAITING
    assert states["rejected"] == 1
    assert Review.objects.filter(verified=True).exists()
    languages = Counter(Review.objects.values_list("language", flat=True))
    assert set(languages) == {"en", "de"}
    assert min(languages.values()) > 5
    speak = {person.email: person.language for person in PEOPLE}
    assert {summary.language for summary in summaries} == {"en", "de"}
    assert [summary.language for summary in summaries] == [speak[summary.email] for summary in summaries]
    assert "The demo shop is open: 6 products" in capsys.readouterr().out

    assert filling.unfinished() is None
    call_command("demo")

    assert "has goods already; nothing was changed" in capsys.readouterr().out
    assert OrderSummary.objects.count() == 10
    assert orders.possible()

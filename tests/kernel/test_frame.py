"""What every page's frame shows, and how money and links are written."""

from itertools import product
from uuid import UUID

import pytest
from django import forms
from django.core.cache import caches
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from contexts.kernel.context_processors import page
from contexts.kernel.hearts import MOST, Hearts, note
from contexts.kernel.identity import Identity
from contexts.kernel.money import Money, eur
from contexts.kernel.templatetags.tradepost import look, money


def rendered(source: str, **context: object) -> str:
    return Template("{% load tradepost %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("language", "amount", "written"),
    [
        ("en", eur(19_98), "€19.98"),
        ("en", eur(1_234_50), "€1,234.50"),
        ("en", eur(-5_00), "\N{MINUS SIGN}€5.00"),
        ("en", Money(500, "JPY"), "¥500"),
        ("en", Money(500, "CHF"), "CHF\N{NO-BREAK SPACE}5.00"),
        ("de", eur(1_234_50), "1.234,50\N{NO-BREAK SPACE}€"),
    ],
)
def test_money_is_written_as_the_reader_does(language, amount, written):
    with translation.override(language):
        assert money(amount) == written


def test_links_know_every_context_and_put_the_rest_in_the_query():
    assert rendered('{% link "product" slug="red-mug" %}') == "/p/red-mug/"
    assert rendered('{% link "search" q="red mug" %}') == "/search/?q=red+mug"


def test_icons_are_decoration_unless_they_are_named():
    assert 'aria-hidden="true"' in rendered('{% icon "cart" %}')
    assert 'aria-label="Cart"' in rendered('{% icon "cart" "Cart" %}')


@pytest.mark.parametrize(
    ("cookie", "count"), [("3", 3), ("", 0), ("-1", 0), ("abc", 0), ("99999999999", 0), ("5000", 999), ("٣", 0)]
)
def test_the_cart_count_is_a_number_whatever_the_cookie_says(cookie, count):
    request = RequestFactory().get("/")
    request.COOKIES["cart_count"] = cookie
    request.identity = None

    assert page(request)["cart_count"] == count


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ('"><script>', ""), ("", "")])
def test_only_known_themes_reach_the_page(cookie, theme):
    request = RequestFactory().get("/")
    request.COOKIES["theme"] = cookie
    request.identity = None

    assert page(request)["theme"] == theme


class Form(forms.Form):
    email = forms.EmailField(label="E-mail", help_text="For the receipt")
    note = forms.CharField(required=False)
    terms = forms.BooleanField(label="I agree")
    way = forms.ChoiceField(choices=[("a", "Slow"), ("b", "Fast")], widget=forms.RadioSelect)


def test_a_field_has_its_label_hint_and_error_beside_it():
    form = Form({"email": "nonsense"})

    text = rendered('{% include "kernel/field.html" with field=form.email %}', form=form)

    assert '<label class="field__label" for="id_email">E-mail' in text
    assert 'aria-describedby="id_email_hint id_email_error"' in text
    assert text.count("aria-describedby") == 1
    assert 'id="id_email_hint">For the receipt' in text
    assert 'aria-invalid="true"' in text
    assert "Enter a valid email address." in text
    assert 'value="nonsense"' in text


def test_every_kind_of_field_has_its_layout():
    form = Form()

    assert "optional" in rendered('{% include "kernel/field.html" with field=form.note %}', form=form)
    assert 'class="choice"' in rendered('{% include "kernel/field.html" with field=form.terms %}', form=form)
    assert rendered('{% include "kernel/field.html" with field=form.way %}', form=form).count("choice--card") == 2


def test_an_empty_field_is_kept_and_what_somebody_typed_is_not():
    def drawn(typed=None, language="en", **changed):
        form = Form(initial=typed)
        for name, value in changed.items():
            setattr(form.fields["email"], name, value)
        with translation.override(language):
            source = '{% for field in form %}{% include "kernel/field.html" %}{% endfor %}'
            return rendered(source, form=form)

    asked = [
        {},
        {"typed": {"email": "ada@example.org"}},
        {"typed": {"way": "b"}},
        {"help_text": "Else"},
        {"language": "de"},
    ]
    fresh = []
    for one in asked:
        caches["template_fragments"].clear()
        fresh.append(drawn(**one))

    assert [drawn(**one) for one in asked] == fresh
    assert len(set(fresh)) == len(asked)
    assert look(Form(initial={"email": "ada@example.org"})["email"]) == ""
    assert look(Form({"email": ""})["email"]) == "", "it is missing, which is said beside it"
    assert look(Form()["email"])


def test_kept_parts_of_the_frame_are_those_that_would_be_drawn_anew():
    def drawn(identity, cookies, language, text):
        request = RequestFactory().get("/")
        request.identity, request.COOKIES = identity, cookies
        with translation.override(language):
            return render_to_string("base.html", {**page(request), "search_text": text})

    ben = Identity(customer_id=UUID(int=0xBE), email="ben@example.com", name="")
    few, many = {"cart_count": "1", "wished": "guest.2"}, {"cart_count": "9"}
    shown = list(product([None, ADA, ben], [{}, few, many], ["en", "de"], ["", "<mug>"]))
    fresh = []
    for one in shown:
        caches["template_fragments"].clear()
        fresh.append(drawn(*one))

    assert [drawn(*one) for one in shown] == fresh
    assert len(set(fresh)) == len(shown)


def hearts(cookie: str, identity: Identity | None = None) -> Hearts:
    request = RequestFactory().get("/")
    request.COOKIES["wished"] = cookie
    request.identity = identity
    return page(request)["hearts"]


ADA = Identity(customer_id=UUID(int=0xADA), email="ada@example.com", name="Ada")


def test_hearts_are_full_of_what_the_note_says():
    mug, lamp = UUID(int=1), UUID(int=2)
    written = note(customer_id=ADA.customer_id, count=2, products=[mug, lamp])

    assert hearts(written, ADA) == Hearts(count=2, products=frozenset(["00000001", "00000002"]))
    assert 'aria-pressed="true"' in rendered('{% heart id "Mug" %}', id=mug, hearts=hearts(written, ADA))
    assert 'aria-pressed="false"' in rendered('{% heart id "Mug" %}', id=UUID(int=3), hearts=hearts(written, ADA))


def test_after_a_sign_in_a_guests_hearts_stay_until_the_note_is_the_customers():
    assert hearts("guest.1.00000001", ADA) == Hearts(count=1, products=frozenset(["00000001"]), known=False)
    assert hearts("", ADA) == Hearts(known=False)
    assert hearts("", None) == Hearts(known=True)


@pytest.mark.parametrize(
    "cookie",
    ["00000ada.1.00000001", "guest", "guest.x", "guest.1.<script>", "guest.1.0001", "guest.99999", ".", "guest.٣"],
)
def test_another_persons_or_a_damaged_note_shows_no_hearts(cookie):
    assert hearts(cookie, None) == Hearts()


def test_a_note_keeps_the_newest_and_stays_short():
    written = note(customer_id=None, count=100, products=[UUID(int=number) for number in range(100)])

    assert len(written) < 500
    assert hearts(written).count == 100
    assert len(hearts(written).products) == MOST
    assert "00000000" in hearts(written).products


@pytest.mark.parametrize(
    ("hundredths", "said"), [(433, "4.3 of 5 stars"), (500, "5.0 of 5 stars"), (0, "0.0 of 5 stars")]
)
def test_stars_are_said_as_a_number(hundredths, said):
    drawn = rendered("{% stars hundredths %}", hundredths=hundredths)

    assert f'aria-label="{said}"' in drawn
    assert f'<rect width="{hundredths}"' in drawn

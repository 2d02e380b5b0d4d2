"""What every page's frame shows, and how money and links are written."""

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from contexts.kernel.context_processors import page
from contexts.kernel.money import Money, eur
from contexts.kernel.templatetags.tradepost import money


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

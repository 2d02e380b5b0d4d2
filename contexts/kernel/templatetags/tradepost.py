"""The template tags of the house: links between contexts, money, icons, and form fields."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms, template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.forms.boundfield import BoundWidget
from django.template import Context
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext as _

from contexts.kernel import countries, links
from contexts.kernel.hearts import Hearts, short
from contexts.kernel.icons import ICONS
from contexts.kernel.money import Money, minor_digits

register = template.Library()

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CHF": "CHF", "SEK": "kr", "NOK": "kr", "DKK": "kr",
           "CAD": "CA$", "AUD": "A$", "PLN": "zł", "CZK": "Kč"}  # fmt: skip
#: Widgets that look the same whoever fills them in, as long as nothing is typed and nothing wrong; and those to choose from.
EMPTY_ALIKE = (forms.TextInput, forms.EmailInput, forms.NumberInput, forms.Textarea)
CHOICES = (forms.Select, forms.RadioSelect)
#: Languages that write the currency before the amount; the others write it after.
SYMBOL_FIRST = ("en", "ja", "zh", "ga")


@register.simple_tag
def link(page: str, **parts: object) -> str:
    """Return the address of a public page of any context; what its path does not name becomes the query."""
    path = links.PAGES[page][1]
    query = {name: str(value) for name, value in parts.items() if f"{{{name}}}" not in path}
    return links.link(page, query or None, **{name: value for name, value in parts.items() if name not in query})


@register.filter
def money(amount: Money, short: bool = False) -> str:
    """Write an amount as the reader's language does: "€19.98" in English, "19,98 €" in German.

    `short` leaves out nothing but zeros: "€25".
    """
    digits = minor_digits(amount.currency)
    if short and amount.decimal == amount.decimal.to_integral_value():
        digits = 0
    number = number_format(abs(amount.decimal), decimal_pos=digits, use_l10n=True, force_grouping=True)
    sign = "\N{MINUS SIGN}" if amount.amount < 0 else ""
    symbol = SYMBOLS.get(amount.currency, amount.currency)
    if (get_language() or "en").startswith(SYMBOL_FIRST):
        return f"{sign}{symbol}\N{NO-BREAK SPACE}{number}" if symbol.isalpha() else f"{sign}{symbol}{number}"
    return f"{sign}{number}\N{NO-BREAK SPACE}{symbol}"


@register.filter
def country_name(code: str) -> str:
    return countries.country_name(code)


@register.filter
def unbroken(text: str) -> SafeString:
    """Keep a number such as TP-7F3K-92QX on one line, also where the line before it is short."""
    return format_html('<span class="unbroken">{}</span>', text)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon in the text's colour; without a label it is decoration and hidden from screen readers."""
    drawing = mark_safe(ICONS[name])  # noqa: S308 - our own constants
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        said,
        drawing,
    )


@register.simple_tag
def stars(hundredths: int) -> SafeString:
    """Draw a rating of 0 to 500 hundredths as five stars, which are said as a number."""
    exact = number_format(hundredths / 100, decimal_pos=1, use_l10n=True)
    return format_html(
        '<svg class="stars" viewBox="0 0 500 100" width="100" height="20" role="img" aria-label="{}">'
        '<rect width="{}" height="100"/></svg>',
        _("%(rating)s of 5 stars") % {"rating": exact},
        min(max(hundredths, 0), 500),
    )


@register.simple_tag(takes_context=True)
def heart(
    context: Context, product_id: UUID, name: str, sku: str = "", labelled: bool = False, focused: bool = False
) -> SafeString:
    """Draw the button that puts a product on the wishlist or takes it off; `sku` is the variant that was chosen.

    Written here and not in a template: a page has dozens of them. `focused` is for one that was pressed just now.
    """
    hearts: Hearts = context.get("hearts") or Hearts()
    full = short(product_id) in hearts.products
    word = _("Wishlist")
    hidden = format_html('<input type="hidden" name="sku" value="{}">', sku) if sku else ""
    if labelled:
        hidden = format_html('{}<input type="hidden" name="labelled" value="yes">', hidden)
    return format_html(
        '<form class="heart{}" action="{url}" method="post" hx-post="{url}" hx-swap="outerHTML">'
        '<input type="hidden" name="product" value="{}">{}'
        '<button class="heart__button" name="wish" value="{}" aria-pressed="{}"{}{}>{}{}</button></form>',
        " heart--labelled" if labelled else "",
        product_id,
        hidden,
        "no" if full else "yes",
        "true" if full else "false",
        mark_safe(" autofocus") if focused else "",
        "" if labelled else format_html(' aria-label="{}: {}"', word, name),
        icon("heart"),
        format_html(" {}", word) if labelled else "",
        url=links.link("wishlist-heart"),
    )


@register.filter
def control(field: BoundField) -> str:
    """Say how a form field is laid out: "hidden", "check" (one box), "choices" (several) or "text"."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    return "check" if isinstance(widget, CheckboxInput) else "text"


@register.filter
def look(field: BoundField) -> str:
    """Return all that a form field shows, for it to be kept by; "" for one with a word of its visitor in it."""
    bound, widget = field.field, field.field.widget
    if field.errors or type(widget) not in EMPTY_ALIKE + CHOICES or field.is_hidden:
        return ""
    value = field.value()
    shown: tuple[Any, ...] = ()
    if isinstance(widget, CHOICES):
        shown = (value, list(widget.choices))
    elif value in (None, ""):
        shown = (getattr(widget, "input_type", ""),)
    else:
        return ""
    way = (bound.required, bound.disabled, field.form.use_required_attribute, bound.show_hidden_initial)
    return repr(
        (
            get_language(),
            type(widget),
            widget.attrs,
            field.html_name,
            field.auto_id,
            field.label,
            field.help_text,
            way,
            shown,
        )
    )


@register.filter
def described(field: BoundField) -> SafeString:
    """Render a field's widget, naming its hint and its errors to screen readers."""
    names = describing(field)
    attributes: dict[str, str | bool] = {"aria-describedby": names} if names else {}
    if field.errors:
        attributes["aria-invalid"] = "true"
    if _has_the_first_mistake(field):
        attributes["autofocus"] = True
    return field.as_widget(attrs=attributes)


@register.filter
def choices(field: BoundField) -> list[BoundWidget]:
    """Return what a field lets one choose from."""
    found = list(field)
    if found and _has_the_first_mistake(field):
        found[0].data["attrs"]["autofocus"] = True
    return found


@register.filter
def describing(field: BoundField) -> str:
    """Return the ids of a field's hint and errors, as `aria-describedby` names them."""
    names = [f"{field.auto_id}_hint"] if field.help_text else []
    return " ".join([*names, f"{field.auto_id}_error"] if field.errors else names)


def _has_the_first_mistake(field: BoundField) -> bool:
    """Whoever types without a mouse begins at the first mistake, not at the top of the page."""
    return bool(field.errors) and next(iter(field.form.errors)) == field.name

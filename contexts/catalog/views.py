"""The shop's front: home, aisles, search, products and their pictures."""

from __future__ import annotations

from collections.abc import Hashable
from hashlib import blake2s
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from contexts.catalog import bitmaps, drawings, lists, pages, queries, search as finding, social, structured
from contexts.catalog.asking import Question, ask
from contexts.catalog.delivery import asked_methods, promises, read_methods
from contexts.catalog.facets import Wanted, facets
from contexts.catalog.goods import asked_goods, read_goods
from contexts.catalog.rates import asked_rate, read_rate
from contexts.catalog.translations import asked_materials, read_materials
from contexts.catalog.tree import Tree, asked_tree
from contexts.catalog.viewed import remember, viewed
from contexts.kernel.currencies import Rate
from contexts.kernel.links import link

PICTURES_LAST_S = 30 * 24 * 3600
CARDS_LAST_S = 24 * 3600
MENU_LASTS_S = 300
SUGGESTIONS_LAST_S = 60
#: How many goods are suggested while somebody types.
SUGGESTED = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    names = ("featured", "newest", "popular", "viewed")
    questions = (queries.featured(), queries.newest(), queries.popular(), queries.viewed(viewed(request)))
    tree, rate, *answers = ask(asked_tree(), asked_rate(), *questions)
    read_rate(rate)
    lists_shown = dict(zip(names, answers, strict=True))

    def build() -> dict[str, object]:
        return {"tree": Tree.read(tree), "shown": queries.Shown.read(**lists_shown)}

    return pages.show(request, "catalog/home.html", {"answers": (tree, *answers)}, build)


@require_safe
@cache_control(public=True, max_age=MENU_LASTS_S)
def menu(request: HttpRequest) -> HttpResponse:
    """The list of aisles, for the header of pages that other contexts serve."""
    return render(request, "catalog/menu.html", {"tree": queries.tree()})


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    wanted = Wanted.read(request.GET)

    def questions(tree: Tree) -> list[Question]:
        chosen = tree.get(slug)
        ids = tree.ids_from(chosen) if chosen else []
        # What fits filters is known once the news are.
        page = [lists.asked_shelf(ids, wanted, _place(request, wanted))] if lists.is_indexed(wanted) else []
        return [known.asked_news(), asked_materials(), asked_rate(), *page] if chosen else []

    known = bitmaps.latest()
    tree, answers = queries.with_tree(questions)
    chosen = tree.get(slug)
    if chosen is None:
        raise Http404
    news, materials, rated, *pages_read = answers
    goods, rate = known.after(news), read_rate(rated)
    place = _place(request, wanted, rate)
    fit = goods.fitting(tree.ids_from(chosen), wanted, rate)
    [page] = pages_read or ask(lists.asked_fitting(goods, fit, wanted, place, rate))
    counts = fit.counts
    if lists.is_torn(page, place):
        return redirect(chosen.address + _address(wanted.query))
    site = _site(request)

    def build() -> dict[str, object]:
        way, shelf = tree.way_to(chosen), lists.read_shelf(page, place)
        return {
            "way": way,
            "aisle": way[0],
            "shelf": shelf,
            "counts": counts,
            "facets": facets(counts, wanted, read_materials(materials), rate),
            "pages": _pages(wanted.query, shelf),
            "crumbs": structured.crumbs(site, way),
        }

    shown = {
        "tree": tree,
        "category": chosen,
        "wanted": wanted,
        "place": place,
        "page": page,
        "counts": counts,
        "materials": materials,
        "rate": rate,
    }
    return pages.show(request, "catalog/category.html", shown, build)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What fits the words that were typed; without words, everything."""
    text = _typed(request)
    wanted = Wanted.read(request.GET)
    if not finding.words(text):
        return _everything(request, text, wanted)
    known = bitmaps.latest()
    news, same, categories, materials, rated = ask(
        known.asked_news(), finding.asked_same(text), asked_tree(), asked_materials(), asked_rate()
    )
    rate = read_rate(rated)
    found = finding.find(text, wanted, known.after(news), same, rate=rate, page=_page_number(request))
    counts = found.counts
    shown: dict[str, Hashable] = {"search_text": text, "wanted": wanted, "found": found}
    if not found.cards:
        return _nothing(request, shown)
    tree = Tree.read(categories)

    def build() -> dict[str, object]:
        return {
            "goods": found.cards,
            "facets": facets(counts, wanted, read_materials(materials), rate),
            "pages": _numbered(text, wanted, found.number, found.total),
        }

    return pages.show(
        request,
        "catalog/search.html",
        {**shown, "tree": tree, "counts": counts, "materials": materials, "rate": rate},
        build,
    )


def _nothing(request: HttpRequest, shown: dict[str, Hashable]) -> HttpResponse:
    """Help on where nothing was found: with what others buy, what is new, and what the visitor looked at."""
    few = queries.BESIDE
    names = ("popular", "newest", "viewed")
    tree, rate, *answers = ask(
        asked_tree(), asked_rate(), queries.popular(few), queries.newest(few), queries.viewed(viewed(request))
    )
    read_rate(rate)
    helping = queries.Shown.read(**dict(zip(names, answers, strict=True)))
    return pages.show(request, "catalog/search.html", {**shown, "tree": Tree.read(tree), "shown": helping})


def _everything(request: HttpRequest, text: str, wanted: Wanted) -> HttpResponse:
    known = bitmaps.latest()
    whole = [lists.asked_shelf(None, wanted, _place(request, wanted))] if lists.is_indexed(wanted) else []
    tree, news, materials, rated, *pages_read = ask(
        asked_tree(), known.asked_news(), asked_materials(), asked_rate(), *whole
    )
    goods, rate = known.after(news), read_rate(rated)
    place = _place(request, wanted, rate)
    fit = goods.fitting(None, wanted, rate)
    [page] = pages_read or ask(lists.asked_fitting(goods, fit, wanted, place, rate))
    counts = fit.counts
    shown: dict[str, Hashable] = {"search_text": text, "wanted": wanted}
    if lists.is_torn(page, place):
        return redirect(link("search") + _address(wanted.query))
    if page == "[]":
        return _nothing(request, shown)

    def build() -> dict[str, object]:
        shelf = lists.read_shelf(page, place)
        return {
            "tree": Tree.read(tree),
            "shelf": shelf,
            "goods": shelf.cards,
            "counts": counts,
            "facets": facets(counts, wanted, read_materials(materials), rate),
            "pages": _pages(wanted.query, shelf),
        }

    return pages.show(
        request,
        "catalog/search.html",
        {**shown, "place": place, "counts": counts, "answers": (tree, page, materials, rate)},
        build,
    )


@require_safe
@cache_control(private=True, max_age=SUGGESTIONS_LAST_S)
def suggest(request: HttpRequest) -> HttpResponse:
    """What the words being typed may become; a fragment for the header's search."""
    text = _typed(request)
    context: dict[str, object] = {"search_text": text}
    if len(text) > 1 and finding.words(text):
        known = bitmaps.latest()
        news, same = ask(known.asked_news(), finding.asked_same(text))
        known = known.after(news)
        found = finding.find(text, Wanted(), known, same, size=SUGGESTED, weighed=finding.SUGGESTED_FROM)
        context |= {"found": found, "words": finding.suggested_words(text, known)}
    return render(request, "catalog/suggestions.html", context)


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """A product's page; `?variant=SKU` chooses one of its variants. One that was withdrawn says so, as 410."""
    tree, rate, answer, methods, together, neighbours, seen = ask(
        asked_tree(), asked_rate(), asked_goods(slug), asked_methods(), queries.together(slug), queries.neighbours(slug),
        queries.viewed(viewed(request)),
    )  # fmt: skip
    shown = read_goods(answer)
    if shown is None:
        raise Http404
    read_rate(rate)
    data: dict[str, Hashable] = {"answers": (tree, answer, together, neighbours, seen)}

    def build() -> dict[str, Any]:
        categories = Tree.read(tree)
        home = categories.with_id(shown.category_id)
        way = categories.way_to(home)
        around = queries.around(shown.id, together=together, neighbours=neighbours, viewed=seen)
        return {"tree": categories, "product": shown, "shown": around, "category": home, "way": way, "aisle": way[0]}

    chosen = shown.variant(request.GET.get("variant", ""))
    if not shown.is_sold or chosen is None:
        return pages.show(request, "catalog/gone.html", data, build, status=410)
    asked_view = request.GET.get("view", "")
    view = asked_view if asked_view in dict(chosen.pictures) else "front"
    today, site = timezone.localdate(), _site(request)

    def build_all() -> dict[str, Any]:
        context = build()
        return context | {
            "most": min(chosen.available or 1, 20),
            "facts": structured.facts(shown, chosen),
            "promises": promises(read_methods(methods), today),
            "site": site,
            "picture": dict(chosen.pictures)[view],
            "data": structured.product(site, shown, context["category"]),
            "crumbs": structured.crumbs(site, context["way"], shown),
        }

    data |= {"chosen": chosen, "view": view, "methods": methods, "today": today}
    response = pages.show(request, "catalog/product.html", data, build_all, has_form=True)
    remember(request, response, shown.id)
    return response


def _picture_tag(request: HttpRequest, drawing: str, view: str) -> str:
    return quote_etag(blake2s(f"{drawings.VERSION}/{drawing}/{view}".encode(), digest_size=8).hexdigest())


@require_safe
@cache_control(public=True, max_age=PICTURES_LAST_S, stale_while_revalidate=PICTURES_LAST_S)
@condition(etag_func=_picture_tag)
def picture(request: HttpRequest, drawing: str, view: str) -> HttpResponse:
    try:
        svg = drawings.render(drawing, view)
    except drawings.UnknownDrawing as unknown:
        raise Http404 from unknown
    return HttpResponse(svg, content_type="image/svg+xml")


@require_safe
def product_card(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A product's card for networks and messengers."""
    (answer,) = ask(asked_goods(slug))
    shown = read_goods(answer)
    if shown is None or not shown.is_sold:
        raise Http404
    return _card(request, drawing=shown.variants[0].drawing, title=shown.name, words=shown.summary)


@require_safe
def shop_card(request: HttpRequest) -> HttpResponseBase:
    """The shop's card, for every page that is not a product's."""
    words = _("Goods for the kitchen, the desk, the sofa and the tent.")
    return _card(request, drawing=social.SHOP_DRAWING, title=_("Good things, plainly made."), words=words)


def _card(request: HttpRequest, **on_it: str) -> HttpResponseBase:
    @cache_control(public=True, max_age=CARDS_LAST_S)
    @condition(etag_func=lambda request: quote_etag(social.tag(**on_it)))
    def answer(request: HttpRequest) -> HttpResponseBase:
        return FileResponse(social.card(**on_it).open("rb"), content_type="image/png")

    return answer(request)


def _site(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _place(request: HttpRequest, wanted: Wanted, rate: Rate | None = None) -> lists.Place | None:
    return lists.read_place(wanted, rate, after=request.GET.get("after", ""), before=request.GET.get("before", ""))


def _typed(request: HttpRequest) -> str:
    return " ".join(request.GET.get("q", "").replace("\x00", "").split())[:100]


def _page_number(request: HttpRequest) -> int:
    raw = request.GET.get("page", "1")
    return max(int(raw), 1) if raw.isascii() and raw.isdigit() and len(raw) < 7 else 1


def _pages(query: QueryDict, shelf: lists.Shelf) -> dict[str, str]:
    """Return the addresses of the pages beside this one: "first", "before", "after"; of none that is not there."""
    links: dict[str, str] = {}
    if shelf.before:
        links |= {"first": _address(query), "before": _address(query, before=shelf.before)}
    if shelf.after:
        links["after"] = _address(query, after=shelf.after)
    return links


def _numbered(text: str, wanted: Wanted, number: int, total: int) -> dict[str, str]:
    query = wanted.query
    query["q"] = text
    links: dict[str, str] = {}
    if number > 1:
        links |= {"first": _address(query), "before": _address(query, page=str(number - 1))}
    if number * lists.PAGE_SIZE < total:
        links["after"] = _address(query, page=str(number + 1))
    return links


def _address(query: QueryDict, **more: str) -> str:
    full = query.copy()
    for name, value in more.items():
        full[name] = value
    return f"?{full.urlencode()}"

"""The shop's front: home, aisles, search, products and their pictures."""

from __future__ import annotations

from hashlib import blake2s

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from contexts.catalog import drawings, lists, pages, queries, search as finding, structured
from contexts.catalog.delivery import promises
from contexts.catalog.facets import Wanted, facets
from contexts.catalog.goods import goods
from contexts.catalog.models import Product
from contexts.catalog.viewed import remember, viewed

PICTURES_LAST_S = 30 * 24 * 3600
MENU_LASTS_S = 300
SUGGESTIONS_LAST_S = 60
#: How many goods are suggested while somebody types.
SUGGESTED = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return pages.show(
        request, "catalog/home.html", {"tree": queries.tree(), "shown": queries.for_home(viewed(request))}
    )


@require_safe
@cache_control(public=True, max_age=MENU_LASTS_S)
def menu(request: HttpRequest) -> HttpResponse:
    """The list of aisles, for the header of pages that other contexts serve."""
    return render(request, "catalog/menu.html", {"tree": queries.tree()})


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    tree = queries.tree()
    chosen = tree.get(slug)
    if chosen is None:
        raise Http404
    wanted = Wanted.read(request.GET)
    ids = tree.ids_from(chosen)
    shelf = lists.shelf(ids, wanted, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    counts = lists.counts(ids, wanted)
    site = _site(request)

    def build() -> dict[str, object]:
        way = tree.way_to(chosen)
        return {
            "way": way,
            "aisle": way[0],
            "facets": facets(counts, wanted),
            "pages": _pages(wanted.query, shelf),
            "crumbs": structured.crumbs(site, way),
        }

    shown = {"tree": tree, "category": chosen, "wanted": wanted, "shelf": shelf, "counts": counts}
    return pages.show(request, "catalog/category.html", shown, build)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What fits the words that were typed; without words, everything."""
    text = _typed(request)
    wanted = Wanted.read(request.GET)
    terms = finding.understand(text)
    if not terms:
        return _everything(request, text, wanted)
    number = min(_page_number(request), queries.MOST_PAGES)
    found = finding.find(text, terms, wanted, page=number)
    tree = queries.tree()
    shown = {"tree": tree, "search_text": text, "wanted": wanted, "found": found, "number": number}
    if not found.cards:
        return pages.show(
            request, "catalog/search.html", {**shown, "shown": queries.for_nothing_found(viewed(request))}
        )
    counts = finding.counts(found.terms, wanted, every=found.exact)

    def build() -> dict[str, object]:
        return {
            "goods": found.cards,
            "facets": facets(counts, wanted),
            "pages": _numbered(text, wanted, number, found.total),
        }

    return pages.show(request, "catalog/search.html", {**shown, "counts": counts}, build)


def _everything(request: HttpRequest, text: str, wanted: Wanted) -> HttpResponse:
    shelf = lists.shelf(None, wanted, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    counts = lists.counts(None, wanted)
    shown = {
        "tree": queries.tree(), "search_text": text, "wanted": wanted, "shelf": shelf, "counts": counts,
        "shown": queries.Shown() if shelf.cards else queries.for_nothing_found(viewed(request)),
    }  # fmt: skip
    return pages.show(
        request, "catalog/search.html", shown,
        lambda: {"goods": shelf.cards, "facets": facets(counts, wanted), "pages": _pages(wanted.query, shelf)},
    )  # fmt: skip


@require_safe
@cache_control(private=True, max_age=SUGGESTIONS_LAST_S)
def suggest(request: HttpRequest) -> HttpResponse:
    """What the words being typed may become; a fragment for the header's search."""
    text = _typed(request)
    terms = finding.understand(text) if len(text) > 1 else ()
    context: dict[str, object] = {"search_text": text}
    if terms:
        found = finding.find(text, terms, Wanted(), size=SUGGESTED)
        context |= {"found": found, "words": finding.suggested_words(text)}
    return render(request, "catalog/suggestions.html", context)


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """A product's page; `?variant=SKU` chooses one of its variants. One that was withdrawn says so, as 410."""
    try:
        shown = goods(slug)
    except Product.DoesNotExist as unknown:
        raise Http404 from unknown
    tree = queries.tree()
    home = tree.with_id(shown.category_id)
    beside = queries.for_product(shown.id, home.id, viewed(request))
    data = {"tree": tree, "product": shown, "shown": beside}
    if not shown.is_sold:
        return pages.show(request, "catalog/gone.html", data, lambda: {"way": tree.way_to(home)}, status=410)
    chosen = shown.variant(request.GET.get("variant", ""))
    assert chosen is not None
    asked_view = request.GET.get("view", "")
    view = asked_view if asked_view in drawings.VIEWS and asked_view != "cut" else "front"
    methods, today, site = queries.delivery_methods(), timezone.localdate(), _site(request)

    def build() -> dict[str, object]:
        way = tree.way_to(home)
        return {
            "category": home,
            "way": way,
            "aisle": way[0],
            "most": min(chosen.available or 1, 20),
            "facts": structured.facts(shown, chosen),
            "promises": promises(methods, today),
            "site": site,
            "picture": dict(chosen.pictures)[view],
            "data": structured.product(site, shown, home),
            "crumbs": structured.crumbs(site, way, shown),
        }

    data |= {"chosen": chosen, "view": view, "methods": methods, "today": today}
    response = pages.show(request, "catalog/product.html", data, build, has_form=True)
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


def _site(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


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

"""The shop's front: home, aisles, search, products and their pictures."""

from __future__ import annotations

from hashlib import blake2s

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import condition, require_safe

from contexts.catalog import drawings, queries, structured
from contexts.catalog.models import Product
from contexts.catalog.queries import Wanted

PICTURES_LAST_S = 30 * 24 * 3600
MENU_LASTS_S = 300


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    tree = queries.tree()
    return render(
        request,
        "catalog/home.html",
        {"tree": tree, "featured": queries.featured(), "newest": queries.newest()},
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
    way = tree.way_to(chosen)
    ids = tree.ids_from(chosen)
    return render(
        request,
        "catalog/category.html",
        {
            "tree": tree,
            "category": chosen,
            "way": way,
            "aisle": way[0],
            "siblings": tree.below(way[0]),
            "wanted": wanted,
            "page": queries.in_categories(ids, wanted, _page_number(request)),
            "materials": queries.materials_in(ids),
            "bands": queries.BANDS,
            "crumbs": structured.crumbs(request, way),
        },
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:100]
    wanted = Wanted.read(request.GET)
    found = queries.found(text, wanted, _page_number(request))
    return render(
        request,
        "catalog/search.html",
        {
            "tree": queries.tree(),
            "search_text": text,
            "wanted": wanted,
            "page": found.page,
            "exact": found.exact,
            "bands": queries.BANDS,
            "newest": [] if found.page.paginator.count else queries.newest(4),
        },
    )


@require_safe
@ensure_csrf_cookie
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """A product's page; `?variant=SKU` chooses one of its variants. One that was withdrawn says so, as 410."""
    try:
        shown = queries.product_for_page(slug)
    except Product.DoesNotExist as unknown:
        raise Http404 from unknown
    tree = queries.tree()
    way = tree.way_to(shown.category)
    context = {"tree": tree, "product": shown, "way": way, "aisle": way[0], "beside": queries.beside(shown)}
    chosen = queries.variant_of(shown, request.GET.get("variant", ""))
    if not shown.is_published or chosen is None:
        return render(request, "catalog/gone.html", context, status=410)
    context |= {
        "variants": list(shown.variants.all()),
        "chosen": chosen,
        "most": min(chosen.available or 1, 20),
        "facts": structured.facts(shown, chosen),
        "data": structured.product(request, shown),
        "crumbs": structured.crumbs(request, way, shown),
    }
    response = render(request, "catalog/product.html", context)
    # The form holds this visitor's token, and the stock is of this moment.
    patch_cache_control(response, private=True, no_cache=True)
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


def _page_number(request: HttpRequest) -> int:
    raw = request.GET.get("page", "1")
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 7 else 1

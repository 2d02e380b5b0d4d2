"""What search engines ask for: the list of all pages, and what is none of their business."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from contexts.catalog import queries
from contexts.catalog.asking import Question, ask
from contexts.catalog.lists import FOR_SALE
from contexts.catalog.structured import absolute
from contexts.kernel.languages import address_in, split
from contexts.kernel.links import link

LASTS_S = 3600
#: A sitemap may have 50,000 addresses; smaller ones are read sooner.
AT_ONCE = 10_000
PRIVATE = ("/account/", "/admin/", "/cart/", "/checkout/", "/orders/", "/parcels/", "/pay/", "/search/suggest/")
_XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@require_safe
@cache_control(public=True, max_age=LASTS_S)
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        *(f"Disallow: {address_in(code, path)}" for code, _ in settings.LANGUAGES for path in PRIVATE),
    ]
    lines.append(f"Sitemap: {_site(request)}{reverse('catalog:sitemap')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


@require_safe
@cache_control(public=True, max_age=LASTS_S)
def sitemap(request: HttpRequest) -> HttpResponse:
    """The sitemaps: one of the aisles, and of the products one for each stretch of their addresses."""
    [answer] = ask(Question(_BEGINNINGS))
    begins = msgspec.json.decode(answer, type=list[str])
    addresses = [reverse("catalog:sitemap-aisles"), *(reverse("catalog:sitemap-goods", args=[slug]) for slug in begins)]
    return _xml("sitemapindex", "sitemap", _site(request), addresses)


@require_safe
@cache_control(public=True, max_age=LASTS_S)
def aisles(request: HttpRequest) -> HttpResponse:
    addresses = [link("home"), *(aisle.address for aisle in queries.tree().all)]
    return _xml("urlset", "url", _site(request), addresses)


@require_safe
@cache_control(public=True, max_age=LASTS_S)
def goods(request: HttpRequest, slug: str) -> HttpResponse:
    """The products from an address on."""
    [answer] = ask(Question(_FROM, [slug]))
    slugs = msgspec.json.decode(answer, type=list[str])
    if not slugs:
        raise Http404
    return _xml("urlset", "url", _site(request), (link("product", slug=each) for each in slugs))


# The addresses stand in an index of their own, so that the rows themselves are not read in this order.
_BEGINNINGS = f"""
    SELECT to_json(slug) AS row FROM (
        SELECT slug, row_number() OVER (ORDER BY slug) AS number FROM catalog_product WHERE {FOR_SALE}
    ) numbered WHERE number %% {AT_ONCE} = 1 ORDER BY slug
"""  # noqa: S608 - constants
_FROM = (
    f"SELECT to_json(slug) AS row FROM catalog_product WHERE {FOR_SALE} AND slug >= %s ORDER BY slug LIMIT {AT_ONCE}"  # noqa: S608
)


def _site(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _xml(root: str, each: str, site: str, addresses: Iterable[str]) -> HttpResponse:
    if root == "urlset":
        # Every page has an address in each language, whichever of them was asked.
        plain = (split(address)[1] for address in addresses)
        addresses = [address_in(code, address) for address in plain for code, _ in settings.LANGUAGES]
    entries = "".join(f"<{each}><loc>{escape(absolute(site, address))}</loc></{each}>" for address in addresses)
    return HttpResponse(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {_XMLNS}>{entries}</{root}>\n', content_type="application/xml"
    )

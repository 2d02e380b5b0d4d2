"""Notifications' pages: ask to be told when an article is back, and stop being told."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language, gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from contexts.kernel import tokens
from contexts.kernel.identity import Identity
from contexts.kernel.links import link
from contexts.notifications import back_in_stock
from contexts.notifications.back_in_stock import MOST_OPEN, AlreadyBack, TooManyRequests, UnknownArticle
from contexts.notifications.forms import AskForm
from contexts.notifications.models import Article
from contexts.notifications.rendering import StopKey

#: The link in an e-mail works for so long; the request it is about is told and done by then.
STOP_MAX_AGE_S = 3 * 365 * 24 * 3600


class SeeOther(HttpResponseRedirect):
    """303: what was sent is done; continue there with GET."""

    status_code = 303


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tell_me(request: HttpRequest, sku: str) -> HttpResponse:
    """The form of an article that is sold out; whoever is signed in is written to at their own address."""
    article = Article.objects.filter(sku=sku, on_sale=True).first()
    if article is None:
        raise Http404(_("This article is not for sale."))
    identity: Identity | None = getattr(request, "identity", None)
    form = AskForm(request.POST if request.method == "POST" and identity is None else None)
    page = {"article": article, "form": form, "asked": "asked" in request.GET}
    if request.method != "POST" or (identity is None and not form.is_valid()):
        return render(request, "notifications/tell_me.html", page)
    email = identity.email if identity else form.cleaned_data["email"]
    try:
        back_in_stock.ask(
            sku=sku, email=email, language=(get_language() or "en")[:12],
            customer_id=identity.customer_id if identity else None,
        )  # fmt: skip
    except AlreadyBack:
        return SeeOther(link("product", {"variant": sku}, slug=article.product_slug))
    except UnknownArticle as gone:
        raise Http404(_("This article is not for sale.")) from gone
    except TooManyRequests:
        page["problem"] = _("This address waits for %(most)d articles already; that is as many as we keep.") % {
            "most": MOST_OPEN
        }
        return render(request, "notifications/tell_me.html", page)
    return SeeOther(f"{link('tell-me', sku=sku)}?asked=yes")


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """End all news of stock to an address. The key in the link is the permission: mail programs post here, too.

    Opening the link alone changes nothing, because mail filters open links.
    """
    try:
        key = tokens.read(token, StopKey, audience="back in stock", max_age_s=STOP_MAX_AGE_S)
    except tokens.InvalidToken as problem:
        raise Http404(_("This link is damaged or too old.")) from problem
    if request.method == "POST":
        back_in_stock.stop(request_id=key.request_id)
    response = render(request, "notifications/stop.html", {"done": request.method == "POST"})
    response["X-Robots-Tag"] = "noindex"
    return response

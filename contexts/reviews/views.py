"""Reviews' pages: what people say about a product, the form to say it, and everything of one's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contexts.kernel.identity import Identity
from contexts.kernel.links import link
from contexts.reviews import queries, services
from contexts.reviews.errors import AlreadyReviewed, NoSuchProduct, NoSuchReview, ReviewsError
from contexts.reviews.forms import ReviewForm
from contexts.reviews.models import Product, Review
from contexts.reviews.queries import BRIEF, PAGE_SIZE, Wanted


class SeeOther(HttpResponseRedirect):
    """303: what was sent is done; continue there with GET."""

    status_code = 303


@require_safe
def about_product(request: HttpRequest, slug: str) -> HttpResponse:
    """What people say about a product; asked by a product's page (`?brief=1`), only the part that goes into it."""
    product = _product(slug)
    identity = _identity(request)
    wanted = Wanted.read(request.GET)
    brief = "brief" in request.GET and bool(getattr(request, "htmx", False))
    said = queries.said_about(
        product, wanted, customer_id=identity.customer_id if identity else None, size=BRIEF if brief else PAGE_SIZE,
        readable_first=brief,
    )  # fmt: skip
    template = "reviews/_said.html" if brief else "reviews/about.html"
    response = render(request, template, {"said": said, "product": product, "wanted": wanted, "brief": brief})
    # One's own review, waiting or rejected, is shown to its author alone.
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["HX-Request"])
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """The form to write a review, or to change the one that is there."""
    product = _product(slug)
    identity = _identity(request)
    if identity is None:
        return redirect(link("sign-in", {"next": link("review-write", slug=product.slug)}))
    own = queries.review_of(product, identity.customer_id)
    if request.method != "POST":
        return _form_page(request, product, own, ReviewForm.about(own, name=identity.name))
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _form_page(request, product, own, form, status=422)
    # The form says what its writer saw: whoever saw none does not replace one by accident.
    save = services.edit_review if "replace" in request.POST else services.write_review
    try:
        review = save(product_id=product.id, customer_id=identity.customer_id, words=form.words())
    except ReviewsError as refusal:
        own = queries.review_of(product, identity.customer_id)
        status = 409 if isinstance(refusal, AlreadyReviewed | NoSuchReview) else 403
        return _form_page(request, product, own, form, problem=str(refusal), status=status)
    messages.success(request, _what_happens(review))
    return SeeOther(link("reviews", slug=product.slug))


@require_POST
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    product = _product(slug)
    identity = _identity(request)
    if identity is None:
        return redirect(link("sign-in", {"next": link("review-write", slug=product.slug)}))
    services.delete_review(product_id=product.id, customer_id=identity.customer_id)
    messages.success(request, _("Your review was deleted."))
    return SeeOther(link("reviews", slug=product.slug))


@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """A customer's reviews, and the goods they received and may write about."""
    identity = _identity(request)
    if identity is None:
        return redirect(link("sign-in", {"next": link("my-reviews")}))
    return render(request, "reviews/mine.html", {"own": queries.of_customer(identity.customer_id)})


def _form_page(
    request: HttpRequest,
    product: Product,
    own: Review | None,
    form: ReviewForm,
    *,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"product": product, "own": own, "form": form, "problem": problem}
    return render(request, "reviews/write.html", context, status=status)


def _what_happens(review: Review) -> str:
    if review.is_published:
        return _("Thank you. Your review is on the page.")
    return _("Thank you. We have a look at your review before others see it, usually within a day.")


def _product(slug: str) -> Product:
    product = queries.product_of(slug)
    if product is None:
        raise Http404(str(NoSuchProduct()))
    return product


def _identity(request: HttpRequest) -> Identity | None:
    identity: Identity | None = getattr(request, "identity", None)
    return identity

"""Who waits for an article that is sold out, and the one e-mail that each of them gets.

Why it lives here: docs/adr/0027-wishlists-and-waiting.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from django.db import connections, transaction
from django.utils import timezone
from django.utils.translation import override

from contexts.messaging import wake
from contexts.notifications.letters import BackInStock
from contexts.notifications.models import Article, BackRequest, Email, ErasedCustomer, MutedAddress
from contexts.notifications.services import send_due

#: So many articles one address may wait for; more is somebody playing with the form.
MOST_OPEN = 30


class UnknownArticle(Exception):
    """Nobody told us of the article, or it is no longer sold."""


class AlreadyBack(Exception):
    """The article can be bought now; there is nothing to wait for."""


class TooManyRequests(Exception):
    """The address waits for `MOST_OPEN` articles already."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A product as catalog described it in an event; `labels` are those of its variants for sale, by SKU.

    `names` and `other_labels` are translations, by language and by SKU and language.
    """

    event_id: UUID
    product_id: UUID
    slug: str
    name: str
    labels: dict[str, str]
    names: dict[str, str] = {}
    other_labels: dict[str, dict[str, str]] = {}


def ask(*, sku: str, email: str, language: str, customer_id: UUID | None = None) -> None:
    """Remember to write once when an article is back; asked again while waiting, nothing changes.

    An address that wants no such news gets none, whoever asks; only its own account can ask for them again.

    Raises:
        UnknownArticle: it is not for sale. AlreadyBack: it can be bought now. TooManyRequests.
    """
    email = email.strip().lower()
    with transaction.atomic(using="notifications"):
        # The news of its return takes the same lock: whoever asks is either seen by it, or sees what it said.
        article = Article.objects.select_for_update().filter(sku=sku, on_sale=True).first()
        if article is None:
            raise UnknownArticle
        if article.available:
            raise AlreadyBack
        if customer_id is not None and ErasedCustomer.objects.filter(customer_id=customer_id).exists():
            customer_id = None
        if customer_id is not None:
            MutedAddress.objects.filter(digest=_digest(email)).delete()
        elif MutedAddress.objects.filter(digest=_digest(email)).exists():
            return
        if BackRequest.objects.filter(email=email, told_at=None).count() >= MOST_OPEN:
            raise TooManyRequests
        request = BackRequest(sku=sku, email=email, language=language, customer_id=customer_id)
        BackRequest.objects.bulk_create([request], ignore_conflicts=True)


def stop(*, request_id: UUID) -> bool:
    """Write no more news of stock to whoever made this request. Returns False where nothing of it is left.

    All their open requests go, and new ones by strangers are ignored.
    """
    with transaction.atomic(using="notifications"):
        request = BackRequest.objects.filter(id=request_id).first()
        if request is None:
            return False
        MutedAddress.objects.get_or_create(digest=_digest(request.email))
        BackRequest.objects.filter(email=request.email, told_at=None).delete()
    return True


def keep_articles(told: Sequence[Told]) -> None:
    """Keep articles as catalog describes them now, and tell who waits for one that is on sale again."""
    latest = {product.product_id: product for product in told}
    by_sku = {sku: product for product in latest.values() for sku in product.labels}
    with transaction.atomic(using="notifications"):
        Article.objects.filter(product_id__in=list(latest)).update(on_sale=False)
        # In order of SKU: two writers that share articles would otherwise deadlock.
        Article.objects.bulk_create(
            [
                Article(
                    sku=sku, product_id=by_sku[sku].product_id, product_slug=by_sku[sku].slug, name=by_sku[sku].name,
                    label=by_sku[sku].labels[sku], names=by_sku[sku].names, labels=by_sku[sku].other_labels.get(sku, {}),
                    on_sale=True,
                )
                for sku in sorted(by_sku)
            ],
            update_conflicts=True,
            unique_fields=["sku"],
            update_fields=["product_id", "product_slug", "name", "label", "names", "labels", "on_sale"],
        )  # fmt: skip
        _tell({sku: product.event_id for sku, product in by_sku.items()})


def withdraw_product(product_id: UUID) -> None:
    Article.objects.filter(product_id=product_id).update(on_sale=False)


def keep_availability(told: Mapping[str, tuple[int, UUID]]) -> None:
    """Remember how many pieces are left by SKU, with the event that said so, and tell who waited for them."""
    skus = sorted(told)
    with transaction.atomic(using="notifications"):
        with connections["notifications"].cursor() as cursor:
            cursor.execute(_AVAILABLE, [skus, [max(told[sku][0], 0) for sku in skus]])
        _tell({sku: event_id for sku, (available, event_id) in told.items() if available > 0})


def _tell(events: Mapping[str, UUID]) -> None:
    """Owe one e-mail to everybody who waits for an article that can be bought now; each request is told once."""
    waiting = list(BackRequest.objects.select_for_update().filter(sku__in=list(events), told_at=None).order_by("id"))
    if not waiting:
        return
    articles = {article.sku: article for article in Article.objects.filter(sku__in={one.sku for one in waiting})}
    ready = [request for request in waiting if articles[request.sku].can_be_bought]
    Email.objects.bulk_create(
        [_email(request, articles[request.sku], events[request.sku]) for request in ready],
        ignore_conflicts=True,
        batch_size=500,
    )
    BackRequest.objects.filter(id__in=[request.id for request in ready]).update(told_at=timezone.now())
    wake(send_due)


def _email(request: BackRequest, article: Article, event_id: UUID) -> Email:
    with override(request.language):
        title = article.title
    letter = BackInStock(
        name="", request_id=request.id, article=title, sku=article.sku, product_slug=article.product_slug,
        left=article.available or 0,
    )  # fmt: skip
    return Email(
        event_id=event_id, kind=letter.kind, recipient=request.email, language=request.language,
        customer_id=request.customer_id, data=msgspec.to_builtins(letter),
    )  # fmt: skip


def _digest(email: str) -> str:
    return hashlib.sha256(f"no news of stock to {email.strip().lower()}".encode()).hexdigest()


_AVAILABLE = """
    INSERT INTO notifications_article AS known (sku, available, product_slug, name, label, on_sale)
    SELECT sku, available, '', '', '', false FROM unnest(%s::text[], %s::int[]) AS told (sku, available)
    ON CONFLICT (sku) DO UPDATE SET available = excluded.available
"""

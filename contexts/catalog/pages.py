"""Catalog's pages, remembered by what they show.

A page is made of what its queries brought and of who looks at it; both together are the key under which the finished page
is kept in this process. The queries are asked every time, so a page is never older than the database, and nothing has
to be invalidated: whatever changes makes another key.
"""

from __future__ import annotations

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from hashlib import blake2s
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import get_language

from contexts.kernel.context_processors import page as frame

#: How hard gzip tries: once for a page that is kept, and for one that is made for one visitor.
PACKED_WELL, PACKED_QUICKLY = 6, 1
#: What a process keeps, in bytes: some two thousand pages of 20 to 60 kB.
MOST_KEPT = 64 * 1024 * 1024
#: Stands in a remembered page where a form needs the visitor's own token.
_TOKEN = "0token0of0the0visitor0"  # noqa: S105 - a placeholder
Build = Callable[[], Mapping[str, Any]]


class _Page(NamedTuple):
    """A finished page; `packed` is the same for browsers that unpack gzip, empty where each visitor gets another."""

    body: bytes
    packed: bytes
    tag: str

    @property
    def size(self) -> int:
        return len(self.body) + len(self.packed)


class _Memory:
    """The pages used last, for all threads of the process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._pages: OrderedDict[Hashable, _Page] = OrderedDict()
        self._bytes = 0

    def get(self, key: Hashable) -> _Page | None:
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def keep(self, key: Hashable, page: _Page) -> None:
        with self._lock:
            before = self._pages.pop(key, None)
            self._pages[key] = page
            self._bytes += page.size - (before.size if before else 0)
            while self._bytes > self._most:
                self._bytes -= self._pages.popitem(last=False)[1].size

    def forget(self) -> None:
        with self._lock:
            self._pages.clear()
            self._bytes = 0


_memory = _Memory(MOST_KEPT)
setting_changed.connect(lambda **_: _memory.forget(), weak=False)


def show(
    request: HttpRequest, template: str, shown: Mapping[str, Hashable], build: Build = dict, *, status: int = 200,
    has_form: bool = False,
) -> HttpResponse:  # fmt: skip
    """Render a page from `shown` and from what `build` makes of it.

    `build` must depend on nothing else; it is called only for a page that is not remembered. `has_form` says that the
    page has a form to post.
    """
    around = frame(request)
    key = (template, get_language(), *around.values(), *shown.values())
    alone = settings.DEBUG or CookieStorage.cookie_name in request.COOKIES
    page = None if alone else _memory.get(key)
    if page is None:
        context = {**shown, **build(), "csrf_token": _TOKEN}
        body = render_to_string(template, context, request).encode()
        packed = b"" if has_form else gzip.compress(body, PACKED_WELL, mtime=0)
        page = _Page(body, packed, blake2s(body, digest_size=12).hexdigest())
        if not alone:
            _memory.keep(key, page)
    return _answer(request, page, status, has_form)


def _answer(request: HttpRequest, page: _Page, status: int, has_form: bool) -> HttpResponse:
    body, packed, tag = page
    if has_form:
        token = get_token(request)
        body = body.replace(_TOKEN.encode(), token.encode())
        # A kept page has a token of its time: good for as long as the visitor's cookie is the same.
        tag += blake2s(request.META["CSRF_COOKIE"].encode(), digest_size=6).hexdigest()
    packs = "gzip" in request.headers.get("Accept-Encoding", "")
    if packs:
        # The token is masked anew for each answer, so that its packed length gives nothing away (BREACH).
        body, tag = packed or gzip.compress(body, PACKED_QUICKLY, mtime=0), f"{tag}-gzip"
    response = HttpResponse(body, status=status)
    if packs:
        response["Content-Encoding"] = "gzip"
    # Shared caches must not keep what may have somebody's name on it; a browser asks whether its copy still holds.
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
    if status != 200:
        return response
    response["ETag"] = quote_etag(tag)
    return get_conditional_response(request, etag=response["ETag"], response=response) or response

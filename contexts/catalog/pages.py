"""Catalog's pages, remembered by what they show.

A page is made of what its queries brought and of who looks at it; both together are the key under which the finished page
is kept in this process. The queries are asked every time, so a page is never older than the database, and nothing has
to be invalidated: whatever changes makes another key.
"""

from __future__ import annotations

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

#: What a process keeps, in bytes: some two thousand pages of 20 to 60 kB.
MOST_KEPT = 64 * 1024 * 1024
#: Stands in a remembered page where a form needs the visitor's own token.
_TOKEN = "0token0of0the0visitor0"  # noqa: S105 - a placeholder
Build = Callable[[], Mapping[str, Any]]


class _Page(NamedTuple):
    body: bytes
    tag: str


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
            self._bytes += len(page.body) - (len(before.body) if before else 0)
            while self._bytes > self._most:
                self._bytes -= len(self._pages.popitem(last=False)[1].body)

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
        page = _Page(body, blake2s(body, digest_size=12).hexdigest())
        if not alone:
            _memory.keep(key, page)
    return _answer(request, page, status, has_form)


def _answer(request: HttpRequest, page: _Page, status: int, has_form: bool) -> HttpResponse:
    body, tag = page
    if has_form:
        token = get_token(request)
        body = body.replace(_TOKEN.encode(), token.encode())
        # A kept page has a token of its time: good for as long as the visitor's cookie is the same.
        tag += blake2s(request.META["CSRF_COOKIE"].encode(), digest_size=6).hexdigest()
    response = HttpResponse(body, status=status)
    # Shared caches must not keep what may have somebody's name on it; a browser asks whether its copy still holds.
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Cookie"])
    if status != 200:
        return response
    response["ETag"] = quote_etag(tag)
    return get_conditional_response(request, etag=response["ETag"], response=response) or response

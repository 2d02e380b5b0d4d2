"""Styles and scripts are packed for the way also where nobody collected and packed them before: in a demo."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]  # It has no types.

PACKED = ("text/css", "text/javascript", "application/javascript", "image/svg+xml")


class PackedStatics(WhiteNoiseMiddleware):  # type: ignore[misc]  # It has no types.
    """Serves static files; what is collected is packed already and goes out as it is."""

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        response: Any = WhiteNoiseMiddleware.serve(static_file, request)
        if not response.get("Content-Type", "").startswith(PACKED) or "Content-Encoding" in response:
            return response  # type: ignore[no-any-return]  # WhiteNoise has no types
        patch_vary_headers(response, ["Accept-Encoding"])
        if (
            request.method == "GET"
            and response.status_code == 200
            and "gzip" in request.headers.get("Accept-Encoding", "")
        ):
            packed = _packed(b"".join(response.streaming_content))
            response.streaming_content = iter([packed])
            response["Content-Encoding"], response["Content-Length"] = "gzip", str(len(packed))
        return response  # type: ignore[no-any-return]


@lru_cache(maxsize=64)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content)

"""Photos that shoppers send along with a return: made anew, so that nothing the camera wrote stays, and kept apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO
from uuid import UUID

import structlog
from django.core.files.base import ContentFile
from django.db.models import Q
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from contexts.ordering.errors import BadPhoto
from contexts.ordering.models import ReturnPhoto

logger = structlog.get_logger(__name__)

MOST, MAX_MB = 3, 8
FORMATS = ("JPEG", "PNG", "WEBP")
#: A file of a few kilobytes can unfold into a picture that fills the memory.
MAX_PIXELS = 40_000_000
#: The longest side that is kept, in pixels.
LONGEST = 2000


def clean(file: BinaryIO, *, size: int) -> bytes:
    """Return the picture as a JPEG of its pixels alone: no place, no camera, no earlier version.

    Raises:
        BadPhoto: too large, or not a picture of a kind we take.
    """
    if size > MAX_MB * 1024 * 1024:
        raise BadPhoto(_("A photo may have up to %(mb)d MB. Send a smaller one.") % {"mb": MAX_MB})
    try:
        with Image.open(file, formats=FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise BadPhoto(_("This photo has too many pixels. Send a smaller one."))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST, LONGEST))
            flat = Image.new("RGB", upright.size, "white")
            seen = upright.convert("RGBA")
            flat.paste(seen, mask=seen)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        raise BadPhoto(_("This file is not a photo we can read. Send a JPEG, PNG or WebP.")) from problem
    made = BytesIO()
    flat.save(made, "JPEG", quality=85, optimize=True)
    return made.getvalue()


@contextmanager
def kept(pictures: Iterable[bytes], *, order_id: UUID, customer_id: UUID | None, return_id: UUID) -> Iterator[None]:
    """Keep the photos of a return; their files go again if the block fails."""
    written: list[ReturnPhoto] = []
    try:
        for picture in pictures:
            photo = ReturnPhoto(order_id=order_id, customer_id=customer_id, return_id=return_id)
            photo.image.save(f"{photo.id}.jpg", ContentFile(picture), save=False)
            written.append(photo)
            photo.save(force_insert=True)
        yield
    except BaseException:
        for photo in written:
            photo.image.delete(save=False)
        raise


def forget(whose: Q) -> int:
    """Remove photos, files first: what is left by a crash in between is removed when it is tried again."""
    photos = list(ReturnPhoto.objects.filter(whose))
    for photo in photos:
        photo.image.delete(save=False)
    ReturnPhoto.objects.filter(pk__in=[photo.pk for photo in photos]).delete()
    return len(photos)

"""Where the pictures of the goods live."""

from django.conf import settings


def picture_url(drawing: str, view: str) -> str:
    """Return the address of a drawing's view: "/pictures/mug-1204-c2452d-oak/front.svg"."""
    return f"{settings.CONTEXT_BASE_URLS.get('catalog', '')}/pictures/{drawing}/{view}.svg"

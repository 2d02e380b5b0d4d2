"""Reviews as a Django app."""

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Error, register
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "contexts.reviews"
    label = "reviews"
    verbose_name = _("Reviews")
    default_auto_field = "django.db.models.BigAutoField"


@register
def moderation_is_known(app_configs: object, **_: object) -> list[Error]:
    """Refuse to start with a word that no rule answers to: reviews would appear that somebody wanted to see first."""
    from contexts.reviews.models import Moderation

    if settings.REVIEWS_MODERATION in Moderation.values:
        return []
    known = ", ".join(Moderation.values)
    return [Error(f'REVIEWS_MODERATION is "{settings.REVIEWS_MODERATION}"; use one of {known}.', id="reviews.E001")]

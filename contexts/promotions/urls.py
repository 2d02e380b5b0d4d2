"""Promotions' public pages; the paths are those of `contexts/kernel/links.py`."""

from django.urls import path

from contexts.kernel.own_data import part
from contexts.promotions.own_data import held_of

app_name = "promotions"
urlpatterns = [path("account/data/promotions/", part("promotions", held_of), name="own-data")]

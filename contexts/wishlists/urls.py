"""Wishlists' public pages; the paths are those of `contexts/kernel/links.py`."""

from django.urls import path

from contexts.kernel.own_data import part
from contexts.wishlists import views
from contexts.wishlists.own_data import held_of

app_name = "wishlists"
urlpatterns = [
    path("wishlist/", views.show, name="show"),
    path("wishlist/heart/", views.heart, name="heart"),
    path("wishlist/count/", views.count, name="count"),
    path("wishlist/share/", views.share, name="share"),
    path("wishlist/share/stop/", views.stop_sharing, name="stop-sharing"),
    path("wishlist/shared/<str:key>/", views.shared, name="shared"),
    path("account/data/wishlists/", part("wishlists", held_of), name="own-data"),
]

"""Reviews' public pages; the paths are those of `contexts/kernel/links.py`."""

from django.urls import path

from contexts.kernel.own_data import part
from contexts.reviews import views
from contexts.reviews.own_data import held_of

app_name = "reviews"
urlpatterns = [
    path("p/<slug:slug>/reviews/", views.about_product, name="about"),
    path("p/<slug:slug>/reviews/write/", views.write, name="write"),
    path("p/<slug:slug>/reviews/delete/", views.delete, name="delete"),
    path("account/reviews/", views.mine, name="mine"),
    path("account/data/reviews/", part("reviews", held_of), name="own-data"),
]

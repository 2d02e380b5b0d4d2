"""Reviews' public pages; the paths are those of `contexts/kernel/links.py`."""

from django.urls import path

from contexts.reviews import views

app_name = "reviews"
urlpatterns = [
    path("p/<slug:slug>/reviews/", views.about_product, name="about"),
    path("p/<slug:slug>/reviews/write/", views.write, name="write"),
    path("p/<slug:slug>/reviews/delete/", views.delete, name="delete"),
    path("account/reviews/", views.mine, name="mine"),
]

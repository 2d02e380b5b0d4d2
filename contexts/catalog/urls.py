"""Catalog's addresses: the shop's front, its aisles, its goods and their pictures."""

from django.urls import path

from contexts.catalog import views

app_name = "catalog"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("search/suggest/", views.suggest, name="suggest"),
    path("menu/", views.menu, name="menu"),
    path("c/<slug:slug>/", views.category, name="category"),
    path("p/<slug:slug>/", views.product, name="product"),
    path("pictures/<str:drawing>/<slug:view>.svg", views.picture, name="picture"),
]

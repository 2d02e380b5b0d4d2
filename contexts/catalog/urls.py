"""Catalog's addresses: the shop's front, its aisles, its goods and their pictures."""

from django.urls import path

from contexts.catalog import crawlers, views

app_name = "catalog"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("search/suggest/", views.suggest, name="suggest"),
    path("menu/", views.menu, name="menu"),
    path("c/<slug:slug>/", views.category, name="category"),
    path("p/<slug:slug>/", views.product, name="product"),
    path("p/<slug:slug>/card.png", views.product_card, name="product-card"),
    path("card.png", views.shop_card, name="card"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("sitemap/aisles.xml", crawlers.aisles, name="sitemap-aisles"),
    path("sitemap/goods/<slug:slug>.xml", crawlers.goods, name="sitemap-goods"),
    path("pictures/<str:drawing>/<slug:view>.svg", views.picture, name="picture"),
]

"""History's pages."""

from django.urls import path

from contexts.history import views
from contexts.history.own_data import held_of
from contexts.kernel.own_data import part

app_name = "history"

urlpatterns = [
    path("account/purchases/", views.purchases, name="purchases"),
    path("account/data/history/", part("history", held_of), name="own-data"),
]

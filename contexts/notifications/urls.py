"""Notifications' public pages; the paths are those of `contexts/kernel/links.py`."""

from django.urls import path

from contexts.kernel.own_data import part
from contexts.notifications import views
from contexts.notifications.own_data import held_of

app_name = "notifications"
urlpatterns = [
    path("back-in-stock/stop/<str:token>/", views.stop, name="stop"),
    path("back-in-stock/<slug:sku>/", views.tell_me, name="tell-me"),
    path("account/data/notifications/", part("notifications", held_of), name="own-data"),
]

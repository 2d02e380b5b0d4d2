"""Notifications' public pages; the paths are those of `contexts/kernel/links.py`."""

from django.urls import path

from contexts.notifications import views

app_name = "notifications"
urlpatterns = [
    path("back-in-stock/stop/<str:token>/", views.stop, name="stop"),
    path("back-in-stock/<slug:sku>/", views.tell_me, name="tell-me"),
]

"""Shipping's public pages; the paths are those of `contexts/kernel/links.py`."""

from django.urls import path

from contexts.shipping import views

app_name = "shipping"
urlpatterns = [
    path("parcels/<slug:tracking_number>/", views.track_parcel, name="tracking"),
]

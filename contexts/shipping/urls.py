"""Shipping's public pages; the paths are those of `contexts/kernel/links.py`."""

from django.urls import path

from contexts.kernel.own_data import part
from contexts.shipping import views
from contexts.shipping.own_data import held_of

app_name = "shipping"
urlpatterns = [
    path("parcels/<slug:tracking_number>/", views.track_parcel, name="tracking"),
    path("account/data/shipping/", part("shipping", held_of), name="own-data"),
]

"""History's pages."""

from django.urls import path

from contexts.history import views

app_name = "history"

urlpatterns = [path("account/purchases/", views.purchases, name="purchases")]

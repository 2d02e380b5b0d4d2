"""The backbone's only page: what a Prometheus scrapes."""

from __future__ import annotations

from django.urls import path

from contexts.messaging.metrics import metrics

app_name = "messaging"
urlpatterns = [path("metrics", metrics, name="metrics")]

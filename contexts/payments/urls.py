from django.urls import path

from contexts.payments import views

app_name = "payments"

urlpatterns = [
    path("pay/<uuid:order_id>/", views.pay, name="pay"),
    path("pay/<uuid:order_id>/confirm/", views.confirm, name="confirm"),
    path("webhooks/payments/sandbox/", views.sandbox_webhook, name="sandbox-webhook"),
]

from django.urls import path

from contexts.payments import views, webhooks

app_name = "payments"

urlpatterns = [
    path("pay/<uuid:order_id>/", views.pay, name="pay"),
    path("pay/<uuid:order_id>/card/", views.card_given, name="card"),
    path("pay/<uuid:order_id>/confirm/", views.confirm, name="confirm"),
    path("pay/<uuid:order_id>/back/", views.back_from_the_bank, name="back"),
    path("webhooks/payments/sandbox/", webhooks.sandbox, name="sandbox-webhook"),
    path("webhooks/payments/stripe/", webhooks.stripe, name="stripe-webhook"),
]

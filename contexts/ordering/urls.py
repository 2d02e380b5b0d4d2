from django.urls import path

from contexts.kernel.own_data import part
from contexts.ordering.own_data import held_of
from contexts.ordering.views import cart, checkout, invoices, orders, returns

app_name = "ordering"

urlpatterns = [
    path("cart/", cart.show, name="cart"),
    path("cart/add/", cart.add, name="cart-add"),
    path("cart/change/", cart.change, name="cart-change"),
    path("checkout/", checkout.start, name="checkout-start"),
    path("checkout/<uuid:order_id>/", checkout.details, name="checkout"),
    path("checkout/<uuid:order_id>/hold/", checkout.hold, name="checkout-hold"),
    path("checkout/<uuid:order_id>/hold/renew/", checkout.renew_hold, name="checkout-renew"),
    path("checkout/<uuid:order_id>/sum/", checkout.summary, name="checkout-sum"),
    path("checkout/<uuid:order_id>/review/", checkout.review, name="checkout-review"),
    path("orders/<uuid:order_id>/", orders.show, name="order"),
    path("orders/<uuid:order_id>/live/", orders.live, name="order-live"),
    path("orders/<uuid:order_id>/pay/", orders.pay, name="order-pay"),
    path("orders/<uuid:order_id>/invoice/", invoices.show, name="invoice"),
    path("orders/<uuid:order_id>/invoice/<int:year>-<int:serial>/", invoices.show, name="invoice-numbered"),
    path("orders/<uuid:order_id>/return/", returns.request_return, name="order-return"),
    path("orders/<uuid:order_id>/photos/<uuid:photo_id>/", returns.photo, name="return-photo"),
    path("orders/<uuid:order_id>/again/", orders.again, name="order-again"),
    path("orders/<uuid:order_id>/cancel/", orders.cancel, name="order-cancel"),
    path("account/data/ordering/", part("ordering", held_of), name="own-data"),
]

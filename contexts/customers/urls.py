"""Customers' pages. allauth looks its own up by names without a namespace, so only ours have one."""

from allauth.account import views as allauth
from django.urls import include, path, re_path

from contexts.customers import views
from contexts.customers.middleware import renews_identity as page

own = [
    path("", page(views.account), name="account"),
    path("profile/", page(views.profile), name="profile"),
    path("addresses/", page(views.addresses), name="addresses"),
    path("addresses/add/", page(views.edit_address), name="add-address"),
    path("addresses/<uuid:address_id>/", page(views.edit_address), name="edit-address"),
    path("addresses/<uuid:address_id>/default/", page(views.make_default), name="default-address"),
    path("addresses/<uuid:address_id>/delete/", page(views.delete_address), name="delete-address"),
    path("delete/", page(views.delete_account), name="delete"),
]

sign_in_and_up = [
    path("sign-in/", page(allauth.login), name="account_login"),
    path("sign-up/", page(allauth.signup), name="account_signup"),
    path("sign-up/from-order/", page(views.sign_up_from_order), name="account_signup_from_order"),
    path("sign-out/", allauth.logout, name="account_logout"),
    path("closed/", allauth.account_inactive, name="account_inactive"),
    path("email/", page(allauth.email), name="account_email"),
    path("email/confirm/", page(views.confirm_email), name="account_email_verification_sent"),
    path("confirm-identity/", page(allauth.reauthenticate), name="account_reauthenticate"),
    path("password/", page(allauth.password_change), name="account_change_password"),
    path("password/set/", page(allauth.password_set), name="account_set_password"),
    path("password/reset/", allauth.password_reset, name="account_reset_password"),
    path("password/reset/sent/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$", allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/done/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]  # fmt: skip

urlpatterns = [
    path("account/", include((own, "customers"))),
    path("account/", include(sign_in_and_up)),
]

"""Customers' pages. allauth looks its own up by names without a namespace, so only ours have one."""

from allauth.account import views as allauth
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as apps
from allauth.mfa.webauthn import views as passkeys
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from contexts.customers import views
from contexts.customers.middleware import renews_identity as page
from contexts.customers.own_data import held_of
from contexts.kernel.own_data import part

own = [
    path("", page(views.account), name="account"),
    path("profile/", page(views.profile), name="profile"),
    path("addresses/", page(views.addresses), name="addresses"),
    path("addresses/add/", page(views.edit_address), name="add-address"),
    path("addresses/<uuid:address_id>/", page(views.edit_address), name="edit-address"),
    path("addresses/<uuid:address_id>/default/", page(views.make_default), name="default-address"),
    path("addresses/<uuid:address_id>/delete/", page(views.delete_address), name="delete-address"),
    path("devices/", page(views.devices_signed_in), name="devices"),
    path("devices/sign-out/", page(views.sign_out_others), name="sign-out-others"),
    path("devices/<uuid:device_id>/sign-out/", page(views.sign_out_device), name="sign-out-device"),
    path("data/", page(views.own_data), name="own-data"),
    path("data/customers/", part("customers", held_of), name="own-data-customers"),
    path("delete/", page(views.delete_account), name="delete"),
    path("keep/", page(views.keep_account), name="keep"),
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

second_factors = [
    path("security/", page(factors.index), name="mfa_index"),
    path("sign-in/code/", factors.authenticate, name="mfa_authenticate"),
    path("sign-in/passkey/", page(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("confirm-identity/code/", page(factors.reauthenticate), name="mfa_reauthenticate"),
    path("confirm-identity/passkey/", page(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("security/app/", page(apps.activate_totp), name="mfa_activate_totp"),
    path("security/app/remove/", page(apps.deactivate_totp), name="mfa_deactivate_totp"),
    path("security/passkeys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
    path("security/passkeys/add/", page(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("security/passkeys/<int:pk>/", page(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("security/passkeys/<int:pk>/remove/", page(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("security/codes/", page(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("security/codes/new/", page(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("security/codes/file/", page(codes.download_recovery_codes), name="mfa_download_recovery_codes"),
]

urlpatterns = [
    path("account/", include((own, "customers"))),
    path("account/", include(sign_in_and_up)),
    path("account/", include(second_factors)),
]

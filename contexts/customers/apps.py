"""The customers context as Django sees it."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "contexts.customers"
    label = "customers"
    verbose_name = _("Customers")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from allauth.account.signals import password_changed, password_reset, password_set
        from allauth.mfa.signals import authenticator_added

        from contexts.customers import letters, middleware, second_factors

        letters.show_samples()
        user_logged_in.connect(middleware.issue_at_sign_in, dispatch_uid="customers.issue_at_sign_in")
        user_logged_out.connect(middleware.forget_at_sign_out, dispatch_uid="customers.forget_at_sign_out")
        for signal in (password_changed, password_set, password_reset):
            signal.connect(
                middleware.keep_only_this_device, dispatch_uid=f"customers.keep_only_this_device.{id(signal)}"
            )
        authenticator_added.connect(second_factors.note_first_factor, dispatch_uid="customers.note_first_factor")
        second_factors.keep_with_customers()

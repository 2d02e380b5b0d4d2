"""Where allauth's sign-up and e-mail flows meet this context's services."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.sites.shortcuts import get_current_site
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy as _, override

from contexts.customers import letters, services
from contexts.customers.models import Account
from contexts.kernel.links import link


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Plain words, and one way into the database: the services."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed. Write to us if you think that is a mistake."),
        "email_password_mismatch": _("E-mail address or password is wrong. Check both, or reset the password."),
        "email_taken": _("There is an account with this e-mail address already. Sign in, or reset its password."),
        "enter_current_password": _("That is not your current password."),
        "incorrect_code": _("That is not the code we sent. Look at the newest e-mail from us."),
        "incorrect_password": _("That is not your password."),
        "too_many_login_attempts": _("Too many wrong passwords. Wait a few minutes, or reset the password."),
        "rate_limited": _("Too many tries. Wait a few minutes."),
    }

    def save_user(self, request: HttpRequest, user: Account, form: forms.BaseForm, commit: bool = True) -> Account:
        """Open the account that a sign-up form asks for; this is what announces it, and nothing else does."""
        data = form.cleaned_data
        return services.register(
            email=data["email"], name=data["name"], password=data["password1"],
            language=get_language() or settings.LANGUAGE_CODE, from_order=getattr(form, "from_order", None),
        )  # fmt: skip

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Store that an address belongs to the customer, and announce it."""
        customer_id, email = email_address.user_id, email_address.email
        if Account.objects.filter(email=email).exclude(id=customer_id).exists():
            template = "account/messages/email_confirmation_failed.txt"
            self.add_message(request, messages.ERROR, template, {"email": email})
            return False
        with transaction.atomic(using="customers"):
            before = Account.objects.select_for_update().get(id=customer_id).email
            confirmed: bool = super().confirm_email(request, email_address)
            if confirmed:
                services.announce_confirmed_email(customer_id=customer_id, before=before)
        return confirmed

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Render now in the customer's language, send after the commit: a slow mail server holds up no transaction."""
        request = allauth_context.request
        user = context.get("user")
        language = (user.language if isinstance(user, Account) else get_language()) or settings.LANGUAGE_CODE
        with override(language):
            context = {
                "request": request, "email": email, "current_site": get_current_site(request),
                **letters.frame(language), **context,
            }  # fmt: skip
            message: EmailMessage = self.render_mail(template_prefix, email, context)
        transaction.on_commit(message.send, using="customers", robust=True)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return link("account")

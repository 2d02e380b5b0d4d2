"""The forms of the account pages."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from allauth.account import forms as allauth
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as codes
from allauth.mfa.totp import forms as apps
from allauth.mfa.webauthn import forms as passkeys
from cryptography.exceptions import InvalidSignature
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy as _

from contexts.customers.models import Account, SavedAddress
from contexts.customers.services import EmailTaken
from contexts.kernel.addresses import Address
from contexts.kernel.countries import COUNTRIES
from contexts.kernel.currencies import name_of


def _plain(form: forms.Form, **labels: Any) -> None:
    """Name allauth's fields in the shop's words; labels are shown, so placeholders only repeat them."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = labels.get(name, field.label)


def _password_hint() -> str:
    """Say what a password must be like, with the length that the settings ask for."""
    rules = password_validation.get_default_password_validators()
    length = max((getattr(rule, "min_length", 0) for rule in rules), default=0)
    return gettext("At least %d characters, and neither a common password nor your own address.") % length


class SignInForm(allauth.LoginForm):  # type: ignore[misc]
    """E-mail address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, login=_("E-mail address"), password=_("Password"))
        self.fields["password"].help_text = ""


class SignUpForm(allauth.SignupForm):  # type: ignore[misc]
    """A name to be called by, an e-mail address, a password."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ("name", "email", "password1")
    #: The guest's order on whose page the account is offered; never from what was posted.
    from_order: UUID | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, email=_("E-mail address"), password1=_("Password"))
        self.fields["password1"].help_text = _password_hint()

    def try_save(self, request: HttpRequest) -> tuple[Account | None, HttpResponse | None]:
        """Two sign-ups with one address at the same moment: the second gets what a later one would get."""
        try:
            return super().try_save(request)  # type: ignore[no-any-return]
        except EmailTaken:
            self.account_already_exists = True
            return super().try_save(request)  # type: ignore[no-any-return]


class ChangeEmailForm(allauth.AddEmailForm):  # type: ignore[misc]
    """A new e-mail address, which counts once it is confirmed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, email=_("New e-mail address"))


class ConfirmEmailForm(allauth.ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code from the e-mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, code=_("Code"))
        self.fields["code"].widget.attrs.update({"autocomplete": "one-time-code", "autocapitalize": "characters"})


class ChangePasswordForm(allauth.ChangePasswordForm):  # type: ignore[misc]
    """The old password and a new one, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(
            self,
            oldpassword=_("Current password"), password1=_("New password"), password2=_("New password once more"),
        )  # fmt: skip
        self.fields["oldpassword"].help_text = ""
        self.fields["password1"].help_text = _password_hint()


class SetPasswordForm(allauth.SetPasswordForm):  # type: ignore[misc]
    """A first password, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, password1=_("New password"), password2=_("New password once more"))
        self.fields["password1"].help_text = _password_hint()


class ResetPasswordForm(allauth.ResetPasswordForm):  # type: ignore[misc]
    """Where to send the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, email=_("E-mail address"))


class NewPasswordForm(allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password after following the link, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, password1=_("New password"), password2=_("New password once more"))
        self.fields["password1"].help_text = _password_hint()


class PasswordAgainForm(allauth.ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, password=_("Password"))
        self.fields["password"].help_text = ""


def _code_field(form: forms.Form, label: Any) -> None:
    _plain(form, code=label)
    form.fields["code"].widget.attrs.update({"autocomplete": "one-time-code", "spellcheck": "false"})


class CodeForm(codes.AuthenticateForm):  # type: ignore[misc]
    """The code from the app, or one of the recovery codes, after the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code_field(self, _("Code from your app, or a recovery code"))


class CodeAgainForm(codes.ReauthenticateForm):  # type: ignore[misc]
    """A code in the password's place, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code_field(self, _("Code from your app, or a recovery code"))


class FirstCodeForm(apps.ActivateTOTPForm):  # type: ignore[misc]
    """The first code that the app shows, to see that both sides agree."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code_field(self, _("Code that the app shows now"))
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class _Passkey:
    """What a browser answered comes from outside: whatever does not read as a passkey is refused, not a fault."""

    def clean(self) -> Any:
        with _refused():
            return super().clean()  # type: ignore[misc]

    def clean_credential(self) -> Any:
        with _refused():
            own = getattr(super(), "clean_credential", None)
            return own() if own else self.cleaned_data["credential"]  # type: ignore[attr-defined]


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, struct.error, InvalidSignature):
        raise get_adapter().validation_error("incorrect_code") from None


class PasskeySignInForm(_Passkey, passkeys.LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey in place of address and password."""


class PasskeyForm(_Passkey, passkeys.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after the password."""


class PasskeyAgainForm(_Passkey, passkeys.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey in the password's place, before something that matters."""


class AddPasskeyForm(_Passkey, passkeys.AddWebAuthnForm):  # type: ignore[misc]
    """A name for the passkey; the rest comes from the browser."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, name=_("Name of the passkey"))
        self.fields["name"].max_length = 60
        self.fields["name"].widget.attrs["maxlength"] = "60"
        self.fields["name"].help_text = _("So that you know it again, such as “phone” or “work laptop”.")
        self.fields["credential"].error_messages["required"] = _("No passkey came from your browser. Try again.")


class RenamePasskeyForm(passkeys.EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, name=_("Name of the passkey"))
        self.fields["name"].widget.attrs["maxlength"] = "60"


class ProfileForm(forms.Form):
    """How we call you, in which language we write, and in which currency you read prices where there are several."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    language = forms.ChoiceField(label=_("Language of our e-mails"))
    currency = forms.ChoiceField(label=_("Currency of prices"), help_text=_("On every device where you sign in."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language, currency = self.fields["language"], self.fields["currency"]
        assert isinstance(language, forms.ChoiceField)
        assert isinstance(currency, forms.ChoiceField)
        language.choices = list(settings.LANGUAGES)
        currency.choices = [(code, name_of(code)) for code in settings.CURRENCIES]
        if len(settings.CURRENCIES) < 2:
            del self.fields["currency"]


class AddressForm(forms.Form):
    """One address of the book."""

    name = forms.CharField(label=_("Name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    street = forms.CharField(
        label=_("Street and number"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "street-address"})
    )
    postcode = forms.CharField(
        label=_("Postcode"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "postal-code"})
    )
    city = forms.CharField(
        label=_("City"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    country = forms.ChoiceField(
        label=_("Country"), choices=COUNTRIES, widget=forms.Select(attrs={"autocomplete": "country"})
    )
    default = forms.BooleanField(label=_("Start checkouts with this address"), required=False)

    @staticmethod
    def values_of(saved: SavedAddress) -> dict[str, Any]:
        return {
            "name": saved.name, "street": saved.street, "postcode": saved.postcode, "city": saved.city,
            "country": saved.country, "default": saved.is_default,
        }  # fmt: skip

    @property
    def address(self) -> Address:
        data = self.cleaned_data
        return Address(
            name=data["name"], street=data["street"], postcode=data["postcode"], city=data["city"],
            country=data["country"],
        )  # fmt: skip

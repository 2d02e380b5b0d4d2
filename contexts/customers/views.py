"""The account pages. Sign-in, sign-up and passwords are allauth's views with this shop's forms and templates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.views import ConfirmEmailVerificationCodeView, SignupView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from contexts.customers import devices, erasure, queries, services
from contexts.customers.forms import AddressForm, ProfileForm
from contexts.customers.models import Account
from contexts.kernel import tokens
from contexts.kernel.awaited import AwaitedOrder, await_order
from contexts.kernel.checkout import OFFER_MAX_AGE_S, AccountOffer
from contexts.kernel.currencies import currency
from contexts.kernel.identity import FRESH_S
from contexts.kernel.links import link
from contexts.kernel.own_data import KEY_MAX_AGE_S, PARTS, key_for

confirm_email = ConfirmEmailVerificationCodeView.as_view(
    # Whoever tries the shop out has no mailbox; without this line the code would be hard to find.
    extra_context={"mail_folder": getattr(settings, "EMAIL_FILE_PATH", None) if settings.DEMO else None}
)


def _proven(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Ask a customer once more who they are, by password, passkey or code, unless they have just shown it."""
    proven: Callable[[HttpRequest], HttpResponse] = reauthentication_required(view)
    return proven


class SignUpFromOrder(SignupView):  # type: ignore[misc]  # allauth has no types
    """An account for whoever just ordered as a guest: name, e-mail and address are the order's, one field is asked."""

    template_name = "account/signup_from_order.html"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.offer = tokens.read(
                request.POST.get("offer", ""), AccountOffer, audience="customers", max_age_s=OFFER_MAX_AGE_S
            )
        except tokens.InvalidToken:
            messages.warning(request, _("That took too long. Please fill in the form."))
            return redirect("account_signup")
        answer: HttpResponseBase = super().post(request, *args, **kwargs)
        return answer

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        typed = self.request.POST.get("password1", "")
        return kwargs | {"data": {"name": self.offer.name, "email": self.offer.email, "password1": typed}}

    def form_valid(self, form: Any) -> HttpResponse:
        form.from_order = self.offer.order_id
        answer: HttpResponse = super().form_valid(form)
        if self.user is not None:  # None where the address has an account, which this page does not tell.
            services.save_address(customer_id=self.user.id, address=self.offer.address, default=True)
            ordered = AwaitedOrder(order_id=self.offer.order_id, number=self.offer.number, customer_id=self.user.id)
            await_order(self.request, answer, ordered)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "offer": self.request.POST["offer"], "to": self.offer}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """The form came back: that is not a success."""
        answer: HttpResponse = super().render_to_response(context, status=422, **kwargs)
        return answer


sign_up_from_order = SignUpFromOrder.as_view()


def _customer(request: HttpRequest) -> Account:
    return cast(Account, request.user)


@never_cache
@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    addresses = queries.addresses_of(_customer(request).id)
    default = addresses[0] if addresses and addresses[0].is_default else None
    return render(
        request, "customers/account.html",
        {"account": _customer(request), "default_address": default, "address_count": len(addresses)},
    )  # fmt: skip


@never_cache
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    customer = _customer(request)
    known = {"name": customer.name, "language": customer.language, "currency": currency()}
    form = ProfileForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        services.change_profile(customer_id=customer.id, **form.cleaned_data)
        request.account_currency = form.cleaned_data.get("currency")  # type: ignore[attr-defined]
        messages.success(request, _("Your profile is saved."))
        return redirect("customers:account")
    return render(request, "customers/profile.html", {"form": form, "account": customer}, status=_status(form))


@never_cache
@require_safe
@login_required
def addresses(request: HttpRequest) -> HttpResponse:
    return render(
        request, "customers/addresses.html",
        {"addresses": queries.addresses_of(_customer(request).id), "limit": services.MAX_ADDRESSES},
    )  # fmt: skip


@never_cache
@login_required
def edit_address(request: HttpRequest, address_id: UUID | None = None) -> HttpResponse:
    customer = _customer(request)
    saved = queries.address_of(customer.id, address_id) if address_id else None
    initial = AddressForm.values_of(saved) if saved else _begun(customer)
    form = AddressForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_address(
                customer_id=customer.id, address=form.address, address_id=address_id,
                default=form.cleaned_data["default"],
            )  # fmt: skip
        except services.TooManyAddresses as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The address is saved."))
            return redirect("customers:addresses")
    return render(request, "customers/address.html", {"form": form, "saved": saved}, status=_status(form))


def _begun(customer: Account) -> dict[str, str]:
    """What a further address has in common with the first: the name, and mostly the country."""
    known = queries.addresses_of(customer.id)
    return {"name": customer.name, "country": known[0].country if known else ""}


@require_POST
@login_required
def make_default(request: HttpRequest, address_id: UUID) -> HttpResponse:
    try:
        services.set_default_address(customer_id=_customer(request).id, address_id=address_id)
    except services.NoSuchAddress:
        messages.error(request, _("That address is not in your address book any more."))
    else:
        messages.success(request, _("Checkouts start with this address from now on."))
    return redirect("customers:addresses")


@require_POST
@login_required
def delete_address(request: HttpRequest, address_id: UUID) -> HttpResponse:
    services.delete_address(customer_id=_customer(request).id, address_id=address_id)
    messages.success(request, _("The address is deleted."))
    return redirect("customers:addresses")


@never_cache
@require_safe
@login_required
def devices_signed_in(request: HttpRequest) -> HttpResponse:
    found = devices.devices_of(_customer(request).id)
    return render(
        request, "customers/devices.html",
        {"devices": found, "here": request.session.session_key, "minutes": FRESH_S // 60},
    )  # fmt: skip


@require_POST
@login_required
def sign_out_device(request: HttpRequest, device_id: UUID) -> HttpResponse:
    if devices.end(customer_id=_customer(request).id, device_id=device_id):
        messages.success(request, _("That device is signed out."))
    else:
        messages.info(request, _("That device was signed out already."))
    return redirect("customers:devices")


@require_POST
@login_required
def sign_out_others(request: HttpRequest) -> HttpResponse:
    devices.end_others(customer_id=_customer(request).id, keep=request.session.session_key)
    messages.success(request, _("All your other devices are signed out."))
    return redirect("customers:devices")


@never_cache
@require_safe
@login_required
@_proven
def own_data(request: HttpRequest) -> HttpResponse:
    """Show what each context holds, and hand out a key to fetch it."""
    key = key_for(_customer(request).id)
    parts = [
        {"name": name, "about": about, "url": link(f"own-data-{name}", {"key": key})} for name, about in PARTS.items()
    ]
    return render(request, "customers/own_data.html", {"parts": parts, "minutes": KEY_MAX_AGE_S // 60})


@never_cache
@login_required
@_proven
def delete_account(request: HttpRequest) -> HttpResponse:
    """Ask, note it, and tell by e-mail; it happens some days later."""
    customer = _customer(request)
    problem = ""
    if request.method == "POST":
        try:
            erase_at = erasure.ask_erasure(customer_id=customer.id)
        except services.StaffAccount as refusal:
            problem = str(refusal)
        else:
            context = {"erase_at": erase_at, "account_url": request.build_absolute_uri(link("account"))}
            get_adapter().send_mail("account/email/erasure_asked", customer.email, context)
            return redirect("customers:account")
    return render(
        request, "customers/delete.html",
        {"account": customer, "days": settings.CUSTOMERS_ERASURE_DAYS, "problem": problem},
        status=422 if problem else 200,
    )  # fmt: skip


@require_POST
@login_required
def keep_account(request: HttpRequest) -> HttpResponse:
    erasure.keep_account(customer_id=_customer(request).id)
    messages.success(request, _("Your account stays. Nothing was deleted."))
    return redirect("customers:account")


def _status(form: object) -> int:
    """A form that came back with errors is not a success."""
    return 422 if getattr(form, "errors", None) else 200

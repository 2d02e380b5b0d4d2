"""Who has an account, and where their parcels usually go."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.kernel.addresses import Address
from contexts.kernel.countries import country_name


class AccountManager(BaseUserManager["Account"]):
    """The door that Django's own commands use; it leads to `services.register`, so that every account is announced."""

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, *, name: str = "", language: str = "en") -> Account:
        from contexts.customers import services

        return services.register(email=email, name=name, password=password, language=language)

    def create_superuser(
        self, email: str, password: str | None = None, *, name: str = "", language: str = "en", **_extra: Any
    ) -> Account:
        """`createsuperuser` passes whatever `REQUIRED_FIELDS` names; nothing beyond these is kept."""
        from contexts.customers import services

        return services.open_staff_account(email=email, name=name, password=password, language=language, superuser=True)


class Account(AbstractBaseUser, PermissionsMixin):
    """A customer, or a member of staff, who signs in with an e-mail address.

    An erased account stays as a row that names nobody, so that staff's audit trail and other contexts' ids keep their
    meaning.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), unique=True, max_length=254)
    name = models.CharField(_("name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=12, default="en")
    #: The currency that the customer chose to read prices in; "" as long as nothing was chosen.
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="", db_default="")
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May sign in to this admin."))
    registered_at = models.DateTimeField(_("registered"), default=timezone.now, editable=False)
    erase_at = models.DateTimeField(_("to be erased"), null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects: ClassVar[AccountManager] = AccountManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        indexes = [models.Index(fields=["-registered_at"], name="customers_account_newest")]
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="customers_account_email_lowercase"),
            models.CheckConstraint(
                condition=models.Q(erased_at=None) | models.Q(is_active=False, is_staff=False, name=""),
                name="customers_account_erased_is_nobody",
            ),
        ]

    def __str__(self) -> str:
        return str(_("erased account")) if self.erased_at else self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    def become_nobody(self) -> None:
        """Take everything personal off the row; sessions and password links stop working with the password."""
        self.email = f"{self.id}@erased.invalid"
        self.name = self.currency = ""
        self.set_unusable_password()
        self.is_active = self.is_staff = self.is_superuser = False
        self.last_login = self.erase_at = None
        self.erased_at = timezone.now()


class Device(models.Model):
    """A browser that is signed in, known by its session. What it looks like is kept, where it is is not."""

    session_key = models.CharField(max_length=40, primary_key=True)
    id: models.UUIDField[UUID, UUID] = models.UUIDField(unique=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="devices", verbose_name=_("account"))
    browser = models.CharField(max_length=30, blank=True)
    system = models.CharField(max_length=30, blank=True)
    signed_in_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.browser}, {self.system}"


class SavedAddress(models.Model):
    """An address in a customer's book. Exactly one of a customer's addresses is the default, if there are any."""

    id: models.UUIDField[UUID, UUID] = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="addresses", verbose_name=_("account"))
    name = models.CharField(_("name"), max_length=150)
    street = models.CharField(_("street and number"), max_length=200)
    postcode = models.CharField(_("postcode"), max_length=20)
    city = models.CharField(_("city"), max_length=100)
    country = models.CharField(_("country"), max_length=2)
    is_default = models.BooleanField(_("default"), default=False)

    class Meta:
        verbose_name = _("saved address")
        verbose_name_plural = _("saved addresses")
        ordering = ["-is_default", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(is_default=True), name="customers_one_default_address"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.street}, {self.postcode} {self.city}, {self.country}"

    @property
    def country_name(self) -> str:
        return country_name(self.country)

    @property
    def address(self) -> Address:
        return Address(name=self.name, street=self.street, postcode=self.postcode, city=self.city, country=self.country)

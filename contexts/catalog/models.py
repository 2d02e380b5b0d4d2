"""Products, the variants that are bought, and the aisles they stand in."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.catalog.drawings import FINISHES, KINDS, Drawing
from contexts.catalog.pictures import picture_url
from contexts.kernel.links import link
from contexts.kernel.money import Money

#: From this many pieces down the shop says how many are left.
LOW_STOCK = 5
_sku = RegexValidator(r"^[A-Z0-9]+(-[A-Z0-9]+)*$", _("Use capital letters, digits and single dashes: RED-MUG-2."))
_hex = RegexValidator(r"^#[0-9a-f]{6}$", _("Write the colour as # and six hexadecimal digits: #c2452d."))


class Category(models.Model):
    """An aisle of the shop. `path` names its ancestors and itself, "kitchen/cups/", so that a subtree is a prefix."""

    parent = models.ForeignKey(
        "self", verbose_name=_("parent"), on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    slug = models.SlugField(_("slug"), unique=True)
    path = models.CharField(_("path"), max_length=200, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    blurb = models.CharField(_("blurb"), max_length=200, blank=True)
    drawing = models.CharField(_("picture"), max_length=60)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.path = f"{self.parent.path if self.parent else ''}{self.slug}/"
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def depth(self) -> int:
        return self.path.count("/") - 1

    @property
    def image(self) -> str:
        return picture_url(self.drawing, "front")

    def get_absolute_url(self) -> str:
        return link("category", slug=self.slug)


class Product(models.Model):
    """Something the shop sells, in one or more variants.

    `price_from_cents`, `price_to_cents` and `available` repeat what the variants say, so that lists can sort and
    filter on them; services keep them. `rating_hundredths` (433 is 4.33 stars) and `rating_count` are what reviews
    said last.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("In the shop")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class TaxClass(models.TextChoices):
        STANDARD = "standard", _("Standard")
        REDUCED = "reduced", _("Reduced")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(_("slug"), max_length=100, unique=True)
    name = models.CharField(_("name"), max_length=120)
    summary = models.CharField(_("summary"), max_length=160, help_text=_("One line, shown in lists."))
    description = models.TextField(_("description"), blank=True)
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="products"
    )
    tax_class = models.CharField(_("tax class"), max_length=12, choices=TaxClass, default=TaxClass.STANDARD)
    material = models.CharField(_("material"), max_length=60, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    drawn_as = models.CharField(_("drawn as"), max_length=20, choices={name: name for name in KINDS}, default="mug")
    drawing_seed = models.PositiveIntegerField(_("drawing number"), default=1)
    drawing_finish = models.CharField(
        _("second material"), max_length=12, choices={name: name for name in FINISHES}, default="oak"
    )
    featured = models.BooleanField(_("featured"), default=False)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT, editable=False)
    published_at = models.DateTimeField(_("in the shop since"), null=True, editable=False)
    price_from_cents = models.BigIntegerField(editable=False, default=0)
    price_to_cents = models.BigIntegerField(editable=False, default=0)
    currency = models.CharField(max_length=3, default="EUR", editable=False)
    available = models.PositiveIntegerField(_("available"), default=0, editable=False)
    rating_hundredths = models.PositiveSmallIntegerField(editable=False, default=0)
    rating_count = models.PositiveIntegerField(editable=False, default=0)
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="product_published_since"
            ),
            models.CheckConstraint(condition=Q(price_to_cents__gte=F("price_from_cents")), name="product_price_range"),
        ]
        indexes = [
            GinIndex(fields=["search"], name="product_search"),
            models.Index(
                fields=["category", "-published_at", "-id"], condition=Q(state="published"), name="product_aisle"
            ),
            models.Index(fields=["-published_at", "-id"], condition=Q(state="published"), name="product_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price_from(self) -> Money:
        return Money(self.price_from_cents, self.currency)

    @property
    def has_price_range(self) -> bool:
        return self.price_to_cents > self.price_from_cents

    @property
    def colours(self) -> list[str]:
        """The colours of the variants that were fetched, each once, in their order."""
        return list(dict.fromkeys(variant.colour for variant in self.variants.all()))

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    def get_absolute_url(self) -> str:
        return link("product", slug=self.slug)


class Variant(models.Model):
    """One thing that can be bought. `available` is what inventory said last, None until it says anything."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(_("SKU"), max_length=40, unique=True, validators=[_sku])
    label = models.CharField(_("label"), max_length=60, blank=True, help_text=_("What tells it from its siblings."))
    colour = models.CharField(_("colour"), max_length=7, validators=[_hex], default="#8a938e")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    price_cents = models.BigIntegerField(_("price in cents"), validators=[MinValueValidator(1)])
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    weight_grams = models.PositiveIntegerField(_("weight in grams"), default=0)
    listed = models.BooleanField(_("for sale"), default=True)
    available = models.PositiveIntegerField(_("available"), null=True, editable=False)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [models.CheckConstraint(condition=Q(price_cents__gt=0), name="variant_price_above_zero")]

    def __str__(self) -> str:
        return f"{self.product.name}, {self.label}" if self.label else self.product.name

    @property
    def price(self) -> Money:
        return Money(self.price_cents, self.currency)

    @property
    def drawing(self) -> str:
        product = self.product
        return str(Drawing(product.drawn_as, product.drawing_seed, self.colour, product.drawing_finish))

    @property
    def image(self) -> str:
        return picture_url(self.drawing, "front")

    @property
    def image_close(self) -> str:
        return picture_url(self.drawing, "close")

    @property
    def image_plan(self) -> str:
        return picture_url(self.drawing, "plan")

    @property
    def stock(self) -> str:
        """Say "good", "low", "none", or "unknown" while inventory has not counted it."""
        if self.available is None:
            return "unknown"
        if self.available == 0:
            return "none"
        return "low" if self.available <= LOW_STOCK else "good"


class KnownStock(models.Model):
    """What inventory said of a SKU, whether or not catalog has heard of it yet."""

    sku = models.CharField(max_length=40, primary_key=True)
    available = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("known stock")
        verbose_name_plural = _("known stock")

    def __str__(self) -> str:
        return f"{self.sku}: {self.available}"


class SupplierPrice(models.Model):
    """What a supplier lists a SKU at, which is what the shop sells it for.

    Suppliers' programs and people write this table as they like: COPY, psql, an import. The log tailer reads every
    change of it from the write-ahead log, see `captures.py`.
    """

    sku = models.CharField(_("SKU"), max_length=40, primary_key=True)
    supplier = models.CharField(_("supplier"), max_length=80)
    price_cents = models.BigIntegerField(_("price in cents"))
    currency = models.CharField(_("currency"), max_length=3, db_default="EUR")

    class Meta:
        verbose_name = _("supplier's price")
        verbose_name_plural = _("suppliers' prices")
        constraints = [models.CheckConstraint(condition=Q(price_cents__gt=0), name="supplier_price_above_zero")]

    def __str__(self) -> str:
        return f"{self.sku}: {Money(self.price_cents, self.currency)}"

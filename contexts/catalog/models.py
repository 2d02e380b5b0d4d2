"""Products, the variants that are bought, and the aisles they stand in."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contexts.catalog.drawings import FINISHES, KINDS, Drawing
from contexts.catalog.pictures import picture_url
from contexts.kernel.currencies import own
from contexts.kernel.languages import choices
from contexts.kernel.links import link
from contexts.kernel.money import Money
from contexts.kernel.rates import DatedRate

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
    texts = models.JSONField(_("translations"), default=dict, db_default={}, blank=True, editable=False)

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

    The fields from `price_from_cents` to `shelf` repeat what the variants say, so that a list is read from this table
    alone; `shelves.py` keeps them. `facets` are the values that lists are narrowed by, see `facets.py`; `shelf` is the
    category in which they are counted, None while the product is not in the shop. `popularity`: see `popularity.py`.
    `texts` are translations: "de:name" is the German name, see `translations.py`.
    `fixed` says of each currency in which a variant's price is fixed: the lowest and highest of those, and the lowest and
    highest price in the shop's own currency of the variants without.
    `rating_hundredths` (433 is 4.33 stars) and `rating_count` are what reviews said last.

    The table has two columns more, which the database fills in and only `bitmaps.py` reads: `number` and `arranged_in`.
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
    texts = models.JSONField(_("translations"), default=dict, db_default={}, blank=True, editable=False)
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
    fixed = models.JSONField(default=dict, db_default={}, editable=False)
    available = models.PositiveIntegerField(_("available"), default=0, editable=False)
    picture = models.CharField(max_length=60, blank=True, editable=False)
    colours = ArrayField(models.CharField(max_length=7), default=list, editable=False)
    facets = ArrayField(models.CharField(max_length=64), default=list, editable=False)
    shelf = models.BigIntegerField(null=True, editable=False)
    popularity = models.FloatField(default=0, editable=False)
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
            models.Index(Lower("name"), name="product_by_lower_name"),
            # One for each order of a list, in an aisle and in the whole shop; `lists.py` reads them both ways.
            *(
                models.Index(fields=[*aisle, order, tie], condition=Q(state="published"), name=f"product_{name}")
                for name, aisle, order, tie in (
                    ("aisle", ["category"], "-published_at", "-id"), ("newest", [], "-published_at", "-id"),
                    ("aisle_price", ["category"], "price_from_cents", "id"), ("price", [], "price_from_cents", "id"),
                    ("aisle_name", ["category"], "name", "id"), ("name", [], "name", "id"),
                    ("aisle_popular", ["category"], "-popularity", "-id"), ("popular", [], "-popularity", "-id"),
                )
            ),
            models.Index(
                fields=["-published_at", "-id"], condition=Q(state="published", featured=True), name="product_featured"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def price_from(self) -> Money:
        return Money(self.price_from_cents, self.currency)

    @property
    def has_price_range(self) -> bool:
        return self.price_to_cents > self.price_from_cents

    @property
    def is_published(self) -> bool:
        return self.state == self.State.PUBLISHED

    def get_absolute_url(self) -> str:
        return link("product", slug=self.slug)


class Variant(models.Model):
    """One thing that can be bought. `available` is what inventory said last, None until it says anything.

    `prices` are those that staff fixed in other currencies: `{"GBP": 1800}`.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(_("SKU"), max_length=40, unique=True, validators=[_sku])
    label = models.CharField(_("label"), max_length=60, blank=True, help_text=_("What tells it from its siblings."))
    colour = models.CharField(_("colour"), max_length=7, validators=[_hex], default="#8a938e")
    family = models.CharField(max_length=10, editable=False, default="grey")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    price_cents = models.BigIntegerField(_("price in cents"), validators=[MinValueValidator(1)])
    currency = models.CharField(_("currency"), max_length=3, default=own)
    prices = models.JSONField(_("fixed prices"), default=dict, db_default={}, blank=True)
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


class Term(models.Model):
    """A word that many goods share, in another language: "Stoneware" is "Steinzeug"."""

    class Kind(models.TextChoices):
        MATERIAL = "material", _("Material")
        LABEL = "label", _("Colour or size")
        FACT = "fact", _("Fact")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    language = models.CharField(_("language"), max_length=12, choices=choices)
    text = models.CharField(_("word"), max_length=120)
    translation = models.CharField(_("translation"), max_length=120)

    class Meta:
        ordering = ["language", "kind", "text"]
        verbose_name = _("word of the glossary")
        verbose_name_plural = _("glossary")
        constraints = [models.UniqueConstraint(fields=["language", "kind", "text"], name="term_once")]

    def __str__(self) -> str:
        return f"{self.text}: {self.translation}"


class KnownStock(models.Model):
    """What inventory said of a SKU, whether or not catalog has heard of it yet."""

    sku = models.CharField(max_length=40, primary_key=True)
    available = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("known stock")
        verbose_name_plural = _("known stock")

    def __str__(self) -> str:
        return f"{self.sku}: {self.available}"


class Word(models.Model):
    """A word that products use, in some `languages`. `place` is the best where one has it: 1 a name, 2 a fact, 3 a text.

    `keys` are the word with letters left out, by which it is found when it is misspelt: see `spelling.py`. The table has a
    column more, `learnt_in`, which the database fills in and only `bitmaps.py` reads.
    """

    # "C" so that what begins with a letter is a range of the primary key's index.
    word = models.CharField(max_length=40, primary_key=True, db_collation="C")
    place = models.PositiveSmallIntegerField()
    keys = ArrayField(models.CharField(max_length=40), default=list)
    languages = ArrayField(models.CharField(max_length=12), default=list, db_default=[])

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="word_keys")]

    def __str__(self) -> str:
        return self.word


class Companion(models.Model):
    """How often two products were in the same confirmed order."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="companions")
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    times = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "other"], name="companion_once")]
        indexes = [models.Index(fields=["product", "-times", "other"], name="companion_most")]

    def __str__(self) -> str:
        return f"{self.product_id} with {self.other_id}: {self.times}"


class DeliveryMethod(models.Model):
    """A way to send parcels, as shipping told it last; product pages say from it when a parcel comes."""

    code = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=100)
    names = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    price_cents = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    prices = models.JSONField(default=dict, db_default={}, editable=False)
    days_min = models.PositiveSmallIntegerField()
    days_max = models.PositiveSmallIntegerField()
    active = models.BooleanField()

    def __str__(self) -> str:
        return self.name


class ExchangeRate(DatedRate):
    """What a unit of the shop's own currency is in another, from a day on; changed by `rates.set_rate` alone."""

    class Meta(DatedRate.Meta):
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")


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

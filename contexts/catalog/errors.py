"""What can go wrong in the catalog, in words for whoever has to act on it."""

from __future__ import annotations

from collections.abc import Iterable


class CatalogError(Exception):
    """Something that was asked for cannot be done; the text says why and what helps."""


class NothingToSell(CatalogError):
    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has no variant that is for sale. Add one, with a SKU and a price.")


class SkuTaken(CatalogError):
    def __init__(self, skus: Iterable[str]) -> None:
        super().__init__(f"{', '.join(sorted(skus))}: already the SKU of another product. Choose another.")


class SlugTaken(CatalogError):
    def __init__(self, slugs: Iterable[str]) -> None:
        super().__init__(f"{', '.join(sorted(slugs))}: already the address of another product. Choose another.")


class NotForSale(CatalogError):
    def __init__(self, what: str, state: str) -> None:
        super().__init__(f"{what} is {state}, not in the shop. Publish it first.")


class UnknownSku(CatalogError):
    def __init__(self, sku: str) -> None:
        super().__init__(f'No variant has the SKU "{sku}".')


class NotAPrice(CatalogError):
    def __init__(self, sku: str, price: object) -> None:
        super().__init__(f"{sku}: {price} is not a price. It must be above zero and in the variant's currency.")


class NotARate(CatalogError):
    """An exchange rate that cannot be; `field` says what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)

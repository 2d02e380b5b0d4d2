"""A postal address as it crosses contexts."""

import msgspec


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a parcel goes. `country` is an ISO 3166-1 alpha-2 code."""

    name: str
    street: str
    postcode: str
    city: str
    country: str

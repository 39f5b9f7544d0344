"""A postal address as people write it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """An address before or after validation; nothing about it is checked here.

    `address1` is house number and street, `address2` what finds the person inside (suite, floor).
    `country` is ISO 3166-1 alpha-2. domain.md B3, E3.
    """

    address1: str
    address2: str | None
    city: str
    state: str | None
    postal_code: str
    country: str

"""What the service asks of whoever validates addresses; starts at `AddressValidator`."""

from dataclasses import dataclass
from typing import Protocol

from app.telephony.address import Address


@dataclass(frozen=True, slots=True)
class AddressFault:
    """One thing wrong with an address.

    `code` is stable and camelCase; `field` is the field's name in JSON (`postalCode`). `limit` is
    set by `tooLong` only, in characters. The texts are made elsewhere, from the code.
    """

    code: str
    field: str
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class AddressMeta:
    """The street line in its two parts; `house_number` is `None` where none can be told."""

    house_number: str | None
    street_name: str


@dataclass(frozen=True, slots=True)
class AddressValidation:
    """The answer: every fault at once, by field.

    `candidate` is the address corrected, when a correction exists that is itself valid. It is an
    offer: an address that needs it is not valid. `meta` reads the street line, of the candidate
    where there is one; `None` while the street line or the country is at fault.
    """

    faults: tuple[AddressFault, ...]
    candidate: Address | None
    meta: AddressMeta | None

    @property
    def is_valid(self) -> bool:
        return not self.faults


class AddressValidator(Protocol):
    """Validates an address. domain.md B3."""

    async def validate(self, address: Address) -> AddressValidation: ...

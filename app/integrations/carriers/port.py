"""What the service asks of a carrier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from app.telephony.phone_number import PhoneNumber


class CarrierOrderStatus(StrEnum):
    """What became of an order at the carrier."""

    delivered = "delivered"
    refused = "refused"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True)
class CarrierOrder:
    """An order as the carrier has it."""

    reference: str
    status: CarrierOrderStatus
    reason: str | None = None


class Carrier(Protocol):
    """A carrier. Every call may raise `errors.CarrierUnavailable`, with an unknown outcome."""

    async def not_portable(self, numbers: Sequence[PhoneNumber]) -> Mapping[PhoneNumber, str]:
        """Those of the numbers that cannot move to it, each with a code of why."""
        ...

    async def order_numbers(self, reference: str, numbers: Sequence[PhoneNumber]) -> None:
        """Order numbers under our reference. Raises `errors.CarrierRejected`.

        The carrier knows a reference: sent again it is the same order.
        """
        ...

    async def find_order(self, reference: str) -> CarrierOrder | None:
        """The order of that reference, or `None` if the carrier never had it."""
        ...

    async def cancel_order(self, reference: str) -> None:
        """Give up the order of that reference, delivered or not; again it changes nothing.

        An order that arrives under the reference later, overtaken by this, is refused.
        """
        ...

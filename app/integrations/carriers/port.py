"""What the service asks of a carrier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from app.policy.business_days import Calendar
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


@dataclass(frozen=True, slots=True)
class PortRequest:
    """A port to be asked for.

    `submission` counts how often it was submitted: a higher one takes the place of the one before.
    `document` is what the customer filled in, with the members of the API's `PATCH`.
    """

    reference: str
    submission: int
    numbers: tuple[PhoneNumber, ...]
    document: Mapping[str, Any]
    calendar: Calendar
    is_part_of_split: bool = False


class CarrierPortStatus(StrEnum):
    """How far a port is at the carrier."""

    received = "received"
    committed = "committed"
    rejected = "rejected"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True)
class CarrierPortError:
    """Why a port was rejected; `code` is the carrier's, `numbers` those concerned."""

    code: str
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CarrierPort:
    """A port as the carrier has it.

    `foc_date` is the date of one that is committed; `check_at` is when to ask again for one that
    is received, where the carrier says so.
    """

    reference: str
    status: CarrierPortStatus
    errors: tuple[CarrierPortError, ...] = ()
    foc_date: date | None = None
    check_at: datetime | None = None


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

    async def request_port(self, request: PortRequest) -> CarrierPort:
        """Ask for a port under our reference; how far it is then.

        The carrier knows reference and submission: sent again it is the same one. A port that was
        cancelled, overtaking this, stays so.
        """
        ...

    async def find_port(self, reference: str) -> CarrierPort | None:
        """The port of that reference, or `None` if the carrier never had it."""
        ...

    async def expedite_port(self, reference: str) -> CarrierPort | None:
        """Have a port answered sooner; how far it is then. Again it changes nothing."""
        ...

    async def cancel_port(self, reference: str) -> None:
        """Give up the port of that reference; again it changes nothing."""
        ...

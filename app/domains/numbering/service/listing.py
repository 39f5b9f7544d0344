"""Webex's list of numbers, with its filters: `listed`. No number has an owner or an extension."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.core.database import ReadSession
from app.core.errors import MALFORMED_REQUEST, FieldError, Problem
from app.core.texts import Text, text
from app.domains.locations import service as locations
from app.domains.numbering import repository
from app.domains.numbering.models import Number, NumberState
from app.domains.numbering.repository import NumberFilter
from app.domains.numbering.schemas import (
    WebexNumberCount,
    WebexNumberState,
    WebexNumberView,
)

STATES = {
    WebexNumberState.active: (NumberState.active,),
    WebexNumberState.inactive: (NumberState.inactive,),
    None: (NumberState.active, NumberState.inactive),
}


class NumberKind(StrEnum):
    """What an entry of the list is."""

    number = "NUMBER"
    extension = "EXTENSION"


class TelephonyType(StrEnum):
    """What network a number is on."""

    pstn = "PSTN_NUMBER"
    mobile = "MOBILE_NUMBER"


@dataclass(frozen=True, slots=True)
class Wish:
    """The filters of Webex's list; `of_owner` when one asks for what somebody has."""

    location_id: UUID | None
    phone_number: int | None
    state: WebexNumberState | None
    available: bool | None
    assigned: bool | None
    of_owner: bool
    number_type: NumberKind | None
    telephony_type: TelephonyType | None
    toll_free: bool | None
    restricted_non_geographic: bool | None
    service: bool | None
    reserved: bool | None
    elin: bool | None

    @property
    def is_for_what_there_is_none_of(self) -> bool:
        """Whether no number can be meant: there are neither owners nor extensions here."""
        return (
            self.available is False
            or bool(self.assigned)
            or self.of_owner
            or self.number_type is NumberKind.extension
            or self.telephony_type is TelephonyType.mobile
            or any((self.restricted_non_geographic, self.reserved, self.elin))
        )


async def listed(
    session: ReadSession, wish: Wish, *, start: int, limit: int
) -> list[WebexNumberView]:
    """So many of the numbers wished for, behind `start` others.

    Raises 400 for filters that Webex does not take together.
    """
    _refuse_what_excludes_itself(wish)
    if wish.is_for_what_there_is_none_of:
        return []
    found: list[Number] = await repository.list_numbers(
        session,
        NumberFilter(
            location_id=wish.location_id,
            states=STATES[wish.state],
            phone_number=wish.phone_number,
            is_toll_free=wish.toll_free,
            is_service=wish.service,
        ),
        offset=start,
        limit=limit,
    )
    places = await locations.get_many(session, {number.location_id for number in found})
    return [WebexNumberView.of(number, places[number.location_id]) for number in found]


async def counted(session: ReadSession) -> WebexNumberCount:
    """How many numbers there are in all, whatever the filters."""
    count = await repository.count_delivered(session)
    return WebexNumberCount(
        un_assigned=count.total,
        in_active=count.inactive,
        toll_free_numbers=count.toll_free,
        total=count.total,
        service_number=count.service,
        available=count.total,
    )


def _refuse_what_excludes_itself(wish: Wish) -> None:
    others: dict[str, object] = {
        "available": wish.available,
        "assigned": wish.assigned,
        "state": wish.state,
    }
    clashes: list[tuple[str, Text]] = []
    if wish.number_type is NumberKind.extension:
        detail = text("It cannot be combined with numberType=EXTENSION.")
        clashes += [(name, detail) for name, value in others.items() if value is not None]
    if wish.reserved is not None:
        detail = text("It cannot be combined with reservedNumber.")
        clashes += [
            (name, detail) for name in ("available", "assigned") if others[name] is not None
        ]
    if clashes:
        raise Problem(
            MALFORMED_REQUEST,
            text("These filters cannot be combined."),
            violations=[FieldError(f"/{name}", detail) for name, detail in clashes],
        )

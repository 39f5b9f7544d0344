"""Emergency service addresses in SQL."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Select, any_, delete, literal, select

from app.core.database import ReadSession, WriteSession
from app.domains.emergency_addresses.models import EmergencyAddress


def visible(session: ReadSession) -> Select[EmergencyAddress]:
    """Every address the transaction may see; all reads go through here."""
    query = select(EmergencyAddress)
    if session.scope.organizations is not None:
        query = query.where(EmergencyAddress.org_id.in_(session.scope.organizations))
    return query


async def get_default(session: ReadSession, location_id: UUID) -> EmergencyAddress | None:
    """The default address of a location."""
    return await session.scalar(
        visible(session).where(
            EmergencyAddress.location_id == location_id, EmergencyAddress.phone_number.is_(None)
        )
    )


async def get(session: ReadSession, location_id: UUID, address_id: UUID) -> EmergencyAddress | None:
    """An address of a location, by id."""
    return await session.scalar(
        visible(session).where(
            EmergencyAddress.location_id == location_id, EmergencyAddress.id == address_id
        )
    )


async def get_own(session: ReadSession, number: int) -> EmergencyAddress | None:
    """The own address of a number."""
    return await session.scalar(visible(session).where(EmergencyAddress.phone_number == number))


async def own_of(session: ReadSession, numbers: Collection[int]) -> dict[int, EmergencyAddress]:
    """The own addresses of these numbers, by number."""
    # An array: there may be more numbers than a statement may have parameters.
    wanted = any_(literal(list(numbers), ARRAY(BigInteger)))
    found = await session.scalars(visible(session).where(EmergencyAddress.phone_number == wanted))
    return {kept.phone_number: kept for kept in found if kept.phone_number is not None}


async def defaults_of(
    session: ReadSession, location_ids: Collection[UUID]
) -> dict[UUID, EmergencyAddress]:
    """The default addresses of these locations, by location."""
    found = await session.scalars(
        visible(session).where(
            EmergencyAddress.location_id.in_(location_ids), EmergencyAddress.phone_number.is_(None)
        )
    )
    return {kept.location_id: kept for kept in found}


async def delete_own(session: WriteSession, numbers: Collection[int]) -> list[EmergencyAddress]:
    """Forget the own addresses of these numbers; the answer tells which there were."""
    wanted = any_(literal(list(numbers), ARRAY(BigInteger)))
    gone = await session.scalars(
        delete(EmergencyAddress)
        .where(EmergencyAddress.phone_number == wanted)
        .returning(EmergencyAddress)
    )
    return list(gone)

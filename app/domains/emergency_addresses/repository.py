"""Emergency service addresses in SQL."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from app.core.database import ReadSession
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

"""Locations and PSTN connections in SQL."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Select, any_, func, literal, select, update
from sqlalchemy.orm import selectinload

from app.core.database import ReadSession, WriteSession
from app.domains.locations.models import Location, PstnConnection


def visible(session: ReadSession) -> Select[Location]:
    """Every location the transaction may see; all reads go through here."""
    query = select(Location).options(selectinload(Location.connection))
    if session.scope.organizations is not None:
        query = query.where(Location.org_id.in_(session.scope.organizations))
    return query


async def get(session: ReadSession, location_id: UUID) -> Location | None:
    """A location with its connection."""
    return await session.scalar(visible(session).where(Location.id == location_id))


async def get_locked(session: WriteSession, location_id: UUID) -> Location | None:
    """The same, locked: one change of its connection at a time."""
    query = visible(session).where(Location.id == location_id)
    return await session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )


async def list_page(
    session: ReadSession,
    *,
    location_id: UUID | None,
    name: str | None,
    after: UUID | None,
    limit: int,
) -> list[Location]:
    """Locations by id; `name` is part of a name in any case."""
    query = visible(session)
    if location_id is not None:
        query = query.where(Location.id == location_id)
    if name:
        query = query.where(func.lower(Location.name).contains(name.lower(), autoescape=True))
    if after is not None:
        query = query.where(Location.id > after)
    return list(await session.scalars(query.order_by(Location.id).limit(limit)))


async def get_many(session: ReadSession, location_ids: list[UUID]) -> list[Location]:
    """These locations with their connections."""
    return list(await session.scalars(visible(session).where(Location.id.in_(location_ids))))


async def contacts_of(session: ReadSession, organization_id: UUID) -> list[tuple[str, str]]:
    """The addresses of connections' contacts, each with the language of its location."""
    rows = await session.execute(
        select(PstnConnection.contact["email"].astext, Location.preferred_language)
        .join(Location, Location.id == PstnConnection.location_id)
        .where(PstnConnection.org_id == organization_id, PstnConnection.contact.is_not(None))
        .order_by(Location.id)
    )
    return [(address, language) for address, language in rows]


async def clear_main_numbers(session: WriteSession, numbers: list[int]) -> list[tuple[UUID, UUID]]:
    """Take these numbers away as main numbers; of which organisations and locations."""
    rows = await session.execute(
        update(PstnConnection)
        .where(PstnConnection.main_number == any_(literal(numbers, ARRAY(BigInteger))))
        .values(main_number=None, version=PstnConnection.version + 1)
        .returning(PstnConnection.org_id, PstnConnection.location_id)
    )
    return [(organization_id, location_id) for organization_id, location_id in rows]

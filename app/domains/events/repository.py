"""Events in SQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, text, true, update
from sqlalchemy.orm import aliased

from app.core.database import ReadSession, WriteSession
from app.domains.events.models import Event, EventFeed

RECORDED = "pstn_events_recorded"
PUBLISHED = "pstn_events_published"
"""What PostgreSQL tells listeners, at the commit."""

FEED_LOCK = 7_786_003


def visible(session: ReadSession) -> Select[Event]:
    """Every published event the transaction may see; all reads go through here."""
    query = select(Event).where(Event.position.is_not(None))
    if session.scope.organizations is not None:
        query = query.where(Event.org_id.in_(session.scope.organizations))
    return query


async def add(session: WriteSession, row: dict[str, Any]) -> None:
    """Write an event at once, and have the publisher told at the commit."""
    await session.execute(insert(Event).values(row).returning(func.pg_notify(RECORDED, "")))


async def has_waiting(session: ReadSession) -> bool:
    """Whether an event is committed and not published."""
    waiting = select(Event.id).where(Event.position.is_(None)).exists()
    return bool(await session.scalar(select(waiting)))


async def lock_feed(session: WriteSession) -> None:
    """Be the one publisher until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(FEED_LOCK)))


PUBLISH = text("""
    with waiting as (
        select id, org_id,
            row_number() over (order by insertion) as place,
            row_number() over (partition by org_id order by insertion) as own_place,
            count(*) over (partition by org_id) as own_count
        from (
            select id, org_id, insertion from events
            where position is null order by insertion limit :limit
        ) as first
    ), feed as (
        update event_feed set last_position = last_position + (select count(*) from waiting)
        returning last_position - (select count(*) from waiting) as before
    ), counters as (
        insert into event_counters (org_id, sequence)
        select distinct org_id, own_count from waiting
        on conflict (org_id) do update set sequence = event_counters.sequence + excluded.sequence
        returning org_id, sequence
    ), published as (
        update events
        set position = feed.before + place,
            sequence = counters.sequence - own_count + own_place,
            published_at = statement_timestamp()
        from feed, waiting join counters using (org_id)
        where events.id = waiting.id
        returning events.id
    )
    select count(*), case when count(*) > 0 then pg_notify(:channel, '') end from published
""")


async def publish(session: WriteSession, *, limit: int) -> int:
    """Give the first events that wait their positions; how many. The feed is locked."""
    row = await session.execute(PUBLISH, {"limit": limit, "channel": PUBLISHED})
    return int(row.one()[0])


async def feed(session: ReadSession) -> EventFeed:
    """How far the feed goes."""
    return await session.get_one(EventFeed, 1)


async def published(
    session: ReadSession, after: int, limit: int, types: Collection[str]
) -> tuple[EventFeed, list[Event]]:
    """Events behind a position, in order, and how far the feed goes, as of one moment."""
    query = visible(session).where(Event.position > after)
    if types:
        query = query.where(Event.type.in_(types))
    following = query.order_by(Event.position).limit(limit).subquery()
    event = aliased(Event, following)
    rows = (
        await session.execute(
            select(EventFeed, event)
            .join(event, true(), isouter=True)
            .order_by(event.position)
            .execution_options(populate_existing=True)
        )
    ).all()
    return rows[0][0], [found for _, found in rows if found is not None]


async def organizations_since(session: ReadSession, position: int) -> set[UUID]:
    """Whose events are behind a position."""
    query = select(Event.org_id).where(Event.position > position).distinct()
    return set(await session.scalars(query))


async def forget(session: WriteSession, *, older_than: timedelta, limit: int) -> None:
    """Delete the first of the events published so long ago, and note up to where.

    They are published in the order of their positions: only the first ones are looked at.
    """
    first = (
        select(Event.position, Event.published_at)
        .where(Event.position.is_not(None))
        .order_by(Event.position)
        .limit(limit)
        .subquery()
    )
    last = await session.scalar(
        select(func.max(first.c.position)).where(first.c.published_at < func.now() - older_than)
    )
    if last is None:
        return
    await session.execute(delete(Event).where(Event.position <= last))
    await session.execute(
        update(EventFeed).where(EventFeed.id == 1).values(forgotten_position=last)
    )

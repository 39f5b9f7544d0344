"""Organisations in SQL; row-level security leaves only those the caller may see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from app.core.database import ReadSession, WriteSession
from app.domains.organizations.models import (
    LimitOverride,
    Organization,
    OutboundCallingPlan,
    Partner,
    SubscriptionStatus,
)


def visible(session: ReadSession) -> Select[Organization]:
    """Every organisation the transaction may see; all reads go through here."""
    query = select(Organization).options(
        selectinload(Organization.partner), selectinload(Organization.plans)
    )
    if session.scope.organizations is not None:
        query = query.where(Organization.id.in_(session.scope.organizations))
    return query


async def get(session: ReadSession, organization_id: UUID) -> Organization | None:
    """One organisation with its partner and plans."""
    return await session.scalar(visible(session).where(Organization.id == organization_id))


async def get_locked(session: WriteSession, organization_id: UUID) -> Organization | None:
    """The same, locked: whoever counts against a limit of the organisation waits here."""
    query = visible(session).where(Organization.id == organization_id)
    return await session.scalar(
        query.with_for_update(key_share=True).execution_options(populate_existing=True)
    )


NEXT_END = select(func.min(Organization.ends_at)).where(
    Organization.subscription_status == SubscriptionStatus.cancelled
)
"""When the next cancelled subscription ends."""


async def lock_ending(session: WriteSession, now: datetime) -> Organization | None:
    """An organisation whose time to restore the subscription is over, locked."""
    query = visible(session).where(
        Organization.subscription_status == SubscriptionStatus.cancelled,
        Organization.ends_at <= now,
    )
    return await session.scalar(
        query.order_by(Organization.ends_at, Organization.id)
        .limit(1)
        .with_for_update(key_share=True, skip_locked=True)
    )


async def list_page(
    session: ReadSession, *, after: UUID | None, limit: int | None
) -> list[Organization]:
    """Organisations by id; without limit all of them."""
    query = visible(session)
    if after is not None:
        query = query.where(Organization.id > after)
    return list(await session.scalars(query.order_by(Organization.id).limit(limit)))


async def get_partner(session: ReadSession, partner_id: UUID) -> Partner | None:
    """A partner."""
    return await session.get(Partner, partner_id)


async def limit_overrides(session: ReadSession, organization_id: UUID) -> Mapping[str, int]:
    """The organisation's own limits, by name."""
    rows = await session.execute(
        select(LimitOverride.name, LimitOverride.value).where(
            LimitOverride.org_id == organization_id
        )
    )
    return {row.name: row.value for row in rows}


async def set_limit(
    session: WriteSession, organization_id: UUID, name: str, value: int | None
) -> None:
    """Give an organisation its own limit, or the default again."""
    if value is None:
        await session.execute(
            delete(LimitOverride).where(
                LimitOverride.org_id == organization_id, LimitOverride.name == name
            )
        )
        return
    await session.execute(
        insert(LimitOverride)
        .values(org_id=organization_id, name=name, value=value)
        .on_conflict_do_update(index_elements=["org_id", "name"], set_={"value": value})
    )


async def replace_plans(
    session: WriteSession, organization: Organization, plans: list[OutboundCallingPlan]
) -> None:
    """Make these the organisation's plans."""
    await session.execute(
        delete(OutboundCallingPlan).where(OutboundCallingPlan.org_id == organization.id)
    )
    session.add_all(plans)
    await session.flush()
    await session.refresh(organization, ["plans"])

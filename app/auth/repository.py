"""Access tokens, and whose customers a partner's are, in SQL."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import column, select, table

from app.auth.models import AccessToken
from app.core.database import ReadSession, WriteSession

# The table belongs to a layer above; who may see what is decided here, before any slice runs.
organizations = table("organizations", column("id"), column("partner_id"))
partners = table("partners", column("id"))


async def get_by_hash(session: ReadSession, token_hash: bytes) -> AccessToken | None:
    """The token with that SHA-256, in whatever state."""
    return await session.scalar(select(AccessToken).where(AccessToken.token_hash == token_hash))


async def customers_of(session: ReadSession, partner_id: UUID) -> list[UUID]:
    """The organisations of a partner."""
    rows = await session.scalars(
        select(organizations.c.id).where(organizations.c.partner_id == partner_id)
    )
    return list(rows)


async def get(session: WriteSession, token_id: UUID) -> AccessToken | None:
    """A token the transaction may see, not yet revoked."""
    return await session.scalar(
        select(AccessToken).where(AccessToken.id == token_id, AccessToken.revoked_at.is_(None))
    )


async def list_page(
    session: ReadSession, *, organization_id: UUID | None, after: UUID | None, limit: int
) -> list[AccessToken]:
    """Tokens not revoked, the oldest first."""
    query = select(AccessToken).where(AccessToken.revoked_at.is_(None))
    if organization_id is not None:
        query = query.where(AccessToken.org_id == organization_id)
    if after is not None:
        query = query.where(AccessToken.id > after)
    return list(await session.scalars(query.order_by(AccessToken.id).limit(limit)))


def revoke(token: AccessToken, at: datetime) -> None:
    """End a token's life."""
    token.revoked_at = at


async def has_organization(session: ReadSession, organization_id: UUID) -> bool:
    """Whether the organisation exists and the transaction may see it."""
    query = select(organizations.c.id).where(organizations.c.id == organization_id)
    return await session.scalar(query) is not None


async def has_partner(session: ReadSession, partner_id: UUID) -> bool:
    """Whether the partner exists."""
    query = select(partners.c.id).where(partners.c.id == partner_id)
    return await session.scalar(query) is not None

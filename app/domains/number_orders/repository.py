"""Acceptances of the terms of service in SQL."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select

from app.core.database import ReadSession
from app.domains.number_orders.models import TermsAcceptance


def visible(session: ReadSession) -> Select[TermsAcceptance]:
    """Every acceptance the transaction may see; all reads go through here."""
    query = select(TermsAcceptance)
    if session.scope.organizations is not None:
        query = query.where(TermsAcceptance.org_id.in_(session.scope.organizations))
    return query


async def get_acceptance(
    session: ReadSession, organization_id: UUID, version: str | None = None
) -> TermsAcceptance | None:
    """The acceptance of a version, or the latest of any."""
    query = visible(session).where(TermsAcceptance.org_id == organization_id)
    if version is not None:
        query = query.where(TermsAcceptance.version == version)
    return await session.scalar(query.order_by(TermsAcceptance.accepted_at.desc()).limit(1))

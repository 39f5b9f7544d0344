"""Access tokens: made, checked, revoked. A token is shown once; only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from app.auth import repository
from app.auth.caller import ORGANIZATION_ROLES, Caller, Role
from app.auth.models import AccessToken
from app.auth.schemas import AccessTokenCreate
from app.core import clock
from app.core.database import EVERYTHING, Database, ReadSession, Scope, WriteSession
from app.core.errors import FORBIDDEN, NotFound, Problem
from app.core.identifiers import new_id
from app.core.texts import text
from app.policy.violation import Violation, refuse

PREFIX = "pstn_"


async def authenticate(database: Database, token: str) -> Caller | None:
    """Who calls with this token, or `None` when it is unknown, expired or revoked."""
    if len(token) > 200 or not token.startswith(PREFIX):
        return None
    async with database.read(EVERYTHING) as session:
        found = await repository.get_by_hash(session, _hash(token))
        if found is None or not _is_alive(found, clock.real_now()):
            return None
        return Caller(
            credential_id=found.id,
            name=found.name,
            role=Role(found.role),
            scope=await _scope(session, found),
            organization_id=found.org_id,
            partner_id=found.partner_id,
        )


async def _scope(session: ReadSession, token: AccessToken) -> Scope:
    if token.org_id is not None:
        return Scope.of([token.org_id])
    if token.partner_id is not None:
        return Scope.of(await repository.customers_of(session, token.partner_id))
    return EVERYTHING


def _is_alive(token: AccessToken, now: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or now < token.expires_at)


def parsed_organization(value: str) -> UUID:
    """The id in an `orgId` parameter. Raises 404 for what cannot be one."""
    try:
        return UUID(value)
    except ValueError:
        raise NotFound from None


async def create_token(
    session: WriteSession, caller: Caller, wish: AccessTokenCreate
) -> tuple[AccessToken, str]:
    """A new token and its secret.

    Raises 403 for a role the caller may not give, 404 for an organisation it does not see, 422
    for a role without its organisation or partner.
    """
    if caller.role is Role.customer_admin and wish.role not in ORGANIZATION_ROLES:
        raise Problem(
            FORBIDDEN,
            text("An administrator of a customer makes tokens for its own organisation only."),
        )
    organization_id, partner_id = wish.org_id, wish.partner_id
    if wish.role in ORGANIZATION_ROLES:
        organization_id = organization_id or caller.organization_id
    refuse(_violations(wish.role, organization_id, partner_id, caller.organization_id))
    if organization_id is not None and not (
        caller.scope.includes(organization_id)
        and await repository.has_organization(session, organization_id)
    ):
        raise NotFound
    if partner_id is not None and not await repository.has_partner(session, partner_id):
        raise NotFound
    now = clock.real_now()
    expires_at = now + timedelta(days=wish.expires_in_days) if wish.expires_in_days else None
    return await _add(session, wish.name, wish.role, organization_id, partner_id, now, expires_at)


def _violations(
    role: Role, organization_id: UUID | None, partner_id: UUID | None, spoken_of: UUID | None
) -> list[Violation]:
    found = []
    if role in ORGANIZATION_ROLES and organization_id is None:
        found.append(
            Violation("orgIdRequired", "/orgId", text("This role belongs to an organisation."))
        )
    if role not in ORGANIZATION_ROLES and (organization_id or spoken_of) is not None:
        found.append(
            Violation("validationFailed", "/orgId", text("This role belongs to no organisation."))
        )
    if (role is Role.partner_admin) is (partner_id is None):
        found.append(
            Violation(
                "validationFailed",
                "/partnerId",
                text("A partner is named for a partnerAdmin, and for nobody else."),
            )
        )
    return found


async def _add(
    session: WriteSession,
    name: str,
    role: Role,
    organization_id: UUID | None,
    partner_id: UUID | None,
    now: datetime,
    expires_at: datetime | None,
) -> tuple[AccessToken, str]:
    secret = PREFIX + secrets.token_urlsafe(32)
    token = AccessToken(
        id=new_id(),
        token_hash=_hash(secret),
        name=name,
        role=role,
        org_id=organization_id,
        partner_id=partner_id,
        created_at=now,
        expires_at=expires_at,
    )
    session.add(token)
    await session.flush()
    return token, secret


async def revoke_token(session: WriteSession, token_id: UUID) -> None:
    """End a token's life at once. Raises 404 when there is none that the caller sees."""
    token = await repository.get(session, token_id)
    if token is None:
        raise NotFound
    repository.revoke(token, clock.real_now())


def _hash(token: str) -> bytes:
    # Random 256 bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(token.encode()).digest()

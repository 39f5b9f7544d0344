"""JWTs of a configured OpenID Connect issuer; starts at `Issuer.caller`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx
import jwt
import structlog

from app.auth import repository
from app.auth.caller import ORGANIZATION_ROLES, STAFF_ROLES, Caller, Role
from app.core.database import EVERYTHING, Database, Scope
from app.core.settings import Settings

log = structlog.get_logger()

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
"""Never HMAC: who knows a public key must not be able to sign."""
KEYS_KEPT_SECONDS = 300
UNKNOWN_KEY_PAUSE_SECONDS = 60
NO_ID_TOKENS = ("JWT", "AT+JWT", "APPLICATION/AT+JWT", "")


class Issuer:
    """Verifies an issuer's tokens; its keys are fetched rarely, and kept while it is away."""

    def __init__(self, issuer: str, audience: str, jwks_url: str) -> None:
        self._issuer = issuer
        self._audience = audience
        self._jwks_url = jwks_url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = -float("inf")

    @classmethod
    def of(cls, settings: Settings) -> Issuer | None:
        """The issuer that the settings name, if they name one whole."""
        if settings.oidc_issuer and settings.oidc_audience and settings.oidc_jwks_url:
            return cls(settings.oidc_issuer, settings.oidc_audience, settings.oidc_jwks_url)
        return None

    async def caller(self, database: Database, token: str) -> Caller | None:
        """Who calls with this JWT, or `None` when it is not a good one.

        `roles` names one of our roles; `orgId` or `partnerId` the organisation or partner that
        role belongs to.
        """
        claims = await self._claims(token)
        if claims is None:
            return None
        role = _role(claims.get("roles"))
        organization, partner = _uuid(claims.get("orgId")), _uuid(claims.get("partnerId"))
        scope: Scope
        if role in ORGANIZATION_ROLES and organization is not None:
            scope, partner = Scope.of([organization]), None
        elif role is Role.partner_admin and partner is not None:
            async with database.read(EVERYTHING) as session:
                scope = Scope.of(await repository.customers_of(session, partner))
            organization = None
        elif role in STAFF_ROLES:
            scope, organization, partner = EVERYTHING, None, None
        else:
            return None
        assert role is not None  # noqa: S101 - a known role got here
        subject = str(claims["sub"])
        return Caller(
            credential_id=uuid5(NAMESPACE_URL, f"{self._issuer}#{subject}"),
            name=str(claims.get("name") or subject)[:100],
            role=role,
            scope=scope,
            organization_id=organization,
            partner_id=partner,
        )

    async def _claims(self, token: str) -> Mapping[str, Any] | None:
        try:
            header = jwt.get_unverified_header(token)
            key = await self._key(str(header.get("kid")))
            if key is None or str(header.get("typ", "")).upper() not in NO_ID_TOKENS:
                return None
            return dict(
                jwt.decode(
                    token,
                    key,
                    algorithms=list(ALGORITHMS),
                    issuer=self._issuer,
                    audience=self._audience,
                    options={"require": ["exp", "iat", "iss", "aud", "sub"]},
                )
            )
        except jwt.PyJWTError:
            return None

    async def _key(self, key_id: str) -> jwt.PyJWK | None:
        age = time.monotonic() - self._fetched_at
        is_unknown = key_id not in self._keys
        if age > KEYS_KEPT_SECONDS or (is_unknown and age > UNKNOWN_KEY_PAUSE_SECONDS):
            self._fetched_at = time.monotonic()
            await self._fetch()
        return self._keys.get(key_id)

    async def _fetch(self) -> None:
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                response = await client.get(self._jwks_url)
            keys = jwt.PyJWKSet.from_dict(response.raise_for_status().json()).keys
        except (httpx.HTTPError, jwt.PyJWTError, ValueError) as error:
            log.warning("issuer's keys cannot be read", error=type(error).__name__)
            return
        self._keys = {key.key_id: key for key in keys if key.key_id}


def _role(roles: object) -> Role | None:
    if not isinstance(roles, Sequence) or isinstance(roles, str):
        return None
    return next((Role(role) for role in roles if role in set(Role)), None)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None

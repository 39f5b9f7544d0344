"""`Allow`: who may call an operation, decided before its body is looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.security import HTTPBearer

from app.auth import service
from app.auth.caller import Caller, Role
from app.auth.oidc import Issuer
from app.core import idempotency
from app.core.database import Database, ReadSession, WriteSession
from app.core.errors import FORBIDDEN, UNAUTHORIZED, NotFound, Problem, ProblemType
from app.core.http import Guard
from app.core.rate_limit import RateLimit
from app.core.texts import Text, text
from app.core.validation import Identifier

CUSTOMER_ADMIN_ONLY = ProblemType(
    "customerAdminOnly",
    403,
    text("Only an administrator of the customer may sign"),
    text(
        "Have an administrator of the customer do it, with a token of the role customerAdmin:"
        " nobody else can accept the terms of service or sign a letter of authorisation."
    ),
)

bearer = HTTPBearer(auto_error=False, description="An access token, or a JWT of the issuer.")

OrgId = Annotated[
    Identifier | None,
    Query(
        alias="orgId",
        description="The organisation meant; for partners, support and the operator.",
    ),
]


class Allow(Guard):
    """Lets callers of these roles pass, and tells who called (`Annotated[Caller, Depends(…)]`)."""

    def __init__(self, *roles: Role, refusal: ProblemType = FORBIDDEN) -> None:
        self.roles = roles
        self.refusal = refusal

    async def admit(self, request: Request) -> None:
        """Raise 401 without a valid token, 403 without the role, 404 for a foreign `orgId`, 429."""
        limit: RateLimit = request.app.state.rate_limit
        caller = await _identify(request)
        if caller is None:
            limit.count(request.client.host if request.client else "unknown")
            raise Problem(
                UNAUTHORIZED,
                text("Send a valid token: Authorization: Bearer …"),
                headers={"WWW-Authenticate": "Bearer"},
            )
        request.scope["credential"] = str(caller.credential_id)
        limit.count(str(caller.credential_id))
        if caller.role not in self.roles:
            raise Problem(self.refusal, self._way_out())
        if organization := request.query_params.get("orgId"):
            caller = caller.narrowed_to(service.parsed_organization(organization))
        request.state.caller = caller

    def _way_out(self) -> Text:
        return text("Roles that may: %(roles)s.", roles=", ".join(self.roles))

    def __call__(
        self,
        request: Request,
        _meant: OrgId = None,
        _bearer: Annotated[object, Depends(bearer)] = None,
    ) -> Caller:
        caller: Caller = request.state.caller
        return caller


async def is_unchanged(request: Request) -> bool:
    """Whether the caller, let in a while ago, still has this token and all its rights, no more."""
    admitted: Caller = request.state.caller
    caller = await _identify(request)
    if caller is not None and admitted.organization_id not in (None, caller.organization_id):
        with suppress(NotFound):
            caller = caller.narrowed_to(admitted.organization_id)
    return caller == admitted


async def _identify(request: Request) -> Caller | None:
    database: Database = request.app.state.database
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        return None
    issuer: Issuer | None = request.app.state.issuer
    if issuer is not None and token.count(".") == 2:
        return await issuer.caller(database, token)
    return await service.authenticate(database, token)


async def _write_session(request: Request) -> AsyncIterator[WriteSession]:
    caller: Caller = request.state.caller
    database: Database = request.app.state.database
    async with database.write(caller.scope) as session:
        await idempotency.begin(
            request,
            session,
            credential_id=caller.credential_id,
            organization=str(caller.organization_id or ""),
            secret=request.app.state.secret,
        )
        yield session


async def _read_session(request: Request) -> AsyncIterator[ReadSession]:
    caller: Caller = request.state.caller
    database: Database = request.app.state.database
    async with database.read(caller.scope) as session:
        yield session


# Without this scope FastAPI commits after the answer has gone out, also when the commit fails.
Write = Annotated[WriteSession, Depends(_write_session, scope="function")]
Read = Annotated[ReadSession, Depends(_read_session, scope="function")]


def allow(*roles: Role, refusal: ProblemType = FORBIDDEN) -> Any:
    """The dependency that lets these roles pass; its value is the `Caller`."""
    return Depends(Allow(*roles, refusal=refusal))

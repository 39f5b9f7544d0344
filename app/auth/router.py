"""`/people/me` and `/accessTokens`."""

from typing import Annotated

from fastapi import APIRouter, Request, Response, status

from app.auth import repository, service
from app.auth.caller import READERS, Caller, Role
from app.auth.guard import Read, Write, allow
from app.auth.schemas import (
    AccessTokenCreate,
    AccessTokens,
    AccessTokenSecret,
    AccessTokenView,
    Person,
    TokenPath,
)
from app.core.http import ApiRoute, WebexRoute
from app.core.openapi import problems
from app.core.pagination import Paged

webex = APIRouter(route_class=WebexRoute, tags=["Who calls"])
router = APIRouter(route_class=ApiRoute, tags=["Who calls"])

TokenMakers = allow(Role.customer_admin, Role.operator)


@webex.get("/people/me", summary="Who am I", responses=problems(), response_model_exclude_none=True)
async def get_me(caller: Annotated[Caller, allow(*READERS)]) -> Person:
    """The credential of this request, its organisation and its roles."""
    return Person(
        id=str(caller.credential_id),
        display_name=caller.name,
        org_id=str(caller.organization_id) if caller.organization_id else None,
        roles=[caller.role],
    )


@router.post(
    "/accessTokens",
    status_code=status.HTTP_201_CREATED,
    summary="Make an access token",
    responses=problems(404, 409, 422),
)
async def create_access_token(
    caller: Annotated[Caller, TokenMakers],
    body: AccessTokenCreate,
    session: Write,
    request: Request,
    response: Response,
) -> AccessTokenSecret:
    """Make a token. Its secret is in this answer and nowhere else."""
    token, secret = await service.create_token(session, caller, body)
    request.state.shown_once = ("token",)
    response.headers["Location"] = str(request.url_for("revoke_access_token", tokenId=token.id))
    view = AccessTokenView.model_validate(token, from_attributes=True)
    return AccessTokenSecret(**view.model_dump(), token=secret)


@router.get("/accessTokens", summary="List access tokens", responses=problems(400, 422))
async def list_access_tokens(
    caller: Annotated[Caller, TokenMakers], session: Read, page: Paged, response: Response
) -> AccessTokens:
    """Tokens not revoked, the oldest first; never their secrets."""
    found = await repository.list_page(
        session,
        organization_id=caller.organization_id,
        after=page.after_id,
        limit=page.max_items + 1,
    )
    shown = page.cut(found, response, lambda token: token.id)
    return AccessTokens(
        items=[AccessTokenView.model_validate(token, from_attributes=True) for token in shown]
    )


@router.delete(
    "/accessTokens/{tokenId}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Revoke an access token",
    responses=problems(404),
)
async def revoke_access_token(
    caller: Annotated[Caller, TokenMakers],  # noqa: ARG001 - the guard
    token_id: TokenPath,
    session: Write,
) -> None:
    """End a token's life at once."""
    await service.revoke_token(session, token_id)

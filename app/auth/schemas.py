"""Access tokens and oneself on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import ConfigDict, Field

from app.auth.caller import Role
from app.core.validation import (
    SPARSE,
    CodeText,
    Count,
    Entries,
    Identifier,
    Line,
    LineText,
    RequestSchema,
    Schema,
)

TokenPath = Annotated[Identifier, Path(alias="tokenId", description="The token.")]


class AccessTokenCreate(RequestSchema):
    """The token wished for."""

    name: Line = Field(description="What people call it.", examples=["Nightly script"])
    role: Role = Field(description="What it may do.", examples=["readOnlyAdmin"])
    org_id: Identifier | None = Field(
        None,
        description="Its organisation; for customerAdmin and readOnlyAdmin.",
        examples=["019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a10"],
    )
    partner_id: Identifier | None = Field(
        None,
        description="Its partner; for partnerAdmin.",
        examples=[None],
    )
    expires_in_days: Count | None = Field(
        90, ge=1, le=3650, description="When it ends; null for never.", examples=[90]
    )


class AccessTokenView(Schema):
    """A token without its secret."""

    id: UUID = Field(description="Its id.", examples=["019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a12"])
    name: LineText = Field(description="What people call it.", examples=["Nightly script"])
    role: Role = Field(description="What it may do.", examples=["readOnlyAdmin"])
    org_id: UUID | None = Field(
        description="Its organisation.", examples=["019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a10"]
    )
    partner_id: UUID | None = Field(description="Its partner.", examples=[None])
    created_at: datetime = Field(description="When it was made.", examples=["2026-11-22T10:00:00Z"])
    expires_at: datetime | None = Field(
        description="When it ends; null for never.", examples=["2027-02-20T10:00:00Z"]
    )


class AccessTokenSecret(AccessTokenView):
    """A new token; the only time its secret is shown."""

    model_config = SPARSE

    token: LineText | None = Field(
        None,
        description="The secret, shown once; a replay of the request leaves it out.",
        examples=["pstn_Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE"],
    )


class AccessTokens(Schema):
    """Tokens not revoked."""

    items: Entries[AccessTokenView] = Field(description="The oldest first.")


class Person(Schema):
    """Oneself, with Webex's fields."""

    model_config = ConfigDict(extra="forbid") | SPARSE

    id: CodeText = Field(
        description="The credential's id.", examples=["019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a12"]
    )
    display_name: LineText = Field(description="Its name.", examples=["Nightly script"])
    org_id: CodeText | None = Field(
        None, description="Its organisation.", examples=["019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a10"]
    )
    roles: Entries[CodeText] = Field(description="What it may do.", examples=[["customerAdmin"]])
    type: CodeText = Field("bot", description="Always `bot`: a credential.", examples=["bot"])

"""The feed on the wire."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from app.core.validation import CodeText, Entries, Schema, Serial
from app.domains.events.models import Event

EXAMPLE_ID = "019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a17"
PREFIX = b"event:"


class EventView(Schema):
    """Something that happened."""

    id: UUID = Field(description="The event; the same wherever it is told.", examples=[EXAMPLE_ID])
    type: CodeText = Field(
        description="What happened; others may be added.", examples=["order.statusChanged"]
    )
    sequence: Serial = Field(
        description="Its place among the events of its organisation: 1, 2, 3, without gaps.",
        examples=[42],
    )
    org_id: UUID = Field(description="The organisation.", examples=[EXAMPLE_ID])
    occurred_at: datetime = Field(description="When.", examples=["2026-11-30T12:00:00Z"])
    data: dict[str, Any] = Field(
        description="What it is about, by its type: ids, numbers, statuses. Read the rest where it"
        " is.",
        examples=[
            {
                "orderId": EXAMPLE_ID,
                "orderNumber": "PSTN-000123",
                "orderType": "port",
                "locationId": EXAMPLE_ID,
                "status": "rejected",
                "stage": None,
                "nextActor": "customer",
                "previousStatus": "submitted",
                "previousStage": None,
                "change": "rejected",
                "errors": ["accountNumberMismatch"],
            }
        ],
    )

    @classmethod
    def of(cls, event: Event) -> EventView:
        return cls(
            id=event.id,
            type=event.type,
            sequence=event.sequence or 0,
            org_id=event.org_id,
            occurred_at=event.occurred_at,
            data=event.data,
        )


class Events(Schema):
    """A page of the feed."""

    items: Entries[EventView] = Field(description="Events, the oldest first.")
    next_cursor: CodeText = Field(
        description="Where to go on, now or later: what comes behind it is new to you.",
        examples=["ZXZlbnQ6NDI"],
    )


def encode_cursor(position: int) -> str:
    """A place in the feed as it is told."""
    return base64.urlsafe_b64encode(PREFIX + str(position).encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> int | None:
    """The place again; `None` for what never was one."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    digits = raw.removeprefix(PREFIX)
    if not raw.startswith(PREFIX) or not digits.isdigit() or len(digits) > 18:
        return None
    return int(digits)

"""The events there are: name, meaning, and what each tells. Thin: no names, accounts or PINs."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from app.core.validation import Schema

EVENTS: dict[str, type[EventData]] = {}
"""Every kind of event by its name; its docstring says when it comes."""

EXAMPLE_ID = "019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a17"


class EventData(Schema):
    """What an event tells."""

    type: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        if "type" in vars(cls):
            EVENTS[cls.type] = cls


class OrderData(EventData):
    """An order as it is now."""

    order_id: UUID = Field(description="The order.", examples=[EXAMPLE_ID])
    order_number: str = Field(description="Its number.", examples=["PSTN-000123"])
    order_type: str = Field(description="`newNumbers` or `port`.", examples=["newNumbers"])
    location_id: UUID = Field(description="Its location.", examples=[EXAMPLE_ID])
    status: str = Field(description="Its status.", examples=["pending"])
    stage: str | None = Field(description="What refines the status.", examples=["queued"])
    next_actor: str = Field(description="Whose turn it is.", examples=["carrier"])


class OrderCreated(OrderData):
    """An order was placed, or a port begun as a draft."""

    type = "order.created"


class OrderStatusChanged(OrderData):
    """An order came into another status or stage."""

    type = "order.statusChanged"

    previous_status: str = Field(description="The status before.", examples=["pending"])
    previous_stage: str | None = Field(description="The stage before.", examples=["atCarrier"])
    change: str = Field(
        description="What brought it there, as in the timeline.", examples=["provisioned"]
    )


class OrderUpdated(OrderData):
    """An order changed, and stays in its status and stage."""

    type = "order.updated"

    change: str = Field(description="What changed.", examples=["expediteAsked"])

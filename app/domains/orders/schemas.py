"""Orders on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.core.texts import Language
from app.core.validation import (
    CodeText,
    Entries,
    Identifier,
    LineText,
    Many,
    NumberText,
    Prose,
    ProseText,
    RequestSchema,
    Schema,
)
from app.domains.numbering.models import NumberState
from app.domains.orders.kinds import (
    EVENTS,
    DocumentKind,
    ErrorType,
    Remedy,
    RemedyAction,
    kind_of,
)
from app.domains.orders.lifecycle import Actor, OrderKind, OrderStatus
from app.domains.orders.models import (
    Order,
    OrderError,
    OrderHistory,
    OrderNumber,
    OrderNumberStatus,
)

OrderPath = Annotated[Identifier, Path(alias="orderId", description="The order.")]

EXAMPLE_ID = "019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a15"


class OrderedNumber(Schema):
    """A number in an order."""

    phone_number: NumberText = Field(description="E.164.", examples=["+12062676000"])
    status: CodeText = Field(
        description="`pending`, then the number's own state (`inactive`, `active`, …), or"
        " `failed`, `cancelled`, `removed`.",
        examples=["active"],
    )
    portable: bool | None = Field(
        None, description="Of a port: whether the number can move.", examples=[None]
    )
    not_portable_reason: CodeText | None = Field(
        None, description="Of a port: the code of why not.", examples=[None]
    )

    @classmethod
    def of(cls, entry: OrderNumber, states: Mapping[int, NumberState]) -> OrderedNumber:
        status = entry.status
        if status == OrderNumberStatus.delivered:
            status = states.get(entry.number, OrderNumberStatus.delivered)
        return cls(
            phone_number=f"+{entry.number}",
            status=status,
            portable=entry.portable,
            not_portable_reason=entry.not_portable_reason,
        )


class RemedyView(Schema):
    """What can be done about an error."""

    action: RemedyAction = Field(
        description="For programs: what to do.", examples=["contactSupport"]
    )
    pointers: Entries[LineText] = Field(description="Fields to change.", examples=[[]])
    phone_numbers: Many[NumberText] = Field(description="Numbers concerned.", examples=[[]])
    document_kind: DocumentKind | None = Field(
        None, description="Document to upload.", examples=["bill"]
    )
    actor: Actor = Field(description="Whose turn it is.", examples=["customer"])
    text: ProseText = Field(description="For people.", examples=["Open a case with Cisco TAC."])

    @classmethod
    def of(cls, remedy: Remedy, phone_numbers: list[str], language: Language) -> RemedyView:
        return cls.model_validate(remedy.to_json(language, phone_numbers))


class OrderErrorView(Schema):
    """Something wrong with an order, and what to do about it."""

    code: CodeText = Field(description="Its stable code.", examples=["carrierRefused"])
    title: LineText = Field(description="In short.", examples=["The carrier refused the order"])
    detail: ProseText = Field(description="For people.", examples=["None of the numbers is yours."])
    phone_numbers: Many[NumberText] = Field(
        description="Numbers concerned.", examples=[["+12062676030"]]
    )
    note: ProseText | None = Field(
        None, description="What who raised it had to say.", examples=[None]
    )
    remedies: Entries[RemedyView] = Field(description="The one advised first.")

    @classmethod
    def of(cls, error: OrderError, kind: ErrorType, language: Language) -> OrderErrorView:
        numbers = [f"+{number}" for number in error.phone_numbers]
        return cls(
            code=kind.code,
            title=kind.title.to(language),
            detail=kind.detail.to(language),
            phone_numbers=numbers,
            note=error.note,
            remedies=[RemedyView.of(remedy, numbers, language) for remedy in kind.remedies],
        )


class Substitution(Schema):
    """A number in the place of a lost one."""

    lost: NumberText = Field(alias="for", description="The lost one.", examples=["+12062676000"])
    phone_number: NumberText = Field(description="The one instead.", examples=["+12062676005"])


class OrderView(Schema):
    """An order of new numbers, or of a port."""

    id: UUID = Field(description="Its id.", examples=[EXAMPLE_ID])
    order_number: CodeText = Field(description="What people read out.", examples=["PSTN-000042"])
    type: OrderKind = Field(description="New numbers, or a port.", examples=["newNumbers"])
    request: dict[str, Any] = Field(
        description="As posted.",
        examples=[{"type": "numbers", "phoneNumbers": ["+12062676000"]}],
    )
    org_id: UUID = Field(description="Its organisation.", examples=[EXAMPLE_ID])
    location_id: UUID = Field(description="Its location.", examples=[EXAMPLE_ID])
    status: OrderStatus = Field(description="Its status.", examples=["provisioned"])
    display_status: LineText = Field(description="The status for people.", examples=["Provisioned"])
    status_description: ProseText = Field(
        description="What the status means.", examples=["The numbers are delivered."]
    )
    stage: CodeText | None = Field(description="Refines the status.", examples=[None])
    next_actor: Actor = Field(description="Whose turn it is.", examples=["nobody"])
    expected_by: datetime | None = Field(
        description="When the next step is expected.", examples=[None]
    )
    foc_date: date | None = Field(None, description="Of a port.", examples=[None])
    created_at: datetime = Field(description="When.", examples=["2026-11-22T10:00:00Z"])
    updated_at: datetime = Field(description="Last change.", examples=["2026-11-22T10:00:01Z"])
    block_id: UUID | None = Field(None, description="Of an order of a block.", examples=[None])
    substitutions: Many[Substitution] = Field(
        description="Numbers that took the place of lost ones."
    )
    errors: Many[OrderErrorView] = Field(description="What is wrong, if anything.")
    phone_numbers: Many[OrderedNumber] = Field(description="Ascending.")

    @classmethod
    def of(cls, order: Order, states: Mapping[int, NumberState], language: Language) -> OrderView:
        kind = kind_of(order.kind)
        return cls(
            id=order.id,
            order_number=order.order_number,
            type=OrderKind(order.kind),
            request=order.request,
            org_id=order.org_id,
            location_id=order.location_id,
            status=OrderStatus(order.status),
            display_status=kind.lifecycle.titles[order.status].to(language),
            status_description=kind.lifecycle.descriptions[order.status].to(language),
            stage=order.stage,
            next_actor=Actor(order.next_actor),
            expected_by=order.expected_by,
            foc_date=order.foc_date,
            block_id=order.block_id,
            substitutions=[
                Substitution(lost=f"+{entry['for']}", phone_number=f"+{entry['number']}")
                for entry in order.substitutions
            ],
            created_at=order.created_at,
            updated_at=order.updated_at,
            errors=[
                OrderErrorView.of(error, kind.errors[error.code], language)
                for error in order.errors
            ],
            phone_numbers=[OrderedNumber.of(entry, states) for entry in order.numbers],
        )


class Orders(Schema):
    """Orders of both kinds."""

    items: Entries[OrderView] = Field(
        description="The newest first; in the queue of support the oldest."
    )


class TimelineEntry(Schema):
    """Something that happened to an order."""

    at: datetime = Field(description="When.", examples=["2026-11-22T10:00:00Z"])
    event: CodeText = Field(description="What, as a stable code.", examples=["provisioned"])
    text: ProseText = Field(description="What, for people.", examples=["Numbers delivered"])
    actor: Actor = Field(description="Who did it.", examples=["carrier"])
    by: LineText | None = Field(description="The credential's name.", examples=[None])
    status: OrderStatus = Field(description="The order's status then.", examples=["provisioned"])
    stage: CodeText | None = Field(description="The order's stage then.", examples=[None])
    note: ProseText | None = Field(
        None, description="Why, in the words of who did it.", examples=[None]
    )
    errors: Many[CodeText] = Field(description="The codes of what was wrong then.", examples=[[]])

    @classmethod
    def of(cls, entry: OrderHistory, language: Language) -> TimelineEntry:
        return cls(
            at=entry.at,
            event=entry.event,
            text=EVENTS[entry.event].to(language),
            actor=Actor(entry.actor),
            by=entry.by,
            status=OrderStatus(entry.status),
            stage=entry.stage,
            note=entry.note,
            errors=entry.errors,
        )


class Timeline(Schema):
    """What happened to an order."""

    items: Many[TimelineEntry] = Field(description="The oldest first.")


class SupportMessage(RequestSchema):
    """What support has to say to the customer."""

    message: Prose = Field(
        description="A comment of the order's support case.",
        examples=["Please send us the trade register number."],
    )

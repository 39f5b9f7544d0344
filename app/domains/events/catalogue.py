"""The events there are: name, meaning, and what each tells. Thin: no names, accounts or PINs.

A class is an event: `type` its name, the docstring when it comes, the fields its `data`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from app.core.validation import CodeText, Many, NumberText, Schema

EVENTS: dict[EventType, type[EventData]] = {}
"""Every event by its name."""

EXAMPLE_ID = "019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a17"
MAX_NUMBERS = 500
"""Of one event: more numbers are told in several."""


class EventType(StrEnum):
    """The names of the events."""

    order_created = "order.created"
    order_status_changed = "order.statusChanged"
    order_updated = "order.updated"
    number_held = "number.held"
    number_given_back = "number.givenBack"
    number_assigned = "number.assigned"
    number_added = "number.added"
    number_activated = "number.activated"
    number_deactivated = "number.deactivated"
    number_released = "number.released"
    number_restored = "number.restored"
    number_rest_started = "number.restStarted"
    number_removed = "number.removed"
    number_emergency_address_changed = "number.emergencyAddressChanged"
    location_emergency_address_changed = "location.emergencyAddressChanged"
    location_main_number_changed = "location.mainNumberChanged"
    document_uploaded = "document.uploaded"
    document_signed = "document.signed"
    document_copied = "document.copied"
    document_read = "document.read"
    document_superseded = "document.superseded"
    document_voided = "document.voided"
    document_deleted = "document.deleted"


class EventData(Schema):
    """What an event tells."""

    type: ClassVar[EventType]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        if "type" in vars(cls):
            EVENTS[cls.type] = cls


# --- Orders -----------------------------------------------------------------------------------


class OrderData(EventData):
    """An order as it is now."""

    order_id: UUID = Field(description="The order.", examples=[EXAMPLE_ID])
    order_number: CodeText = Field(description="Its number.", examples=["PSTN-000123"])
    order_type: CodeText = Field(description="`newNumbers` or `port`.", examples=["port"])
    location_id: UUID = Field(description="Its location.", examples=[EXAMPLE_ID])
    status: CodeText = Field(description="Its status.", examples=["rejected"])
    stage: CodeText | None = Field(description="What refines the status.", examples=[None])
    next_actor: CodeText = Field(description="Whose turn it is.", examples=["customer"])


class OrderCreated(OrderData):
    """An order was placed, or a port was begun as a draft."""

    type = EventType.order_created


class OrderStatusChanged(OrderData):
    """An order came into another status or stage, or into the same one again."""

    type = EventType.order_status_changed

    previous_status: CodeText = Field(description="The status before.", examples=["submitted"])
    previous_stage: CodeText | None = Field(description="The stage before.", examples=[None])
    change: CodeText = Field(
        description="What brought it there, as its timeline says.", examples=["rejected"]
    )
    errors: Many[CodeText] = Field(
        description="The codes of what is wrong, where that brought it there.",
        examples=[["accountNumberMismatch"]],
    )


class OrderUpdated(OrderData):
    """An order changed otherwise, and stays in its status and stage."""

    type = EventType.order_updated

    change: CodeText = Field(
        description="What changed, as its timeline says.", examples=["corrected"]
    )


# --- Numbers ----------------------------------------------------------------------------------


class NumbersData(EventData):
    """Numbers of one location to which the same happened at once."""

    phone_numbers: list[NumberText] = Field(
        description="The numbers, ascending.",
        max_length=MAX_NUMBERS,
        examples=[["+12065550100", "+12065550101"]],
    )
    location_id: UUID = Field(description="Their location.", examples=[EXAMPLE_ID])
    order_id: UUID | None = Field(
        description="The order they came by, or are to come by.", examples=[EXAMPLE_ID]
    )


class NumbersHeld(NumbersData):
    """Numbers are kept for an order or a reservation; nobody else can have them."""

    type = EventType.number_held

    reservation_id: UUID | None = Field(
        description="The reservation, of numbers that are not ordered yet.", examples=[None]
    )


class NumbersGivenBack(NumbersData):
    """Numbers that were held are no longer: the order or the reservation ended without them."""

    type = EventType.number_given_back


class NumbersAssigned(NumbersData):
    """An order delivered numbers: they are the organisation's."""

    type = EventType.number_assigned

    state: CodeText = Field(
        description="`active`, or `inactive` until the terms of service are accepted.",
        examples=["active"],
    )


class NumbersAdded(NumbersData):
    """The organisation brought numbers to a PSTN that is not Cisco's."""

    type = EventType.number_added

    state: CodeText = Field(description="`active` or `inactive`.", examples=["inactive"])


class NumbersActivated(NumbersData):
    """Numbers that were inactive are active."""

    type = EventType.number_activated


class NumbersDeactivated(NumbersData):
    """Numbers that were active are inactive."""

    type = EventType.number_deactivated


class NumbersReleased(NumbersData):
    """Numbers were released; they can be taken back for a while."""

    type = EventType.number_released


class NumbersRestored(NumbersData):
    """Released numbers were taken back; they are active."""

    type = EventType.number_restored


class NumbersRestStarted(NumbersData):
    """Numbers can no longer be taken back; they rest."""

    type = EventType.number_rest_started


class NumbersRemoved(NumbersData):
    """Numbers have rested, or were brought and are taken away: they are not the organisation's."""

    type = EventType.number_removed


class NumberAddressChanged(EventData):
    """The emergency address of a number's own was set, changed or taken away."""

    type = EventType.number_emergency_address_changed

    phone_number: NumberText = Field(description="The number.", examples=["+12065550100"])
    location_id: UUID = Field(description="Its location.", examples=[EXAMPLE_ID])


class LocationAddressChanged(EventData):
    """The emergency address of all numbers of a location without one of their own changed."""

    type = EventType.location_emergency_address_changed

    location_id: UUID = Field(description="The location.", examples=[EXAMPLE_ID])


class MainNumberChanged(EventData):
    """A location has another main number, or none any more."""

    type = EventType.location_main_number_changed

    location_id: UUID = Field(description="The location.", examples=[EXAMPLE_ID])
    phone_number: NumberText | None = Field(
        description="Its main number, if it has one.", examples=["+12065550100"]
    )


# --- Documents --------------------------------------------------------------------------------


class DocumentData(EventData):
    """A document of a port."""

    document_id: UUID = Field(description="The document.", examples=[EXAMPLE_ID])
    order_id: UUID = Field(description="The port it belongs to.", examples=[EXAMPLE_ID])
    kind: CodeText = Field(description="`bill`, `loa`, `csr` or `other`.", examples=["bill"])


class DocumentUploaded(DocumentData):
    """A document was uploaded, and is stored."""

    type = EventType.document_uploaded


class DocumentSigned(DocumentData):
    """A letter of authorisation was signed here."""

    type = EventType.document_signed


class DocumentCopied(DocumentData):
    """A port that was made by a split got the document of the port it was split from."""

    type = EventType.document_copied

    copied_from: UUID = Field(description="The document it is a copy of.", examples=[EXAMPLE_ID])


class DocumentRead(DocumentData):
    """A bill was read, to compare the order with it."""

    type = EventType.document_read

    outcome: CodeText = Field(description="What came of it.", examples=["read"])


class DocumentSuperseded(DocumentData):
    """A newer document of its kind has taken its place."""

    type = EventType.document_superseded

    superseded_by: UUID = Field(description="The newer one.", examples=[EXAMPLE_ID])


class DocumentVoided(DocumentData):
    """A letter of authorisation is void: numbers or account changed."""

    type = EventType.document_voided


class DocumentDeleted(DocumentData):
    """A document was deleted."""

    type = EventType.document_deleted

"""The kinds of order there are: each registers its lifecycle and its table of errors here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.texts import Language, Text, text
from app.domains.orders.lifecycle import Actor, Lifecycle, OrderKind


class RemedyAction(StrEnum):
    """What is done about an error."""

    update_field = "updateField"
    remove_numbers = "removeNumbers"
    split_order = "splitOrder"
    upload_document = "uploadDocument"
    sign_loa = "signLoa"
    order_again = "orderAgain"
    contact_support = "contactSupport"


class DocumentKind(StrEnum):
    """The papers of a port."""

    bill = "bill"
    loa = "loa"
    csr = "csr"
    other = "other"


@dataclass(frozen=True, slots=True)
class Remedy:
    """What can be done about an error; `action` is for programs, `text` for people."""

    action: RemedyAction
    actor: Actor
    text: Text
    pointers: tuple[str, ...] = ()
    document_kind: DocumentKind | None = None

    def to_json(self, language: Language, phone_numbers: Sequence[str] = ()) -> dict[str, object]:
        """As the API tells it."""
        return {
            "action": self.action,
            "pointers": list(self.pointers),
            "phoneNumbers": list(phone_numbers),
            "documentKind": self.document_kind,
            "actor": self.actor,
            "text": self.text.to(language),
        }


@dataclass(frozen=True, slots=True)
class ErrorType:
    """An error an order can have, with its remedies, the one advised first."""

    code: str
    title: Text
    detail: Text
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """What the shared code needs to know of a kind of order."""

    lifecycle: Lifecycle
    errors: Mapping[str, ErrorType]


EVENTS: Mapping[str, Text] = {
    "accepted": text("Accepted, and sent to the losing carrier"),
    "actionRequired": text("Support asked for something"),
    "cancelDeclined": text("Support did not cancel"),
    "cancelRequested": text("Cancellation asked for"),
    "cancelled": text("Order cancelled"),
    "completed": text("Numbers ported"),
    "completedInPart": text("Some of the numbers ported"),
    "corrected": text("Data corrected"),
    "created": text("Order created"),
    "customerReplied": text("The customer answered"),
    "documentAdded": text("Document added"),
    "documentDeleted": text("Document deleted"),
    "documentReceived": text("The document asked for is there"),
    "documentRequested": text("Support asked for a document"),
    "expedited": text("Support asked the carrier to hurry"),
    "failed": text("Support could not fulfil the order"),
    "focChanged": text("The FOC date changed"),
    "focReceived": text("FOC date received"),
    "fulfilled": text("Support delivered the numbers"),
    "loaAwaited": text("Waiting for the letter of authorisation"),
    "loaReceived": text("The letter of authorisation is there"),
    "loaReminded": text("Reminded of the letter of authorisation"),
    "loaSigned": text("Letter of authorisation signed"),
    "loaVoided": text("The signed letter of authorisation became void"),
    "numbersRemoved": text("Numbers taken out of the order"),
    "portabilityReviewed": text("Support reviewed which numbers can move"),
    "provisioned": text("Numbers delivered"),
    "refusedByCarrier": text("Refused by the carrier"),
    "rejected": text("Order rejected"),
    "sentToCarrier": text("Sent to the carrier"),
    "split": text("Order split"),
    "submitted": text("Order submitted"),
    "supportAnswered": text("Support answered"),
    "supportAsked": text("Support was asked"),
    "termsOfServiceAccepted": text("Terms of service accepted"),
}
"""What may happen to an order, as its timeline tells people."""

_KINDS: dict[OrderKind, Kind] = {}


def register(kind: OrderKind, lifecycle: Lifecycle, errors: Mapping[str, ErrorType]) -> None:
    """Make a kind of order known."""
    _KINDS[kind] = Kind(lifecycle, errors)


def kind_of(kind: str) -> Kind:
    """A kind by its name."""
    return _KINDS[OrderKind(kind)]

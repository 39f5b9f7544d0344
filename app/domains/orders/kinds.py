"""The kinds of order there are: each registers its lifecycle and its table of errors here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.core.texts import Language, Text
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


_KINDS: dict[OrderKind, Kind] = {}


def register(kind: OrderKind, lifecycle: Lifecycle, errors: Mapping[str, ErrorType]) -> None:
    """Make a kind of order known."""
    _KINDS[kind] = Kind(lifecycle, errors)


def kind_of(kind: str) -> Kind:
    """A kind by its name."""
    return _KINDS[OrderKind(kind)]

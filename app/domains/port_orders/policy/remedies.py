"""Whether what was wrong with a port was put right before it is submitted again (E11). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.texts import text
from app.domains.orders.kinds import DocumentKind, Remedy, RemedyAction
from app.domains.port_orders.errors import ERRORS
from app.domains.port_orders.policy.document import Document, value_at
from app.domains.port_orders.policy.readiness import (
    MISMATCH_ERRORS,
    LoaState,
    PortFacts,
    overridden,
)
from app.policy.violation import Violation


@dataclass(frozen=True, slots=True)
class Raised:
    """An error of the last submission."""

    code: str
    phone_numbers: Sequence[int]
    at: datetime


@dataclass(frozen=True, slots=True)
class RemedyFacts:
    """What the rules look at: the port now, and as it was submitted.

    `has_left` tells whether the last submission reached the carrier; before that the errors are
    the pre-check's, and a new bill or an override is a remedy too.
    """

    port: PortFacts
    submitted: Document
    submitted_numbers: Sequence[int]
    last_answer: datetime | None
    has_left: bool


def outstanding(errors: Sequence[Raised], facts: RemedyFacts) -> list[Violation]:
    """The errors of which no remedy was done."""
    return [
        Violation(
            "remedyOutstanding",
            _pointer(ERRORS[error.code].remedies),
            text("%(title)s: nothing was done about it yet.", title=ERRORS[error.code].title),
            remedies=ERRORS[error.code].remedies,
        )
        for error in errors
        if not _is_remedied(error, facts)
    ]


def _pointer(remedies: Sequence[Remedy]) -> str:
    return next((pointer for remedy in remedies for pointer in remedy.pointers), "")


def _is_remedied(error: Raised, facts: RemedyFacts) -> bool:
    if any(_is_done(remedy, error, facts) for remedy in ERRORS[error.code].remedies):
        return True
    return not facts.has_left and _is_explained(error, facts)


def _is_done(remedy: Remedy, error: Raised, facts: RemedyFacts) -> bool:
    match remedy.action:
        case RemedyAction.update_field:
            return any(
                value_at(facts.submitted, pointer) != value_at(facts.port.document, pointer)
                for pointer in remedy.pointers
            )
        case RemedyAction.remove_numbers:
            left = set(facts.port.portable)
            concerned = set(error.phone_numbers)
            if not concerned:
                return len(left) < len(facts.submitted_numbers)
            return not left & concerned
        case RemedyAction.upload_document:
            return _is_uploaded(DocumentKind(str(remedy.document_kind)), error, facts)
        case RemedyAction.sign_loa:
            loa = facts.port.loa
            return loa.state is LoaState.valid and loa.since is not None and loa.since > error.at
        case RemedyAction.contact_support:
            return facts.last_answer is not None and facts.last_answer > error.at
        case RemedyAction.split_order | RemedyAction.order_again:
            return False  # either ends the order


def _is_uploaded(kind: DocumentKind, error: Raised, facts: RemedyFacts) -> bool:
    document = facts.port.documents.get(kind)
    return document is not None and document.uploaded_at > error.at


def _is_explained(error: Raised, facts: RemedyFacts) -> bool:
    """A difference from the bill is also settled by another bill, or by saying why it is right."""
    fields = {field for field, code in MISMATCH_ERRORS.items() if code == error.code}
    if not fields:
        return False
    return bool(fields & overridden(facts.port.document)) or _is_uploaded(
        DocumentKind.bill, error, facts
    )

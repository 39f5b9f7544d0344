"""The papers of a port as facts for its rules: documents, LOA, what the bill says (E4 to E8)."""

# ruff: noqa: ARG001 - each is filled in with the documents of ports

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.database import ReadSession, WriteSession
from app.domains.orders.models import Order
from app.domains.port_orders.models import DocumentKind
from app.domains.port_orders.policy.document import Document
from app.domains.port_orders.policy.readiness import Comparison, DocumentFact, LoaFact, LoaState


async def documents_of(session: ReadSession, order: Order) -> Mapping[DocumentKind, DocumentFact]:
    """The newest document of each kind."""
    return {}


async def loa_of(session: ReadSession, order: Order) -> LoaFact:
    """How far the letter of authorisation is."""
    return LoaFact(LoaState.missing)


async def bill_comparison_of(
    session: ReadSession, order: Order, document: Document
) -> Sequence[Comparison]:
    """The document, its secrets in the clear, compared with the newest bill."""
    return ()


async def void_loa(session: WriteSession, order: Order) -> None:
    """Numbers or account data changed: a signature for what was there before is worth nothing."""


async def carry_over(session: WriteSession, source: Order, target: Order) -> None:
    """An order made by a split has the documents of the one it was made from."""

"""The papers of a port as facts for its rules: documents, LOA, what the bill says (E4 to E8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.database import ReadSession, WriteSession
from app.core.identifiers import new_id
from app.core.sealing import KeyRing
from app.domains.events.catalogue import DocumentCopied, DocumentData, DocumentVoided
from app.domains.events.service.recording import record
from app.domains.orders import service as orders
from app.domains.orders.kinds import DocumentKind
from app.domains.orders.lifecycle import Actor
from app.domains.orders.models import Order
from app.domains.port_orders import repository
from app.domains.port_orders.models import PortDocument
from app.domains.port_orders.policy.document import Document
from app.domains.port_orders.policy.readiness import Comparison, DocumentFact, LoaFact, LoaState
from app.domains.port_orders.service import bills
from app.domains.port_orders.service.drafting import Port


async def documents_of(session: ReadSession, order: Order) -> Mapping[DocumentKind, DocumentFact]:
    """The newest document of each kind."""
    return {
        DocumentKind(document.kind): DocumentFact(document.uploaded_at, document.issued_on)
        for document in await repository.documents(session, order.id)
        if document.superseded_at is None
    }


async def loa_of(session: ReadSession, order: Order) -> LoaFact:
    """How far the letter of authorisation is."""
    letter = await repository.newest_document(session, order.id, DocumentKind.loa)
    if letter is None:
        return LoaFact(LoaState.missing)
    state = LoaState.valid if letter.voided_at is None else LoaState.void
    return LoaFact(state, letter.uploaded_at)


async def bill_comparison_of(
    session: ReadSession, keys: KeyRing, port: Port, document: Document
) -> Sequence[Comparison]:
    """The document, its secrets in the clear, compared with the newest bill; empty without one."""
    bill = await repository.newest_document(session, port.order.id, DocumentKind.bill)
    if bill is None:
        return ()
    kept = await repository.reading_of(session, bill.id)
    if kept is None:
        return ()
    read = bills.opened(kept, bill.file_key, keys)
    return bills.compared(read, document, port.portable, bill.issued_on)


async def void_loa(session: WriteSession, order: Order) -> None:
    """Numbers or account data changed: a signature for what was there before is worth nothing."""
    letter = await repository.newest_document(session, order.id, DocumentKind.loa)
    if letter is None or letter.voided_at is not None:
        return
    letter.voided_at = session.now
    await tell(session, DocumentVoided, letter)
    await orders.note_event(session, order, "loaVoided", actor=Actor.service)


async def carry_over(session: WriteSession, source: Order, target: Order) -> None:
    """An order made by a split has the documents of the one it was made from.

    A letter of authorisation is void there: it is for other numbers.
    """
    for document in await repository.documents(session, source.id):
        is_letter = document.kind == DocumentKind.loa
        copy = PortDocument(
            id=new_id(),
            order_id=target.id,
            org_id=target.org_id,
            kind=document.kind,
            file_key=document.file_key,
            sha256=document.sha256,
            size=document.size,
            media_type=document.media_type,
            pages=document.pages,
            issued_on=document.issued_on,
            signature=document.signature,
            reading_outcome=document.reading_outcome,
            # Sealed to the file, which both orders have.
            reading=await repository.reading_of(session, document.id),
            uploaded_at=document.uploaded_at,
            uploaded_by=document.uploaded_by,
            superseded_at=document.superseded_at,
            voided_at=document.voided_at or (session.now if is_letter else None),
        )
        session.add(copy)
        await session.flush()
        await tell(session, DocumentCopied, copy, copied_from=document.id)


async def tell(
    session: WriteSession, event: type[DocumentData], document: PortDocument, **more: object
) -> None:
    """Record what happened to a document; whoever writes one tells of it here."""
    data = {
        "document_id": document.id,
        "order_id": document.order_id,
        "kind": document.kind,
        **more,
    }
    await record(session, document.org_id, event.model_validate(data))

"""The documents of a port: received and checked, added, read, deleted (domain.md E4, E6)."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO
from uuid import UUID

from starlette.datastructures import UploadFile

from app.core.database import EVERYTHING, Database, ReadSession, WriteSession
from app.core.errors import (
    INVALID_TRANSITION,
    POLICY_VIOLATION,
    NotFound,
    Problem,
    ProblemType,
)
from app.core.identifiers import new_id
from app.core.sealing import KeyRing
from app.core.texts import text
from app.domains.events.catalogue import (
    DocumentDeleted,
    DocumentRead,
    DocumentSigned,
    DocumentSuperseded,
    DocumentUploaded,
)
from app.domains.locations import service as locations
from app.domains.orders import service as orders
from app.domains.orders.kinds import DocumentKind
from app.domains.orders.lifecycle import Actor
from app.domains.port_orders import repository
from app.domains.port_orders.lifecycle import DRAFT, REJECTED
from app.domains.port_orders.models import PortDocument
from app.domains.port_orders.policy import papers
from app.domains.port_orders.service import bills, submitting
from app.domains.port_orders.service.bills import ReadBill
from app.domains.port_orders.service.drafting import Port, get, get_locked
from app.domains.port_orders.service.editing import calendar_of, check_editable, country_of
from app.domains.port_orders.service.paperwork import tell
from app.integrations.documents.checking import Checked, RefusedDocument, check
from app.integrations.storage.store import CHUNK_BYTES, FileStore
from app.jobs.queue import enqueue
from app.policy.violation import Violation, refuse
from app.telephony.country import Country

MAX_BYTES = 10 << 20
DOCUMENT_TOO_LARGE = ProblemType(
    "documentTooLarge",
    413,
    text("A document has at most 10 MiB; scan it more coarsely"),
    text("Scan in grey at 200 to 300 dpi, or send only the pages that matter."),
)
FORGET_FILE = "portDocument.forgetFile"


@dataclass(slots=True)
class Received:
    """A file that was checked and is stored; `is_used` once a document has it."""

    document_id: UUID
    file_key: str
    sha256: str
    size: int
    checked: Checked
    bill: ReadBill | None
    """What a bill says; of another kind of document nothing is read."""
    is_used: bool = False


@asynccontextmanager
async def received(
    store: FileStore, file: UploadFile, kind: DocumentKind, country: Country
) -> AsyncIterator[Received]:
    """A file checked, read and stored, before any transaction; not kept when what follows fails.

    Raises 413 `documentTooLarge`; 422 `unsupportedDocument`, `unsafeDocument` with the `reason`.
    """
    document_id = new_id()
    key = file_key(document_id)
    digest, size = hashlib.sha256(), 0
    with NamedTemporaryFile(prefix="pstn-document-") as copy:
        while chunk := await file.read(CHUNK_BYTES):
            size += len(chunk)
            if size > MAX_BYTES:
                raise Problem(DOCUMENT_TOO_LARGE)
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        # Whoever compares this request with an earlier one reads the file again.
        await file.seek(0)
        try:
            checked = await check(Path(copy.name))
        except RefusedDocument as refused:
            raise Problem(
                POLICY_VIOLATION,
                violations=[Violation(refused.code, "/file", refused.detail)],
                members={"reason": refused.reason.value},
            ) from refused
        bill = None
        if kind is DocumentKind.bill:
            bill = await bills.read_bill(Path(copy.name), checked.media_type, country)
        await store.put(key, _chunks(copy))
    file_received = Received(document_id, key, digest.hexdigest(), size, checked, bill)
    try:
        yield file_received
    except BaseException:
        await store.delete(key)
        raise
    if not file_received.is_used:
        # The answer to the same request was kept, and its document has a file of its own.
        await store.delete(key)


def file_key(document_id: UUID) -> str:
    """The generated name that the file of a document has in the store."""
    return f"documents/{document_id}"


async def _chunks(copy: IO[bytes]) -> AsyncIterator[bytes]:
    copy.seek(0)
    while chunk := copy.read(CHUNK_BYTES):
        yield chunk


async def country_of_open(session: ReadSession, order_id: UUID) -> Country:
    """The country of an order that takes documents.

    Raises 404 or 409, before a file is looked at for nothing.
    """
    port = await get(session, order_id)
    check_editable(port)
    return country_of(await locations.get(session, port.order.location_id))


async def add(
    session: WriteSession,
    keys: KeyRing,
    order_id: UUID,
    file: Received,
    kind: DocumentKind,
    issued_on: date | None,
    *,
    by: str,
) -> PortDocument:
    """A document of a port; it supersedes an earlier one of its kind, and what waited goes on.

    The date of a bill is read there unless it is told. Raises 404; 409 `invalidTransition`; 422
    with every violation.
    """
    port = await get_locked(session, order_id)
    check_editable(port)
    bill = file.bill
    if issued_on is None and bill is not None:
        issued_on = bill.issued_on
    location = await locations.get(session, port.order.location_id)
    refuse(
        papers.check_upload(
            papers.PaperFacts(
                kind=kind,
                issued_on=issued_on,
                country=country_of(location),
                today=calendar_of(location).day_of(session.now),
            )
        )
    )
    document = PortDocument(
        id=file.document_id,
        kind=kind,
        file_key=file.file_key,
        sha256=file.sha256,
        size=file.size,
        media_type=file.checked.media_type,
        pages=file.checked.pages,
        issued_on=issued_on,
        reading_outcome=bill.outcome if bill else None,
        reading=bills.sealed(bill, file.file_key, keys) if bill else None,
        uploaded_by=by,
    )
    await put(session, keys, port, document, event="documentAdded", by=by)
    file.is_used = True
    return document


async def put(
    session: WriteSession, keys: KeyRing, port: Port, document: PortDocument, *, event: str, by: str
) -> None:
    """Put a document in the place of an earlier one; what waited for it goes on."""
    kind = DocumentKind(document.kind)
    earlier = await repository.newest_document(session, port.order.id, kind)
    if earlier is not None:
        earlier.superseded_at = session.now
        await tell(session, DocumentSuperseded, earlier, superseded_by=document.id)
    document.order_id, document.org_id = port.order.id, port.order.org_id
    document.uploaded_at = session.now
    session.add(document)
    await session.flush()
    await tell(session, DocumentSigned if document.signature else DocumentUploaded, document)
    if document.reading_outcome is not None:
        await tell(session, DocumentRead, document, outcome=document.reading_outcome)
    await orders.note_event(
        session, port.order, event, actor=Actor.customer, by=by, note=kind.value
    )
    await submitting.papers_changed(session, keys, port.order.id, kind, by=by)


async def list_of(session: ReadSession, order_id: UUID) -> list[PortDocument]:
    """The documents of a port, the oldest first. Raises 404."""
    await get(session, order_id)
    return await repository.documents(session, order_id)


async def get_document(session: ReadSession, order_id: UUID, document_id: UUID) -> PortDocument:
    """A document of a port. Raises 404."""
    found = await repository.get_document(session, order_id, document_id)
    if found is None:
        raise NotFound
    return found


async def delete(session: WriteSession, order_id: UUID, document_id: UUID, *, by: str) -> None:
    """Delete a document; what it superseded does not come back.

    Raises 404; 409 `invalidTransition` for an order that was submitted and did not come back.
    """
    port = await get_locked(session, order_id)
    document = await get_document(session, order_id, document_id)
    if port.order.state not in (DRAFT, REJECTED):
        # What waits for a paper was submitted with the others.
        raise Problem(
            INVALID_TRANSITION,
            text("The order was submitted with this document; upload a newer one instead."),
        )
    await session.delete(document)
    await session.flush()
    await tell(session, DocumentDeleted, document)
    await orders.note_event(
        session, port.order, "documentDeleted", actor=Actor.customer, by=by, note=document.kind
    )
    await enqueue(
        session,
        FORGET_FILE,
        {"fileKey": document.file_key},
        dedupe_key=f"{FORGET_FILE}:{document.id}",
    )


async def forget_file(database: Database, store: FileStore, key: str) -> None:
    """Delete the file of a deleted document, unless another order has it too."""
    async with database.read(EVERYTHING) as session:
        if await repository.has_document_with(session, key):
            return
    await store.delete(key)

"""Taking in a file of numbers: stored first, then put in stock by the worker."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from uuid import UUID

from starlette.datastructures import UploadFile

from app.core.database import Database, ReadSession, WriteSession
from app.core.errors import VALIDATION_FAILED, FieldError, NotFound, Problem
from app.core.identifiers import new_id
from app.domains.numbering import repository
from app.domains.numbering.models import ImportStatus, InventoryImport
from app.domains.numbering.policy import stocking
from app.domains.numbering.service import importing
from app.integrations.storage.store import CHUNK_BYTES, FileStore
from app.jobs.queue import enqueue

IMPORT = "inventory.import"


async def upload(session: WriteSession, store: FileStore, file: UploadFile) -> InventoryImport:
    """Store a file and have it put in stock. Raises 422 for a file with another header."""
    if not stocking.is_header((await file.read(stocking.LONGEST_LINE)).split(b"\n")[0]):
        raise Problem(
            VALIDATION_FAILED,
            violations=[
                FieldError("/file", stocking.REFUSALS["wrongHeader"], "inventoryHeaderInvalid")
            ],
        )
    await file.seek(0)
    known = InventoryImport(
        id=new_id(),
        status=ImportStatus.running,
        next_line=2,
        imported=0,
        refused_count=0,
        refused=[],
        created_at=session.now,
    )
    known.file_key = f"inventory/{known.id}.csv"
    digest = hashlib.sha256()

    async def chunks() -> AsyncIterator[bytes]:
        while chunk := await file.read(CHUNK_BYTES):
            digest.update(chunk)
            yield chunk

    await store.put(known.file_key, chunks())
    known.sha256 = digest.hexdigest()
    session.add(known)
    await session.flush()
    await enqueue(session, IMPORT, {"importId": str(known.id)}, dedupe_key=f"{IMPORT}:{known.id}")
    return known


async def get(session: ReadSession, import_id: UUID) -> InventoryImport:
    """An import. Raises 404."""
    found = await repository.get_import(session, import_id)
    if found is None:
        raise NotFound
    return found


async def run(database: Database, store: FileStore, import_id: UUID) -> None:
    """Put an uploaded file in stock."""
    await importing.run(database, import_id, store.lines(f"inventory/{import_id}.csv"))

"""The jobs of the inventory."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from app.core.database import Database
from app.domains.numbering.service import uploading
from app.integrations.storage.store import FileStore
from app.jobs.queue import Jobs, Payload

jobs = Jobs()


class Context(Protocol):
    """What these jobs need."""

    database: Database
    store: FileStore


@jobs.job(uploading.IMPORT)
async def import_inventory(context: Context, payload: Payload) -> None:
    """Put an uploaded file of numbers in stock."""
    await uploading.run(context.database, context.store, UUID(payload["importId"]))

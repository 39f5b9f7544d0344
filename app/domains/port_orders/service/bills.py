"""A bill read and kept, and the order compared with it (domain.md E8); starts at `read_bill`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.core.sealing import KeyRing
from app.domains.port_orders.policy import bill_comparison
from app.domains.port_orders.policy.bill_fields import BillReading, read_fields
from app.domains.port_orders.policy.document import Document
from app.domains.port_orders.policy.readiness import Comparison
from app.integrations.documents import reading
from app.integrations.documents.reading import ReadingOutcome
from app.telephony.country import Country


@dataclass(frozen=True, slots=True)
class ReadBill:
    """What came of reading a bill; `fields` is `None` unless it was read."""

    outcome: ReadingOutcome
    fields: BillReading | None = None

    @property
    def issued_on(self) -> date | None:
        """The day it was issued, where it says so surely."""
        found = bill_comparison.date_of(self.fields) if self.fields else None
        return date.fromisoformat(found.value) if found else None


async def read_bill(path: Path, media_type: str, country: Country) -> ReadBill:
    """Read a bill that was found to be safe; takes seconds, so outside any transaction."""
    answer = await reading.read(path, media_type)
    if answer.outcome is not ReadingOutcome.read:
        return ReadBill(answer.outcome)
    return ReadBill(
        ReadingOutcome.read, await asyncio.to_thread(read_fields, answer.pages, country)
    )


def sealed(bill: ReadBill, file_key: str, keys: KeyRing) -> bytes:
    """The reading as it is kept, bound to its file: there is an account number in it."""
    kept = {"outcome": bill.outcome, "fields": bill.fields.to_json() if bill.fields else None}
    return keys.seal(json.dumps(kept), _binding(file_key))


def opened(kept: bytes, file_key: str, keys: KeyRing) -> ReadBill:
    """The reading again."""
    found = json.loads(keys.open(kept, _binding(file_key)))
    fields = found["fields"]
    return ReadBill(
        ReadingOutcome(found["outcome"]), BillReading.from_json(fields) if fields else None
    )


def compared(
    bill: ReadBill, document: Document, phone_numbers: Iterable[int], told: date | None
) -> Sequence[Comparison]:
    """The order, its secrets in the clear, compared with the bill; `told` is the date given."""
    if bill.fields is None:
        return bill_comparison.UNREADABLE
    day = told.isoformat() if told else None
    return bill_comparison.compare(document, phone_numbers, bill.fields, day)


def _binding(file_key: str) -> str:
    return f"port_documents.reading:{file_key}"

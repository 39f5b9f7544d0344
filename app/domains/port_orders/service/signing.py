"""The letter of authorisation: signed, read, waited for (domain.md E5, E6)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from uuid import UUID

from app.core.database import ReadSession, WriteSession
from app.core.errors import NotFound
from app.core.http import check_if_match
from app.core.identifiers import new_id
from app.core.sealing import KeyRing
from app.core.texts import text
from app.domains.locations import service as locations
from app.domains.orders import service as orders
from app.domains.orders.kinds import DocumentKind
from app.domains.orders.lifecycle import Actor
from app.domains.port_orders import repository
from app.domains.port_orders.lifecycle import AWAITING_LOA
from app.domains.port_orders.models import PortDocument
from app.domains.port_orders.policy import papers
from app.domains.port_orders.policy.document import Document, value_at
from app.domains.port_orders.service import documents
from app.domains.port_orders.service import form as forms
from app.domains.port_orders.service.drafting import Port, get, get_locked
from app.domains.port_orders.service.editing import check_editable, country_of
from app.integrations.documents import letter
from app.integrations.documents.letter import Letter
from app.integrations.storage.store import FileStore
from app.policy.violation import refuse

PDF = "application/pdf"


async def sign(
    session: WriteSession,
    keys: KeyRing,
    store: FileStore,
    order_id: UUID,
    full_name: str,
    job_title: str,
    if_match: str | None,
    *,
    by: str,
    credential_id: UUID,
) -> Port:
    """Sign the letter of authorisation for the account and numbers as they are now.

    Raises 404, 412; 409 `invalidTransition`; 422 `loaSignerMismatch` and what the letter lacks.
    """
    port = await get_locked(session, order_id)
    check_if_match(if_match, port.order.version)
    check_editable(port)
    location = await locations.get(session, port.order.location_id)
    document = forms.document_of(port.form, keys)
    refuse(
        papers.check_signing(
            papers.SigningFacts(full_name, document, country_of(location), port.portable)
        )
    )
    content = Letter(
        order_number=port.order.order_number,
        company_name=value_at(document, "/account/companyName"),
        billing_address=_lines(value_at(document, "/account/serviceAddress")),
        billing_telephone_number=value_at(document, "/account/billingTelephoneNumber"),
        losing_carrier=value_at(document, "/account/carrierName"),
        phone_numbers=[f"+{number}" for number in port.portable],
        full_name=full_name,
        job_title=job_title,
        signed_at=session.now,
        time_zone=location.time_zone,
    )
    written = await asyncio.to_thread(letter.write, content)
    document_id = new_id()
    key = documents.file_key(document_id)
    await store.put(key, _whole(written))
    signed = PortDocument(
        id=document_id,
        kind=DocumentKind.loa,
        file_key=key,
        sha256=hashlib.sha256(written).hexdigest(),
        size=len(written),
        media_type=PDF,
        pages=written.count(b"/Type /Page\n"),
        signature={
            "fullName": full_name,
            "jobTitle": job_title,
            "fingerprint": content.fingerprint,
            "credentialId": str(credential_id),
        },
        uploaded_by=by,
    )
    await documents.put(session, keys, port, signed, event="loaSigned", by=by)
    return await get(session, order_id)


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _lines(address: Document) -> list[str]:
    town = " ".join(
        address[name] for name in ("city", "state", "postalCode", "country") if address.get(name)
    )
    return [address["address1"], *filter(None, [address.get("address2")]), town]


async def letter_of(session: ReadSession, order_id: UUID) -> PortDocument:
    """The newest letter of authorisation, signed here or uploaded. Raises 404."""
    await get(session, order_id)
    found = await repository.newest_document(session, order_id, DocumentKind.loa)
    if found is None:
        raise NotFound(text("The letter of authorisation is not there yet."))
    return found


class LoaReminderTimer:
    """Reminders of letters of authorisation that orders wait for."""

    name = "loaReminder"
    next_due = repository.NEXT_LOA_REMINDER

    async def handle(self, session: WriteSession) -> None:
        """Remind of one."""
        order_id = await repository.due_loa_reminder(session, session.now)
        if order_id is None:
            return
        port = await get_locked(session, order_id)
        since = port.form.loa_awaited_since
        if port.order.state != AWAITING_LOA or since is None:
            port.form.loa_reminder_at = None
            return
        port.form.loa_reminder_at = papers.next_reminder(since, session.now)
        await orders.note_event(session, port.order, "loaReminded", actor=Actor.service)

"""Writing down what happened, in the transaction in which it happens."""

from __future__ import annotations

from uuid import UUID

from app.core.database import WriteSession
from app.core.identifiers import new_id
from app.domains.events import repository
from app.domains.events.catalogue import EventData


async def record(session: WriteSession, organization_id: UUID, data: EventData) -> None:
    """Have readers told of a change once this transaction is committed; nobody is if it is not.

    What is changed is locked: events of one thing are published in the order of its changes.
    """
    await repository.add(
        session,
        {
            "id": new_id(),
            "org_id": organization_id,
            "type": data.type,
            "data": data.model_dump(mode="json", by_alias=True),
            "occurred_at": session.now,
        },
    )

"""Telling people by mail that nothing is sent to a webhook any more, since that is not heard there.

A mail has the same Message-ID however often the job is done; of two only one is shown.
"""

from __future__ import annotations

from uuid import UUID, uuid5

import structlog

from app.core.database import Database, Scope, WriteSession
from app.core.texts import Language, negotiate, text
from app.domains.locations import service as locations
from app.domains.webhooks import repository
from app.domains.webhooks.lifecycle import DESCRIPTIONS, DisabledReason
from app.domains.webhooks.models import Webhook
from app.integrations.mail.composing import one_line
from app.integrations.mail.errors import MailRejected, MailUnavailable
from app.integrations.mail.port import Mailer, Message
from app.jobs.queue import Retry, enqueue

log = structlog.get_logger()

TELL_DISABLED = "webhooks.tellDisabled"
MOST_TOLD = 20


async def plan(session: WriteSession, webhook: Webhook) -> None:
    """Have people told once this transaction is committed."""
    payload = {"orgId": str(webhook.org_id), "webhookId": str(webhook.id)}
    await enqueue(session, TELL_DISABLED, payload, dedupe_key=f"{TELL_DISABLED}:{webhook.id}")


async def tell(database: Database, mailer: Mailer, organization_id: UUID, webhook_id: UUID) -> None:
    """Write to the contacts of the organisation's connections, each in the language of its place.

    Nobody is told of a webhook that was enabled or deleted meanwhile. Raises `Retry` while mail is
    down.
    """
    async with database.read(Scope.of([organization_id])) as session:
        webhook = await repository.get(session, webhook_id)
        contacts = await locations.contacts_of(session, organization_id)
    if webhook is None or webhook.disabled_at is None:
        return
    for recipient, language in list(contacts.items())[:MOST_TOLD]:
        try:
            await mailer.send(_message(webhook, recipient, negotiate(language)))
        except MailUnavailable as silence:
            raise Retry("mail unavailable") from silence
        except MailRejected as refusal:
            log.warning("mail refused", webhook_id=str(webhook_id), reason=refusal.reason)


def _message(webhook: Webhook, recipient: str, language: Language) -> Message:
    assert webhook.disabled_at is not None  # noqa: S101 - looked at by the caller
    name = one_line(webhook.name)
    paragraphs = (
        text("Hello,"),
        text('Events are no longer sent to the webhook "%(name)s".', name=name),
        DESCRIPTIONS[DisabledReason(str(webhook.disabled_reason))],
        text("This mail was written by the service; nobody reads answers to it."),
    )
    return Message(
        id=uuid5(webhook.id, f"{webhook.disabled_at.isoformat()} {recipient}"),
        recipient=recipient,
        subject=text('The webhook "%(name)s" is disabled', name=name).to(language),
        body="\n\n".join(paragraph.to(language) for paragraph in paragraphs) + "\n",
        language=language,
        written_at=webhook.disabled_at,
    )

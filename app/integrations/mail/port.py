"""What the service asks of whoever carries its mail; starts at `Mailer`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from app.core.texts import Language


@dataclass(frozen=True, slots=True)
class Message:
    """A plain-text mail to one recipient.

    `id` makes its Message-ID: the same mail has the same one, however often it is sent.
    """

    id: UUID
    recipient: str
    subject: str
    body: str
    language: Language
    written_at: datetime


class Mailer(Protocol):
    """Carries mail."""

    async def send(self, message: Message) -> None:
        """Hand a mail over for delivery.

        Raises `errors.MailRejected`, final; `errors.MailUnavailable`, when it may be tried again.
        """
        ...

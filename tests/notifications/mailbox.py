"""The folder where the service under test leaves its mail, and who gets it."""

from __future__ import annotations

import asyncio
import email
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from app.core.database import EVERYTHING
from app.jobs.queue import has_work
from tests.conftest import CISCO_PSTN, Customer, Service


@dataclass(frozen=True)
class Mailbox:
    """The `.eml` files of a service."""

    service: Service

    @property
    def folder(self) -> Path:
        return self.service.home / "mail"

    def files_about(self, order: dict[str, Any]) -> list[Path]:
        """The files about an order, the oldest mail first."""
        number = f"{order['orderNumber']},"
        mails = {path: parsed(path) for path in self.folder.glob("*")}
        about = [path for path, mail in mails.items() if mail["Subject"].startswith(number)]
        return sorted(about, key=lambda path: path.stat().st_mtime_ns)

    def about(self, order: dict[str, Any]) -> list[EmailMessage]:
        """The mails about an order, the oldest first."""
        return [parsed(path) for path in self.files_about(order)]

    async def settled(self, order: dict[str, Any]) -> list[EmailMessage]:
        """The mails about an order once no job waits or runs: all there will be."""
        await until_idle(self.service)
        return self.about(order)


def parsed(path: Path) -> EmailMessage:
    """The mail in a file."""
    return email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=policy.default)


async def until_idle(service: Service) -> None:
    """Return when no job waits or runs."""
    async with asyncio.timeout(30):
        while True:
            async with service.database.read(EVERYTHING) as session:
                if not await has_work(session):
                    return
            await asyncio.sleep(0.05)


def text_of(mail: EmailMessage) -> str:
    """The text of a mail with line ends as Python has them."""
    return str(mail.get_content()).replace("\r\n", "\n")


async def speak(customer: Customer, language: str, **changes: Any) -> None:
    """The customer's location speaks that language."""
    path = f"/locations/{customer.location_id}"
    known = (await customer.api.get(path)).json()
    wish = known | {"preferredLanguage": language} | changes
    assert (await customer.api.put(path, json=wish)).status_code == 204


async def contact(customer: Customer, **changes: str) -> None:
    """The contact of the customer's connection is another one."""
    path = f"{customer.location}/connection"
    etag = (await customer.api.get(path)).headers["ETag"]
    wish = CISCO_PSTN | {"contact": {**CISCO_PSTN["contact"], **changes}}  # type: ignore[dict-item]
    response = await customer.api.put(path, json=wish, headers={"If-Match": etag})
    assert response.status_code == 200, response.text

"""Mail as `.eml` files in a folder, for development, the demo and tests."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from app.integrations.mail.composing import compose
from app.integrations.mail.errors import MailUnavailable
from app.integrations.mail.port import Message


class FolderMailer:
    """Writes each mail whole, under a name from its id: sent twice it is one file."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, message: Message) -> None:
        """See `port.Mailer.send`."""
        composed = compose(message, self._sender)
        try:
            await asyncio.to_thread(self._write, f"{message.id}.eml", composed.content)
        except OSError as error:
            raise MailUnavailable(type(error).__name__) from error

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=self._folder, suffix=".draft")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(self._folder / name)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise

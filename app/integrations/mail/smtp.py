"""Mail by SMTP, to the server that `PSTN_MAIL_URL` names."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.integrations.mail.composing import compose
from app.integrations.mail.errors import MailRejected, MailUnavailable
from app.integrations.mail.port import Message

TIMEOUT_SECONDS = 30
PORTS = {"smtp": 587, "smtps": 465}


class SmtpMailer:
    """Sends each mail on a connection of its own.

    `smtps` speaks TLS from the start; `smtp` turns to TLS where the server offers it, and insists
    on it where there is a password to protect. A connection that breaks after the mail was handed
    over leaves the outcome unknown; the mail is sent again then, under its old Message-ID. SMTP
    itself cannot promise more: servers and readers that know Message-IDs show such a mail once.
    """

    def __init__(self, url: str, sender: str) -> None:
        """For `smtp://user:password@host:587`, user and password percent-encoded or absent."""
        parts = urlsplit(url)
        self._sender = sender
        self._host = parts.hostname
        self._port = parts.port or PORTS[parts.scheme]
        self._is_tls = parts.scheme == "smtps"
        self._username = None if parts.username is None else unquote(parts.username)
        self._password = None if parts.password is None else unquote(parts.password)

    async def send(self, message: Message) -> None:
        """See `port.Mailer.send`."""
        composed = compose(message, self._sender)
        try:
            await aiosmtplib.send(
                composed.content,
                sender=composed.sender,
                recipients=[composed.recipient],
                hostname=self._host,
                port=self._port,
                use_tls=self._is_tls,
                start_tls=True if self._username and not self._is_tls else None,
                username=self._username,
                password=self._password,
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            raise _outcome(refusal.recipients[0]) from refusal
        except aiosmtplib.SMTPDataError as refusal:
            raise _outcome(refusal) from refusal
        except (aiosmtplib.SMTPException, OSError) as error:
            # A refused login or sender is the fault of a setting: it will be mended.
            raise MailUnavailable(type(error).__name__) from error


def _outcome(refusal: aiosmtplib.SMTPResponseException) -> MailRejected | MailUnavailable:
    """What a server's reply to recipient or content means: 5xx is final (RFC 5321, 4.2.1)."""
    if refusal.code >= 500:
        return MailRejected(f"{refusal.code} {refusal.message}")
    # It is logged: without the message, which may name the recipient.
    return MailUnavailable(str(refusal.code))

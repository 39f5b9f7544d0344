"""A message as RFC 5322 has it, whatever is in its subject; starts at `compose`."""

from __future__ import annotations

import email.message
import re
import unicodedata
from dataclasses import dataclass
from email.charset import QP, Charset
from email.header import Header
from email.policy import compat32
from email.utils import format_datetime, parseaddr

from app.integrations.mail.errors import MailRejected
from app.integrations.mail.port import Message

LOCAL = re.compile(r"(?=.{1,64}$)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
DOMAIN = re.compile(r"(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.I)
SUBJECT_LENGTH = 200
PLAIN_SUBJECT_LENGTH = 60
UTF_8 = Charset("utf-8")
UTF_8.body_encoding = QP


def one_line(given: str) -> str:
    """A text without control and formatting characters and line ends of any script.

    What looks like one line may be several to a mail server, or run from right to left.
    """
    shown = (
        " " if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") else character
        for character in given
    )
    return " ".join("".join(shown).split())


def checked_address(given: str) -> str:
    """An address that every mail server takes, an international domain in its ASCII form.

    Raises `MailRejected`: the forms that only some servers take, and whatever is no address.
    """
    local, _, domain = given.rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        domain = ""
    if not LOCAL.fullmatch(local) or not DOMAIN.fullmatch(domain):
        raise MailRejected("not an address that takes mail")
    return f"{local}@{domain}"


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail as it is handed over."""

    sender: str
    recipient: str
    content: bytes


def compose(message: Message, sender: str) -> Composed:
    """The mail from a sender (`Name <address>`). Raises `MailRejected` for a bad recipient.

    The recipient's name is not among the headers: an address alone cannot be misread.
    """
    address = parseaddr(sender)[1]
    recipient = checked_address(message.recipient)
    composed = email.message.Message(compat32.clone(linesep="\r\n"))
    composed.set_payload(message.body, UTF_8)
    composed["From"] = sender
    composed["To"] = recipient
    composed["Subject"] = _subject(one_line(message.subject)[:SUBJECT_LENGTH].rstrip())
    composed["Date"] = format_datetime(message.written_at)
    composed["Message-ID"] = f"<{message.id}@{address.rpartition('@')[2]}>"
    composed["Content-Language"] = message.language
    # Answering machines stay silent (RFC 3834).
    composed["Auto-Submitted"] = "auto-generated"
    return Composed(address, recipient, composed.as_bytes())


def _subject(line: str) -> str:
    """Encoded as a whole or not at all: `EmailMessage` loses spaces between the two."""
    is_plain = line.isascii() and "=?" not in line and len(line) <= PLAIN_SUBJECT_LENGTH
    return line if is_plain else Header(line, "utf-8", header_name="Subject").encode()

"""A message as RFC 5322 has it, whatever is in its subject; starts at `compose`."""

from __future__ import annotations

import re
import unicodedata
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from app.integrations.mail.errors import MailRejected
from app.integrations.mail.port import Message

LOCAL = re.compile(r"(?=.{1,64}$)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
DOMAIN = re.compile(r"(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.I)
SUBJECT_LENGTH = 200


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


def compose(message: Message, sender: str) -> EmailMessage:
    """The mail from a sender (`Name <address>`). Raises `MailRejected` for a bad recipient.

    The recipient's name is not among the headers: an address alone cannot be misread.
    """
    composed = EmailMessage(policy.SMTP)
    composed["From"] = sender
    composed["To"] = checked_address(message.recipient)
    composed["Subject"] = one_line(message.subject)[:SUBJECT_LENGTH]
    composed["Date"] = format_datetime(message.written_at)
    composed["Message-ID"] = f"<{message.id}@{address_of(sender).rpartition('@')[2]}>"
    composed["Content-Language"] = message.language
    # Answering machines stay silent (RFC 3834).
    composed["Auto-Submitted"] = "auto-generated"
    composed.set_content(message.body, cte="quoted-printable")
    return composed


def address_of(sender: str) -> str:
    """The address in `Name <address>`."""
    return parseaddr(sender)[1]

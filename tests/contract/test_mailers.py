"""What every mailer promises, tried on the folder and on SMTP to a real server."""

from __future__ import annotations

import asyncio
import email
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.settings import Settings
from app.core.texts import Language
from app.integrations.mail.composing import compose, one_line
from app.integrations.mail.errors import MailRejected, MailUnavailable
from app.integrations.mail.folder import FolderMailer
from app.integrations.mail.port import Mailer, Message
from app.integrations.mail.smtp import SmtpMailer
from tests.processes import free_port

SENDER = "Cisco PSTN <pstn@carrier.example>"
HELLO = Message(
    id=UUID("019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a10"),
    recipient="ada@northwind.example",
    subject="PSTN-000042, Gdańsk: Numery są aktywne",
    body="Dzień dobry,\n\nzażółć gęślą jaźń — 3 numery: …6000, …6001, …6002\n.\nKoniec\n",
    language=Language.pl,
    written_at=datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
)


@dataclass
class Inbox:
    """A mail server that keeps what it gets; `replies` are said to `RCPT` and `DATA`, once each."""

    received: list[tuple[list[str], bytes]] = field(default_factory=list)
    replies: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.replies.pop("RCPT", "250 OK")

    async def handle_DATA(  # noqa: N802 - as above
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        reply = self.replies.pop("DATA", "250 OK")
        if reply.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.received.append((envelope.rcpt_tos, envelope.content))
        return reply


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def server(inbox: Inbox, port: int) -> Iterator[Controller]:
    """A mail server on a socket; a thread of its own serves it."""
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    if controller.server is not None:
        controller.stop()


@dataclass
class Tried:
    """A mailer, and what arrived by it."""

    mailer: Mailer
    arrived: Callable[[], list[bytes]]

    def read(self) -> list[EmailMessage]:
        return [parsed(content) for content in self.arrived()]


def parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, _class=EmailMessage, policy=policy.default)


@pytest.fixture(params=["folder", "smtp"])
async def tried(
    request: pytest.FixtureRequest, tmp_path: Path, inbox: Inbox, port: int
) -> AsyncIterator[Tried]:
    if request.param == "folder":
        folder = tmp_path / "home/mail"
        yield Tried(
            FolderMailer(folder, SENDER),
            lambda: [path.read_bytes() for path in sorted(folder.glob("*"))],
        )
    else:
        request.getfixturevalue("server")
        yield Tried(
            SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER),
            lambda: [content for _, content in inbox.received],
        )


async def test_a_mail_arrives_as_it_was_written(tried: Tried) -> None:
    await tried.mailer.send(HELLO)

    [mail] = tried.read()
    assert mail["From"] == SENDER
    assert mail["To"] == HELLO.recipient
    assert mail["Subject"] == HELLO.subject
    assert mail["Message-ID"] == f"<{HELLO.id}@carrier.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "pl"
    assert mail["Date"].datetime == HELLO.written_at
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == HELLO.body


async def test_a_mail_is_seven_bit_with_short_lines(tried: Tried) -> None:
    await tried.mailer.send(replace(HELLO, body="ą" * 3000 + "\n", subject="Łódź " * 40))

    [content] = tried.arrived()
    assert content.isascii()
    assert max(map(len, content.splitlines())) <= 998


@pytest.mark.parametrize(
    "end",
    ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "\u202e"],
)
async def test_a_subject_makes_no_further_header(tried: Tried, end: str) -> None:
    await tried.mailer.send(
        replace(HELLO, subject=f"Office{end}Bcc: eve@evil.example{end}{end}<b>hello</b>")
    )

    [mail] = tried.read()
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Office Bcc: eve@evil.example <b>hello</b>"
    assert mail.get_content().replace("\r\n", "\n") == HELLO.body


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@northwind.example",
        "ada@",
        "ada@northwind.example\r\nRCPT TO:<eve@evil.example>",
        "ada@northwind.example\nBcc: eve@evil.example",
        "ada@northwind.example, eve@evil.example",
        "ada@northwind.example,eve",
        "<ada@northwind.example>",
        "Ada <ada@northwind.example>",
        '"ada example"@northwind.example',
        "ada example@northwind.example",
        "ada@northwind .example",
        "ada..b@northwind.example",
        ".ada@northwind.example",
        "ada@-northwind.example",
        "ada@northwind..example",
        "ada(comment)@northwind.example",
        "ada@[127.0.0.1]",
        "ądą@northwind.example",
        "ada@northwind.example\x85",
        f"{'a' * 65}@northwind.example",
        f"ada@{'a' * 64}.example",
    ],
)
async def test_an_address_that_is_none_is_refused_for_good(tried: Tried, address: str) -> None:
    with pytest.raises(MailRejected):
        await tried.mailer.send(replace(HELLO, recipient=address))
    assert tried.arrived() == []


async def test_an_international_domain_is_written_in_ascii(tried: Tried) -> None:
    await tried.mailer.send(replace(HELLO, recipient="o'brien+pstn@żółw.example"))

    [mail] = tried.read()
    assert mail["To"] == "o'brien+pstn@xn--w-uga1v8h.example"


async def test_many_mails_at_once_all_arrive(tried: Tried) -> None:
    ids = [uuid4() for _ in range(20)]
    await asyncio.gather(*(tried.mailer.send(replace(HELLO, id=each)) for each in ids))
    assert {mail["Message-ID"] for mail in tried.read()} == {
        f"<{each}@carrier.example>" for each in ids
    }


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.text(max_size=150),
    st.sampled_from(["", "=?utf-8?q?x?= ", "Łódź ", "a" * 80 + " ", "a, b; <c@d> "]),
)
def test_any_subject_is_read_back_as_one_line(subject: str, prefix: str) -> None:
    wanted = one_line((prefix + subject).encode(errors="replace").decode())
    mail = parsed(compose(replace(HELLO, subject=prefix + wanted), SENDER).content)
    assert mail.keys() == parsed(compose(HELLO, SENDER).content).keys()
    assert mail["To"] == HELLO.recipient
    assert mail["Subject"] == one_line(prefix + wanted)[:200].strip()


# --- The folder alone ---------------------------------------------------------------------------


async def test_the_same_mail_twice_is_one_file(tmp_path: Path) -> None:
    def files() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    mailer = FolderMailer(tmp_path, SENDER)
    await mailer.send(HELLO)
    [first] = files().values()
    await asyncio.gather(*(mailer.send(HELLO) for _ in range(10)))
    assert files() == {f"{HELLO.id}.eml": first}


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(MailUnavailable):
        await FolderMailer(tmp_path / "mail", SENDER).send(HELLO)


# --- SMTP alone ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("step", ["RCPT", "DATA"])
@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        ("550 5.1.1 No such user", MailRejected),
        ("450 4.2.1 Later", MailUnavailable),
        ("452 4.3.1 Full", MailUnavailable),
        ("421 4.3.2 Closing", MailUnavailable),
    ],
)
async def test_what_the_server_says_is_final_or_not(
    inbox: Inbox, port: int, step: str, reply: str, raised: type[Exception]
) -> None:
    inbox.replies[step] = reply
    mailer = SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER)
    with pytest.raises(raised):
        await mailer.send(HELLO)
    assert inbox.received == []
    await mailer.send(HELLO)
    [(recipients, _)] = inbox.received
    assert recipients == [HELLO.recipient]


@pytest.mark.usefixtures("server")
async def test_why_a_mail_is_late_does_not_name_the_recipient(inbox: Inbox, port: int) -> None:
    inbox.replies["RCPT"] = f"450 4.2.0 <{HELLO.recipient}>: Greylisted"
    with pytest.raises(MailUnavailable) as late:
        await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(HELLO)
    assert str(late.value) == "450"


async def test_a_server_that_is_away_or_silent_is_tried_again(port: int) -> None:
    with pytest.raises(MailUnavailable):
        await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(HELLO)


async def test_a_server_that_hangs_up_is_tried_again(port: int) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", port):
        with pytest.raises(MailUnavailable):
            await SmtpMailer(f"smtp://127.0.0.1:{port}", SENDER).send(HELLO)


@dataclass
class Certificate:
    """A certificate of localhost that signs itself."""

    file: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """A certificate that this process trusts, as one tells OpenSSL to."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "localhost.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return Certificate(file)


def authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
) -> AuthResult:
    assert isinstance(given, LoginPassword)
    is_right = (given.login, given.password) == (b"pstn@x", b"p/ss:w@rd")
    return AuthResult(success=is_right, handled=False)


@pytest.mark.parametrize(
    ("login", "raised"), [("pstn%40x:p%2Fss%3Aw%40rd@", None), ("pstn:wrong@", MailUnavailable)]
)
async def test_a_login_goes_through_starttls(
    inbox: Inbox, port: int, certificate: Certificate, login: str, raised: type[Exception] | None
) -> None:
    controller = Controller(
        inbox,
        hostname="localhost",
        port=port,
        tls_context=certificate.server_context(),
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )
    controller.start()
    try:
        mailer = SmtpMailer(f"smtp://{login}localhost:{port}", SENDER)
        if raised is None:
            await mailer.send(HELLO)
        else:
            with pytest.raises(raised):
                await mailer.send(HELLO)
    finally:
        controller.stop()
    assert len(inbox.received) == (raised is None)


@pytest.mark.usefixtures("server")
async def test_a_password_is_not_sent_in_the_clear(inbox: Inbox, port: int) -> None:
    with pytest.raises(MailUnavailable):
        await SmtpMailer(f"smtp://pstn:secret@127.0.0.1:{port}", SENDER).send(HELLO)
    assert inbox.received == []


async def test_smtps_speaks_tls_from_the_start(
    inbox: Inbox, port: int, certificate: Certificate
) -> None:
    controller = Controller(
        inbox, hostname="localhost", port=port, ssl_context=certificate.server_context()
    )
    controller.start()
    try:
        await SmtpMailer(f"smtps://localhost:{port}", SENDER).send(HELLO)
    finally:
        controller.stop()
    assert len(inbox.received) == 1


async def test_a_server_without_a_certificate_we_trust_gets_no_mail(
    inbox: Inbox, port: int, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    controller = Controller(
        inbox, hostname="localhost", port=port, ssl_context=certificate.server_context()
    )
    controller.start()
    try:
        with pytest.raises(MailUnavailable):
            await SmtpMailer(f"smtps://localhost:{port}", SENDER).send(HELLO)
    finally:
        controller.stop()
    assert inbox.received == []


# --- The settings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["http://mail.example", "mail.example:25", "smtp://:25", "smtp://ada@mail.example"]
)
def test_a_mail_server_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError, match="mail server") as refused:
        Settings(mail_url=url)
    assert url not in str(refused.value)


@pytest.mark.parametrize("sender", ["", "nobody", "Ada <>", "pstn@x.example\nBcc: a@b.example"])
def test_a_sender_that_is_none_is_refused(sender: str) -> None:
    with pytest.raises(ValueError, match="a sender is like"):
        Settings(mail_from=sender)


def test_no_mail_server_means_the_folder() -> None:
    assert Settings(mail_url="").mail_url is None

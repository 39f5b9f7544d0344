"""One attempt, against receivers that answer, hang, drip, redirect, pour and break off."""

from __future__ import annotations

import datetime
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.core import clock
from app.integrations.webhooks import signing
from app.integrations.webhooks.http import MOST_READ_BYTES, HttpWebhookSender
from app.integrations.webhooks.port import Failure
from app.integrations.webhooks.targets import Address
from tests.webhooks.receiving import (
    Behaviour,
    Receiver,
    answer,
    break_off,
    drip,
    drip_body,
    hang,
    pour,
    receiving,
)

BODY = '{"type":"order.updated","data":{"city":"Łódź"}}'.encode()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


def sender(**options: object) -> HttpWebhookSender:
    return HttpWebhookSender(allow_loopback=True, timeout_seconds=0.4, **options)  # type: ignore[arg-type]


async def test_a_message_is_posted_as_it_was_signed(receiver: Receiver) -> None:
    secret = signing.new_secret()
    headers = signing.headers("message-1", clock.real_now(), BODY, [secret])

    outcome = await sender().send(receiver.url, headers, BODY)

    assert (outcome.status_code, outcome.failure) == (204, None)
    [request] = receiver.requests
    assert request.line == "POST /hooks?from=pstn HTTP/1.1"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert request.body == BODY
    assert request.verified(secret)["type"] == "order.updated"


@pytest.mark.parametrize(
    ("behaviour", "failure"),
    [
        (hang, Failure.timeout),
        (drip, Failure.timeout),
        (drip_body, Failure.timeout),
        (break_off, Failure.answer_unreadable),
    ],
)
async def test_no_answer_is_a_failure_within_the_time(
    receiver: Receiver, behaviour: Behaviour, failure: Failure
) -> None:
    receiver.next(behaviour)
    started = time.monotonic()

    outcome = await sender().send(receiver.url, {}, BODY)

    assert (outcome.status_code, outcome.failure) == (None, failure)
    assert time.monotonic() - started < 2


async def test_nobody_listening_is_a_failure() -> None:
    async with receiving() as receiver:
        url = receiver.url

    assert (await sender().send(url, {}, BODY)).failure is Failure.connection_failed


async def test_of_an_answer_that_never_ends_little_is_read(receiver: Receiver) -> None:
    receiver.next(pour)

    outcome = await sender().send(receiver.url, {}, BODY)

    assert outcome.status_code == 200
    assert MOST_READ_BYTES <= 65_536


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(receiver: Receiver, status: int) -> None:
    async with receiving() as inside:
        receiver.next(answer(status, Location=inside.url))

        outcome = await sender().send(receiver.url, {}, BODY)

    assert outcome.status_code == status
    assert (len(receiver.requests), inside.requests) == (1, [])


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), ("0", 0), ("soon", None), ("-5", None), ("9" * 30, None)],
)
async def test_how_long_it_asks_to_be_left_alone_is_told(
    receiver: Receiver, header: str, seconds: int | None
) -> None:
    receiver.next(answer(429, Retry_After=header))

    outcome = await sender().send(receiver.url, {}, BODY)

    expected = None if seconds is None else datetime.timedelta(seconds=seconds)
    assert (outcome.status_code, outcome.retry_after) == (429, expected)


async def test_it_may_ask_by_a_date(receiver: Receiver) -> None:
    until = clock.real_now() + datetime.timedelta(hours=1)
    receiver.next(answer(503, Retry_After=until.strftime("%a, %d %b %Y %H:%M:%S GMT")))

    outcome = await sender().send(receiver.url, {}, BODY)

    assert outcome.retry_after is not None
    assert 3590 < outcome.retry_after.total_seconds() <= 3600


# --- Names ------------------------------------------------------------------------------------


class Names:
    """A name server that answers each time with the next addresses."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, name: str) -> list[Address]:
        self.asked.append(name)
        return [ip_address(address) for address in self._answers.pop(0)]


async def test_the_connection_is_made_to_the_address_that_was_judged(receiver: Receiver) -> None:
    names = Names(["127.0.0.1"])
    url = f"http://receiver.example:{receiver.port}/hooks"

    outcome = await sender(resolve=names).send(url, {}, BODY)

    assert outcome.status_code == 204
    assert names.asked == ["receiver.example"]
    assert receiver.requests[0].headers["host"] == f"receiver.example:{receiver.port}"


async def test_a_name_that_comes_to_lead_inside_is_refused_at_the_next_attempt(
    receiver: Receiver,
) -> None:
    """Rebinding: public when it is registered, loopback when it is called."""
    strict = HttpWebhookSender(
        resolve=Names(["93.184.215.14"], ["127.0.0.1"], ["93.184.215.14", "127.0.0.1"])
    )
    url = "https://rebinding.example/hooks"

    assert await strict.check(url) == ()
    for _ in range(2):
        assert (await strict.send(url, {}, BODY)).failure is Failure.target_not_allowed
    assert receiver.requests == []


async def test_an_address_that_does_not_answer_makes_room_for_the_next(receiver: Receiver) -> None:
    names = Names(["::1", "127.0.0.1"])
    url = f"http://receiver.example:{receiver.port}/hooks"

    outcome = await sender(resolve=names).send(url, {}, BODY)

    assert outcome.status_code == 204


async def test_no_proxy_of_the_environment_is_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

        assert (await sender().send(receiver.url, {}, BODY)).status_code == 204

    assert (len(receiver.requests), proxy.requests) == (1, [])


# --- TLS --------------------------------------------------------------------------------------


def certificate_for(name: str, folder: Path) -> Path:
    """A certificate that is its own authority, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = clock.real_now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


async def test_the_certificate_has_to_be_the_name_s(tmp_path: Path) -> None:
    path = certificate_for("receiver.example", tmp_path)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(path)
    asked: list[str | None] = []
    own.sni_callback = lambda _socket, name, _context: asked.append(name)
    trusted = ssl.create_default_context(cafile=path)

    async with receiving(own) as receiver:

        async def sent(name: str, tls: ssl.SSLContext | None) -> int | Failure | None:
            outcome = await sender(resolve=Names(["127.0.0.1"]), tls=tls).send(
                f"https://{name}:{receiver.port}/hooks", {}, BODY
            )
            return outcome.status_code or outcome.failure

        assert await sent("receiver.example", trusted) == 204
        assert await sent("other.example", trusted) is Failure.tls_failed
        assert await sent("receiver.example", None) is Failure.tls_failed

    assert asked == ["receiver.example", "other.example", "receiver.example"]
    assert len(receiver.requests) == 1

"""A receiver of webhooks over real HTTP that behaves as a test wants it to."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks.webhooks import Webhook

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """A request as it came in."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """The message, by the public package that receivers use. Raises when it is not signed."""
        return dict(Webhook(secret).verify(self.body, self.headers))


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer with that status."""

    async def behave(writer: asyncio.StreamWriter) -> None:
        named = {"Content-Length": str(len(body)), **headers}
        lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items()]
        writer.write(f"HTTP/1.1 {status} Whatever\r\n{''.join(lines)}\r\n".encode() + body)
        await writer.drain()

    return behave


async def hang(_writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


async def drip(writer: asyncio.StreamWriter) -> None:
    """Begin an answer and never come to the end of its headers."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-More: patience\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_body(writer: asyncio.StreamWriter) -> None:
    """Answer 200 with a body that never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def pour(writer: asyncio.StreamWriter) -> None:
    """Answer 200 with more than anybody wants to read, for as long as somebody reads."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while True:
        writer.write(b"." * 10_000)
        await writer.drain()


async def break_off(writer: asyncio.StreamWriter) -> None:
    """Close the connection without an answer."""
    writer.close()


@dataclass
class Receiver:
    """Its `requests`, and what it does with the next ones; after those it answers 204."""

    port: int = 0
    scheme: str = "http"
    requests: list[Received] = field(default_factory=list)
    behaviours: deque[Behaviour] = field(default_factory=deque)
    usually: Behaviour = field(default_factory=lambda: answer(204))

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/hooks?from=pstn"

    def next(self, *behaviours: Behaviour) -> None:
        """Do that with the next requests."""
        self.behaviours.extend(behaviours)

    async def received(self, count: int, timeout_seconds: float = 10) -> list[Received]:
        """The first requests, once there are so many."""
        async with asyncio.timeout(timeout_seconds):
            while len(self.requests) < count:
                await asyncio.sleep(0.02)
        return self.requests[:count]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *lines = head.strip().split("\r\n")
            pairs = (one.split(": ", 1) for one in lines)
            headers = {name.lower(): value for name, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(Received(line, headers, body))
            behave = self.behaviours.popleft() if self.behaviours else self.usually
            await behave(writer)
        writer.close()


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a free port of loopback."""
    receiver = Receiver(scheme="https" if tls else "http")
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    yield receiver
    server.close()

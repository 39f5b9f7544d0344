"""A line to the service that loses answers, or has the service ask for patience."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

FAITHFUL = "faithful"
"""Nothing happens to it."""
CUT = "cut"
"""The request arrives and is answered; the answer is lost."""
BUSY = "busy"
"""The service asks to come again."""
LATER = b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@asynccontextmanager
async def careless_line(url: str, mischief: list[str]) -> AsyncIterator[str]:
    """An address that leads to the service; what happens to the next requests, until used up."""
    where = urlsplit(url)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_length(head.split(b"\r\n")))
        todo = mischief.pop(0) if mischief else FAITHFUL
        answer = LATER
        if todo != BUSY:
            answer = await _answer(where.hostname, where.port, head, body)
        if todo != CUT:
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _length(lines: Sequence[bytes]) -> int:
    lengths = [line.split(b":")[1] for line in lines if line.lower().startswith(b"content-length:")]
    return int(lengths[0]) if lengths else 0


async def _answer(host: str | None, port: int | None, head: bytes, body: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    first, _, rest = head.partition(b"\r\n")
    kept = [line for line in rest.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    writer.write(b"\r\n".join([first, b"Connection: close", *kept]) + body)
    answer = await reader.read()
    writer.close()
    return answer

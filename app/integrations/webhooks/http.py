"""Webhooks by HTTPS, to the very addresses that were checked."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from ipaddress import ip_address

import httpx

from app.core import clock
from app.integrations.webhooks.port import Failure, Outcome, TargetFault
from app.integrations.webhooks.targets import Address, Target, forbidden

TIMEOUT_SECONDS = 15.0
CONNECT_SECONDS = 5.0
MOST_READ_BYTES = 64 << 10
RESOLVING_AT_ONCE = 200
"""As many as messages are under way: those of a name server that hangs leave room for others."""
USER_AGENT = "cisco-pstn-webhooks/1"
SECONDS = re.compile(r"[0-9]{1,9}")

Resolve = Callable[[str], Awaitable[Sequence[Address]]]
"""The addresses of a name. Raises `OSError`."""


class SystemResolver:
    """Asks the system, on threads of its own: a name server that hangs holds up nothing else."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(RESOLVING_AT_ONCE, thread_name_prefix="resolver")

    async def __call__(self, name: str) -> Sequence[Address]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads,
            lambda: socket.getaddrinfo(name, None, type=socket.SOCK_STREAM),
        )
        return [ip_address(entry[4][0]) for entry in found]


class HttpWebhookSender:
    """Posts each message on a connection of its own.

    Name and addresses are looked up and judged anew for each attempt, and the connection is made
    to an address that was judged, under the name in `Host`, SNI and certificate: what the name
    server says a moment later changes nothing. No redirect is followed, no proxy of the
    environment is used, and the answer, of which only the status counts, is read up to 64 kB.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        timeout_seconds: float = TIMEOUT_SECONDS,
        resolve: Resolve | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`timeout_seconds` is for an attempt as a whole, `tls` for other authorities."""
        self._allow_loopback = allow_loopback
        self._timeout_seconds = timeout_seconds
        self._resolve = resolve or SystemResolver()
        self._given_tls = tls

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Made when it is needed: reading the authorities takes a moment, and checking sends none.
        return self._given_tls or httpx.create_ssl_context()

    async def check(self, url: str) -> tuple[TargetFault, ...]:
        """See `port.WebhookSender.check`."""
        target = Target.parse(url, allow_loopback=self._allow_loopback)
        if not isinstance(target, Target):
            return target
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                addresses = await self._addresses(target)
        except OSError:
            addresses = []
        return forbidden(target, addresses, allow_loopback=self._allow_loopback)

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """See `port.WebhookSender.send`."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._send(url, headers, body)
        except TimeoutError:
            return Outcome(failure=Failure.timeout)

    async def _send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        target = Target.parse(url, allow_loopback=self._allow_loopback)
        if not isinstance(target, Target):
            return Outcome(failure=Failure.target_not_allowed)
        try:
            addresses = await self._addresses(target)
        except OSError:
            addresses = []
        if not addresses:
            return Outcome(failure=Failure.host_not_found)
        if forbidden(target, addresses, allow_loopback=self._allow_loopback):
            return Outcome(failure=Failure.target_not_allowed)
        failure = Failure.connection_failed
        for address in addresses:
            try:
                return await self._post(target, address, headers, body)
            except httpx.ConnectError as error:
                if _is_about_tls(error):
                    return Outcome(failure=Failure.tls_failed)
            except httpx.ConnectTimeout:
                failure = Failure.timeout
            except httpx.ProtocolError:
                return Outcome(failure=Failure.answer_unreadable)
            except (httpx.TransportError, OSError):
                # It may have the message: no other address gets it in this attempt.
                return Outcome(failure=Failure.connection_failed)
        return Outcome(failure=failure)

    async def _addresses(self, target: Target) -> Sequence[Address]:
        if target.literal is not None:
            return [target.literal]
        return list(dict.fromkeys(await self._resolve(target.host)))

    async def _post(
        self, target: Target, address: Address, headers: Mapping[str, str], body: bytes
    ) -> Outcome:
        host = f"[{address}]" if address.version == 6 else str(address)
        request = httpx.Request(
            "POST",
            f"{target.scheme}://{host}:{target.port}",
            headers={
                "Host": target.authority,
                "Content-Type": "application/json",
                "User-Agent": USER_AGENT,
                "Connection": "close",
                **headers,
            },
            content=body,
            extensions={
                "sni_hostname": target.host,
                "target": target.path.encode(),
                "timeout": {"connect": CONNECT_SECONDS},
            },
        )
        async with httpx.AsyncHTTPTransport(verify=self._tls) as transport:
            response = await transport.handle_async_request(request)
            read = 0
            async for part in response.aiter_raw():
                read += len(part)
                if read > MOST_READ_BYTES:
                    break
            await response.aclose()
        return Outcome(
            status_code=response.status_code,
            retry_after=_retry_after(response.headers.get("retry-after"), clock.real_now()),
        )


def _is_about_tls(error: BaseException) -> bool:
    """Whether TLS is what failed; httpx tells it only by the cause."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


def _retry_after(header: str | None, now: datetime) -> timedelta | None:
    """How long a receiver wants to be left alone: seconds, or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    if SECONDS.fullmatch(header.strip()):
        return timedelta(seconds=int(header))
    try:
        until = parsedate_to_datetime(header)
        return max(until - now, timedelta(0))
    except (ValueError, TypeError, OverflowError):
        return None

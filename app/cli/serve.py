"""Everything one command starts: database, demo data, API and worker processes, restarted if lost.

Starts at `run`. A child that dies is started again; when this process dies, even by `kill -9`,
its children notice by the pipe that closes, and stop, the database with the last of them.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog
from asyncpg import PostgresError
from sqlalchemy.exc import DBAPIError

from app.cli import demo
from app.core import bootstrap
from app.core.embedded_postgres import EmbeddedPostgresError
from app.core.parent import VARIABLE
from app.core.settings import Settings

log = structlog.get_logger()

STOP_SECONDS = 15
LONGEST_PAUSE_SECONDS = 10
DATABASE_CHECK_SECONDS = 1
BACKLOG = 2048


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive."""

    name: str
    arguments: tuple[str, ...]
    descriptors: tuple[int, ...]


@contextmanager
def explained() -> Iterator[None]:
    """Tell in a sentence, not in a traceback, why a command cannot do its work; exit status 1."""
    try:
        yield
    except (EmbeddedPostgresError, RuntimeError, OSError, PostgresError) as error:
        reason = str(error)
    except DBAPIError as error:
        reason = str(error.orig)
    else:
        return
    print(f"Cannot start: {reason}", file=sys.stderr)
    sys.exit(1)


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    # As Ctrl-C until the loop below takes both: what is being started is undone.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _listen(settings) as listener, bootstrap.addresses(settings) as where:
        asyncio.run(_serve(settings, where, listener))


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # asyncio sets it only on sockets whose protocol it knows, and those handed on by number forget
    # theirs; without it each answer waits 40 ms for the acknowledgement of its headers.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with _port_taken(settings):
        listener.bind((settings.host, settings.port))
    listener.set_inheritable(True)
    return listener


@contextmanager
def _port_taken(settings: Settings) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RuntimeError(
            f"port {settings.port} of {settings.host} cannot be had ({error.strerror})."
            f" Choose another: PORT={settings.port + 1} make run"
        ) from error


async def _serve(settings: Settings, where: bootstrap.Addresses, listener: socket.socket) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if not await _ended_before(stop, asyncio.create_task(_prepare(settings, where))):
        return
    # Two that start at the same time can both bind; only one can listen. Not earlier: nobody
    # connects before somebody is about to answer.
    with _port_taken(settings):
        listener.listen(BACKLOG)
    reading, writing = os.pipe()
    children = [
        *[Child("api", ("app.main", "--fd", str(listener.fileno())), (listener.fileno(), reading))]
        * settings.api_processes,
        *[Child("worker", ("app.worker",), (reading,))] * settings.worker_processes,
    ]
    log.info("serving", url=f"http://{settings.host}:{settings.port}")
    try:
        await asyncio.gather(
            _keep_database(settings, stop),
            *(_keep_alive(child, reading, stop) for child in children),
        )
    finally:
        os.close(reading)
        os.close(writing)


async def _prepare(settings: Settings, where: bootstrap.Addresses) -> None:
    await bootstrap.prepare(where)
    if settings.demo:
        await demo.ensure(settings, where.app)


async def _ended_before(stop: asyncio.Event, work: asyncio.Task[None]) -> bool:
    """Wait for work; False when told to stop first, the work then cancelled."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not work.done():
        work.cancel()
        await asyncio.wait({work})
        return False
    work.result()
    return True


async def _keep_database(settings: Settings, stop: asyncio.Event) -> None:
    revival = bootstrap.Revival(settings)
    try:
        while not stop.is_set():
            try:
                await asyncio.to_thread(revival.check)
            except EmbeddedPostgresError as error:
                log.warning("database cannot be started again yet", reason=str(error))
            await _pause(stop, DATABASE_CHECK_SECONDS)
    finally:
        await asyncio.to_thread(revival.close)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _keep_alive(child: Child, pipe: int, stop: asyncio.Event) -> None:
    pause = 0.1
    while not stop.is_set():
        # A session of its own: Ctrl-C reaches this process only, which stops its children in order.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *child.arguments,
            pass_fds=child.descriptors,
            env={**os.environ, VARIABLE: str(pipe)},
            start_new_session=True,
        )
        started = asyncio.get_running_loop().time()
        ended = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if stop.is_set():
            await _end(process, ended)
            return
        log.warning("process ended, starting it again", process=child.name, status=ended.result())
        lived = asyncio.get_running_loop().time() - started
        pause = 0.1 if lived > LONGEST_PAUSE_SECONDS else min(pause * 2, LONGEST_PAUSE_SECONDS)
        await _pause(stop, pause)


async def _end(process: asyncio.subprocess.Process, ended: asyncio.Task[int]) -> None:
    if ended.done():
        return
    process.terminate()
    try:
        await asyncio.wait_for(ended, STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()

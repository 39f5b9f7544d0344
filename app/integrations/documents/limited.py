"""Running one function on one uploaded file in a child process with limits; see `run_limited`.

The parsers are native code fed by strangers: whatever a file does to them, it does to a process
that has no secrets, little memory and seconds to live.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger()

CHILD = "app.integrations.documents.child"
AT_ONCE = asyncio.Semaphore(4)
"""Children of this process at one time: their memory is bounded together too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use; `file_bytes` is the longest file it may write."""

    memory_bytes: int = 512 << 20
    cpu_seconds: int = 10
    wall_seconds: float = 10
    output_bytes: int = 1 << 20
    file_bytes: int = 0


class Failure(StrEnum):
    """Why a child gave no answer."""

    memory = "memory"
    cpu = "cpu"
    time = "time"
    output = "output"
    crash = "crash"


class ChildError(Exception):
    """The child came to a limit, or its parser crashed; the file is to blame."""

    def __init__(self, reason: Failure) -> None:
        super().__init__(reason)
        self.reason = reason


async def run_limited(
    module: str, path: Path, *, options: dict[str, Any] | None = None, limits: Limits | None = None
) -> Any:
    """What `module.run(path, **options)` returns, as JSON; it runs in a child of its own.

    Nothing the child starts outlives it. Raises `ChildError`.
    """
    limits = limits or Limits()
    order = json.dumps(
        {"module": module, "path": str(path), "options": options or {}, **asdict(limits)}
    )
    async with AT_ONCE:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            CHILD,
            order,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            # Parsers quote what they read, and a bill is nobody else's business.
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            # Nothing of our own environment: it holds keys and the database's address.
            env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        try:
            async with asyncio.timeout(limits.wall_seconds):
                output = await _read(child, limits.output_bytes)
                status = await child.wait()
        except TimeoutError:
            raise ChildError(Failure.time) from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    return _answer(output, status)


async def _read(child: asyncio.subprocess.Process, most: int) -> bytes:
    assert child.stdout is not None  # noqa: S101 - asked for above
    output = b""
    while chunk := await child.stdout.read(65_536):
        output += chunk
        if len(output) > most:
            raise ChildError(Failure.output)
    return output


def _answer(output: bytes, status: int) -> Any:
    if status == -signal.SIGXCPU:
        raise ChildError(Failure.cpu)
    if status in (-signal.SIGKILL, -signal.SIGABRT):
        # The kernel had no memory left, or C++ could not even say so.
        raise ChildError(Failure.memory)
    if status == -signal.SIGALRM:
        raise ChildError(Failure.time)
    try:
        answer = json.loads(output)
    except ValueError:
        answer = {"fault": f"status {status}"}
    if "fault" in answer:
        is_memory = answer["fault"] == "MemoryError"
        if not is_memory:
            log.warning("document child failed", fault=answer["fault"])
        raise ChildError(Failure.memory if is_memory else Failure.crash)
    return answer["result"]

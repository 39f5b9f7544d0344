"""The child process: killed at each of its limits, and nothing of it is left."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from pathlib import Path

import pytest

from app.integrations.documents.limited import ChildError, Failure, Limits, run_limited

MISCHIEF = "tests.documents.mischief"


async def do(what: str, limits: Limits) -> object:
    return await run_limited(MISCHIEF, Path("unused"), options={"what": what}, limits=limits)


async def test_an_answer_comes_back() -> None:
    assert await do("answer", Limits()) == {"answer": 42}


@pytest.mark.parametrize(
    ("what", "limits", "reason"),
    [
        ("eat memory", Limits(memory_bytes=128 << 20), Failure.memory),
        ("burn", Limits(cpu_seconds=1), Failure.cpu),
        ("sleep", Limits(wall_seconds=1), Failure.time),
        ("talk", Limits(output_bytes=1000), Failure.output),
        ("crash", Limits(), Failure.crash),
        ("raise", Limits(), Failure.crash),
        ("write a file", Limits(), Failure.crash),
    ],
)
async def test_a_child_ends_at_its_limit(what: str, limits: Limits, reason: Failure) -> None:
    started = time.monotonic()
    with pytest.raises(ChildError) as failed:
        await do(what, limits)
    assert failed.value.reason == reason
    assert time.monotonic() - started < 8
    assert _children() == []


async def test_what_a_child_started_ends_with_it() -> None:
    with pytest.raises(ChildError):
        await do("start another", Limits(wall_seconds=1))
    await asyncio.sleep(0.2)
    assert _started_with(f"86399.{os.getpid()}") == []


async def test_a_child_has_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSTN_SECRET_KEY", "hidden")
    monkeypatch.setenv("DATABASE_URL", "hidden")
    environment = await do("tell its environment", Limits())
    assert environment == ["LC_CTYPE", "PATH", "PYTHONPATH"]


async def test_the_caller_gives_up_and_the_child_ends() -> None:
    waiting = asyncio.create_task(do("sleep", Limits()))
    await asyncio.sleep(0.5)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert _children() == []


def _children() -> list[Path]:
    mine = f"PPid:\t{os.getpid()}\n"
    return [
        process
        for process in _started_with("app.integrations.documents.child")
        if mine in (process / "status").read_text()
    ]


def _started_with(argument: str) -> list[Path]:
    """The processes with that argument."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if argument.encode() in (process / "cmdline").read_bytes().split(b"\0"):
                found.append(process)
    return found

"""Noticing that the parent process is gone: it holds the other end of a pipe."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

VARIABLE = "PSTN_PARENT_PIPE"


@contextmanager
def watched(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` when the parent that gave us a pipe is gone, even by `kill -9`."""
    given = os.environ.get(VARIABLE)
    if given is None:
        yield
        return
    loop, pipe = asyncio.get_running_loop(), int(given)

    def closed() -> None:
        loop.remove_reader(pipe)
        stop()

    loop.add_reader(pipe, closed)
    try:
        yield
    finally:
        loop.remove_reader(pipe)

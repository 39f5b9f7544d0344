"""The service as `make run` starts it: `pstn serve` in a process, with a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PSTN = Path(sys.executable).with_name("pstn")


@dataclass
class Served:
    """A running `pstn serve`."""

    process: subprocess.Popen[bytes]
    port: int
    home: Path
    log: Path

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def demo(self) -> dict[str, Any]:
        """What `demo.json` holds."""
        return dict(json.loads((self.home / "demo.json").read_text()))

    def wait_until_ready(self, timeout_seconds: float = 60) -> None:
        """Return when `/readyz` says so."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready: {self.log.read_text()[-2000:]}")

    def stop(self) -> int:
        """SIGTERM, and its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(home: Path, environment: dict[str, str], port: int | None = None) -> Served:
    """Start the service; it may not be ready yet."""
    port = port or free_port()
    log = home.with_suffix(".log")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(PSTN), "serve"],
            stdout=output,
            stderr=output,
            env={**os.environ, "PORT": str(port), "PSTN_HOME": str(home), **environment},
        )
    return Served(process, port, home, log)


@contextmanager
def served(**environment: str) -> Iterator[Served]:
    """The service, ready, in a fresh home; stopped and forgotten at the end."""
    # Short: a Unix socket's path has a limit.
    folder = Path(tempfile.mkdtemp(prefix="pstn"))
    service = start(folder / "home", environment)
    try:
        service.wait_until_ready()
        yield service
    finally:
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)

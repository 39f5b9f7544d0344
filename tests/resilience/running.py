"""The service as its users run it: real processes of `pstn serve` on a home of their own.

Starts at `Running.start`; `Homes` gives each test a copy of one home that has its demo already.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import CISCO_PSTN, Api

ROOT = Path(__file__).parents[2]
PSTN = (str(Path(sys.executable).with_name("pstn")), "serve")
START_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_of(home: Path) -> dict[int, str]:
    """Every living process that belongs to a home, by pid: told so by the environment, the command
    line, or, as PostgreSQL's own processes, standing in its data."""
    found = {}
    mark, inside = f"PSTN_HOME={home}\0", f"{home}/"
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_text(errors="replace").replace("\0", " ").strip()
            environment = (entry / "environ").read_text(errors="replace") + "\0"
            stands_in = os.readlink(entry / "cwd") + "/"
        except OSError:
            continue  # it ended while we looked, or is a zombie
        if mark in environment or inside in command or stands_in.startswith(inside):
            found[int(entry.name)] = command
    return found


def kill_all(home: Path) -> None:
    """`kill -9` of every process of a home, PostgreSQL's too, until none is left."""
    while living := processes_of(home):
        for pid in living:
            send(pid, signal.SIGKILL)
        time.sleep(0.01)


def send(pid: int, number: signal.Signals) -> None:
    """A signal to a process that may have ended."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def postgres_of(home: Path) -> list[int]:
    """PostgreSQL's processes of a home."""
    data = f"{home}/postgres/data"
    return [
        pid
        for pid, command in processes_of(home).items()
        if command.startswith("postgres: ") or f"-D {data} " in f"{command} "
    ]


def postmaster_of(home: Path) -> int | None:
    """PostgreSQL's first process of a home."""
    try:
        pid = int((home / "postgres/data/postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError):
        return None
    return pid if pid in postgres_of(home) else None


def busy_seconds(pid: int) -> float:
    """The processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def eventually(is_so: Callable[[], Any], seconds: float, what: str) -> float:
    """Wait until it is so; how long that took."""
    started = time.monotonic()
    while not is_so():
        waited = time.monotonic() - started
        assert waited < seconds, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.05)
    return time.monotonic() - started


def _end_with_the_tests() -> None:
    # Tests that are killed clear nothing up: the kernel sends this process a SIGTERM for them.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Running:
    """One `pstn serve` and everything it started."""

    def __init__(
        self,
        home: Path,
        *,
        port: int | None = None,
        command: tuple[str, ...] = PSTN,
        **environment: str,
    ) -> None:
        self.home = home
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home.with_suffix(".log")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PSTN_") and name not in ("PORT", "DATABASE_URL")
        }
        self._command = command
        self._environment = {
            **kept,
            "PORT": str(self.port),
            "PSTN_HOME": str(home),
            "PSTN_RATE_LIMIT_PER_MINUTE": "1000000",
            **environment,
        }
        self.process = self._spawn()

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_the_tests,  # noqa: PLW1509 - no lock is held in the child
            )

    def restart(self) -> None:
        """The same command again, on the same home and port, after the first one ended."""
        assert self.process.poll() is not None
        self.process = self._spawn()

    async def ready(self, seconds: float = START_SECONDS) -> float:
        """Wait for `/readyz` to say yes; how long that took."""
        started = time.monotonic()
        async with httpx.AsyncClient(timeout=5) as client:
            while True:
                try:
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return time.monotonic() - started
                except httpx.TransportError:
                    pass
                assert self.process.poll() is None, f"it ended:\n{self.tail()}"
                waited = time.monotonic() - started
                assert waited < seconds, f"not ready within {seconds:.0f} s:\n{self.tail()}"
                await asyncio.sleep(0.05)

    def tail(self, lines: int = 30) -> str:
        """The end of what it logged."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def pids(self, module: str) -> list[int]:
        """The living children that run a module, like `app.worker`."""
        return [
            pid
            for pid, command in processes_of(self.home).items()
            if module in command.split() and pid != self.process.pid
        ]

    async def child(self, module: str, *, other_than: int = 0) -> int:
        """The pid of the one child that runs a module, once there is one."""
        await eventually(
            lambda: [pid for pid in self.pids(module) if pid != other_than], 20, f"a {module}"
        )
        return next(pid for pid in self.pids(module) if pid != other_than)

    def demo(self) -> dict[str, Any]:
        """What `demo.json` says."""
        return dict(json.loads((self.home / "demo.json").read_text()))

    def api(self, who: str) -> Api:
        """One of the demo's callers."""
        return Api(self.url, self.demo()["tokens"][who])

    async def terminate(self, seconds: float = 20) -> tuple[int, float]:
        """SIGTERM; the exit status, and how long it took."""
        started = time.monotonic()
        self.process.terminate()
        status = await asyncio.to_thread(self.process.wait, seconds)
        return status, time.monotonic() - started

    def kill_supervisor(self) -> None:
        """`kill -9` of the first process alone."""
        self.process.kill()
        self.process.wait()

    def kill_everything(self) -> None:
        """`kill -9` of all its processes at once, PostgreSQL's too."""
        kill_all(self.home)
        self.process.wait()


class Homes:
    """Homes to run in: short paths, gone with the test together with all that runs in them."""

    def __init__(self, template: Path | None = None) -> None:
        self._template = template
        self._made: list[Path] = []

    def make(self) -> Path:
        """A home with the demo; without a template, an empty one."""
        home = Path(tempfile.mkdtemp(prefix="pr-"))
        self._made.append(home)
        if self._template is not None:
            home.rmdir()
            shutil.copytree(self._template, home, symlinks=True)
        home.chmod(0o700)
        return home

    def clear(self) -> None:
        """End what still runs, and remove everything."""
        for home in self._made:
            kill_all(home)
            shutil.rmtree(home, ignore_errors=True)
            home.with_suffix(".log").unlink(missing_ok=True)


class DemoCustomer:
    """The paid organisation of the demo, with its Seattle office on Cisco PSTN."""

    def __init__(self, running: Running, api: Api, location_id: str) -> None:
        self.running = running
        self.api = api
        self.path = f"/telephony/pstn/locations/{location_id}"

    @classmethod
    async def of(cls, running: Running) -> DemoCustomer:
        """Connect the office, however often that was done before."""
        customer = cls(running, running.api("customerAdmin"), running.demo()["locations"]["paidUs"])
        connected = await customer.api.put(f"{customer.path}/connection", json=CISCO_PSTN)
        assert connected.status_code == 200, connected.text
        return customer

    async def numbers(self, count: int) -> list[str]:
        """Numbers in stock, none of which the simulated carrier treats in a special way."""
        usual = [number for number in await self._in_stock() if number[-2:] not in ("30", "31")]
        assert len(usual) >= count
        return usual[:count]

    async def number_ending_in(self, digits: str) -> str:
        """A number in stock that the simulated carrier has a script for."""
        return next(number for number in await self._in_stock() if number.endswith(digits))

    async def _in_stock(self) -> list[str]:
        found = await self.api.get(
            f"{self.path}/availableNumbers", params={"areaCode": "206", "max": 1000}
        )
        return [entry["phoneNumber"] for entry in found.json()["phoneNumbers"]]

    async def order(self, *numbers: str, **headers: str) -> httpx.Response:
        """Order numbers by name."""
        return await self.api.post(
            f"{self.path}/numberOrders",
            json={"type": "numbers", "phoneNumbers": list(numbers)},
            headers=headers,
        )

    async def orders(self) -> list[Mapping[str, Any]]:
        """All orders of the organisation."""
        found: list[Mapping[str, Any]] = []
        url: str | httpx.URL | None = "/telephony/pstn/orders?max=1000"
        while url:
            page = await self.api.get(url)
            assert page.status_code == 200, page.text
            found += page.json()["items"]
            url = page.links.get("next", {}).get("url")
        return found

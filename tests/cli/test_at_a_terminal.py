"""What only a terminal shows: questions, secrets that are not echoed, progress in one place."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from tests.cli.calling import Person
from tests.conftest import Customer
from tests.ports.porting import fresh, read, submitted
from tests.processes import PSTN

WITH_A_TERMINAL = """
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
"""


@dataclass
class Typing:
    """`pstn` in a terminal of its own."""

    process: asyncio.subprocess.Process
    seen: str = ""

    @classmethod
    async def start(cls, environment: Mapping[str, str], *arguments: str) -> Typing:
        """Run a command there."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", WITH_A_TERMINAL, str(PSTN), *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **environment, "TERM": "xterm", "COLUMNS": "120", "LINES": "40"},
        )
        return cls(process)

    async def sees(self, words: str) -> None:
        """Wait for words."""
        assert self.process.stdout
        async with asyncio.timeout(30):
            while words not in self.seen:
                more = await self.process.stdout.read(4096)
                assert more, self.seen
                self.seen += more.decode()

    def type(self, line: str) -> None:
        """Answer."""
        assert self.process.stdin
        self.process.stdin.write(f"{line}\n".encode())

    async def ended(self) -> int:
        """Its exit status, once everything was seen."""
        assert self.process.stdout
        async with asyncio.timeout(30):
            self.seen += (await self.process.stdout.read()).decode()
            return await self.process.wait()


async def test_a_secret_is_asked_for_and_not_echoed(customer: Customer) -> None:
    person = Person.of(customer)
    order = await person.reads("port", "create", *fresh(50))

    typing = await Typing.start(
        person.environment, "port", "set", order["orderNumber"], "--account-number"
    )
    await typing.sees("Account number: ")  # its last blank says that nothing is echoed any more
    typing.type("8834-22190")

    assert await typing.ended() == 0
    assert "8834-22190" not in typing.seen
    changed = await read(customer, order)
    assert changed["account"]["accountNumber"].endswith("2190")


async def test_nothing_is_accepted_without_a_yes(customer: Customer) -> None:
    person = Person.of(customer)

    typing = await Typing.start(person.environment, "tos", "accept")
    await typing.sees("Accept the terms of service")
    typing.type("n")

    assert await typing.ended() == 1
    assert not (await person.reads("tos", "show"))["accepted"]


async def test_progress_is_shown_in_one_place_until_it_is_the_customers_turn(
    customer: Customer,
) -> None:
    person = Person.of(customer)
    order = await submitted(customer, *fresh(20))

    typing = await Typing.start(
        person.environment, "port", "status", order["orderNumber"], "--watch", "--every", "0.2"
    )
    await typing.sees("● with the carrier")
    await typing.sees("watching")
    cancelled = await person.does("cancel", order["orderNumber"])
    await typing.sees("cancelRequested")
    support = await customer.caller("support")
    confirmed = await support.post(f"/telephony/pstn/support/orders/{order['id']}/confirmCancel")

    assert confirmed.status_code == 200
    assert "next: support" in cancelled.out
    assert await typing.ended() == 5
    assert "✗ cancelled" in typing.seen
    assert "\x1b[2K" in typing.seen  # drawn anew in its place

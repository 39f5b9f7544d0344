"""Runs `pstn` as its users do, against the service of the tests."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from typer.testing import CliRunner

from app.cli.main import cli
from tests.conftest import Customer


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which is JSON and nothing else."""
        return json.loads(self.out)

    @property
    def commands(self) -> list[list[str]]:
        """The commands that it says to run next; it quotes for a shell what needs it."""
        lines = (line.strip() for line in (self.out + self.err).splitlines())
        return [line.split()[1:] for line in lines if line.startswith("pstn ")]


@dataclass(frozen=True)
class Person:
    """Somebody at a terminal, with an environment and no other."""

    environment: dict[str, str] = field(repr=False)

    @classmethod
    def of(cls, customer: Customer, token: str | None = None) -> Person:
        """An administrator of the customer, or whose token it is."""
        bearer = str(customer.api.headers["Authorization"]).removeprefix("Bearer ")
        return cls({"PSTN_URL": customer.service.url, "PSTN_TOKEN": token or bearer})

    async def runs(self, *arguments: str, typed: str = "") -> Ended:
        """A command, beside the service that answers in this very process."""
        nothing = {"PSTN_LOCATION": None, "PSTN_HOME": "/nonexistent", "LANG": "C", "LC_ALL": None}
        done = await asyncio.to_thread(
            CliRunner().invoke, cli, arguments, input=typed, env=nothing | self.environment
        )
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Ended(done.exit_code, done.stdout, done.stderr)

    async def does(self, *arguments: str, typed: str = "") -> Ended:
        """A command that has to succeed."""
        ended = await self.runs(*arguments, typed=typed)
        assert ended.status == 0, (arguments, ended)
        return ended

    async def reads(self, *arguments: str, typed: str = "") -> Any:
        """The JSON that a command answers with."""
        return (await self.does(*arguments, "--json", typed=typed)).json

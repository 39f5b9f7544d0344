"""What people and programs see: JSON alone on standard output, or tables and lines in words."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

UNPRINTABLE = {code: None for code in (*range(32), *range(127, 160)) if code not in (9, 10)}
"""Control characters: words of others must not move the cursor or name a window."""
WIDE = 200
COMMAND = "bold cyan"
ABOUT_A_LOCATION = (
    "pstn enable",
    "pstn setup",
    "pstn main-number",
    "pstn search",
    "pstn order ",
    "pstn port create",
)
GOOD, BAD, DIM = "green", "bold red", "dim"


def clean(text: object) -> str:
    """Somebody's words, safe to print."""
    return str(text).translate(UNPRINTABLE)


def console(*, is_error: bool) -> Console:
    """A stream as it is written to: plain where nobody looks, and then as wide as need be."""
    made = Console(stderr=is_error, markup=False, highlight=False, emoji=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = WIDE
    return made


class Terminal:
    """Where a command writes. With `as_json` standard output is for the API's own words only."""

    def __init__(
        self, *, as_json: bool, caller: Sequence[str] = (), location: str | None = None
    ) -> None:
        self.as_json = as_json
        self._caller = tuple(caller)
        self._location = location
        self.out = console(is_error=False)
        self.err = console(is_error=True)

    def json(self, text: str) -> None:
        """An answer as it came."""
        self.out.out(text, highlight=False)

    def say(self, text: str | Text, style: str = "") -> None:
        """A line of the answer, in words."""
        self._write(self.out, text, style)

    def note(self, text: str | Text, style: str = "") -> None:
        """A line beside the answer: progress, refusals, what to do next."""
        self._write(self.err, text, style)

    def hint(self, words: str, *commands: str) -> None:
        """What to run next; people read it, programs do not."""
        if self.as_json:
            return
        self.note(words, DIM)
        for command in commands:
            self.note(self.command(command))

    def command(self, command: str, indent: int = 2) -> Text:
        """A command to run next, by whom and where this one was run."""
        parts = [command]
        if self._location and command.startswith(ABOUT_A_LOCATION):
            parts.append(f"--location {shlex.quote(self._location)}")
        parts += [shlex.quote(part) for part in self._caller if part not in command]
        return Text(" " * indent + clean(" ".join(parts)), COMMAND)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Rows of cells, empty where there is nothing."""
        table = Table(box=None, pad_edge=False, header_style=DIM)
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(Text(clean("" if cell is None else cell)) for cell in row))
        self.out.print(table)

    @staticmethod
    def _write(console: Console, text: str | Text, style: str) -> None:
        line = text if isinstance(text, Text) else Text(clean(text), style)
        console.print(line, soft_wrap=True)


def moment(told: str | None) -> str:
    """A time of the API as people here read it."""
    if told is None:
        return ""
    return datetime.fromisoformat(told).astimezone().strftime("%a %-d %b %Y %H:%M %Z")

"""Following an order to where nothing more comes of itself. See `watch`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from app.cli.client.answer import Answer
from app.cli.client.calling import Pstn
from app.cli.client.errors import NotAsHoped, Unreachable
from app.cli.client.terminal import BAD, DIM, Terminal, clean
from app.cli.client.views import (
    HAPPY_ENDS,
    headline,
    is_over_or_yours,
    lines,
    show_order,
)

Watch = Annotated[
    bool, typer.Option("--watch", help="Wait, and show each step, until it is over or your turn.")
]
Every = Annotated[
    float, typer.Option(min=0.1, max=3600, metavar="SECONDS", help="How often --watch looks.")
]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", min=0, metavar="SECONDS", help="How long --watch waits at most."),
]
NUMBERS_IN_PLACE = 8
"""How many numbers of an order are shown where it is drawn anew with each change."""

Shows = Callable[[Pstn, Answer], None]


def show_any(pstn: Pstn, answer: Answer) -> None:
    """An order of either kind."""
    pstn.show(answer, show_order)


def watch(
    pstn: Pstn, path: str, every: float, timeout: float | None, show_end: Shows = show_any
) -> None:
    """Show an order each time it changes; at the end the answer, and what to run next.

    A lost connection ends nothing: an order takes days, and laptops sleep.

    Raises:
        NotAsHoped: it ended, or waits for the customer, otherwise than delivered or completed; or
            goes on after `timeout` seconds.
    """
    give_up = time.monotonic() + timeout if timeout is not None else None
    with Display(pstn.terminal) as display:
        answer = pstn.api.get(path)
        display.show(answer.body)
        while not is_over_or_yours(answer.body):
            if give_up is not None and time.monotonic() > give_up:
                break
            time.sleep(every)
            try:
                answer = pstn.api.get(path)
            except Unreachable as lost:
                display.show(answer.body, str(lost))
                continue
            display.show(answer.body)
    finish(pstn, answer, show_end)


def finish(pstn: Pstn, answer: Answer, show_end: Shows) -> None:
    """Tell how an order stands. Raises `NotAsHoped` unless it ended well."""
    show_end(pstn, answer)
    order = answer.body
    if order["status"] not in HAPPY_ENDS:
        raise NotAsHoped("" if is_over_or_yours(order) else f"{order['orderNumber']} goes on.")


class Display:
    """Shows an order: in one place where somebody looks, else a line for each change."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._last = ""
        self._live = (
            Live(console=terminal.err, transient=True, refresh_per_second=8)
            if terminal.err.is_terminal
            else None
        )

    def __enter__(self) -> Display:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, order: Mapping[str, Any], trouble: str = "") -> None:
        """The order as it is now, and what is in the way of looking again."""
        if self._live is not None:
            waiting = Spinner("dots", Text("watching; Ctrl-C leaves the order as it is", DIM))
            drawn = lines(self._terminal, order, NUMBERS_IN_PLACE)
            self._live.update(Group(*drawn, Text(clean(trouble), BAD), waiting))
            return
        line = Text(clean(trouble), BAD) if trouble else headline(order)
        if line.plain != self._last:
            self._last = line.plain
            self._terminal.note(line)

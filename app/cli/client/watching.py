"""Following an order to where nothing more comes of itself. See `watch`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from app.cli.client.answer import Answer
from app.cli.client.calling import Pstn
from app.cli.client.errors import NotAsHoped, Unreachable
from app.cli.client.terminal import BAD, DIM, Terminal
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
LONGEST = Annotated[
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
    with _display(pstn.terminal) as show:
        answer = pstn.api.get(path)
        show(answer.body)
        while not is_over_or_yours(answer.body):
            if give_up is not None and time.monotonic() > give_up:
                break
            time.sleep(every)
            try:
                answer = pstn.api.get(path)
            except Unreachable as lost:
                show(answer.body, str(lost))
                continue
            show(answer.body)
    finish(pstn, answer, show_end)


def finish(pstn: Pstn, answer: Answer, show_end: Shows) -> None:
    """Tell how an order stands. Raises `NotAsHoped` unless it ended well."""
    show_end(pstn, answer)
    order = answer.body
    if order["status"] not in HAPPY_ENDS:
        raise NotAsHoped("" if is_over_or_yours(order) else f"{order['orderNumber']} goes on.")


class _display:  # noqa: N801 - used as a function
    """Shows an order: in one place where somebody looks, else a line for each change."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._last: Any = None
        self._live: Live | None = None

    def __enter__(self) -> Callable[..., None]:
        if self._terminal.err.is_terminal:
            self._live = Live(console=self._terminal.err, transient=True, refresh_per_second=8)
            self._live.start()
        return self._show

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def _show(self, order: dict[str, Any], trouble: str = "") -> None:
        if self._live is not None:
            waiting = Spinner("dots", Text("watching; Ctrl-C leaves the order as it is", DIM))
            self._live.update(
                Group(*lines(self._terminal, order, NUMBERS_IN_PLACE), Text(trouble, BAD), waiting)
            )
            return
        seen = (headline(order).plain, trouble)
        if seen != self._last:
            self._last = seen
            self._terminal.note(trouble or headline(order))

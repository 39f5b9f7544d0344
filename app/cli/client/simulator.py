"""`pstn clock`: the time of the simulated carrier, for trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from app.cli.client.calling import Pstn, calling
from app.cli.client.terminal import Terminal, moment

commands = typer.Typer()


@commands.command(rich_help_panel="The service")
@calling
def clock(
    pstn: Pstn,
    advance: Annotated[
        float | None, typer.Option(metavar="DAYS", help="Advance it; all that falls due happens.")
    ] = None,
) -> None:
    """Show or advance the simulated carrier's clock (--as operator)."""
    if advance is None:
        pstn.show(pstn.api.get("/simulator/clock"), _show_clock)
        return
    moved = pstn.api.post("/simulator/clock/advance", {"seconds": advance * 86_400})
    pstn.show(moved, _show_clock)


def _show_clock(terminal: Terminal, clock: Mapping[str, Any]) -> None:
    terminal.say(moment(clock["now"]))

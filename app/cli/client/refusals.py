"""How a refusal is told: its title, each violation with its place, and what to do. See `tell`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from app.cli.client import advice
from app.cli.client.errors import Refused, Unauthorized
from app.cli.client.terminal import BAD, DIM, Terminal, clean


def tell(terminal: Terminal, refused: Refused, order: str) -> None:
    """Everything that is wrong, beside the answer; `order` is the one the commands are for."""
    problem = refused.problem
    title = clean(problem.get("title", f"HTTP {refused.status}"))
    code = clean(problem.get("code", refused.status))
    terminal.note(Text.assemble((title, BAD), (f"  ({code})", DIM)))
    violations = problem.get("violations", [])
    if problem.get("detail") not in (None, problem.get("title")) and not violations:
        terminal.note(f"  {problem['detail']}")
    for violation in violations:
        _violation(terminal, violation, order)
    _unavailable(terminal, problem)
    if isinstance(refused, Unauthorized):
        terminal.note("  Set PSTN_TOKEN to a valid token, or name a role of demo.json by --as.")
    if code in ("forbidden", "customerAdminOnly"):
        terminal.note("  Another token of demo.json is taken by its role: --as ROLE.")
    if "trackingId" in problem:
        terminal.note(f"  trackingId {problem['trackingId']}", DIM)


def _violation(terminal: Terminal, violation: Mapping[str, Any], order: str) -> None:
    pointer = violation["pointer"]
    line = Text.assemble(("• ", BAD), clean(violation["detail"]))
    place = [*([pointer] if pointer else []), *filter(None, [advice.option_for(pointer)])]
    if place:
        line.append(f"  [{clean(', '.join(place))}]", DIM)
    terminal.note(line)
    number = violation.get("phoneNumber")
    if number and number not in violation["detail"]:
        terminal.note(f"    {number}")
    if "limit" in violation:
        terminal.note(
            f"    limit {violation['limit']}, used {violation.get('used')},"
            f" remaining {violation.get('remaining')}"
        )
    if candidate := violation.get("candidate"):
        offered = ", ".join(f"{name}: {value}" for name, value in candidate.items() if value)
        terminal.note(f"    offered instead: {offered}")
    commands = [advice.remedying(order, remedy) for remedy in violation.get("remedies") or []]
    for command in [*commands, advice.CODES.get(violation["code"])]:
        if command:
            terminal.note(terminal.command(command, indent=4))


def _unavailable(terminal: Terminal, problem: Mapping[str, Any]) -> None:
    """Who lost a race sees what is lost, what is still there, and how to go on (domain.md C8)."""
    if command := advice.CODES.get(problem.get("code", "")):
        terminal.note(terminal.command(command))
    if problem.get("code") != "numbersUnavailable":
        return
    lost, remaining = problem.get("lost", []), problem.get("remaining", [])
    substitutes = [entry["phoneNumber"] for entry in problem.get("substitutes", [])]
    for title, numbers in (("lost", lost), ("still there", remaining), ("instead", substitutes)):
        if numbers:
            terminal.note(f"  {title}: {' '.join(numbers)}")
    if remaining or substitutes:
        held = problem.get("reservationId")
        suffix = f" --reservation {held}" if held else ""
        command = f"pstn order {' '.join([*remaining, *substitutes])}{suffix}"
        terminal.note(terminal.command(command))

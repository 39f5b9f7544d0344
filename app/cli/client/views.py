"""How orders are shown: whose turn it is, what is wrong, what to run next, how far they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from app.cli.client import advice
from app.cli.client.terminal import BAD, DIM, GOOD, Terminal, clean, moment

Body = Mapping[str, Any]

STEPS: Mapping[str, Sequence[str]] = {
    "port": ("drafted", "in review", "with the carrier", "date confirmed", "completed"),
    "newNumbers": ("ordered", "delivered", "active"),
}
"""The way of an order that goes well, by its type."""
HAPPY_ENDS = ("provisioned", "completed")
UNHAPPY = ("rejected", "error", "cancelled")


def is_over_or_yours(order: Body) -> bool:
    """Whether nothing more comes of itself."""
    return order["nextActor"] in ("customer", "nobody")


def reached(order: Body) -> int:
    """How many steps of its way an order has behind it."""
    status, stage = order["status"], order["stage"]
    match (order["type"], status):
        case ("port", "pending"):
            return 0 if stage == "draft" else 1
        case ("port", _):
            return {"submitted": 2, "focReceived": 3, "completed": 5}.get(status, 1)
        case (_, "provisioned"):
            return 2 if stage else 3
    return 0


def progress(order: Body) -> Text:
    """The way of an order in one line: behind it, where it is, before it."""
    line, done = Text(), reached(order)
    for index, name in enumerate(STEPS[order["type"]]):
        if index:
            line.append(" → ", DIM)
        if index < done:
            line.append(f"✓ {name}", GOOD)
        elif index > done:
            line.append(f"○ {name}", DIM)
        elif order["status"] in UNHAPPY:
            line.append(f"✗ {order['status']}", BAD)
        else:
            line.append(f"● {name}", "bold")
    return line


def headline(order: Body) -> Text:
    """Number, status, whose turn, until when."""
    line = Text.assemble((clean(order["orderNumber"]), "bold"))
    style = BAD if order["status"] in UNHAPPY else GOOD if order["status"] in HAPPY_ENDS else ""
    line.append("  ").append(clean(order["displayStatus"]), style)
    if order["stage"]:
        line.append(f" ({clean(order['stage'])})", DIM)
    if order["nextActor"] != "nobody":
        line.append(f"  next: {clean(order['nextActor'])}")
    if order["expectedBy"]:
        line.append(f", expected by {moment(order['expectedBy'])}")
    return line


def lines(terminal: Terminal, order: Body, most_numbers: int | None = None) -> Iterator[Text]:
    """An order in full; where there is little room, not all of its numbers."""
    yield headline(order)
    yield progress(order)
    yield Text(clean(order["statusDescription"]), DIM)
    if order.get("focDate"):
        yield Text(f"FOC date {order['focDate']}")
    shown = order["phoneNumbers"][:most_numbers]
    for entry in shown:
        line = Text(f"  {entry['phoneNumber']}  {entry['status']}")
        if entry.get("portable") is False:
            line.append(f"  not portable: {entry['notPortableReason']}", BAD)
        yield line
    if more := len(order["phoneNumbers"]) - len(shown):
        yield Text(f"  and {more} more", DIM)
    yield from troubles(terminal, order)


def troubles(terminal: Terminal, order: Body) -> Iterator[Text]:
    """What is wrong with an order, each remedy with the command that does it."""
    for error in order["errors"]:
        yield Text.assemble(
            (f"✗ {clean(error['title'])}", BAD), (f"  ({clean(error['code'])})", DIM)
        )
        yield Text(f"  {clean(error['detail'])}")
        if error["phoneNumbers"]:
            yield Text(f"  {' '.join(error['phoneNumbers'])}")
        if error["note"]:
            yield Text(f"  “{clean(error['note'])}”")
        for remedy in error["remedies"]:
            yield Text(f"  → {clean(remedy['text'])}")
            if command := advice.remedying(order["orderNumber"], remedy):
                yield terminal.command(command, indent=4)


def show_order(terminal: Terminal, order: Body) -> None:
    """An order, and what to run next."""
    for line in lines(terminal, order):
        terminal.say(line)
    show_next(terminal, order)


def show_next(terminal: Terminal, order: Body) -> None:
    """The commands that are the customer's next."""
    if order["nextActor"] == "customer" and (commands := advice.following(order)):
        terminal.hint("Next:", *commands)


def show_orders(terminal: Terminal, orders: Body) -> None:
    """Orders as a table."""
    if not orders["items"]:
        terminal.say("None.", DIM)
        return
    terminal.table(
        ("ORDER", "TYPE", "STATUS", "STAGE", "NEXT", "EXPECTED BY", "NUMBERS"),
        [
            (
                order["orderNumber"],
                order["type"],
                order["displayStatus"],
                order["stage"],
                order["nextActor"],
                moment(order["expectedBy"]),
                _some(order["phoneNumbers"]),
            )
            for order in orders["items"]
        ],
    )


def _some(numbers: Sequence[Body]) -> str:
    """The first of several numbers, and how many more."""
    if not numbers:
        return ""
    more = f" +{len(numbers) - 1}" if len(numbers) > 1 else ""
    return f"{numbers[0]['phoneNumber']}{more}"

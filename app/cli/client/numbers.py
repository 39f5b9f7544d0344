"""`pstn search`, `order`, `numbers`: new numbers from stock, or found by support."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

from app.cli.client import views
from app.cli.client.calling import PSTN, Key, Location, Pstn, calling
from app.cli.client.errors import Misused, NotAsHoped
from app.cli.client.terminal import BAD, DIM, GOOD, Terminal, moment
from app.cli.client.watching import Every, Timeout, Watch, watch

commands = typer.Typer()
PANEL = "Numbers"
Body = Mapping[str, Any]

State = Annotated[str | None, typer.Option(help="State or province: WA.")]
AreaCode = Annotated[str | None, typer.Option(help="Area code: 206.")]
Prefix = Annotated[str | None, typer.Option(help="Prefix within the area code: 267.")]
City = Annotated[str | None, typer.Option(help="City: Seattle.")]
Block = Annotated[
    int | None, typer.Option(metavar="SIZE", help="So many consecutive numbers: 10, 50 or 100.")
]
Most = Annotated[int, typer.Option("--max", min=1, help="How many to list at most.")]


@commands.command(rich_help_panel=PANEL)
@calling
def search(
    pstn: Pstn,
    location: Location = None,
    state: State = None,
    area_code: AreaCode = None,
    prefix: Prefix = None,
    city: City = None,
    contains: Annotated[str | None, typer.Option(help="Digits anywhere in the number.")] = None,
    quantity: Annotated[int | None, typer.Option(help="How many to preselect.")] = None,
    block: Block = None,
    most: Most = 20,
) -> None:
    """Search numbers that can be ordered now, or blocks of consecutive ones."""
    where = {"state": state, "areaCode": area_code, "prefix": prefix, "city": city}
    path = pstn.location(location)
    if block is not None:
        if contains is not None or quantity is not None:
            raise Misused("--contains and --quantity are for single numbers, not for --block.")
        found = pstn.api.list(f"{path}/availableBlocks", "blocks", most, size=block, **where)
        pstn.show(found, _show_blocks)
        return
    found = pstn.api.list(
        f"{path}/availableNumbers",
        "phoneNumbers",
        max(most, quantity or 0),
        contains=contains,
        quantity=quantity,
        **where,
    )
    pstn.show(found, _show_available)


def _show_available(terminal: Terminal, body: Body) -> None:
    numbers = body["phoneNumbers"]
    if not numbers:
        terminal.say("None. Search wider: without prefix, or by state alone.", DIM)
        return
    terminal.table(
        ("NUMBER", "CITY", "STATE", ""),
        [
            (
                found["phoneNumber"],
                found["city"],
                found["state"],
                "preselected" if found["preselected"] else "",
            )
            for found in numbers
        ],
    )
    chosen = [found["phoneNumber"] for found in numbers if found["preselected"]]
    terminal.hint("To order:", f"pstn order {' '.join(chosen) or 'NUMBER…'}")


def _show_blocks(terminal: Terminal, body: Body) -> None:
    blocks = body["blocks"]
    if not blocks:
        terminal.say(f"None. The longest run there is: {body['longestRun']}.")
        for other in body["alternatives"] or []:
            terminal.say(f"  There is one in {other['areaCode']}, {other['state']}.")
        return
    terminal.table(
        ("FIRST", "LAST", "SIZE", "CITY", "STATE"),
        [
            (
                found["firstNumber"],
                found["lastNumber"],
                found["size"],
                found["city"],
                found["state"],
            )
            for found in blocks
        ],
    )
    first = blocks[0]
    terminal.hint("To order:", f"pstn order --block {first['size']} {first['firstNumber']}")


@commands.command(rich_help_panel=PANEL)
@calling
def order(
    pstn: Pstn,
    numbers: Annotated[
        list[str] | None, typer.Argument(metavar="[NUMBER]...", help="E.164: +12062676000.")
    ] = None,
    location: Location = None,
    quantity: Annotated[
        int | None, typer.Option(help="So many of the system's choice, by --state and the like.")
    ] = None,
    state: State = None,
    area_code: AreaCode = None,
    prefix: Prefix = None,
    city: City = None,
    block: Block = None,
    number_type: Annotated[
        Literal["local", "national"] | None,
        typer.Option(help="Where support finds the numbers: which, with --quantity."),
    ] = None,
    details: Annotated[str | None, typer.Option(help="What else support should know.")] = None,
    on_unavailable: Annotated[
        Literal["fail", "partial", "substitute"] | None,
        typer.Option(
            show_default="fail", help="When numbers are lost: order none, the rest, or others."
        ),
    ] = None,
    reservation: Annotated[str | None, typer.Option(help="A reservation to use up.")] = None,
    quote: Annotated[
        bool, typer.Option("--quote", help="Order nothing; tell what it would come to.")
    ] = False,
    wait: Watch = False,
    every: Every = 1,
    timeout: Timeout = None,
    key: Key = None,
) -> None:
    """Order numbers: by name, a block of them, or so many.

    A block is the one that begins at NUMBER, else the first that a search finds.
    """
    path = pstn.location(location)
    where = {"state": state, "areaCode": area_code, "prefix": prefix, "city": city}
    criteria = {name: value for name, value in where.items() if value is not None}
    wish = _wish(numbers or [], quantity, block, number_type, criteria)
    if wish["type"] == "block" and "firstNumber" not in wish:
        wish["firstNumber"] = _first_block(pstn, path, wish["size"], criteria)
    further = {
        "details": details,
        "onUnavailable": on_unavailable,
        "reservationId": reservation,
    }
    wish |= {name: value for name, value in further.items() if value is not None}
    if quote:
        judged = pstn.api.post(f"{path}/numberOrders/quote", wish)
        pstn.show(judged, _show_quote)
        if judged.body["violations"] or judged.body["unavailable"]:
            raise NotAsHoped
        return
    made = pstn.api.post(f"{path}/numberOrders", wish, key=key)
    if wait:
        watch(pstn, f"{PSTN}/orders/{made.body['id']}", every, timeout)
        return
    pstn.show(made, views.show_order)
    pstn.terminal.hint("To follow it:", f"pstn orders {made.body['orderNumber']} --watch")


def _wish(
    numbers: list[str],
    quantity: int | None,
    block: int | None,
    number_type: str | None,
    criteria: Mapping[str, str],
) -> dict[str, Any]:
    """What is ordered, in the API's words; what is allowed is the service's to judge."""
    match (numbers, quantity, block):
        case ([_, *_], None, None) if not criteria:
            return {"type": "numbers", "phoneNumbers": numbers}
        case ([first], None, int(size)) if not criteria:
            return {"type": "block", "size": size, "firstNumber": first}
        case ([], None, int(size)):
            return {"type": "block", "size": size}
        case ([], int(count), None) if number_type is not None and not criteria:
            return {"type": "assisted", "quantity": count, "numberType": number_type}
        case ([], int(count), None) if number_type is None:
            return {"type": "quantity", "quantity": count, "criteria": dict(criteria)}
    raise Misused(
        "Say one of: NUMBER…; --quantity N --state STATE; --block SIZE with NUMBER or --state;"
        " --quantity N --number-type local."
    )


def _first_block(pstn: Pstn, path: str, size: int, criteria: Mapping[str, str]) -> str:
    found = pstn.api.list(f"{path}/availableBlocks", "blocks", 1, size=size, **criteria)
    if not found.body["blocks"]:
        pstn.show(found, _show_blocks)
        raise NotAsHoped
    return str(found.body["blocks"][0]["firstNumber"])


def _show_quote(terminal: Terminal, quote: Body) -> None:
    terminal.say(f"Numbers: {' '.join(quote['phoneNumbers']) or 'none'}")
    if quote["unavailable"]:
        terminal.say(f"Not to be had: {' '.join(quote['unavailable'])}", BAD)
    for charge in quote["charges"]:
        terminal.say(f"{charge['quantity']} × {charge['description']}, from {charge['startsOn']}")
    before = {limit["name"]: limit for limit in quote["limitsBefore"]}
    for limit in quote["limitsAfter"]:
        if limit["used"] is not None and limit["remaining"] is not None:
            left = before[limit["name"]]["remaining"]
            terminal.say(f"{limit['name']}: {left} left now, {limit['remaining']} after it", DIM)
    for violation in quote["violations"]:
        terminal.say(f"• {violation['detail']}", BAD)
    if not quote["violations"] and not quote["unavailable"]:
        terminal.say("It can be ordered.", GOOD)


@commands.command(rich_help_panel=PANEL)
@calling
def numbers(
    pstn: Pstn,
    state: Annotated[
        str | None, typer.Option(help="held, inactive, active, released or resting.")
    ] = None,
    most: Most = 100,
) -> None:
    """List the numbers you have."""
    found = pstn.api.list(f"{PSTN}/numbers", "phoneNumbers", most, state=state)
    pstn.show(found, _show_numbers)


def _show_numbers(terminal: Terminal, body: Body) -> None:
    terminal.table(
        ("NUMBER", "STATE", "ACTIVE SINCE", "EMERGENCY ADDRESS"),
        [
            (
                number["phoneNumber"],
                number["state"],
                moment(number["activatedAt"]),
                (number["emergencyAddress"] or {}).get("address1"),
            )
            for number in body["phoneNumbers"]
        ],
    )
    if any(number["state"] == "inactive" for number in body["phoneNumbers"]):
        terminal.hint("Inactive numbers wait for the terms of service:", "pstn tos accept")

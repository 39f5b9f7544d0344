"""`pstn orders`, `cancel`, `support`: orders of both kinds, and writing to support about one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

from app.cli.client import views
from app.cli.client.calling import PSTN, Order, Pstn, calling
from app.cli.client.errors import Misused
from app.cli.client.numbers import Most
from app.cli.client.terminal import DIM, Terminal, clean, moment
from app.cli.client.watching import Every, Timeout, Watch, watch

commands = typer.Typer()
PANEL = "Orders"
Body = Mapping[str, Any]

Status = Literal[
    "pending",
    "provisioned",
    "actionRequired",
    "error",
    "rejected",
    "submitted",
    "focReceived",
    "completed",
    "cancelled",
]
"""Of orders of either kind."""


@commands.command(rich_help_panel=PANEL)
@calling
def orders(
    pstn: Pstn,
    order: Annotated[
        str | None, typer.Argument(metavar="[ORDER]", help="Only this one, in full.")
    ] = None,
    kind: Annotated[
        Literal["newNumbers", "port"] | None, typer.Option("--type", help="Only this kind.")
    ] = None,
    status: Annotated[Status | None, typer.Option(help="Only this status.")] = None,
    location: Annotated[
        str | None, typer.Option(envvar="PSTN_LOCATION", help="Only of this location.")
    ] = None,
    number: Annotated[str | None, typer.Option(help="Only orders with this number.")] = None,
    most: Most = 20,
    wait: Watch = False,
    every: Every = 2,
    timeout: Timeout = None,
) -> None:
    """List the orders, the newest first; or show one."""
    if order is None:
        if wait:
            raise Misused("Which order shall be watched?")
        found = pstn.api.list(
            f"{PSTN}/orders",
            "items",
            most,
            type=kind,
            status=status,
            locationId=pstn.location_id(location) if location else None,
            phoneNumber=number,
        )
        pstn.show(found, views.show_orders)
        return
    path = f"{PSTN}/orders/{pstn.order_id(order)}"
    if wait:
        watch(pstn, path, every, timeout)
        return
    pstn.show(pstn.api.get(path), views.show_order)
    if not pstn.terminal.as_json:
        _show_timeline(pstn.terminal, pstn.api.get(f"{path}/timeline").body)


def _show_timeline(terminal: Terminal, timeline: Body) -> None:
    for entry in timeline["items"]:
        who = entry["by"] or entry["actor"]
        why = f"  “{entry['note']}”" if entry["note"] else ""
        terminal.say(f"  {moment(entry['at'])}  {clean(entry['text'])}  ({who}){why}", DIM)


@commands.command(rich_help_panel=PANEL)
@calling
def cancel(pstn: Pstn, order: Order) -> None:
    """Cancel an order of new numbers, or a port; what has left us support confirms."""
    known = pstn.api.get(f"{PSTN}/orders/{pstn.order_id(order)}").body
    kind = "portOrders" if known["type"] == "port" else "orders"
    pstn.show(pstn.api.post(f"{PSTN}/{kind}/{known['id']}/cancel"), views.show_order)


@commands.command(rich_help_panel=PANEL)
@calling
def support(
    pstn: Pstn,
    order: Order,
    message: Annotated[str | None, typer.Argument(help="With none, read the cases.")] = None,
    need: Annotated[
        str, typer.Option(help="Of a new case: rejection, expedite, reschedule, cancellation, …")
    ] = "rejection",
    subject: Annotated[str | None, typer.Option(help="Of a new case.")] = None,
) -> None:
    """Write to support about an order: in its open case, else in a new one."""
    order_id = pstn.order_id(order)
    cases = pstn.api.list(f"{PSTN}/supportCases", "items", 100, orderId=order_id)
    if message is None:
        pstn.show(cases, _show_cases)
        return
    open_case = next((case for case in cases.body["items"] if case["status"] != "closed"), None)
    if open_case is not None:
        path = f"{PSTN}/supportCases/{open_case['id']}/comments"
        pstn.show(pstn.api.post(path, {"message": message}), _show_case)
        return
    case = {
        "need": need,
        "orderId": order_id,
        "subject": subject or f"About {order}",
        "message": message,
    }
    pstn.show(pstn.api.post(f"{PSTN}/supportCases", case), _show_case)


def _show_cases(terminal: Terminal, cases: Body) -> None:
    if not cases["items"]:
        terminal.say("No case yet.", DIM)
    for case in cases["items"]:
        _show_case(terminal, case)


def _show_case(terminal: Terminal, case: Body) -> None:
    terminal.say(f"{case['subject']}  [{case['desk']}, {case['status']}]", "bold")
    for comment in case["comments"]:
        terminal.say(f"  {moment(comment['at'])}  {comment['by']}: {comment['message']}")

"""`pstn port …`: a port from its numbers to its completion."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from app.cli.client import advice, views
from app.cli.client.answer import Answer
from app.cli.client.calling import PSTN, Key, Location, Order, Pstn, calling
from app.cli.client.errors import Misused, NotAsHoped
from app.cli.client.locations import confirm
from app.cli.client.terminal import BAD, DIM, GOOD, Terminal, moment
from app.cli.client.watching import Every, Timeout, Watch, finish, watch

commands = typer.Typer(
    no_args_is_help=True,
    help="Port numbers here: create, set, upload, sign, submit, status.",
)
PORTS = f"{PSTN}/portOrders"
STDIN = "-"
Body = Mapping[str, Any]

Numbers = Annotated[list[str], typer.Argument(metavar="NUMBER...", help="E.164: +12065550123.")]
Document = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="FILE",
        allow_dash=True,
        help="The fields as JSON, as the API's PATCH takes them; - for standard input.",
    ),
]


def _path(pstn: Pstn, order: str) -> str:
    return f"{PORTS}/{pstn.order_id(order, 'port')}"


@commands.command()
@calling
def check(pstn: Pstn, numbers: Numbers) -> None:
    """Check whether numbers can move here."""
    found = pstn.api.post(f"{PSTN}/portabilityChecks", {"phoneNumbers": numbers})
    pstn.show(found, _show_portability)


def _show_portability(terminal: Terminal, body: Body) -> None:
    terminal.table(
        ("NUMBER", "PORTABLE", "WHY NOT"),
        [
            (found["phoneNumber"], "yes" if found["portable"] else "no", found["reason"])
            for found in body["phoneNumbers"]
        ],
    )


@commands.command()
@calling
def create(
    pstn: Pstn,
    numbers: Numbers,
    location: Location = None,
    document: Document = None,
    key: Key = None,
) -> None:
    """Draft a port of these numbers; `set` tells the rest, in any order."""
    fields = _document(document)
    path = f"{pstn.location(location)}/portOrders"
    made = pstn.api.post(path, {"phoneNumbers": numbers}, key=key)
    if fields:
        # Told before what may fail: the draft is there, and is not to be made again.
        pstn.terminal.note(f"{made.body['orderNumber']} is drafted.", DIM)
        made = pstn.api.patch(f"{PORTS}/{made.body['id']}", fields)
    _show(pstn, made)


@commands.command("set")
@calling
def set_fields(
    pstn: Pstn,
    order: Order,
    port_type: Annotated[
        Literal["full", "partial"] | None,
        typer.Option("--type", help="Whether all numbers of the account move."),
    ] = None,
    carrier: Annotated[str | None, typer.Option(help="The losing carrier.")] = None,
    account_number: Annotated[
        bool,
        typer.Option("--account-number", help="Ask for it, or read a line of standard input."),
    ] = False,
    btn: Annotated[str | None, typer.Option(help="Billing telephone number.")] = None,
    authorized_name: Annotated[str | None, typer.Option(help="Who may authorise a port.")] = None,
    company: Annotated[str | None, typer.Option(help="The company, as on the bill.")] = None,
    pin: Annotated[
        bool, typer.Option("--pin", help="Ask for it, or read a line of standard input.")
    ] = False,
    address1: Annotated[str | None, typer.Option(help="Service address: house, street.")] = None,
    address2: Annotated[str | None, typer.Option(help="Floor, suite.")] = None,
    city: Annotated[str | None, typer.Option()] = None,
    state: Annotated[str | None, typer.Option()] = None,
    postal_code: Annotated[str | None, typer.Option()] = None,
    country: Annotated[str | None, typer.Option(help="US, PL, …")] = None,
    new_btn: Annotated[str | None, typer.Option(help="The BTN of what stays behind.")] = None,
    remaining: Annotated[
        Literal["keep", "disconnect"] | None,
        typer.Option(help="What becomes of what stays behind."),
    ] = None,
    date: Annotated[str | None, typer.Option(help="The wished date: 2026-12-01.")] = None,
    time: Annotated[str | None, typer.Option(help="The wished time there: 09:30.")] = None,
    notify: Annotated[str | None, typer.Option(help="A further address for mail.")] = None,
    info: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="What carriers of the country ask for beyond."),
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=REASON", help="The bill differs there, and that is right."),
    ] = None,
    document: Document = None,
) -> None:
    """Complete or correct a port; what is not told stays, an empty value takes a field away.

    Account number and PIN are asked for, or read from standard input, in this order.
    """
    if str(document) == STDIN and (account_number or pin):
        raise Misused("Standard input has either the fields or the secrets; use a file.")
    fields = _document(document)
    told = {
        "/portType": port_type,
        "/account/carrierName": carrier,
        "/account/accountNumber": _secret("Account number") if account_number else None,
        "/account/billingTelephoneNumber": btn,
        "/account/authorizedName": authorized_name,
        "/account/companyName": company,
        "/account/pin": _secret("PIN") if pin else None,
        "/account/serviceAddress/address1": address1,
        "/account/serviceAddress/address2": address2,
        "/account/serviceAddress/city": city,
        "/account/serviceAddress/state": state,
        "/account/serviceAddress/postalCode": postal_code,
        "/account/serviceAddress/country": country,
        "/newBillingTelephoneNumber": new_btn,
        "/remainingNumbersAction": remaining,
        "/requestedCompletionDate": date,
        "/requestedCompletionTime": time,
        "/notificationEmail": notify,
        **{f"/additionalInformation/{name}": value for name, value in _pairs(info)},
    }
    for pointer, value in told.items():
        if value is not None:
            _put(fields, pointer, value)
    path, etag = _path(pstn, order), None
    if override:
        known = pstn.api.get(path)
        etag = known.etag  # a list is replaced as a whole: nobody else's change may get lost
        added = dict(_pairs(override))
        kept = [each for each in known.body["billOverrides"] if each["field"] not in added]
        fields["billOverrides"] = [
            *kept,
            *({"field": field, "reason": reason} for field, reason in added.items()),
        ]
    if not fields:
        raise Misused("Nothing to set: say what, as --carrier or --from FILE.")
    _show(pstn, pstn.api.patch(path, fields, etag))


def _document(path: Path | None) -> dict[str, Any]:
    """The fields in a file. Raises `Misused` for another content."""
    if path is None:
        return {}
    try:
        content = json.loads(sys.stdin.read() if str(path) == STDIN else path.read_text())
    except OSError as error:
        raise Misused(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise Misused(f"{path} is no JSON object.")
    return content


def _secret(name: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(name, hide_input=True, err=True))
    given = sys.stdin.readline().strip()
    if not given:
        raise Misused(f"{name}: a line of standard input is missing.")
    return given


def _pairs(given: Iterable[str] | None) -> Iterable[tuple[str, str]]:
    """`NAME=VALUE` taken apart."""
    for each in given or ():
        name, separator, value = each.partition("=")
        if not (name and separator and value):
            raise Misused(f"{each} is not NAME=VALUE.")
        yield name, value


def _put(document: dict[str, Any], pointer: str, value: str) -> None:
    """Set a field of a merge patch; null takes it away."""
    *parents, name = pointer.split("/")[1:]
    for parent in parents:
        document = document.setdefault(parent, {})
    document[name] = value or None


@commands.command()
@calling
def upload(
    pstn: Pstn,
    order: Order,
    file: Annotated[Path, typer.Argument(help="A PDF or PNG.")],
    kind: Annotated[
        Literal["bill", "loa", "csr", "other"], typer.Option(help="What it is.")
    ] = "bill",
    issued_on: Annotated[
        str | None,
        typer.Option(show_default="read from the bill", help="Of a bill: 2026-11-02."),
    ] = None,
) -> None:
    """Add a document: the bill, a signed letter of authorisation, a service record."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Misused(f"{file} cannot be read: {error.strerror}.") from None
    form = {"kind": kind, **({"issuedOn": issued_on} if issued_on else {})}
    path = _path(pstn, order)
    stored = pstn.api.post(f"{path}/documents", form=form, file=(file.name, content))
    pstn.show(stored, _show_document)
    _show_needs(pstn, path)


def _show_document(terminal: Terminal, document: Body) -> None:
    issued = f", issued on {document['issuedOn']}" if document["issuedOn"] else ""
    reading = f", {document['reading']}" if document["reading"] else ""
    terminal.say(f"{document['kind']}: {document['pages']} page(s){issued}{reading}", GOOD)


@commands.command()
@calling
def sign(
    pstn: Pstn,
    order: Order,
    name: Annotated[str, typer.Option(help="Who signs: the account's authorised person.")],
    title: Annotated[str, typer.Option(help="In what capacity: Owner.")],
    consent: Annotated[
        bool, typer.Option("--consent", help="It is a signature, and it is meant; do not ask.")
    ] = False,
) -> None:
    """Sign the letter of authorisation, for the numbers and the account as they are now."""
    path = _path(pstn, order)
    known = pstn.api.get(path).body
    moving = [each["phoneNumber"] for each in known["phoneNumbers"] if each["portable"]]
    losing = (known["account"] or {}).get("carrierName") or "the losing carrier"
    pstn.terminal.note(f"This authorises to move {' '.join(moving)} away from {losing}.")
    confirm(pstn.terminal, consent, "--consent", f"Sign as {name}, {title}?")
    signature = {"fullName": name, "jobTitle": title, "consent": True}
    _show(pstn, pstn.api.post(f"{path}/loa/sign", signature))


@commands.command()
@calling
def loa(
    pstn: Pstn,
    order: Order,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write it.")],
) -> None:
    """Save the letter of authorisation as it was signed or uploaded."""
    content = pstn.api.download(f"{_path(pstn, order)}/loa")
    try:
        output.write_bytes(content)
    except OSError as error:
        raise Misused(f"{output} cannot be written: {error.strerror}.") from None
    pstn.terminal.note(f"{output}: {len(content)} bytes")


@commands.command()
@calling
def readiness(pstn: Pstn, order: Order) -> None:
    """Show what a port still needs, and how its bill compares; exit status 5 until it is ready."""
    path = _path(pstn, order)
    found = pstn.api.get(f"{path}/readiness")
    pstn.show(found, _show_readiness)
    if not pstn.terminal.as_json:
        _show_commands(pstn, pstn.api.get(path).body, found.body)
    if not found.body["ready"]:
        raise NotAsHoped


MARKS = {
    "done": ("✓", GOOD),
    "match": ("✓", GOOD),
    "missing": ("○", ""),
    "blocked": ("✗", BAD),
    "mismatch": ("✗", BAD),
}


def _show_readiness(terminal: Terminal, found: Body) -> None:
    for item in found["checklist"]:
        mark, style = MARKS[item["status"]]
        detail = f": {item['detail']}" if item["detail"] else ""
        terminal.say(f"{mark} {item['code']}{detail}", style)
    for item in found["billComparison"]:
        mark, style = MARKS.get(item["result"], ("?", ""))
        right = " (right as it is)" if item["overridden"] else ""
        terminal.say(f"{mark} bill, {item['field']}: {item['detail']}{right}", style)
    if dates := found["allowedCompletionDates"]:
        terminal.say(f"Dates one may wish for: {dates[0]} to {dates[-1]}", DIM)


@commands.command()
@calling
def submit(
    pstn: Pstn,
    order: Order,
    wait: Watch = False,
    every: Every = 2,
    timeout: Timeout = None,
) -> None:
    """Submit a port, or again what was rejected once its remedies are done."""
    path = _path(pstn, order)
    sent = pstn.api.post(f"{path}/submit")
    if wait and not views.is_over_or_yours(sent.body):
        watch(pstn, path, every, timeout, _show)
    elif views.is_over_or_yours(sent.body):
        finish(pstn, sent, _show)
    else:
        pstn.show(sent, views.show_order)
        pstn.terminal.hint("To follow it:", f"pstn port status {order} --watch")


@commands.command()
@calling
def status(
    pstn: Pstn,
    order: Order,
    wait: Watch = False,
    every: Every = 2,
    timeout: Timeout = None,
) -> None:
    """Show how far a port is, what is wrong, and the command that puts it right."""
    path = _path(pstn, order)
    if wait:
        watch(pstn, path, every, timeout, _show)
        return
    _show(pstn, pstn.api.get(path))


@commands.command()
@calling
def remove(pstn: Pstn, order: Order, numbers: Numbers) -> None:
    """Take numbers out; they stay with their carrier, the others go on."""
    path = _path(pstn, order)
    _show(pstn, pstn.api.post(f"{path}/removeNumbers", {"phoneNumbers": numbers}))


@commands.command()
@calling
def split(
    pstn: Pstn,
    order: Order,
    numbers: Annotated[
        list[str], typer.Argument(metavar="NUMBER=BTN...", help="Every number with its BTN.")
    ],
) -> None:
    """Make one port for each billing number out of this one."""
    entries = [
        {"phoneNumber": number, "billingTelephoneNumber": btn} for number, btn in _pairs(numbers)
    ]
    path = _path(pstn, order)
    pstn.show(pstn.api.post(f"{path}/split", {"phoneNumbers": entries}), _show_split)


def _show_split(terminal: Terminal, body: Body) -> None:
    views.show_orders(terminal, {"items": body["orders"]})
    numbers = [made["orderNumber"] for made in body["orders"]]
    terminal.hint("What each still needs:", *(f"pstn port readiness {each}" for each in numbers))


def _show(pstn: Pstn, answer: Answer) -> None:
    """A port, and the commands that bring it on."""
    pstn.show(answer, _show_port)
    _show_needs(pstn, f"{PORTS}/{answer.body['id']}")


def _show_port(terminal: Terminal, order: Body) -> None:
    for line in views.lines(terminal, order):
        terminal.say(line)
    if order["requestedCompletionDate"] and not order["focDate"]:
        terminal.say(f"Wished for: {order['requestedCompletionDate']}", DIM)
    terminal.say(f"LOA: {order['loa']}; drafted {moment(order['createdAt'])}", DIM)


def _show_needs(pstn: Pstn, path: str) -> None:
    """The commands that bring a port on; further questions to the service, for people only."""
    if pstn.terminal.as_json:
        return
    order = pstn.api.get(path).body
    if order["nextActor"] == "customer" and (
        order["stage"] == "draft" or order["status"] == "rejected"
    ):
        _show_commands(pstn, order, pstn.api.get(f"{path}/readiness").body)
    else:
        views.show_next(pstn.terminal, order)


def _show_commands(pstn: Pstn, order: Body, readiness: Body) -> None:
    needed = advice.completing(order, readiness, is_signed_here=_is_signed_here(pstn, order))
    words = "Next:"
    if order["errors"]:
        is_unremedied = advice.is_unremedied(readiness)
        words = "Once a remedy is done:" if is_unremedied else "Remedied. Next:"
    pstn.terminal.hint(words, *needed)


def _is_signed_here(pstn: Pstn, order: Body) -> bool:
    """Whether the letter is signed in the service; in assisted countries it is uploaded."""
    country = pstn.api.get(f"/locations/{order['locationId']}").body["address"]["country"]
    known = pstn.api.get(f"{PSTN}/countries").body["items"]
    return any(item["country"] == country and item["process"] == "selfService" for item in known)

"""What every command that calls the service has in common; `calling` gives it to them."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec
from uuid import UUID

import typer

from app.cli.client import connection, refusals
from app.cli.client.answer import Answer
from app.cli.client.connection import Connection
from app.cli.client.errors import Failure, Misused, Refused, Unreachable
from app.cli.client.terminal import BAD, Terminal

if TYPE_CHECKING:
    from app.cli.client.api import Api

P = ParamSpec("P")
PSTN = "/telephony/pstn"
LANGUAGES = ("en", "pl")

Location = Annotated[
    str | None,
    typer.Option(
        envvar="PSTN_LOCATION",
        show_default="the demo's, or the only one",
        help="The location: its id or its name.",
    ),
]
Order = Annotated[str, typer.Argument(metavar="ORDER", help="PSTN-000042, or the order's id.")]
Key = Annotated[
    str | None,
    typer.Option("--key", help="Repeat a command whose answer was lost: the key it told."),
]

OPTIONS: dict[str, tuple[Any, Any]] = {
    "role": (
        str | None,
        typer.Option(
            "--as",
            metavar="ROLE",
            help="Whose token of demo.json: customerAdmin, trialAdmin, support, operator, …",
            rich_help_panel="Connection",
        ),
    ),
    "organization": (
        str | None,
        typer.Option(
            "--org",
            metavar="ORGID",
            help="For which organisation a partner or the staff calls.",
            rich_help_panel="Connection",
        ),
    ),
    "language": (
        str | None,
        typer.Option(
            "--lang",
            metavar="en|pl",
            show_default="LANG",
            help="The language of the service's words.",
            rich_help_panel="Connection",
        ),
    ),
    "as_json": (
        bool,
        typer.Option(
            "--json",
            help="The API's own answer on standard output, and nothing else there.",
            rich_help_panel="Connection",
        ),
    ),
}


class Pstn:
    """The service to call, and where to tell the answer."""

    def __init__(self, api: Api, terminal: Terminal, connection: Connection) -> None:
        self.api = api
        self.terminal = terminal
        self._connection = connection

    def show(self, answer: Answer, view: Callable[[Terminal, dict[str, Any]], None]) -> None:
        """Tell an answer: as it came, or in words."""
        if self.terminal.as_json:
            self.terminal.json(answer.text)
        else:
            view(self.terminal, answer.body)

    def location(self, given: str | None) -> str:
        """The path of a location's PSTN resources."""
        return f"{PSTN}/locations/{self.location_id(given)}"

    def location_id(self, given: str | None) -> str:
        """The id of the location meant: told by id, by a name; or the only one there is."""
        given = given or self._connection.location
        if given and _is_id(given):
            return given
        if given and given in self._connection.locations:
            return self._connection.locations[given]
        found = self.api.list("/locations", "items", 100, name=given).body["items"]
        named = [item for item in found if item["name"] == given] or found
        match named:
            case [only]:
                return str(only["id"])
            case []:
                raise Misused(f"No location is called {given}." if given else "No location.")
            case _:
                choices = "\n".join(f"  {item['id']}  {item['name']}" for item in named)
                raise Misused(f"Which location? Say --location with one of:\n{choices}")

    def order_id(self, given: str, kind: str | None = None) -> str:
        """The id of the order meant, by its id or its number.

        Raises:
            Misused: there is none, or none of that kind.
        """
        if _is_id(given):
            return given
        found = self.api.get(f"{PSTN}/orders", orderNumber=given).body["items"]
        if not found:
            raise Misused(f"There is no order {given}; pstn orders lists them.")
        if kind not in (None, found[0]["type"]):
            raise Misused(f"{given} is no {kind}; pstn orders --type {kind} lists them.")
        return str(found[0]["id"])


def _is_id(given: str) -> bool:
    try:
        UUID(given)
    except ValueError:
        return False
    return True


def calling(command: Callable[Concatenate[Pstn, P], None]) -> Callable[P, None]:
    """A command that calls the service.

    It gets the options of every such command, and ends with the exit status of its failure.
    """

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        role, organization, language, as_json = (kwargs.pop(name) for name in OPTIONS)
        caller = [("--as", role), ("--org", organization)]
        terminal = Terminal(
            as_json=as_json,
            caller=[part for option, value in caller if value for part in (option, value)],
            location=kwargs.get("location"),
        )
        try:
            # Its HTTP client takes longer to import than all else; help and completion need none.
            from app.cli.client.api import Api  # noqa: PLC0415

            known = connection.find(role)
            api = Api(
                known,
                language=_language(language),
                organization=organization,
                waiting=terminal.note,
            )
            command(Pstn(api, terminal, known), *args, **kwargs)
        except Failure as failure:
            _tell(terminal, failure, kwargs)
            raise typer.Exit(failure.exit_status) from None

    signature = inspect.signature(command, eval_str=True)
    _, *own = signature.parameters.values()
    shared = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[kind, option],
            default=False if kind is bool else None,
        )
        for name, (kind, option) in OPTIONS.items()
    ]
    parameters = [*own, *shared]
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def _language(given: str | None) -> str:
    """The language asked for, else the one of the environment if it is spoken."""
    if given is None:
        told = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
        given = next((value for value in told if value), "")[:2]
        return given if given in LANGUAGES else "en"
    if given not in LANGUAGES:
        raise Misused("--lang is en or pl.")
    return given


def _tell(terminal: Terminal, failure: Failure, called_with: Mapping[str, Any]) -> None:
    if isinstance(failure, Refused):
        if terminal.as_json:
            terminal.json(failure.text)
        refusals.tell(terminal, failure, called_with.get("order") or "ORDER")
        return
    terminal.note(str(failure), BAD)
    if isinstance(failure, Unreachable) and failure.key and "key" in called_with:
        terminal.note(
            "It may have been done all the same. Repeat the very command with"
            f" --key {failure.key}: nothing is done twice."
        )

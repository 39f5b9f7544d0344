"""`pstn locations`, `enable`, `setup`, `main-number`, `tos`: what comes before numbers."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import typer

from app.cli.client.answer import Answer
from app.cli.client.calling import PSTN, Location, Pstn, calling
from app.cli.client.errors import Misused
from app.cli.client.terminal import BAD, GOOD, Terminal

commands = typer.Typer()
tos = typer.Typer(no_args_is_help=True, help="The terms of service.")
PANEL = "Locations"
commands.add_typer(tos, name="tos", rich_help_panel=PANEL)

STEPS: Mapping[str, tuple[str, ...]] = {
    "addNumbers": ("pstn search --state STATE --area-code NPA", "pstn port create NUMBER…"),
    "awaitNumbers": ("pstn orders",),
    "acceptTermsOfService": ("pstn tos accept",),
    "setMainNumber": ("pstn main-number NUMBER",),
}
"""What to run for each next step of a location."""

ASSISTED_STEPS = {
    **STEPS,
    "addNumbers": ("pstn order --quantity N --number-type local", "pstn port create NUMBER…"),
}
"""The same in a country where support orders the numbers."""


@commands.command(rich_help_panel=PANEL)
@calling
def locations(pstn: Pstn) -> None:
    """List the locations."""
    pstn.show(pstn.api.list("/locations", "items", 1000), _show_locations)


def _show_locations(terminal: Terminal, body: Mapping[str, Any]) -> None:
    terminal.table(
        ("ID", "NAME", "CITY", "COUNTRY"),
        [
            (item["id"], item["name"], item["address"]["city"], item["address"]["country"])
            for item in body["items"]
        ],
    )


@commands.command(rich_help_panel=PANEL)
@calling
def enable(
    pstn: Pstn,
    company: Annotated[str, typer.Option(help="The company that signs with Cisco.")],
    first_name: Annotated[str, typer.Option(help="Who signs for it.")],
    last_name: Annotated[str, typer.Option()],
    email: Annotated[str, typer.Option()],
    job_title: Annotated[str, typer.Option(help="Of who accepts the emergency disclaimer.")],
    location: Location = None,
    accept_disclaimer: Annotated[
        bool, typer.Option("--accept-disclaimer", help="Accept the emergency disclaimer, unasked.")
    ] = False,
    accepted_by: Annotated[
        str | None, typer.Option(show_default="who signs", help="Who accepts the disclaimer.")
    ] = None,
    btn: Annotated[str | None, typer.Option(help="A billing telephone number.")] = None,
    address1: Annotated[
        str | None,
        typer.Option(show_default="the location's", help="Emergency address: house and street."),
    ] = None,
    address2: Annotated[str | None, typer.Option(help="Floor, suite.")] = None,
    city: Annotated[str | None, typer.Option()] = None,
    state: Annotated[str | None, typer.Option()] = None,
    postal_code: Annotated[str | None, typer.Option()] = None,
) -> None:
    """Put a location on Cisco PSTN.

    The emergency address is the location's own, but for what you say of it.
    """
    location_id = pstn.location_id(location)
    told = {
        "address1": address1,
        "address2": address2,
        "city": city,
        "state": state,
        "postalCode": postal_code,
    }
    known = pstn.api.get(f"/locations/{location_id}").body["address"]
    address = known | {name: value for name, value in told.items() if value is not None}
    if address1 is not None and address2 is None:
        address.pop("address2", None)  # the suite of another house
    shown = ", ".join(str(value) for value in address.values() if value)
    pstn.terminal.note(f"Help goes to: {shown}")
    confirm(
        pstn.terminal,
        accept_disclaimer,
        "--accept-disclaimer",
        "Emergency calls depend on power, network and this address. Accept the disclaimer?",
    )
    body = {
        "pstnConnectionType": "CISCO_PSTN",
        "contact": {
            "companyName": company,
            "firstName": first_name,
            "lastName": last_name,
            "email": email,
            **({"billingTelephoneNumber": btn} if btn else {}),
        },
        "emergencyDisclaimer": {
            "acceptedBy": accepted_by or f"{first_name} {last_name}",
            "jobTitle": job_title,
        },
        "emergencyAddress": address,
    }
    _show_setup(pstn, pstn.api.put(f"{PSTN}/locations/{location_id}/connection", body))


def confirm(terminal: Terminal, given: bool, option: str, question: str) -> None:
    """Go on only with a yes: of the option, or at the terminal.

    Raises:
        Misused: nobody is there to ask.
    """
    if given:
        return
    if not sys.stdin.isatty():
        raise Misused(f"{question} Nobody is there to ask: say {option}.")
    if not typer.confirm(question, err=True):
        terminal.note("Nothing was done.")
        raise typer.Exit(1)


@commands.command(rich_help_panel=PANEL)
@calling
def setup(pstn: Pstn, location: Location = None) -> None:
    """Show how far a location is, and what is to be done next."""
    _show_setup(pstn, pstn.api.get(f"{pstn.location(location)}/setup"))


@commands.command("main-number", rich_help_panel=PANEL)
@calling
def main_number(
    pstn: Pstn,
    number: Annotated[str, typer.Argument(help="An active number of the location.")],
    location: Location = None,
) -> None:
    """Set the main number of a location, without which there are no calls."""
    path = pstn.location(location)
    pstn.api.put(f"{path}/mainNumber", {"phoneNumber": number})
    _show_setup(pstn, pstn.api.get(f"{path}/setup"))


def _show_setup(pstn: Pstn, answer: Answer) -> None:
    is_assisted = False
    if not pstn.terminal.as_json and (address := answer.body["emergencyAddress"]):
        countries = pstn.api.get(f"{PSTN}/countries").body["items"]
        is_assisted = any(
            country["process"] == "assisted"
            for country in countries
            if country["country"] == address["country"]
        )
    pstn.show(answer, partial(_tell_setup, ASSISTED_STEPS if is_assisted else STEPS))


def _tell_setup(
    commands_for: Mapping[str, tuple[str, ...]], terminal: Terminal, setup: Mapping[str, Any]
) -> None:
    terminal.say(setup["displayName"], "bold")
    if address := setup["emergencyAddress"]:
        parts = [value for name, value in address.items() if name != "id" and value]
        terminal.say(f"Emergency address: {', '.join(parts)}")
    terminal.say(f"Main number: {setup['mainNumber'] or 'none'}")
    if not setup["nextSteps"]:
        terminal.say("Everything is done.", GOOD)
    for step in setup["nextSteps"]:
        terminal.hint(f"{step['text']} ({step['actor']})", *commands_for.get(step["code"], ()))


@tos.command("show")
@calling
def show_terms(pstn: Pstn) -> None:
    """Show the terms of service, and whether they are accepted."""
    pstn.show(pstn.api.get(f"{PSTN}/termsOfService"), _show_terms)


@tos.command("accept")
@calling
def accept_terms(
    pstn: Pstn,
    yes: Annotated[bool, typer.Option("--yes", help="I have read them; do not ask.")] = False,
) -> None:
    """Accept the terms of service, as an administrator of the customer."""
    terms = pstn.api.get(f"{PSTN}/termsOfService").body
    if not terms["accepted"]:
        pstn.terminal.note(terms["text"])
        question = f"Accept the terms of service {terms['version']}?"
        confirm(pstn.terminal, yes, "--yes", question)
    path = f"{PSTN}/termsOfService/acceptance"
    pstn.show(pstn.api.post(path, {"version": terms["version"]}), _show_terms)


def _show_terms(terminal: Terminal, terms: Mapping[str, Any]) -> None:
    if terms["accepted"]:
        terminal.say(f"Terms of service {terms['version']}: accepted.", GOOD)
        return
    terminal.say(terms["text"])
    terminal.say(f"Terms of service {terms['version']}: not accepted.", BAD)
    terminal.hint(terms["nextStep"], "pstn tos accept")

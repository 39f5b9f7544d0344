"""The commands of `pstn`: those that call a service, and those that are one."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.client import locations, numbers, orders, ports, simulator

cli = typer.Typer(
    no_args_is_help=True,
    # They show variables, and a variable may hold a secret.
    pretty_exceptions_enable=False,
    help="Cisco PSTN: numbers and ports of Webex Calling, from the terminal.",
    epilog="Exit status: 0 done; 1 refused; 2 called wrongly; 3 no answer, or a fault of the"
    " service; 4 no valid token; 5 answered, but not as hoped: rejected, failed, not ready.",
)
PANEL = "The service"
service = typer.Typer()
inventory = typer.Typer(no_args_is_help=True, help="The stock of numbers.")


@service.command(rich_help_panel=PANEL)
def serve() -> None:
    """Serve the API with its database, its workers and, at the first start, demo data."""
    from app.cli import serve as supervisor
    from app.core import logs
    from app.core.settings import get_settings

    settings = get_settings()
    logs.configure(settings.log_level)
    with supervisor.explained():
        supervisor.run(settings)


@service.command(rich_help_panel=PANEL)
def migrate() -> None:
    """Bring the database up to this version and make the application's role."""
    import asyncio

    from app.cli import serve as supervisor
    from app.core import bootstrap
    from app.core.settings import get_settings

    with supervisor.explained(), bootstrap.addresses(get_settings()) as where:
        asyncio.run(bootstrap.prepare(where))


@service.command(rich_help_panel=PANEL)
def openapi(
    file: Annotated[Path, typer.Argument(help="Where it is, or shall be.")],
    check: Annotated[bool, typer.Option(help="Write nothing; fail when it is stale.")] = False,
) -> None:
    """Write the OpenAPI document."""
    from app.core.settings import Settings
    from app.main import create_app

    document = create_app(Settings()).openapi()
    content = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if not check:
        file.write_text(content)
    elif not file.exists() or file.read_text() != content:
        typer.echo(f"{file} is stale: run make openapi", err=True)
        raise typer.Exit(1)


@inventory.command("verify")
def verify_inventory() -> None:
    """Prove that every number in stock is available or somebody's, and never both."""
    import asyncio

    from app.cli import serve as supervisor
    from app.core import bootstrap
    from app.core.database import Database
    from app.core.settings import get_settings
    from app.domains.numbering.service.verifying import verify

    async def check(url: str) -> int:
        database, faults = Database(url, pool_size=1), 0
        try:
            async for fault in verify(database):
                faults += 1
                typer.echo(f"{fault.block_id}xxx: {fault.numbers} numbers {fault.kind}")
        finally:
            await database.close()
        return faults

    with supervisor.explained(), bootstrap.addresses(get_settings()) as where:
        faults = asyncio.run(check(where.app))
    typer.echo(f"{faults} faults")
    raise typer.Exit(1 if faults else 0)


cli.add_typer(locations.commands)
cli.add_typer(numbers.commands)
cli.add_typer(orders.commands)
cli.add_typer(ports.commands, name="port", rich_help_panel="Ports")
cli.add_typer(service)
cli.add_typer(inventory, name="inventory", rich_help_panel=PANEL)
cli.add_typer(simulator.commands)


def main() -> None:
    """The entry point of `pstn`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a mark that a terminal lacks stops nothing
    cli()

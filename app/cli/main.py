"""The commands of `pstn`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli import serve as supervisor
from app.core import bootstrap, logs
from app.core.database import Database
from app.core.settings import Settings, get_settings
from app.domains.numbering.service.verifying import verify
from app.main import create_app

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # They show variables, and a variable may hold a secret.
    pretty_exceptions_enable=False,
    help="Cisco PSTN as a service.",
)
inventory = typer.Typer(no_args_is_help=True, help="The stock of numbers.")
cli.add_typer(inventory, name="inventory")


@cli.command()
def serve() -> None:
    """Serve the API with its database, its workers and, at the first start, demo data."""
    settings = get_settings()
    logs.configure(settings.log_level)
    with supervisor.explained():
        supervisor.run(settings)


@cli.command()
def migrate() -> None:
    """Bring the database up to this version and make the application's role."""
    with supervisor.explained(), bootstrap.addresses(get_settings()) as where:
        asyncio.run(bootstrap.prepare(where))


@cli.command()
def openapi(
    file: Annotated[Path, typer.Argument(help="Where it is, or shall be.")],
    check: Annotated[bool, typer.Option(help="Write nothing; fail when it is stale.")] = False,
) -> None:
    """Write the OpenAPI document."""
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


def main() -> None:
    """The entry point of `pstn`."""
    cli()

"""The stories of `examples/`, run as they are by clients generated from what is published."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import HEADER, Api, Customer, Service, import_csv, make_customer
from tests.contract.breaking import last_release
from tests.ports.porting import P, timeline

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PUBLISHED = ROOT / "openapi" / "openapi.json"
PREVIOUS = last_release()
BIN = ROOT / ".venv" / "bin"
MODULES = EXAMPLES / "typescript" / "node_modules"
"""What `make clients` installs."""

PREVIOUS_NAMES = """
class_overrides:  # 0.1.0 had the framework's own name of a form
  BodyAddPortDocument: {class_name: AddPortDocumentForm, module_name: add_port_document_form}
"""
COURSE = [
    *("submitted", "accepted", "rejected"),
    *("submitted", "accepted", "focReceived", "completed"),
]
IN_STOCK = "US,WA,Bellevue,BELLEVUE,local,+14252670000,+14252670019\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The examples, to generate clients in."""
    ignored = shutil.ignore_patterns("node_modules", "generated", "cisco_pstn_client")
    return Path(shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=ignored))


@pytest.fixture(scope="module")
async def stocked(service: Service) -> Service:
    """The service with numbers in Bellevue."""
    await import_csv(Api(service.url, service.operator_token), HEADER + IN_STOCK)
    return service


@pytest.fixture(scope="module")
async def pythonista(stocked: Service) -> Customer:
    """Who runs the Python stories; the location is not on Cisco PSTN before the first of them."""
    return await make_customer(stocked, connected=False)


@pytest.fixture(scope="module")
async def typist(stocked: Service) -> Customer:
    """Who runs the TypeScript stories."""
    return await make_customer(stocked, connected=False)


async def run(folder: Path, *command: str | Path, **environment: str) -> str:
    """What a command says; the service lives in this process and goes on answering it."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


def demo(customer: Customer, home: Path) -> str:
    """The home of a `demo.json` as `make run` leaves it, for this customer."""
    content = {
        "baseUrl": customer.service.url,
        "tokens": {
            "customerAdmin": customer.api.headers["Authorization"].removeprefix("Bearer "),
            "operator": customer.service.operator_token,
        },
        "locations": {"paidUs": customer.location_id},
    }
    (home / "demo.json").write_text(json.dumps(content))
    return str(home)


async def generate_python(document: Path, folder: Path) -> None:
    """The Python client of a document; a warning is an error."""
    config = folder / "generator.yml"
    if document != PUBLISHED:
        config.write_text(config.read_text() + PREVIOUS_NAMES)
    await run(
        folder,
        *(BIN / "openapi-python-client", "generate", "--path", document, "--config", config),
        *("--meta", "none", "--output-path", folder / "cisco_pstn_client", "--fail-on-warning"),
    )


async def generate_typescript(document: Path, folder: Path) -> None:
    """The types of a document, by which the story is checked."""
    assert MODULES.is_dir(), "make clients installs what the TypeScript client needs"
    (folder / "node_modules").symlink_to(MODULES)
    await run(folder, BIN / "node", "generate.ts", document)
    await run(folder, BIN / "node", "node_modules/typescript/bin/tsc")


async def assert_whole(customer: Customer, told: str) -> None:
    """The customer has the new numbers and the ported one, whose rejection was mended."""
    port, bought = (await customer.api.get(f"{P}/orders")).json()["items"][:2]
    assert (bought["type"], bought["status"]) == ("newNumbers", "provisioned")
    assert (port["type"], port["status"]) == ("port", "completed")
    numbers = [*bought["phoneNumbers"], *port["phoneNumbers"]]
    assert [number["status"] for number in numbers] == ["active"] * 3
    assert all(f"{number['phoneNumber']} active" in told for number in numbers)
    events = [event for event, _ in await timeline(customer, port) if event in COURSE]
    assert events == COURSE


@pytest.mark.parametrize("document", [PUBLISHED, PREVIOUS], ids=["now", "previous"])
async def test_the_python_story(
    document: Path, pythonista: Customer, copy: Path, tmp_path: Path
) -> None:
    folder = copy / "python"
    await generate_python(document, folder)
    if document == PUBLISHED:
        await run(folder, BIN / "mypy", "--strict", "--follow-imports=silent", "story.py")
    told = await run(folder, sys.executable, "story.py", PSTN_HOME=demo(pythonista, tmp_path))
    await assert_whole(pythonista, told)


async def test_the_typescript_story(typist: Customer, copy: Path, tmp_path: Path) -> None:
    folder = copy / "typescript"
    await generate_typescript(PUBLISHED, folder)
    told = await run(folder, BIN / "node", "story.ts", PSTN_HOME=demo(typist, tmp_path))
    await assert_whole(typist, told)


async def test_the_typescript_story_fits_the_previous_release(copy: Path) -> None:
    # Types are gone when it runs: it would send the same again.
    await generate_typescript(PREVIOUS, copy / "typescript")

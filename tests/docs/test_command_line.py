"""The walk of docs/command-line.md, run as it is written by real processes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bills.fitting import bill_for
from tests.conftest import Service, make_customer
from tests.ports.porting import ACCOUNT, bill_date

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ORDER_NUMBER = re.compile(r"PSTN-[0-9]{6}")


def steps() -> list[tuple[str, str]]:
    """Commands with what the page shows of their answer."""
    blocks = BLOCK.findall(PAGE.read_text())
    assert [kind for kind, _ in blocks] == ["sh", "text"] * (len(blocks) // 2)
    return [
        (command, shown) for (_, command), (_, shown) in zip(blocks[::2], blocks[1::2], strict=True)
    ]


def is_shown(line: str, seen: str) -> bool:
    """Whether the answer has that line, in this order of words; `…` stands for anything."""
    pattern = r"\s+".join(re.escape(word) for word in line.split()).replace("…", ".*")
    return re.search(rf"^\s*{pattern}\s*$", seen, re.MULTILINE) is not None


async def test_the_page_is_a_walk_that_works(
    service: Service, stock: Callable[..., Any], tmp_path: Path
) -> None:
    if shutil.which("bash") is None:
        pytest.skip("the walk needs bash, which this machine has not")
    customer = await make_customer(service, connected=False)
    await stock(10)
    demo = {
        "baseUrl": service.url,
        "tokens": {
            "customerAdmin": str(customer.api.headers["Authorization"]).removeprefix("Bearer "),
            "operator": service.operator_token,
        },
        "locations": {"paidUs": customer.location_id},
    }
    (tmp_path / "demo.json").write_text(json.dumps(demo))
    numbers = ["+14255550101", "+14255550102"]
    paper = bill_for(ACCOUNT, numbers, await bill_date(customer))
    (tmp_path / "bill.pdf").write_bytes(paper)
    real: dict[str, str] = {}

    def as_made(text: str) -> str:
        return ORDER_NUMBER.sub(lambda found: real.get(found[0], found[0]), text)

    for command, shown in steps():
        process = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", as_made(command)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=tmp_path,
            env={
                "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "PSTN_HOME": str(tmp_path),
                "LANG": "C.UTF-8",
            },
        )
        output, _ = await asyncio.wait_for(process.communicate(), 60)
        seen = output.decode()
        assert process.returncode == 0, (command, seen)
        for placeholder, number in zip(
            ORDER_NUMBER.findall(shown), ORDER_NUMBER.findall(seen), strict=False
        ):
            real.setdefault(placeholder, number)
        for line in as_made(shown).splitlines():
            assert is_shown(line, seen), (command, line, seen)


def test_a_wrong_answer_would_be_noticed() -> None:
    assert is_shown("PSTN-1  next: …", "x\n  PSTN-1 next: carrier\n")
    assert not is_shown("PSTN-1 next: …", "PSTN-2 next: carrier")

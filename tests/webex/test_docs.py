"""The code in `docs/webex-clients.md` runs as it is written there."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path

from tests.conftest import Customer

DOCS = Path(__file__).parents[2] / "docs" / "webex-clients.md"
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


async def test_the_code_of_the_docs_runs(customer: Customer, tmp_path: Path) -> None:
    token = customer.api.headers["Authorization"].removeprefix("Bearer ")
    demo = {"baseUrl": customer.service.url, "tokens": {"customerAdmin": token}}
    (tmp_path / "demo.json").write_text(json.dumps(demo))

    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "\n".join(CODE.findall(DOCS.read_text())),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PSTN_HOME": str(tmp_path)},
    )
    out, errors = await process.communicate()

    assert process.returncode == 0, errors.decode()
    *_, brought, refused, code = out.decode().splitlines()
    assert brought == "['+12535550142', '+12535550143']"
    assert refused == "400 It cannot be combined with numberType=EXTENSION."
    assert code == "malformedRequest"

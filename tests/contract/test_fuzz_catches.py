"""The requests from the document find what they are for: faults put into the running service's
answers on their way are reported, each as what it is; without faults nothing is."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from tests.conftest import Customer, Service
from tests.contract.fuzz.run import command

OPERATIONS = ("getMe", "listLocations")


class Spoiler:
    """In front of the service: passes everything on, but for the faults that are put in."""

    def __init__(self, service: Service, *, faulty: bool) -> None:
        self._client = httpx.AsyncClient(base_url=service.url, timeout=60)
        self._faulty = faulty

    async def __call__(self, scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        query = scope["query_string"].decode()
        headers = [(n, v) for n, v in scope["headers"] if n not in (b"host", b"content-length")]
        url = scope["raw_path"].decode() + (f"?{query}" if query else "")
        answer = await self._client.request(scope["method"], url, headers=headers)
        status, content = answer.status_code, answer.content
        if self._faulty:
            status, content = _spoiled(scope["path"], query, status, content)
        sent = [(b"content-type", answer.headers["content-type"].encode())]
        if "allow" in answer.headers:
            sent.append((b"allow", answer.headers["allow"].encode()))
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": content})


def _spoiled(path: str, query: str, status: int, content: bytes) -> tuple[int, bytes]:
    if path == "/v1/people/me" and status == 200:  # a wrong type
        content = json.dumps({**json.loads(content), "roles": "customerAdmin"}).encode()
    if path == "/v1/locations" and "max=1000" in query:  # an odd value that is too much
        status, content = 500, b"{}"
    if path == "/v1/locations" and status == 401:  # an open door
        status, content = 200, b'{"items": []}'
    return status, content


FOUND = (
    "Response violates schema",
    "Server error",
    "API accepts requests without authentication",
)


@asynccontextmanager
async def spoiled(service: Service, *, faulty: bool) -> AsyncIterator[str]:
    """The address of the service, with faults in its answers or as it is."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(Spoiler(service, faulty=faulty), log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.mark.parametrize("faulty", [False, True])
async def test_faults_in_answers_are_found(
    customer: Customer, tmp_path: Path, faulty: bool
) -> None:
    token = customer.api.headers["Authorization"].removeprefix("Bearer ")
    known = {"token": token, "path": {}, "query": {}, "bodies": []}
    ground = tmp_path / "ground.json"
    content = {"orgId": customer.organization_id, "operations": dict.fromkeys(OPERATIONS, known)}
    ground.write_text(json.dumps(content))
    async with spoiled(customer.service, faulty=faulty) as url:
        chosen = [f"--include-operation-id={name}" for name in OPERATIONS]
        process = await asyncio.create_subprocess_exec(
            *command(url, 1, 5, *chosen, "--phases", "examples,coverage"),
            env={**os.environ, "PSTN_FUZZ_GROUND": str(ground)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed = (await process.communicate())[0].decode()
    assert process.returncode == (1 if faulty else 0), printed
    assert [name for name in FOUND if name in printed] == (list(FOUND) if faulty else []), printed

"""The public client `wxc_sdk`, synchronous or not, called alike: starts at `calling`."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import GeneratorType
from typing import Any

import httpx
import wxc_sdk.as_rest
import wxc_sdk.rest
from wxc_sdk import WebexSimpleApi
from wxc_sdk.as_api import AsWebexSimpleApi

from tests.webex.world import World

IS_STRICT = os.environ.get("API_MODEL_ALLOW_EXTRA") == "forbid"


class Calls:
    """The client's methods called alike: what one awaits is awaited, what comes bit by bit read."""

    def __init__(self, target: Any, runner: asyncio.Runner | None) -> None:
        self._target = target
        self._runner = runner

    def __getattr__(self, name: str) -> Calls:
        return Calls(getattr(self._target, name), self._runner)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self._target(*args, **kwargs)
        if self._runner is not None and inspect.isawaitable(result):
            return self._runner.run(_awaited(result))
        return list(result) if isinstance(result, GeneratorType) else result


async def _awaited(result: Any) -> Any:
    return await result


@contextmanager
def calling(kind: str, world: World, role: str = "customerAdmin") -> Iterator[Calls]:
    """The client of that kind, pointed at the service."""
    token = world.tokens.get(role, "pstn_nobody")
    base = f"{world.url}/v1"
    if kind == "sync":
        wxc_sdk.rest.RestSession.BASE = base
        with WebexSimpleApi(tokens=token) as api:
            yield Calls(api, None)
        return
    wxc_sdk.as_rest.AsRestSession.BASE = base
    with asyncio.Runner() as runner:
        client = runner.run(_made(token))
        try:
            yield Calls(client, runner)
        finally:
            runner.run(client.close())


async def _made(token: str) -> AsWebexSimpleApi:
    return AsWebexSimpleApi(tokens=token)


@dataclass(frozen=True)
class Refused:
    """A refusal as the client shows it."""

    status: int
    description: str
    """What is wrong; the whole answer where the client cannot read it."""


def refusal(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Refused:
    """How the client tells that the service refuses."""
    try:
        answer = call(*args, **kwargs)
    except wxc_sdk.rest.RestError as error:
        return Refused(error.response.status_code, error.description)
    except wxc_sdk.as_rest.AsRestError as error:
        return Refused(error.status, str(error.detail))
    raise AssertionError(f"not refused: {answer!r}")


def asked(world: World, path: str, **query: str) -> httpx.Response:
    """What the service itself answers, beside the client."""
    headers = {"Authorization": f"Bearer {world.tokens['customerAdmin']}"}
    return httpx.get(f"{world.url}/v1{path}", params=query, headers=headers)

"""`pstn serve` with crash points: its processes `kill -9` themselves where a test wants it.

`python -m tests.resilience.crashing serve` starts the real supervisor, whose children are the real
API and worker, run through this module. A point is armed by a file of its name in the folder
`PSTN_TEST_CRASHES`; the first process to reach it takes the file away and dies there.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI, Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import main, worker
from app.cli import serve
from app.core import idempotency, logs
from app.core.database import Database
from app.core.settings import Settings, get_settings
from app.integrations.carriers.simulator import SimulatedCarrier
from app.jobs.queue import Handler, Payload
from app.telephony.phone_number import PhoneNumber

FOLDER = "PSTN_TEST_CRASHES"
MODULE = "tests.resilience.crashing"
COMMAND = (sys.executable, "-m", MODULE, "serve")

BEFORE_COMMIT = "beforeCommit"
BEFORE_ANSWER = "beforeAnswer"
API_POINTS = (BEFORE_COMMIT, BEFORE_ANSWER)

BEFORE_JOB = "beforeJob"
BEFORE_CARRIER = "beforeCarrier"
AFTER_CARRIER = "afterCarrier"
BEFORE_ACKNOWLEDGEMENT = "beforeAcknowledgement"
WORKER_POINTS = (BEFORE_JOB, BEFORE_CARRIER, AFTER_CARRIER, BEFORE_ACKNOWLEDGEMENT)


def arm(folder: Path, point: str) -> None:
    """Have the next process that comes to that point die there."""
    (folder / point).touch()


def is_armed(folder: Path, point: str) -> bool:
    """Whether nobody has died there yet."""
    return (folder / point).exists()


def die_at(point: str) -> None:
    """`kill -9` of this process, if that is wanted here."""
    try:
        (Path(os.environ[FOLDER]) / point).unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


class DyingBeforeItAnswers:
    """Dies with a success in its hands that is committed and that nobody has been told of."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_or_die(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 201:
                die_at(BEFORE_ANSWER)
            await send(message)

        await self._app(scope, receive, send_or_die)


def serve_api() -> None:
    """`app.main` with its two points."""
    create_app, keep = main.create_app, idempotency.keep

    def create(settings: Settings, database_url: str | None = None) -> FastAPI:
        app = create_app(settings, database_url)
        app.add_middleware(DyingBeforeItAnswers)
        return app

    async def keep_and_die(request: Request, response: Response) -> None:
        await keep(request, response)
        if response.status_code == 201:
            die_at(BEFORE_COMMIT)

    with (
        patch.object(main, "create_app", create),
        patch.object(idempotency, "keep", keep_and_die),
    ):
        main.main()


class DyingCarrier(SimulatedCarrier):
    """The simulated carrier, with points on both sides of the call."""

    async def order_numbers(self, reference: str, numbers: Sequence[PhoneNumber]) -> None:
        die_at(BEFORE_CARRIER)
        await super().order_numbers(reference, numbers)
        die_at(AFTER_CARRIER)


def work() -> None:
    """`app.worker` with its four points."""
    make_context = worker.make_context

    def make(settings: Settings, database: Database) -> worker.Context:
        return replace(
            make_context(settings, database),
            carrier=DyingCarrier(database, latency_seconds=settings.simulator_latency_seconds),
        )

    def dying(handler: Handler) -> Handler:
        async def call(context: Any, payload: Payload) -> None:
            die_at(BEFORE_JOB)
            await handler.call(context, payload)
            die_at(BEFORE_ACKNOWLEDGEMENT)

        return Handler(handler.name, call)

    with (
        patch.object(worker, "make_context", make),
        patch.object(worker, "HANDLERS", [dying(handler) for handler in worker.HANDLERS]),
    ):
        worker.main()


def supervise() -> None:
    """`pstn serve`, its children run through this module."""
    child = serve.Child

    def through_here(
        name: str, arguments: tuple[str, ...], descriptors: tuple[int, ...]
    ) -> serve.Child:
        return child(name, (MODULE, *arguments), descriptors)

    settings = get_settings()
    logs.configure(settings.log_level)
    with patch.object(serve, "Child", through_here), serve.explained():
        serve.run(settings)


if __name__ == "__main__":
    what = sys.argv.pop(1)
    {"serve": supervise, "app.main": serve_api, "app.worker": work}[what]()

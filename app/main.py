"""The web process: `create_app` makes the application, `python -m app.main` serves it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Response

from app.api import ROUTERS, TAGS
from app.auth.oidc import Issuer
from app.core import bootstrap, docs_page, http, logs, openapi, parent
from app.core.database import Database, is_ready
from app.core.rate_limit import RateLimit
from app.core.settings import Settings, get_settings
from app.domains.events.service.streaming import Hub
from app.domains.webhooks.service import documenting
from app.integrations.address_validation.rules import RuleBasedAddressValidator
from app.integrations.carriers.simulator import SimulatedCarrier
from app.integrations.documents.reading import is_ocr_there
from app.integrations.storage.store import FileStore
from app.integrations.webhooks.http import HttpWebhookSender

VERSION = "0.2.0"
DESCRIPTION = """
Put a location on Cisco PSTN, order telephone numbers or port them here, and hear of every change.

Errors are `application/problem+json` with a stable `code`, and all `violations` at once; each kind
has [a page](/docs/problems) that says what to do. Every POST takes an `Idempotency-Key`. Lists page
with `max` and the `Link` header. Texts for people come in English and Polish by `Accept-Language`.
"""


def create_app(settings: Settings, database_url: str | None = None) -> FastAPI:
    """The application, on the database of that address; with none, only its document is usable."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        assert database_url is not None  # noqa: S101 - served only with one
        database = Database(database_url, pool_size=settings.database_pool_size)
        app.state.database = database
        app.state.rate_limit = RateLimit(settings.rate_limit_per_minute)
        app.state.secret = settings.secret()
        app.state.issuer = Issuer.of(settings)
        app.state.simulator = settings.simulator
        app.state.address_validator = RuleBasedAddressValidator()
        app.state.carrier = SimulatedCarrier(
            database, latency_seconds=settings.simulator_latency_seconds
        )
        app.state.keys = settings.key_ring()
        app.state.store = FileStore(settings.storage_url, settings.home / "files")
        app.state.webhook_sender = HttpWebhookSender(allow_loopback=settings.webhook_allow_loopback)
        app.state.settings = settings
        app.state.events = Hub(database, bootstrap.dsn(database_url))
        async with app.state.events.running():
            yield
        await database.close()

    app = FastAPI(
        title="Cisco PSTN",
        version=VERSION,
        description=DESCRIPTION.strip(),
        openapi_tags=TAGS,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=openapi.operation_id,
    )
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    http.install(app)
    openapi.install(app, *documenting.document())
    docs_page.install(app)
    _add_health(app)
    return app


class Server(uvicorn.Server):
    """Serves; once told to stop it ends the streams, before it waits for answers under way."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        assert isinstance(self.config.app, FastAPI)  # noqa: S101 - it serves ours
        self.config.app.state.events.close()
        await super().shutdown(sockets)


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz(response: Response) -> dict[str, object]:
        database_answers = await is_ready(app.state.database)
        if not database_answers:
            response.status_code = 503
            response.headers["Retry-After"] = "2"
        return {
            "status": "ok" if database_answers else "unavailable",
            "checks": {
                "database": "ok" if database_answers else "away",
                # Without it pictures of bills are stored and not read; nothing else is missing.
                "ocr": "ok" if await asyncio.to_thread(is_ocr_there) else "absent",
            },
        }


def main() -> None:
    """Serve, on a listening socket that is inherited or on the settings' address."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, default=None)
    arguments = parser.parse_args()
    settings = get_settings()
    logs.configure(settings.log_level)
    with bootstrap.addresses(settings) as where:
        server = Server(
            uvicorn.Config(
                create_app(settings, where.app),
                fd=arguments.fd,
                host=settings.host,
                port=settings.port,
                access_log=False,
                log_level=logging.WARNING,
                server_header=False,
                timeout_graceful_shutdown=10,
                # Longer than clients and proxies keep an idle connection: whoever closes first must
                # be the one who sends next.
                timeout_keep_alive=75,
            )
        )

        def stop() -> None:
            server.should_exit = True

        async def serve() -> None:
            with parent.watched(stop):
                await server.serve()

        asyncio.run(serve())


if __name__ == "__main__":
    main()

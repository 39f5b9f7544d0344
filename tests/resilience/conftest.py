"""Homes with the demo to run real processes in, and markets of one and of two API processes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from app.auth import service as auth
from app.auth.caller import Role
from app.auth.schemas import AccessTokenCreate
from app.cli import demo
from app.core import bootstrap, embedded_postgres
from app.core.database import EVERYTHING, Database
from app.core.settings import Settings
from tests.conftest import Cluster, Service, serving
from tests.resilience.running import Homes, Running, kill_all
from tests.resilience.selling import Market

ORGANIZATIONS, BUYERS_EACH = 10, 5


@pytest.fixture(scope="session")
async def template() -> AsyncIterator[Path]:
    """A home with the demo, made by a first start and stopped; tests get copies of it."""
    home = Path(tempfile.mkdtemp(prefix="pr-"))
    running = Running(home)
    try:
        await running.ready()
        status, _ = await running.terminate()
        assert status == 0, running.tail()
        yield home
    finally:
        kill_all(home)
        shutil.rmtree(home, ignore_errors=True)
        running.log.unlink(missing_ok=True)


@pytest.fixture
def homes(template: Path) -> Iterator[Homes]:
    """Homes of a test's own, with the demo."""
    given = Homes(template)
    yield given
    given.clear()


@pytest.fixture
def empty_homes() -> Iterator[Homes]:
    """Homes that nothing was started in yet."""
    given = Homes()
    yield given
    given.clear()


@asynccontextmanager
async def operating(running: Running) -> AsyncIterator[Service]:
    """A running `pstn serve` as the operator and its database see it."""
    settings = Settings(home=running.home)
    with bootstrap.addresses(settings) as where:
        database = Database(where.app, pool_size=5)
        try:
            token = running.demo()["tokens"]["operator"]
            yield Service(running.url, database, token, running.home, settings.key_ring())
        finally:
            await database.close()


@pytest.fixture(scope="module")
async def market(service: Service, cluster: Cluster) -> Market:
    """Fifty buyers of ten organisations, and the API in this process."""
    seen = Service(
        service.url, service.database, service.operator_token, cluster.home, service.keys
    )
    return await Market.open(seen, organizations=ORGANIZATIONS, buyers_each=BUYERS_EACH)


@pytest.fixture(scope="module")
async def spoilt_market(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Market]:
    """The same as `market`, on a database of its own that may be ruined."""
    server = embedded_postgres.attach(cluster.home)
    name = f"spoilt_{uuid4().hex[:8]}"
    where = bootstrap.Addresses(
        app=server.url(user=bootstrap.APP, database=name),
        owner=server.url(user=bootstrap.OWNER, database=name),
    )
    await bootstrap.create_database(server.url(user=server.superuser, database="postgres"), name)
    await bootstrap.prepare(where)
    home = tmp_path_factory.mktemp("spoilt")
    settings = Settings(home=home, demo=False, rate_limit_per_minute=1_000_000)
    database = Database(where.app, pool_size=5)
    async with database.write(EVERYTHING) as session:
        wish = AccessTokenCreate(name="tests", role=Role.operator, expires_in_days=1)
        _, token = await auth.create_token(session, demo.OPERATOR, wish)
    async with serving(settings, where.app) as url:
        seen = Service(url, database, token, cluster.home, settings.key_ring())
        yield await Market.open(seen, organizations=ORGANIZATIONS, buyers_each=BUYERS_EACH)
    await database.close()
    server.detach()


@pytest.fixture(scope="module")
async def busy_market(template: Path) -> AsyncIterator[tuple[Market, Running]]:
    """The same, and `pstn serve` with two API processes and two workers."""
    homes = Homes(template)
    running = Running(homes.make(), PSTN_API_PROCESSES="2", PSTN_WORKER_PROCESSES="2")
    try:
        await running.ready()
        async with operating(running) as service:
            yield (
                await Market.open(service, organizations=ORGANIZATIONS, buyers_each=BUYERS_EACH),
                running,
            )
    finally:
        homes.clear()

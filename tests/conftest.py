"""The service of the tests: real PostgreSQL, a database for each worker, real HTTP, a real worker.

`service` is the running service, `api` calls it as an operator, `customer` is a fresh
organisation with its administrator, its location and its token. Tests share one stock of numbers
and get numbers of their own from `stock`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import structlog
import uvicorn

from app import worker
from app.auth import service as auth
from app.auth.caller import Role
from app.auth.schemas import AccessTokenCreate
from app.cli import demo
from app.core import bootstrap, embedded_postgres, logs
from app.core.database import EVERYTHING, Database
from app.core.sealing import KeyRing
from app.core.settings import Settings
from app.main import Server, create_app

SEATTLE = {
    "address1": "400 Broad Street",
    "city": "Seattle",
    "state": "WA",
    "postalCode": "98109",
    "country": "US",
}
CISCO_PSTN = {
    "pstnConnectionType": "CISCO_PSTN",
    "contact": {
        "companyName": "Northwind Traders",
        "firstName": "Ada",
        "lastName": "Example",
        "email": "ada@northwind.example",
    },
    "emergencyDisclaimer": {"acceptedBy": "Ada Example", "jobTitle": "Head of IT"},
    "emergencyAddress": SEATTLE,
}
logs.configure("WARNING")
structlog.configure(cache_logger_on_first_use=False)  # some tests listen to the logs
TLS = httpx.create_ssl_context()
"""One for all callers: to make it costs more than most of their requests."""
HEADER = "country,state,city,rateCenter,numberType,firstNumber,lastNumber\n"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first: at the end one worker would be left alone with it."""
    items.sort(key=lambda item: "/stateful/" not in item.path.as_posix())


@dataclass(frozen=True)
class Cluster:
    """The PostgreSQL of this test run and a database on it of this worker's own."""

    server: embedded_postgres.Cluster
    addresses: bootstrap.Addresses
    home: Path


async def make_database(server: embedded_postgres.Cluster, name: str) -> bootstrap.Addresses:
    """A database made by the migrations; others may have one of that name."""
    name = f"{name}_{uuid4().hex[:8]}"
    addresses = bootstrap.Addresses(
        app=server.url(user=bootstrap.APP, database=name),
        owner=server.url(user=bootstrap.OWNER, database=name),
    )
    superuser = server.url(user=server.superuser, database="postgres")
    await bootstrap.create_database(superuser, name)
    await bootstrap.prepare(addresses)
    return addresses


@pytest.fixture(scope="session")
def cluster(worker_id: str) -> Iterator[Cluster]:
    """An embedded PostgreSQL, one for all workers of a run; a database made by the migrations."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "alone")
    home = Path(tempfile.gettempdir()) / f"pstn-tests-{os.getuid()}-{run[:8]}"
    home.mkdir(mode=0o700, exist_ok=True)
    server = embedded_postgres.attach(home)
    addresses = asyncio.run(make_database(server, f"test_{worker_id}"))
    yield Cluster(server, addresses, home)
    server.detach()


@dataclass(frozen=True)
class Service:
    """A running service."""

    url: str
    database: Database
    operator_token: str
    home: Path
    keys: KeyRing


@asynccontextmanager
async def serving(settings: Settings, url: str) -> AsyncIterator[str]:
    """The API and a worker in this process, on a free port; their address."""
    # With the protocol named asyncio sends each part of an answer at once, as in `pstn serve`.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    server = Server(
        uvicorn.Config(
            create_app(settings, url),
            access_log=False,
            log_level="warning",
            timeout_keep_alive=75,  # as in `pstn serve`
        )
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    answering = asyncio.create_task(server.serve(sockets=[listener]))
    working = asyncio.create_task(worker.run(settings, url))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    working.cancel()
    server.should_exit = True
    await asyncio.gather(answering, working, return_exceptions=True)


@asynccontextmanager
async def service_on(addresses: bootstrap.Addresses, home: Path) -> AsyncIterator[Service]:
    """The service on a database, and its operator."""
    settings = Settings(
        home=home,
        demo=False,
        rate_limit_per_minute=1_000_000,
        webhook_allow_loopback=True,
        webhook_timeout_seconds=1,
        event_stream_seconds=2,
        event_ping_seconds=0.2,
    )
    database = Database(addresses.app, pool_size=5)
    async with database.write(EVERYTHING) as session:
        _, token = await auth.create_token(
            session,
            demo.OPERATOR,
            AccessTokenCreate(name="tests", role=Role.operator, expires_in_days=1),
        )
    async with serving(settings, addresses.app) as url:
        yield Service(url, database, token, home, settings.key_ring())
    await database.close()


@pytest.fixture(scope="session")
async def service(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """The service under test."""
    async with service_on(cluster.addresses, tmp_path_factory.mktemp("home")) as service:
        yield service


class Api(httpx.AsyncClient):
    """A caller of the service: a token, and patience."""

    def __init__(self, url: str, token: str | None, **headers: str) -> None:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        super().__init__(
            base_url=f"{url}/v1",
            headers=headers,
            timeout=60,
            limits=httpx.Limits(max_connections=None),
            verify=TLS,
        )

    async def ended(self, order_id: str, timeout_seconds: float = 30) -> dict[str, Any]:
        """The order once it is no longer pending."""
        async with asyncio.timeout(timeout_seconds):
            while True:
                order = (await self.get(f"/telephony/pstn/orders/{order_id}")).json()
                if order["status"] != "pending":
                    return dict(order)
                await asyncio.sleep(0.05)


@pytest.fixture
async def api(service: Service) -> AsyncIterator[Api]:
    """The operator."""
    async with Api(service.url, service.operator_token) as client:
        yield client


@dataclass
class Customer:
    """An organisation of a test's own, with a location, and its administrator calling."""

    api: Api
    organization_id: str
    partner_id: str
    location_id: str
    service: Service
    operator: Api

    @property
    def location(self) -> str:
        """The path of the location's PSTN resources."""
        return f"/telephony/pstn/locations/{self.location_id}"

    async def connect(self) -> None:
        """Put the location on Cisco PSTN."""
        response = await self.api.put(f"{self.location}/connection", json=CISCO_PSTN)
        assert response.status_code == 200, response.text

    async def accept_terms(self) -> None:
        """Accept the terms of service."""
        terms = (await self.api.get("/telephony/pstn/termsOfService")).json()
        response = await self.api.post(
            "/telephony/pstn/termsOfService/acceptance", json={"version": terms["version"]}
        )
        assert response.status_code == 200, response.text

    async def caller(self, role: str) -> Api:
        """Somebody else of the organisation, or of its partner, or of the staff."""
        token = await token_for(self.operator, role, self.organization_id, self.partner_id)
        return Api(self.service.url, token)

    async def order(self, *numbers: str, **headers: str) -> httpx.Response:
        """Order numbers by name."""
        return await self.api.post(
            f"{self.location}/numberOrders",
            json={"type": "numbers", "phoneNumbers": list(numbers)},
            headers=headers,
        )


async def token_for(operator: Api, role: str, organization_id: str, partner_id: str) -> str:
    """A token with that role."""
    wish: dict[str, Any] = {"name": role, "role": role}
    if role in ("customerAdmin", "readOnlyAdmin"):
        wish["orgId"] = organization_id
    if role == "partnerAdmin":
        wish["partnerId"] = partner_id
    response = await operator.post("/accessTokens", json=wish)
    assert response.status_code == 201, response.text
    return str(response.json()["token"])


def location_wish(address: dict[str, Any], zone: str = "America/Los_Angeles") -> dict[str, Any]:
    """A location at that address."""
    return {"name": f"Office {uuid4().hex[:6]}", "timeZone": zone, "address": address}


async def make_customer(
    service: Service,
    *,
    subscription: str = "paid",
    connected: bool = True,
    address: dict[str, Any] | None = None,
    partner: dict[str, Any] | None = None,
    plans: list[dict[str, Any]] | None = None,
) -> Customer:
    """An organisation with one location, on Cisco PSTN unless told otherwise."""
    operator = Api(service.url, service.operator_token)
    response = await operator.post(
        "/organizations",
        json={
            "displayName": f"Organisation {uuid4().hex[:6]}",
            "subscription": {"type": subscription},
            "partner": {
                "name": "Contoso Voice",
                "varAuthorized": True,
                "pstnAddendumAcceptedAt": "2026-01-15T09:00:00Z",
                **(partner or {}),
            },
            "outboundCallingPlans": [{"quantity": 5, "source": "ccw"}] if plans is None else plans,
        },
    )
    assert response.status_code == 201, response.text
    organization_id = response.json()["id"]
    account = (await operator.get(f"/organizations/{organization_id}/pstnAccount")).json()
    partner_id = account["partner"]["id"]
    token = await token_for(operator, "customerAdmin", organization_id, partner_id)
    client = Api(service.url, token)
    made = await client.post("/locations", json=location_wish(address or SEATTLE))
    assert made.status_code == 201, made.text
    customer = Customer(client, organization_id, partner_id, made.json()["id"], service, operator)
    if connected:
        await customer.connect()
    return customer


@pytest.fixture
async def customer(service: Service) -> Customer:
    """A paid organisation whose location is on Cisco PSTN."""
    return await make_customer(service)


@pytest.fixture
async def trial(service: Service) -> Customer:
    """A trial organisation whose location is on Cisco PSTN."""
    return await make_customer(service, subscription="trial")


async def import_csv(api: Api, content: str | bytes, timeout_seconds: float = 60) -> dict[str, Any]:
    """Put a file in stock and wait for it."""
    data = content.encode() if isinstance(content, str) else content
    response = await api.post("/inventory/imports", files={"file": ("stock.csv", data)})
    assert response.status_code == 201, response.text
    async with asyncio.timeout(timeout_seconds):
        while True:
            known = (await api.get(f"/inventory/imports/{response.json()['id']}")).json()
            if known["status"] != "running":
                return dict(known)
            await asyncio.sleep(0.05)


_thousands = itertools.count()


def fresh_thousand() -> int:
    """The first number of a thousand that no other test of this worker uses: +1 206 NXX X000."""
    index = next(_thousands)
    prefix = 200 + index // 10
    if prefix >= 555:
        prefix += 1
    return (12_060_000_000 // 10**7 * 1000 + prefix) * 10**4 + index % 10 * 1000


@pytest.fixture
async def stock(api: Api) -> Callable[..., Any]:
    """Put fresh numbers in stock: `await stock(5)` gives five consecutive new numbers in 206."""

    async def add(count: int = 10, city: str = "Seattle") -> list[str]:
        first = fresh_thousand()
        line = f"US,WA,{city},SEATTLE,local,+{first},+{first + count - 1}\n"
        result = await import_csv(api, HEADER + line)
        assert result["imported"] == count, result
        return [f"+{number}" for number in range(first, first + count)]

    return add

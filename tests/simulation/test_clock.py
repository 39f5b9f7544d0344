"""The clock that can be advanced."""

import asyncio
from datetime import UTC, datetime, timedelta

from app.core.settings import Settings
from tests.conftest import Api, Cluster, Service, serving


async def test_the_clock_is_the_real_one_plus_what_it_was_advanced_by(api: Api) -> None:
    before = datetime.fromisoformat((await api.get("/simulator/clock")).json()["now"])

    response = await api.post("/simulator/clock/advance", json={"seconds": 3600})

    assert response.status_code == 200
    after = datetime.fromisoformat(response.json()["now"])
    assert timedelta(hours=1) <= after - before < timedelta(hours=1, minutes=1)


async def test_two_advances_at_once_add_up(api: Api) -> None:
    before = datetime.fromisoformat((await api.get("/simulator/clock")).json()["now"])
    await asyncio.gather(
        *(api.post("/simulator/clock/advance", json={"seconds": 600}) for _ in range(3))
    )
    after = datetime.fromisoformat((await api.get("/simulator/clock")).json()["now"])
    assert timedelta(minutes=30) <= after - before < timedelta(minutes=31)


async def test_tokens_live_by_the_real_clock(api: Api) -> None:
    await api.post("/simulator/clock/advance", json={"seconds": 86_400 * 2})
    me = await api.get("/people/me")
    assert me.status_code == 200
    made = await api.post("/accessTokens", json={"name": "x", "role": "operator"})
    created = datetime.fromisoformat(made.json()["createdAt"])
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)


async def test_there_is_no_simulator_outside_of_simulator_mode(
    cluster: Cluster, service: Service
) -> None:
    settings = Settings(home=service.home, demo=False, simulator=False)
    async with (
        serving(settings, cluster.addresses.app) as url,
        Api(url, service.operator_token) as api,
    ):
        for path in ("/simulator/clock", "/simulator/script"):
            assert (await api.get(path)).status_code == 404
        advance = await api.post("/simulator/clock/advance", json={"seconds": 1})
        assert advance.status_code == 404


async def test_the_script_is_readable(api: Api) -> None:
    script = (await api.get("/simulator/script")).json()["items"]
    assert {"30", "31"} <= {line["ending"] for line in script}

"""An `Idempotency-Key` makes a POST happen once, and its answer come again (api.md)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select, text, update

from app.core import idempotency
from app.core.database import EVERYTHING
from app.core.idempotency import KeptAnswer
from tests.conftest import (
    HEADER,
    SEATTLE,
    Api,
    Customer,
    Service,
    fresh_thousand,
    location_wish,
    make_customer,
)

Stock = Callable[..., Awaitable[list[str]]]
KEY = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"


@pytest.fixture
def key() -> str:
    """A key that nobody has used."""
    return f"key-{uuid4()}"


async def orders(customer: Customer) -> list[str]:
    """The ids of the organisation's orders."""
    listed = await customer.api.get("/telephony/pstn/orders")
    return [order["id"] for order in listed.json()["items"]]


def check_replay(first: httpx.Response, second: httpx.Response) -> None:
    """The second is the first over again, and says so."""
    assert REPLAYED not in first.headers
    assert second.headers[REPLAYED] == "true"
    assert second.status_code == first.status_code
    assert second.content == first.content
    for name in ("Location", "ETag", "Content-Type", "Content-Language"):
        assert second.headers.get(name) == first.headers.get(name)


def check_refused(response: httpx.Response, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    assert response.json()["code"] == code
    assert REPLAYED not in response.headers


async def test_the_same_request_again_is_answered_with_the_first_answer(
    customer: Customer, stock: Stock, key: str
) -> None:
    numbers = await stock(3)

    first = await customer.order(*numbers, **{KEY: key})
    await customer.api.ended(first.json()["id"])
    second = await customer.order(*numbers, **{KEY: key})

    assert first.status_code == 201
    assert first.headers["Location"]
    assert first.headers["ETag"]
    check_replay(first, second)
    assert second.json()["status"] == "pending"
    assert await orders(customer) == [first.json()["id"]]


async def test_a_replay_has_a_tracking_id_of_its_own(
    customer: Customer, stock: Stock, key: str
) -> None:
    numbers = await stock(1)
    await customer.order(*numbers, **{KEY: key, "TrackingID": "one"})

    again = await customer.order(*numbers, **{KEY: key, "TrackingID": "two"})

    assert again.headers[REPLAYED] == "true"
    assert again.headers["TrackingID"] == "two"


async def test_another_body_under_a_used_key_is_refused(
    customer: Customer, stock: Stock, key: str
) -> None:
    numbers = await stock(2)
    first = await customer.order(numbers[0], **{KEY: key})

    check_refused(await customer.order(numbers[1], **{KEY: key}), 422, "idempotencyKeyReused")
    check_refused(await customer.order(*numbers, **{KEY: key}), 422, "idempotencyKeyReused")
    assert await orders(customer) == [first.json()["id"]]


async def test_without_a_key_the_same_request_is_another_one(customer: Customer) -> None:
    wish = location_wish(SEATTLE)
    first = await customer.api.post("/locations", json=wish)
    second = await customer.api.post("/locations", json={**wish, "name": "Another"})

    assert first.json()["id"] != second.json()["id"]
    assert REPLAYED not in second.headers


async def test_thirty_at_once_with_one_key_make_one_order(
    customer: Customer, stock: Stock, key: str
) -> None:
    numbers = await stock(3)

    answers = await asyncio.gather(*(customer.order(*numbers, **{KEY: key}) for _ in range(30)))

    [first] = [a for a in answers if a.status_code == 201 and REPLAYED not in a.headers]
    for answer in answers:
        if answer.status_code == 201:
            assert answer.content == first.content
        else:
            check_refused(answer, 409, "idempotencyKeyInFlight")
            assert int(answer.headers["Retry-After"]) >= 1
    assert await orders(customer) == [first.json()["id"]]
    check_replay(first, await customer.order(*numbers, **{KEY: key}))


async def test_who_asks_again_until_answered_is_answered_the_same(
    customer: Customer, stock: Stock, key: str
) -> None:
    numbers = await stock(3)

    async def insist() -> bytes:
        while (answer := await customer.order(*numbers, **{KEY: key})).status_code == 409:
            await asyncio.sleep(0.02)
        assert answer.status_code == 201, answer.text
        return answer.content

    assert len(set(await asyncio.gather(*(insist() for _ in range(20))))) == 1
    assert len(await orders(customer)) == 1


async def test_a_quoted_key_is_the_bare_one(customer: Customer, stock: Stock, key: str) -> None:
    numbers = await stock(1)
    first = await customer.order(*numbers, **{KEY: f'"{key}"'})

    check_replay(first, await customer.order(*numbers, **{KEY: key}))


@pytest.mark.parametrize("length", [1, 255])
async def test_a_key_may_be_as_long_as_that(customer: Customer, stock: Stock, length: int) -> None:
    numbers = await stock(1)
    first = await customer.order(*numbers, **{KEY: "k" * length})

    check_replay(first, await customer.order(*numbers, **{KEY: "k" * length}))


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b'""',
        b'" "',
        b"k" * 256,
        b'"' + b"k" * 256 + b'"',
        b"tab\there",
        b"delete\x7f",
        b"control\x9f",
    ],
    ids=repr,
)
async def test_a_key_that_is_none_is_refused_and_nothing_done(
    customer: Customer, stock: Stock, bad: bytes
) -> None:
    numbers = await stock(1)

    response = await customer.api.post(
        f"{customer.location}/numberOrders",
        json={"type": "numbers", "phoneNumbers": numbers},
        headers=[(KEY.encode(), bad)],
    )

    assert response.status_code in (400, 422), response.text
    if response.headers["content-type"] == "application/problem+json":
        check_refused(response, 422, "validationFailed")
    assert await orders(customer) == []


async def test_a_key_counts_for_one_credential_only(
    customer: Customer, stock: Stock, key: str
) -> None:
    numbers = await stock(2)
    colleague = await customer.caller("customerAdmin")

    first = await customer.order(numbers[0], **{KEY: key})
    second = await colleague.post(
        f"{customer.location}/numberOrders",
        json={"type": "numbers", "phoneNumbers": [numbers[1]]},
        headers={KEY: key},
    )

    assert (first.status_code, second.status_code) == (201, 201), second.text
    assert first.json()["id"] != second.json()["id"]
    assert REPLAYED not in second.headers


async def test_a_key_counts_for_one_organisation_only(service: Service, key: str) -> None:
    one = await make_customer(service)
    other = await make_customer(service, partner={"id": one.partner_id})
    partner = await one.caller("partnerAdmin")
    wish = location_wish(SEATTLE)

    made = [
        await partner.post(
            "/locations",
            params={"orgId": customer.organization_id},
            json=wish,
            headers={KEY: key},
        )
        for customer in (one, other)
    ]

    assert [response.status_code for response in made] == [201, 201], made[1].text
    assert REPLAYED not in made[1].headers
    assert made[0].json()["id"] != made[1].json()["id"]


async def test_a_key_counts_for_one_route_only(customer: Customer, stock: Stock, key: str) -> None:
    numbers = await stock(1)
    wish = location_wish(SEATTLE)

    location = await customer.api.post("/locations", json=wish, headers={KEY: key})
    order = await customer.order(*numbers, **{KEY: key})

    assert (location.status_code, order.status_code) == (201, 201)
    assert REPLAYED not in order.headers


async def test_a_key_counts_for_one_location_only(
    customer: Customer, stock: Stock, key: str
) -> None:
    numbers = await stock(2)
    made = await customer.api.post("/locations", json=location_wish(SEATTLE))
    here = customer.location
    await customer.order(numbers[0], **{KEY: key})

    customer.location_id = made.json()["id"]
    await customer.connect()
    elsewhere = await customer.order(numbers[1], **{KEY: key})

    assert customer.location != here
    assert elsewhere.status_code == 201, elsewhere.text
    assert REPLAYED not in elsewhere.headers


async def test_a_refusal_is_judged_anew(customer: Customer, api: Api, key: str) -> None:
    first_number = fresh_thousand()
    wanted = f"+{first_number}"

    check_refused(await customer.order(wanted, **{KEY: key}), 409, "numbersUnavailable")
    check_refused(await customer.order("+48", **{KEY: key}), 422, "policyViolation")

    line = f"US,WA,Seattle,SEATTLE,local,{wanted},{wanted}\n"
    await put_in_stock(api, HEADER + line)
    answer = await customer.order(wanted, **{KEY: key})

    assert answer.status_code == 201, answer.text
    assert REPLAYED not in answer.headers
    check_replay(answer, await customer.order(wanted, **{KEY: key}))


async def put_in_stock(api: Api, content: str, **headers: str) -> httpx.Response:
    """Upload a file and wait until it is in stock."""
    response = await api.post(
        "/inventory/imports", files={"file": ("stock.csv", content.encode())}, headers=headers
    )
    assert response.status_code == 201, response.text
    async with asyncio.timeout(30):
        path = f"/inventory/imports/{response.json()['id']}"
        while (await api.get(path)).json()["status"] == "running":
            await asyncio.sleep(0.05)
    return response


async def test_a_caller_whose_right_is_gone_gets_no_replay(
    customer: Customer, stock: Stock, key: str
) -> None:
    numbers = await stock(1)
    made = await customer.operator.post(
        "/accessTokens",
        json={"name": "x", "role": "customerAdmin", "orgId": customer.organization_id},
    )
    leaving = Api(customer.service.url, made.json()["token"])
    wish = {"type": "numbers", "phoneNumbers": numbers}
    path = f"{customer.location}/numberOrders"
    assert (await leaving.post(path, json=wish, headers={KEY: key})).status_code == 201

    await customer.operator.delete(f"/accessTokens/{made.json()['id']}")

    check_refused(await leaving.post(path, json=wish, headers={KEY: key}), 401, "unauthorized")


async def test_a_replayed_token_comes_without_its_secret(
    customer: Customer, service: Service, key: str
) -> None:
    wish = {"name": "laptop", "role": "readOnlyAdmin"}

    first = await customer.api.post("/accessTokens", json=wish, headers={KEY: key})
    second = await customer.api.post("/accessTokens", json=wish, headers={KEY: key})

    assert second.headers[REPLAYED] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    known = first.json()
    secret = known.pop("token")
    assert second.json() == known
    async with service.database.read(EVERYTHING) as session:
        kept = await session.scalars(select(KeptAnswer).where(KeptAnswer.key == key))
        [row] = kept
        assert secret.encode() not in row.body
        assert secret not in row.headers


async def test_the_order_of_members_and_blanks_make_no_other_body(
    customer: Customer, stock: Stock, key: str
) -> None:
    numbers = await stock(2)
    path = f"{customer.location}/numberOrders"
    wish = {"type": "numbers", "phoneNumbers": numbers}
    headers = {KEY: key, "Content-Type": "application/json"}

    first = await customer.api.post(path, content=json.dumps(wish), headers=headers)
    turned = dict(reversed(wish.items()))
    second = await customer.api.post(path, content=json.dumps(turned, indent=4), headers=headers)

    assert first.status_code == 201, first.text
    check_replay(first, second)


async def test_the_order_of_a_list_makes_another_body(
    customer: Customer, stock: Stock, key: str
) -> None:
    numbers = await stock(2)
    await customer.order(*numbers, **{KEY: key})

    check_refused(
        await customer.order(*reversed(numbers), **{KEY: key}), 422, "idempotencyKeyReused"
    )


async def test_a_replay_tells_the_language_of_its_body(
    customer: Customer, stock: Stock, key: str
) -> None:
    numbers = await stock(1)
    first = await customer.order(*numbers, **{KEY: key, "Accept-Language": "pl"})
    second = await customer.order(*numbers, **{KEY: key, "Accept-Language": "en"})

    assert first.headers["Content-Language"] == "pl"
    check_replay(first, second)


async def test_a_file_sent_again_is_the_import_it_was(api: Api, key: str) -> None:
    first_number = fresh_thousand()
    content = f"{HEADER}US,WA,Seattle,SEATTLE,local,+{first_number},+{first_number + 9}\n"

    first = await put_in_stock(api, content, **{KEY: key})
    second = await put_in_stock(api, content, **{KEY: key})

    check_replay(first, second)
    known = (await api.get(f"/inventory/imports/{first.json()['id']}")).json()
    assert known["imported"] == 10


async def test_another_file_under_a_used_key_is_refused(api: Api, key: str) -> None:
    first_number = fresh_thousand()
    line = f"US,WA,Seattle,SEATTLE,local,+{first_number},+{first_number}\n"
    await put_in_stock(api, HEADER + line, **{KEY: key})

    other = await api.post(
        "/inventory/imports",
        files={"file": ("stock.csv", (HEADER + line + "\n").encode())},
        headers={KEY: key},
    )

    check_refused(other, 422, "idempotencyKeyReused")


async def test_a_large_file_counts_by_all_of_it(api: Api, key: str) -> None:
    first_number = fresh_thousand()
    line = f"US,WA,Seattle,SEATTLE,local,+{first_number},+{first_number}\n"
    padding = "#" * 1500 + "\n"
    content = HEADER + line + padding * 2000
    await put_in_stock(api, content, **{KEY: key})

    other = await api.post(
        "/inventory/imports",
        files={"file": ("stock.csv", (content[:-2] + "!\n").encode())},
        headers={KEY: key},
    )

    check_refused(other, 422, "idempotencyKeyReused")


@pytest.fixture
def aged(service: Service, key: str) -> Callable[[float], Awaitable[None]]:
    """Let the answer kept under the key grow older by so many hours."""

    async def grow_older(hours: float) -> None:
        async with service.database.write(EVERYTHING) as session:
            changed = await session.execute(
                update(KeptAnswer)
                .where(KeptAnswer.key == key)
                .values(created_at=func.now() - text(f"interval '{hours} hours'"))
                .returning(KeptAnswer.key)
            )
            assert changed.all()

    return grow_older


async def test_an_answer_is_kept_for_a_day(
    customer: Customer, aged: Callable[[float], Awaitable[None]], key: str
) -> None:
    wish = location_wish(SEATTLE)
    first = await customer.api.post("/locations", json=wish, headers={KEY: key})

    await aged(23.9)
    second = await customer.api.post("/locations", json=wish, headers={KEY: key})

    check_replay(first, second)


async def test_after_a_day_the_key_is_free_for_anything(
    customer: Customer, aged: Callable[[float], Awaitable[None]], key: str
) -> None:
    first = await customer.api.post("/locations", json=location_wish(SEATTLE), headers={KEY: key})

    await aged(24.1)
    other = location_wish(SEATTLE)
    second = await customer.api.post("/locations", json=other, headers={KEY: key})

    assert second.status_code == 201, second.text
    assert REPLAYED not in second.headers
    assert second.json()["id"] != first.json()["id"]
    check_replay(second, await customer.api.post("/locations", json=other, headers={KEY: key}))


async def test_expired_answers_are_forgotten(
    customer: Customer,
    service: Service,
    aged: Callable[[float], Awaitable[None]],
    key: str,
) -> None:
    await customer.api.post("/locations", json=location_wish(SEATTLE), headers={KEY: key})
    fresh = f"{key}-fresh"
    await customer.api.post("/locations", json=location_wish(SEATTLE), headers={KEY: fresh})
    await aged(24.1)

    async with service.database.write(EVERYTHING) as session:
        await idempotency.forget_expired(session)
        left = await session.scalars(select(KeptAnswer.key).where(KeptAnswer.key.in_([key, fresh])))

    assert list(left) == [fresh]

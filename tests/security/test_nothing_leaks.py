"""What a caller sends is in no refusal and in no log; and nothing that it sends is a 500.

A canary stands, one at a time, in every place of every operation that takes a text.
"""

from __future__ import annotations

import asyncio
import copy
import io
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from app.core import pagination
from tests.conftest import HEADER, Api, Service, fresh_thousand, import_csv, make_customer
from tests.security.surface import (
    Operation,
    Owner,
    Path,
    dead_tokens,
    make_owner,
    operations,
    unhurried,
)

CANARY = "canary-7f3a9c51e2d8"
TEXTS = (
    CANARY,
    CANARY * 100,
    f"{CANARY}\0",
    f"{CANARY}\r\nSet-Cookie: {CANARY}",
    f"%({CANARY})s %s {{{CANARY}}} '\";<b>{CANARY}</b>\u202e\N{SNOWMAN}",
)
VALUES: tuple[Any, ...] = (*TEXTS, f"\ud800{CANARY}", {CANARY: CANARY})
EXTREMES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "9999-12-31", "", None)
QUANTITIES = (10**30, -(2**63), 2**31, 0, 1e308, 0.5, float("nan"), float("inf"), True, None, "5")
RAW_BODIES = (
    CANARY.encode(),
    f'{{"{CANARY}": '.encode(),
    f'"{CANARY}"'.encode(),
    f'["{CANARY}"]'.encode(),
    b"\xff\xfe" + CANARY.encode(),
    b'{"a":' * 20_000 + CANARY.encode(),
    b"[" * 100_000,
    b'{"quantity": ' + b"9" * 5000 + b"}",
    b"\0" + CANARY.encode(),
)


@dataclass(frozen=True)
class Attempt:
    """A request with a canary somewhere; `where` tells where, for the one who reads a failure."""

    operation: Operation
    where: str
    url: str
    sent: dict[str, Any]


@pytest.fixture(scope="module")
async def owner(service: Service) -> Owner:
    return await make_owner(service)


@pytest.fixture(scope="module")
async def every(service: Service) -> list[Operation]:
    return await operations(service)


Callers = dict[str, Api]
"""Somebody who may call it, by the id of an operation."""


@pytest.fixture(scope="module")
async def callers(owner: Owner, every: list[Operation]) -> AsyncIterator[Callers]:
    """The customer's administrator, and staff for what the former may not do."""
    roles = {operation.caller for operation in every}
    found = {role: unhurried(await owner.customer.caller(role)) for role in roles}
    yield {operation.id: found[operation.caller] for operation in every}
    for api in found.values():
        await api.aclose()


Check = Callable[[list[Attempt]], Awaitable[None]]


@pytest.fixture
def check(callers: Callers, logged: io.StringIO) -> Check:
    """Fail for answers and logs that show what was sent, and for faults of the service."""

    async def checked(attempts: list[Attempt]) -> None:
        logged_before = len(logged.getvalue())
        found = await faults(callers, attempts)
        written = logged.getvalue()[logged_before:]
        assert not found, "\n".join(found)
        assert written.count('"event": "request"') >= len(attempts) > 0
        assert CANARY not in written

    return checked


async def faults(callers: Callers, attempts: list[Attempt]) -> list[str]:
    """The attempts whose answer shows what was sent, or is a fault of the service."""
    turn = asyncio.Semaphore(20)

    async def tried(attempt: Attempt) -> str | None:
        async with turn:
            api = callers[attempt.operation.id]
            answer = await api.request(attempt.operation.method, attempt.url, **attempt.sent)
        wrong = fault_of(answer)
        return f"{attempt.operation.id}: {wrong}: {attempt.where}" if wrong else None

    return [fault for fault in await asyncio.gather(*map(tried, attempts)) if fault]


def fault_of(answer: httpx.Response) -> str | None:
    """What is wrong with a refusal. A pointer names fields, and `instance` is the path called."""
    if answer.status_code < 400:
        return None
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    problem = answer.json()
    if answer.headers["Content-Type"] == "application/json" and is_listed(problem):
        for error in problem[0]["errors"]:
            error["number"] = error["errorMessage"] = ""  # Webex names each number as it was sent
    elif answer.headers["Content-Type"] != "application/problem+json":
        return f"{answer.status_code} {answer.headers['Content-Type']}"
    else:
        for violation in problem["violations"]:
            violation["pointer"] = ""
        if CANARY in answer.request.url.path:
            problem["instance"] = ""
    shown = json.dumps([problem, list(answer.headers.items())])
    return f"{answer.status_code} shows it" if CANARY in shown else None


def is_listed(refusal: Any) -> bool:
    """Whether it is a list of refused numbers, as Webex's clients read it."""
    fields = {"number", "errorType", "errorCode", "errorTitle", "errorMessage"}
    return isinstance(refusal, list) and all(
        set(error) == fields for entry in refusal for error in entry["errors"]
    )


def put(body: Any, at: Path, value: Any) -> Any:
    """The body with that value in that place; members on the way are made."""
    if not at:
        return value
    step, *rest = at
    filled: Any = copy.deepcopy(body)
    if isinstance(step, int):
        members = filled if isinstance(filled, list) and filled else [None]
        return [put(members[0], tuple(rest), value), *members[1:]]
    filled = filled if isinstance(filled, dict) else {}
    filled[step] = put(filled.get(step), tuple(rest), value)
    return filled


def filled(
    operation: Operation, owner: Owner, types: set[str], values: tuple[Any, ...]
) -> Iterator[Attempt]:
    """Good bodies but for one value in one place, for every place of these types."""
    url = operation.url(owner.ids)
    places = {at for form in operation.choices() for at in operation.places(form, types)}
    for body, at, value in product(owner.bodies(operation), sorted(places, key=str), values):
        sent = operation.sending(put(body, at, value))
        yield Attempt(operation, f"{at} = {str(value)[:60]!r}", url, sent)


def filled_everywhere(operation: Operation, owner: Owner) -> Iterator[Attempt]:
    """A canary in all places at once, and as the name of a field."""
    url = operation.url(owner.ids)
    for body, form in zip(owner.bodies(operation), operation.choices(), strict=False):
        everywhere = body
        for at in operation.places(form, {"string"}):
            everywhere = put(everywhere, at, CANARY)
        for content in (everywhere, {**body, CANARY: CANARY}):
            yield Attempt(operation, "everywhere", url, operation.sending(content))


def in_paths_and_queries(operation: Operation, owner: Owner) -> Iterator[Attempt]:
    body = next(iter(owner.bodies(operation)), None)
    sent = operation.sending(body)
    for name in operation.ids:
        for value in TEXTS:
            url = operation.url({**owner.ids, name: value})
            yield Attempt(operation, f"{{{name}}} = {value[:60]!r}", url, sent)
    url = operation.url(owner.ids)
    known = product(operation.queries, (*TEXTS, str(10**30), "NaN", "\N{ARABIC-INDIC DIGIT FIVE}"))
    for name, value in (*known, (CANARY, CANARY), ("access_token", CANARY)):
        query = {"params": {**operation.listed.query, name: value}}
        yield Attempt(operation, f"?{name} = {value[:60]!r}", url, sent | query)


def in_headers(operation: Operation, owner: Owner) -> Iterator[Attempt]:
    body = next(iter(owner.bodies(operation)), None)
    url, sent = operation.url(owner.ids), operation.sending(body)
    for name, value in (
        ("Idempotency-Key", CANARY * 30),
        ("Idempotency-Key", CANARY),
        ("If-Match", CANARY * 30),
        ("Accept-Language", CANARY * 100),
        ("Content-Type", f"multipart/form-data; boundary={CANARY}"),
        ("Authorization", f"Bearer {CANARY}"),
        ("TrackingID", f"{CANARY} {CANARY}"),
    ):
        headers = {**sent.get("headers", {}), name: value}
        yield Attempt(operation, f"{name}: {value[:40]}", url, sent | {"headers": headers})


ADVANCES = {"advanceClock"}
"""Its seconds are everybody's."""


async def test_no_refusal_shows_a_text_of_the_body(
    every: list[Operation], owner: Owner, check: Check
) -> None:
    attempts = [a for o in every for a in filled(o, owner, {"string"}, VALUES)]
    attempts += [a for o in every for a in filled_everywhere(o, owner)]

    assert len(attempts) > 500
    await check(attempts)


async def test_no_value_however_extreme_is_a_fault_of_the_service(
    every: list[Operation], owner: Owner, check: Check
) -> None:
    attempts = [a for o in every for a in filled(o, owner, {"string"}, EXTREMES)]
    attempts += [
        a
        for o in every
        if o.id not in ADVANCES
        for a in filled(o, owner, {"integer", "number", "boolean"}, QUANTITIES)
    ]

    await check(attempts)


def on_the_bounds(operation: Operation, owner: Owner) -> Iterator[Attempt]:
    """Good bodies and queries but for one value, which is the least or the most there is."""
    url = operation.url(owner.ids)
    for form, body in product(operation.choices(), owner.bodies(operation)):
        for at, value in operation.bounds(form):
            sent = operation.sending(put(body, at, value))
            yield Attempt(operation, f"{at} = {str(value)[:60]}", url, sent)
    sent = operation.sending(next(iter(owner.bodies(operation)), None))
    for name, schema in operation.queries.items():
        for _, value in operation.bounds(schema):
            query = {"params": {**operation.listed.query, name: value}}
            yield Attempt(operation, f"?{name} = {str(value)[:60]}", url, sent | query)


async def test_no_value_on_a_bound_is_a_fault_of_the_service(
    every: list[Operation], owner: Owner, check: Check
) -> None:
    tried = [o for o in every if o.id not in ADVANCES and not o.listed.takes_away]

    await check([a for o in tried for a in on_the_bounds(o, owner)])


async def test_no_body_that_cannot_be_read_is_shown(
    every: list[Operation], owner: Owner, check: Check
) -> None:
    attempts = [
        Attempt(
            operation,
            str(raw[:40]),
            operation.url(owner.ids),
            {"content": raw, "headers": {"Content-Type": operation.media_type}},
        )
        for operation in every
        if operation.media_type
        for raw in RAW_BODIES
    ]

    await check(attempts)


@pytest.mark.parametrize("key", [None, "a key"])
async def test_no_body_however_deep_is_a_fault_of_the_service(
    key: str | None, owner: Owner, check: Check, every: list[Operation]
) -> None:
    """What one reader of the body can still follow, the next one may not, from deeper down."""
    wished = [o for o in every if o.media_type not in (None, "multipart/form-data")]
    wished = [o for o in wished if not o.listed.takes_away]
    attempts = []
    for depth, operation in product((*range(890, 930, 2), 1100, 2000, 5000), wished):
        body = json.dumps(owner.bodies(operation)[0]).encode().removesuffix(b"}")
        nested = (b", " if body != b"{" else b"") + b'"more": ' + b"[" * depth + b"]" * depth
        headers = {"Content-Type": "application/json"}
        headers |= {"Idempotency-Key": f"{key} {operation.id} {depth}"} if key else {}
        sent = {"content": body + nested + b"}", "headers": headers}
        attempts.append(Attempt(operation, f"{depth} deep", operation.url(owner.ids), sent))

    await check(attempts)


async def test_no_refusal_shows_a_path_id_or_a_query_parameter(
    every: list[Operation], owner: Owner, check: Check
) -> None:
    attempts = [
        a
        for o in every
        for a in in_paths_and_queries(o, owner)
        if not o.listed.takes_away or "{" in a.where
    ]

    await check(attempts)


KEYS = (
    *TEXTS,
    "9" * 18,
    "9" * 30,
    "0",
    "-5",
    f"{'9' * 18}-{'9' * 18}",
    "5-",
    str(uuid.UUID(int=0)),
)


FEED = {"listEvents", "streamEvents"}
"""Their cursors are of another kind, and have tests of their own."""


def behind(operation: Operation, owner: Owner) -> Iterator[Attempt]:
    """Cursors of this very list, but for the key that the page begins behind."""
    url = httpx.URL(
        f"http://testserver/v1{operation.url(owner.ids)}", params=operation.listed.query
    )
    scope = {"type": "http", "path": url.path, "query_string": url.query, "headers": []}
    for key in KEYS:
        query = {**operation.listed.query, "cursor": pagination.encode(key, Request(scope))}
        yield Attempt(
            operation, f"behind {key[:60]!r}", operation.url(owner.ids), {"params": query}
        )


async def test_no_key_in_a_cursor_is_a_fault_of_the_service(
    every: list[Operation], owner: Owner, callers: Callers, check: Check
) -> None:
    lists = [o for o in every if "cursor" in o.queries and o.id not in FEED]
    attempts = [a for o in lists for a in behind(o, owner)]

    await check(attempts)
    for operation in lists:
        taken = [a for a in attempts if a.operation is operation]
        found = [await callers[operation.id].get(a.url, **a.sent) for a in taken]
        assert 200 in {answer.status_code for answer in found}, operation.id


async def test_no_refusal_shows_a_header(
    every: list[Operation], owner: Owner, check: Check
) -> None:
    tried = [o for o in every if not o.listed.takes_away]

    await check([a for o in tried for a in in_headers(o, owner)])


@pytest.mark.parametrize("name", [CANARY, "%3Cb%3E%20%C3%A9", "a%0D%0Ab", "a%2Fb", "a%3Fb"])
async def test_an_instance_is_the_path_called_as_a_uri_without_the_query(
    name: str, owner: Owner
) -> None:
    path = f"/telephony/pstn/orders/{name}"
    answer = await owner.customer.api.get(path, params={"orgId": CANARY, "token": CANARY})

    assert answer.json()["instance"] == f"/v1{path}"


async def test_no_token_is_in_the_logs(owner: Owner, logged: io.StringIO) -> None:
    customer, url = owner.customer, owner.customer.service.url
    for header in (await dead_tokens(owner)).values():
        async with Api(url, None, Authorization=header) as api:
            await api.get("/people/me")
    alive = customer.api.headers["Authorization"].removeprefix("Bearer ")
    made = await customer.api.post("/accessTokens", json={"name": "one", "role": "readOnlyAdmin"})
    await customer.api.get(f"/{alive}")
    await customer.api.get("/people/me", params={"access_token": alive})
    await customer.api.get(f"/telephony/pstn/orders/{alive}")
    await customer.api.delete(f"/accessTokens/{alive}")

    written = logged.getvalue()

    for token in (alive, made.json()["token"], customer.service.operator_token):
        assert token not in written
        assert token[5:25] not in written
    assert not re.search(r"pstn_[A-Za-z0-9_-]{20,}|Bearer|[Aa]uthorization", written)


async def test_no_phone_number_is_in_the_logs(service: Service, logged: io.StringIO) -> None:
    """Delivered, lost to another, refused by the carrier, answered late, wrong, looked for."""
    customer, other = await make_customer(service), await make_customer(service)
    first = fresh_thousand()
    line = f"US,WA,Seattle,SEATTLE,local,+{first},+{first + 39}\n"
    refused_line = f"US,OR,Seattle,SEATTLE,local,+{first + 100},+{first + 139}\n"
    await import_csv(customer.operator, HEADER + line + refused_line)
    numbers = [f"+{number}" for number in range(first, first + 40)]
    ids = [
        (await customer.order(*wanted)).json()["id"]
        for wanted in (numbers[:3], numbers[30:31], numbers[31:33])
    ]
    lost = await other.order(numbers[0], numbers[5])
    assert (lost.status_code, lost.json()["code"]) == (409, "numbersUnavailable")
    wrong = await customer.order(numbers[6], numbers[6], numbers[7][:-2])
    assert wrong.status_code == 422
    endings = [(await customer.api.ended(order_id))["status"] for order_id in ids]
    assert endings == ["provisioned", "error", "provisioned"]
    await customer.accept_terms()
    main = await customer.api.put(
        f"{customer.location}/mainNumber", json={"phoneNumber": numbers[0]}
    )
    assert main.status_code == 200
    for path in ("/telephony/pstn/numbers", "/telephony/config/numbers", "/telephony/pstn/orders"):
        await customer.api.get(path, params={"phoneNumber": numbers[0]})
    for path in (f"/telephony/pstn/numbers/{numbers[0]}", f"/telephony/pstn/orders/{numbers[0]}"):
        await customer.api.get(path)
    await customer.api.post(
        "/telephony/config/actions/validateNumbers/invoke", json={"phoneNumbers": numbers[:9]}
    )

    written = logged.getvalue()

    assert "carrier unavailable" in written, "the worker's lines are among them"
    assert [number for number in numbers if number[2:] in written] == []


async def test_every_line_of_the_log_is_an_object_without_the_values_of_variables(
    logged: io.StringIO,
) -> None:
    written = [json.loads(line) for line in logged.getvalue().splitlines()]

    known = {"event", "level", "timestamp", "tracking_id", "method", "route", "status"}
    known |= {"milliseconds", "credential", "job", "job_id", "order", "error", "exception"}
    assert {name for line in written for name in line} <= known

"""What every answer carries, and the form of every refusal: headers, media types, members."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from app.core.settings import Settings
from tests.conftest import (
    HEADER,
    Api,
    Cluster,
    Customer,
    Service,
    make_customer,
    serving,
)
from tests.processes import free_port
from tests.security.surface import NOBODYS_ID, Operation, Owner, make_owner, operations

MEGABYTE = 1024 * 1024
MEMBERS = {
    "type": str,
    "title": str,
    "status": int,
    "detail": str,
    "instance": str,
    "code": str,
    "violations": list,
    "message": str,
    "errors": list,
    "trackingId": str,
}
TOKENS = "/accessTokens"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
async def owner(service: Service) -> Owner:
    return await make_owner(service)


@pytest.fixture(scope="module")
async def every(service: Service) -> list[Operation]:
    return await operations(service)


@pytest.fixture
async def nobody(service: Service) -> AsyncIterator[Api]:
    """A caller without a token."""
    async with Api(service.url, None) as client:
        yield client


# --- Every answer -----------------------------------------------------------------------------

PATHS = (
    "/v1/people/me",
    "/v1/telephony/pstn/countries",
    "/v1/nothing",
    "/nothing",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/docs",
    "/docs/problems/notFound",
    "/docs/files/swagger-ui.css",
)


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_is_taken_for_what_it_says_and_kept_by_nobody(
    path: str, service: Service, owner: Owner
) -> None:
    async with httpx.AsyncClient(headers=owner.customer.api.headers) as client:
        answer = await client.get(f"{service.url}{path}")

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["TrackingID"]


@pytest.fixture(scope="module")
def process(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the web process as it is deployed; the tests' own server differs a little."""
    port, home = free_port(), tmp_path_factory.mktemp("process")
    environment = {
        "DATABASE_URL": cluster.addresses.app,
        "PORT": str(port),
        "PSTN_HOME": str(home),
        "PSTN_DEMO": "false",
    }
    started = subprocess.Popen(
        [sys.executable, "-m", "app.main"],
        env={**os.environ, **environment},
        stderr=(home / "log").open("wb"),
        cwd=Path(__file__).parents[2],
    )
    deadline = time.monotonic() + 30
    while True:
        assert started.poll() is None, (home / "log").read_text()
        assert time.monotonic() < deadline
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    started.terminate()
    started.wait(20)


def test_no_answer_names_the_server(process: str) -> None:
    for path in PATHS:
        answer = httpx.get(f"{process}{path}")
        assert "server" not in answer.headers, path
        assert "x-powered-by" not in answer.headers, path
        assert "uvicorn" not in str(answer.headers).lower(), path


async def test_a_tracking_id_is_echoed(owner: Owner) -> None:
    for sent in ("SIMPLE_5f0c9b0e-7d35-4b8e", "a", "x" * 128, "A.b_c:d-9"):
        for path in ("/people/me", "/nothing"):
            answer = await owner.customer.api.get(path, headers={"TrackingID": sent})
            assert answer.headers["TrackingID"] == sent
            assert answer.is_success or answer.json()["trackingId"] == sent


async def test_a_tracking_id_is_made_when_there_is_none(owner: Owner) -> None:
    made = [(await owner.customer.api.get("/nothing")) for _ in range(2)]

    assert all(re.fullmatch(r"PSTN_[0-9a-f-]{36}", a.headers["TrackingID"]) for a in made)
    assert made[0].headers["TrackingID"] != made[1].headers["TrackingID"]
    assert made[0].json()["trackingId"] == made[0].headers["TrackingID"]


@pytest.mark.parametrize(
    "sent", [b"", b"two words", b"x" * 129, b'{"a":1}', b"<b>", b"\xc5\xbc", b"a\tb", b"a,b"]
)
async def test_a_tracking_id_that_could_do_harm_is_replaced(sent: bytes, owner: Owner) -> None:
    answer = await owner.customer.api.get("/nothing", headers={b"TrackingID": sent})

    assert re.fullmatch(r"PSTN_[0-9a-f-]{36}", answer.headers["TrackingID"])
    assert answer.json()["trackingId"] == answer.headers["TrackingID"]


@pytest.mark.parametrize(
    ("wished", "spoken"),
    [
        (None, "en"),
        ("pl", "pl"),
        ("pl-PL,pl;q=0.9,en;q=0.8", "pl"),
        ("en;q=0.5,pl;q=0.9", "pl"),
        ("de", "en"),
        ("*", "en"),
        ("pl;q=0,en", "en"),
        ("pl;q=nonsense", None),
        (";;;,,,=", "en"),
    ],
)
async def test_the_language_is_named_and_depended_on(
    wished: str | None, spoken: str | None, owner: Owner
) -> None:
    headers = {"Accept-Language": wished} if wished else {}
    for path in ("/people/me", "/nothing", f"/locations/{NOBODYS_ID}"):
        answer = await owner.customer.api.get(path, headers=headers)
        assert answer.headers["Content-Language"] in ({spoken} if spoken else {"en", "pl"})
        assert "accept-language" in answer.headers["Vary"].lower()


async def test_titles_are_in_the_language_named(owner: Owner) -> None:
    titles = {
        language: (
            await owner.customer.api.get("/nothing", headers={"Accept-Language": language})
        ).json()["title"]
        for language in ("en", "pl")
    }

    assert titles["en"] != titles["pl"]


# --- Methods and paths ------------------------------------------------------------------------


async def test_a_method_that_a_path_has_not_is_refused_with_those_it_has(
    every: list[Operation], nobody: Api
) -> None:
    by_path: dict[str, set[str]] = {}
    for operation in every:
        by_path.setdefault(operation.template, set()).add(operation.method)
    assert any(len(methods) > 1 for methods in by_path.values())

    every_method = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    tried = [(m, path) for path, methods in by_path.items() for m in every_method - methods]
    found = await asyncio.gather(
        *(nobody.request(method, re.sub(r"{\w+}", NOBODYS_ID, path)) for method, path in tried)
    )

    for (method, path), answer in zip(tried, found, strict=True):
        assert (answer.status_code, answer.json()["code"]) == (405, "methodNotAllowed"), path
        allowed = set(answer.headers["Allow"].split(", "))
        assert by_path[path] <= allowed, path
        assert method not in allowed, path


async def test_the_methods_of_one_path_are_all_allowed(nobody: Api) -> None:
    for path, allowed in (
        ("/locations", "GET, POST"),
        (f"/locations/{NOBODYS_ID}", "DELETE, GET, PUT"),
        (f"/organizations/{NOBODYS_ID}/pstnAccount", "GET, PATCH"),
    ):
        for method in ("TRACE", "OPTIONS"):
            answer = await nobody.request(method, path)
            assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/docs", "/docs/problems", "/openapi.json"])
async def test_pages_outside_the_document_tell_their_method_too(
    path: str, service: Service
) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.delete(f"{service.url}{path}")

    assert (answer.status_code, "GET" in answer.headers["Allow"]) == (405, True)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/nothing", "/v1", "/v1/telephony/pstn", "/v2/people/me", "/%00", "/.."]
)
async def test_an_unknown_path_is_not_found(method: str, path: str, service: Service) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.request(method, f"{service.url}{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "notFound")
    assert answer.headers["Content-Type"] == "application/problem+json"


# --- Bodies -----------------------------------------------------------------------------------


async def chunks(size: int) -> AsyncIterator[bytes]:
    yield b'{"name": "'
    for _ in range(size // 65536):
        yield b"x" * 65536
    yield b'"}'


async def test_a_body_of_more_than_a_megabyte_is_too_large(owner: Owner) -> None:
    whole = b'{"name": "' + b"x" * MEGABYTE + b'"}'
    for content in (whole, chunks(MEGABYTE)):
        answer = await owner.customer.api.post(TOKENS, content=content, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (413, "payloadTooLarge")
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_body_of_less_than_a_megabyte_is_read(owner: Owner) -> None:
    whole = b'{"name": "' + b"x" * (MEGABYTE - 100) + b'"}'
    for content in (whole, chunks(MEGABYTE - 65536)):
        answer = await owner.customer.api.post(TOKENS, content=content, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (422, "validationFailed")


async def test_a_large_body_changes_nothing_about_who_may(owner: Owner, nobody: Api) -> None:
    reader = await owner.customer.caller("readOnlyAdmin")
    for api, status in ((nobody, 401), (reader, 403)):
        for content in (b" " * 2 * MEGABYTE, chunks(MEGABYTE)):
            answer = await api.post(TOKENS, content=content, headers=JSON)
            assert answer.status_code == status
            assert_whole(answer)


async def test_a_request_refused_as_too_large_has_done_nothing(owner: Owner) -> None:
    """An operation without a body may not look at one, but then it answers what it did."""
    api = owner.customer.api
    for content in (b" " * 2 * MEGABYTE, chunks(MEGABYTE)):
        made = await api.post(TOKENS, json={"name": "short-lived", "role": "readOnlyAdmin"})
        path = f"{TOKENS}/{made.json()['id']}"
        answer = await api.request("DELETE", path, content=content)
        is_there = made.json()["id"] in (await api.get(TOKENS)).text
        assert (answer.status_code, is_there) in ((413, True), (204, False))


async def test_a_file_of_stock_may_be_larger(api: Api) -> None:
    answer = await api.post(
        "/inventory/imports", files={"file": ("stock.csv", HEADER + "\n" * 2 * MEGABYTE)}
    )

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", None, "application/xml", "multipart/form-data; boundary=x", "json", ""],
)
async def test_a_body_in_another_media_type_is_not_taken(
    media_type: str | None, every: list[Operation], owner: Owner
) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    support = await owner.customer.caller("support")
    callers = (owner.customer.api, owner.customer.operator, support)
    tried = [o for o in every if o.media_type not in (None, "multipart/form-data")]
    found = await asyncio.gather(
        *(
            api.request(o.method, o.url(owner.ids), content=b"{}", headers=headers)
            for o in tried
            for api in callers
        )
    )

    heard = [answer for answer in found if answer.status_code != 403]
    assert len(heard) >= len(tried)
    assert {(a.status_code, a.json()["code"]) for a in heard} == {(415, "unsupportedMediaType")}


async def test_a_file_that_is_no_form_is_not_taken(api: Api) -> None:
    for media_type in ("text/csv", "application/json", "application/x-www-form-urlencoded"):
        answer = await api.post(
            "/inventory/imports", content=HEADER, headers={"Content-Type": media_type}
        )
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupportedMediaType")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json;charset=utf-8",
        "APPLICATION/JSON",
        "application/a+json",
    ],
)
async def test_json_is_taken_by_every_of_its_names(media_type: str, owner: Owner) -> None:
    answer = await owner.customer.api.post(
        TOKENS, content=b"{}", headers={"Content-Type": media_type}
    )

    assert answer.status_code == 422


@pytest.mark.parametrize(
    "content",
    [b"{", b'{"name": }', b"\xff", b"{'name': 1}", b"[" * 99_999, b"{} {}"],
)
async def test_json_that_cannot_be_read_is_malformed(content: bytes, owner: Owner) -> None:
    answer = await owner.customer.api.post(TOKENS, content=content, headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformedRequest")


# --- Refusals ---------------------------------------------------------------------------------

Provoke = Callable[[Owner, Customer, Api], Awaitable[httpx.Response]]
"""With an owner of one of each, a customer whose location is on no PSTN, and nobody."""


def order(owner: Owner, *numbers: str) -> Awaitable[httpx.Response]:
    return owner.customer.order(*numbers)


def patched(owner: Owner, **headers: str) -> Awaitable[httpx.Response]:
    path = f"/organizations/{owner.ids['orgId']}/pstnAccount"
    return owner.customer.operator.patch(path, json={}, headers=headers)


async def reused(owner: Owner) -> httpx.Response:
    headers = {"Idempotency-Key": "the same key"}
    for name in ("one", "two"):
        wish = {"name": name, "role": "readOnlyAdmin"}
        answer = await owner.customer.api.post(TOKENS, json=wish, headers=headers)
    return answer


async def signed_by_a_partner(owner: Owner) -> httpx.Response:
    async with await owner.customer.caller("partnerAdmin") as partner:
        return await partner.post("/telephony/pstn/termsOfService/acceptance", json={})


ORDERS = "/telephony/pstn/orders"
REFUSALS: dict[str, tuple[int, str, Provoke]] = {
    "no token": (401, "unauthorized", lambda _o, _n, x: x.get("/people/me")),
    "no right": (403, "forbidden", lambda o, _n, _x: o.customer.api.post("/organizations")),
    "not the signer": (403, "customerAdminOnly", lambda o, _n, _x: signed_by_a_partner(o)),
    "no thing": (404, "notFound", lambda o, _n, _x: o.customer.api.get(f"{ORDERS}/{NOBODYS_ID}")),
    "no path": (404, "notFound", lambda _o, _n, x: x.get("/nothing")),
    "no connection": (404, "pstnNotConfigured", lambda _o, n, _x: n.api.get(f"{n.location}/setup")),
    "no method": (405, "methodNotAllowed", lambda _o, _n, x: x.delete("/people/me")),
    "broken JSON": (
        400,
        "malformedRequest",
        lambda o, _n, _x: o.customer.api.post(TOKENS, content=b"{", headers=JSON),
    ),
    "foreign cursor": (
        400,
        "invalidCursor",
        lambda o, _n, _x: o.customer.api.get(ORDERS, params={"cursor": "x"}),
    ),
    "missing fields": (
        422,
        "validationFailed",
        lambda o, _n, _x: o.customer.api.post(TOKENS, json={}),
    ),
    "unknown field": (
        422,
        "validationFailed",
        lambda o, _n, _x: o.customer.api.post(
            TOKENS, json={"name": "x", "role": "readOnlyAdmin", "more": 1}
        ),
    ),
    "unknown parameter": (
        422,
        "validationFailed",
        lambda o, _n, _x: o.customer.api.get(ORDERS, params={"more": 1}),
    ),
    "parameter out of bounds": (
        422,
        "validationFailed",
        lambda o, _n, _x: o.customer.api.get(ORDERS, params={"max": 0}),
    ),
    "rule broken": (422, "policyViolation", lambda o, _n, _x: order(o, "+18005550123", "+1")),
    "no organisation named": (
        422,
        "policyViolation",
        lambda o, _n, _x: o.customer.operator.get("/licenses"),
    ),
    "key of another request": (422, "idempotencyKeyReused", lambda o, _n, _x: reused(o)),
    "number owned": (409, "numbersUnavailable", lambda o, _n, _x: order(o, *o.numbers)),
    "not in this state": (
        409,
        "invalidTransition",
        lambda o, _n, _x: o.customer.api.delete(f"/locations/{o.ids['locationId']}"),
    ),
    "stale": (412, "preconditionFailed", lambda o, _n, _x: patched(o, **{"If-Match": '"0"'})),
    "too large": (
        413,
        "payloadTooLarge",
        lambda o, _n, _x: o.customer.api.post(TOKENS, content=b" " * 2 * MEGABYTE, headers=JSON),
    ),
    "wrong media type": (
        415,
        "unsupportedMediaType",
        lambda o, _n, _x: o.customer.api.post(TOKENS, content=b"{}"),
    ),
}


@pytest.fixture(scope="module")
async def unconnected(service: Service) -> Customer:
    return await make_customer(service, connected=False)


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_refusal_is_a_whole_problem(
    refusal: str, owner: Owner, unconnected: Customer, nobody: Api
) -> None:
    status, code, provoke = REFUSALS[refusal]

    answer = await provoke(owner, unconnected, nobody)
    problem = answer.json()

    assert (answer.status_code, problem["code"]) == (status, code)
    assert_whole(answer)
    assert bool(problem["violations"]) == (code in ("validationFailed", "policyViolation"))


def assert_whole(answer: httpx.Response) -> None:
    """Every member, of its type, saying the same as the headers and as the others."""
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Language"] == "en"
    assert "accept-language" in answer.headers["Vary"].lower()
    assert {name: type(problem.get(name)) for name in MEMBERS} == MEMBERS
    assert problem["status"] == answer.status_code
    assert problem["type"].endswith(f"/{problem['code']}")
    assert problem["instance"] == answer.request.url.path
    assert problem["trackingId"] == answer.headers["TrackingID"]
    for name in ("title", "detail", "message"):
        assert problem[name]
    assert problem["errors"]
    assert all(
        set(error) == {"description"} and error["description"] for error in problem["errors"]
    )
    for violation in problem["violations"]:
        assert violation["code"]
        assert violation["detail"]
        assert re.fullmatch(r"(/[^/]*)*", violation["pointer"])


async def test_the_type_of_a_problem_can_be_read(service: Service, nobody: Api) -> None:
    problem = (await nobody.get("/people/me")).json()

    async with httpx.AsyncClient() as client:
        page = await client.get(f"{service.url}{problem['type']}")

    assert page.status_code == 200
    assert "script-src" in page.headers["Content-Security-Policy"]


async def test_all_violations_come_at_once(owner: Owner) -> None:
    wish = {"name": "", "role": "king", "expiresInDays": 0, "more": 1}
    answer = await owner.customer.api.post(TOKENS, json=wish)

    pointers = {violation["pointer"] for violation in answer.json()["violations"]}
    assert pointers == {"/name", "/role", "/expiresInDays", "/more"}
    assert len(answer.json()["errors"]) == 4


# --- The rate limit ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def hurried(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a service that takes five requests a minute from each caller."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), demo=False, rate_limit_per_minute=5)
    async with serving(settings, cluster.addresses.app) as url:
        yield url


async def test_the_sixth_request_of_a_minute_is_told_when_to_come_again(
    hurried: str, owner: Owner
) -> None:
    header = owner.customer.api.headers["Authorization"]
    async with Api(hurried, None, Authorization=header) as api:
        answers = [await api.get("/people/me") for _ in range(8)]
        answers.append(await api.post("/organizations", content=b"{"))

    refused = is_limited_after_five(answers, 200)
    for answer in refused:
        assert answer.json()["code"] == "tooManyRequests"
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert_whole(answer)


def is_limited_after_five(answers: list[httpx.Response], let_in: int) -> list[httpx.Response]:
    """The refused ones; where a minute ends between the requests, one or two more are let in."""
    assert [answer.status_code for answer in answers[:5]] == [let_in] * 5
    refused = [answer for answer in answers[5:] if answer.status_code == 429]
    assert refused
    return refused


async def test_one_caller_s_haste_is_not_another_s(hurried: str, owner: Owner) -> None:
    for _ in range(2):
        api = await owner.customer.caller("readOnlyAdmin")
        async with Api(hurried, None, Authorization=api.headers["Authorization"]) as caller:
            is_limited_after_five([await caller.get("/people/me") for _ in range(8)], 200)


async def test_guessing_tokens_is_limited_too(hurried: str) -> None:
    answers = []
    for guess in range(8):
        async with Api(hurried, f"pstn_guess{guess}") as api:
            answers.append(await api.get("/people/me"))

    is_limited_after_five(answers, 401)


async def test_what_watches_the_service_is_not_limited(hurried: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(10):
            assert (await client.get(f"{hurried}/healthz")).status_code == 200
            assert (await client.get(f"{hurried}/readyz")).status_code == 200

"""The whole API, called by somebody who reads Polish: no answer has an English sentence in it."""

from __future__ import annotations

import ast
import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

import httpx
import pytest
from fastapi import Response

from app.cli.texts import PLACEHOLDER, SOURCE, marked
from app.core.settings import Settings
from app.core.texts import Language, Text, lines, plural_text, text
from app.domains.orders.kinds import EVENTS
from app.main import create_app
from app.telephony.country import all_countries
from tests.conftest import Api, Service
from tests.security.surface import (
    CUSTOMER,
    NOBODYS_ID,
    OPERATOR,
    READ_ONLY,
    SUPPORT,
    Operation,
    Owner,
    make_owner,
    operations,
)

POLISH = {"Accept-Language": "pl"}
AT_ONCE = 12
ENGLISH_WORDS = re.compile(
    r"\b(the|is|are|was|of|not|and|has|have|with|this|that|an|must|cannot|been|for|in|or|from"
    r"|needed|numbers?|orders?)\b",
    re.IGNORECASE,
)
"""Words of sentences that are none in Polish."""
NAMES = {
    "Cloud Connected PSTN (not integrated)",
    "[Error 8362] DN is invalid : ?",
    *(state.name for country in all_countries() for state in country.states),
}
"""What Webex's own API says, and what states call themselves."""
PEOPLES_WORDS = {"A bill", "Whose is it?", "There are none."}
"""What people wrote in the rows of `make_owner`."""


# --- What counts as English ---------------------------------------------------------------------


@cache
def english() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """The messages of the catalogue in English: those without parameters, and the others."""
    plain, patterns = set(), []
    for message in marked(SOURCE, Language.pl):
        for form in (message.id,) if isinstance(message.id, str) else message.id:
            parts = PLACEHOLDER.split(form)[::2]
            if len(parts) == 1 and form and text(form).to(Language.pl) != form:
                plain.add(form)
            elif len("".join(parts)) > 6:
                patterns.append(re.compile(".+".join(map(re.escape, parts)), re.DOTALL))
    return frozenset(plain), tuple(patterns)


def is_english(line: str) -> bool:
    """Whether a line is a message of the catalogue in English, or has words as English has them."""
    plain, patterns = english()
    if line in plain:
        return " " in line  # a code may be a message too: `local`
    if any(pattern.fullmatch(line) for pattern in patterns):
        return True
    return line.count(" ") > 1 and ENGLISH_WORDS.search(line) is not None


def strings(content: Any) -> Iterator[str]:
    """Every text in an answer, line by line; what was posted is as it was posted."""
    if isinstance(content, str):
        yield from content.splitlines()
    elif isinstance(content, list):
        for entry in content:
            yield from strings(entry)
    elif isinstance(content, dict):
        for name, entry in content.items():
            if name != "request":
                yield from strings(entry)


def test_an_english_text_would_be_noticed() -> None:
    for seen in (
        "Pending, but of no use",
        "This field is needed.",
        "The service cannot answer just now",
        "Order: PSTN-000042",
        "An order takes 100 numbers at most; order the rest in further orders.",
    ):
        assert is_english(seen), seen
    for seen in ("To pole jest wymagane.", "policyViolation", "Office 1a2b", "local", "+120655501"):
        assert not is_english(seen), seen


# --- Every operation ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def owner(service: Service) -> Owner:
    return await make_owner(service)


@pytest.fixture(scope="module")
async def callers(owner: Owner) -> AsyncIterator[dict[str, Api]]:
    """Callers of the owner's organisation, and staff; all of them read Polish."""
    found = {role: await owner.customer.caller(role) for role in (CUSTOMER, READ_ONLY, SUPPORT)}
    found[OPERATOR] = Api(owner.customer.service.url, owner.customer.service.operator_token)
    for api in found.values():
        api.headers.update(POLISH)
    yield found
    for api in found.values():
        await api.aclose()


Asked = tuple[Api, str, str, dict[str, Any]]


def readings(every: list[Operation], owner: Owner, callers: dict[str, Api]) -> Iterator[Asked]:
    for operation in every:
        if operation.method == "GET":
            query = dict(operation.listed.query)
            url = operation.url(owner.ids)
            yield callers[operation.caller], "GET", url, {"params": query}
            if operation.queries:
                wrong = dict.fromkeys(operation.queries, "?" * 300)
                yield callers[operation.caller], "GET", url, {"params": wrong}
            yield callers[operation.caller], "GET", url, {"params": {"unknown": "1"}}


def refusals(
    every: list[Operation], owner: Owner, callers: dict[str, Api], nobody: Api
) -> Iterator[Asked]:
    yield nobody, "GET", "/people/me", {}
    yield nobody, "TRACE", "/people/me", {}
    for operation in every:
        method, url, caller = operation.method, operation.url(owner.ids), callers[operation.caller]
        if not operation.may(READ_ONLY) and operation.media_type is None:
            yield callers[READ_ONLY], method, url, {}
        if operation.ids:
            nowhere = operation.url(dict.fromkeys(operation.ids, NOBODYS_ID))
            yield caller, method, nowhere, operation.sending({})
        if operation.media_type is None:
            continue
        yield caller, method, url, {"content": b"{", "headers": {"Content-Type": "text/plain"}}
        if operation.media_type != "application/json":
            continue
        yield (
            caller,
            method,
            url,
            {"content": b"{", "headers": {"Content-Type": "application/json"}},
        )
        for body in owner.bodies(operation):
            for wrong in (None, "x" * 300, ["?"]):
                yield caller, method, url, operation.sending(broken(body, wrong))


def doings(every: list[Operation], owner: Owner, callers: dict[str, Api]) -> Iterator[Asked]:
    """Everything once as it should be, and again, when it is not possible any more."""
    in_order = sorted(every, key=lambda o: (o.listed.takes_away, o.method == "DELETE"))
    for operation in in_order:
        if operation.method == "GET":
            continue
        for body in owner.bodies(operation) or [None]:
            caller, url = callers[operation.caller], operation.url(owner.ids)
            sent = operation.sending(body)
            if operation.method in ("PUT", "PATCH"):
                stale = {**sent.get("headers", {}), "If-Match": '"0"'}
                yield caller, operation.method, url, {**sent, "headers": stale}
            for _ in range(2):
                yield caller, operation.method, url, sent


def broken(body: Any, wrong: Any) -> Any:
    """A body with every value wrong but its type, and a field that nobody knows."""
    if not isinstance(body, dict):
        return wrong
    return {
        "unknown": wrong,
        **{
            name: value
            if name == "type"
            else broken(value, wrong)
            if isinstance(value, dict)
            else wrong
            for name, value in body.items()
        },
    }


async def answers(asked: list[Asked], *, in_order: bool = False) -> list[httpx.Response]:
    gate = asyncio.Semaphore(1 if in_order else AT_ONCE)

    async def ask(api: Api, method: str, url: str, sent: dict[str, Any]) -> httpx.Response:
        async with gate:
            return await api.request(method, url, **sent)

    return await asyncio.gather(*(ask(*one) for one in asked))


async def test_no_answer_has_an_english_sentence(
    service: Service, owner: Owner, callers: dict[str, Api]
) -> None:
    every = await operations(service)
    async with Api(service.url, None, **POLISH) as nobody:
        found = await answers(list(refusals(every, owner, callers, nobody)))
        found += await answers(list(doings(every, owner, callers)), in_order=True)
        found += await answers(list(readings(every, owner, callers)))
    said = PEOPLES_WORDS | NAMES
    for operation in every:
        for body in owner.bodies(operation):
            said |= set(strings(body))

    told = [answer for answer in found if "json" in answer.headers.get("Content-Type", "")]
    assert {answer.status_code for answer in told} >= {200, 201, 400, 401, 403, 404, 405, 409, 412}
    assert not [answer.text for answer in found if answer.status_code >= 500]
    assert {answer.headers["Content-Language"] for answer in told} == {"pl"}
    assert {"accept-language" in answer.headers["Vary"].lower() for answer in told} == {True}
    by_line = {
        line: f"{answer.request.method} {answer.request.url.path}"
        for answer in told
        for line in strings(answer.json())
    }
    remaining = [
        f"{by_line[line]}: {line}" for line in sorted(by_line.keys() - said) if is_english(line)
    ]
    assert not remaining, "\n".join(remaining)


# --- The language, told and depended on ---------------------------------------------------------


@pytest.mark.parametrize(
    ("wished", "spoken"),
    [
        ("pl", "pl"),
        ("pl-PL,pl;q=0.9", "pl"),
        ("en;q=0.5,pl", "pl"),
        ("de", "en"),
        ("*", "en"),
        ("pl;q=0,en", "en"),
        ("pl;q=2, ?;;=,", "en"),
        ("pl-" + "x" * 8_000, "en"),
        ("pl;q=0.1," * 900, "en"),
    ],
)
async def test_whatever_language_is_asked_for_there_is_an_answer(
    wished: str, spoken: str, owner: Owner
) -> None:
    for path, status in (("/people/me", 200), ("/nothing", 404)):
        answer = await owner.customer.api.get(path, headers={"Accept-Language": wished})
        assert answer.status_code == status
        assert answer.headers["Content-Language"] == spoken


async def test_what_was_read_in_polish_is_changed_in_english(owner: Owner) -> None:
    path = f"/telephony/pstn/portOrders/{owner.ids['portId']}"
    etags = {
        (await owner.customer.api.get(path, headers={"Accept-Language": language})).headers["ETag"]
        for language in Language
    }
    assert len(etags) == 1
    changed = await owner.customer.api.patch(
        path,
        json={"notificationEmail": "it@northwind.example"},
        headers={"Accept-Language": "en", "If-Match": etags.pop()},
    )
    assert changed.status_code == 200, changed.text


async def test_a_fault_of_ours_is_told_in_polish_too_and_what_an_answer_varies_by_is_kept() -> None:
    app = create_app(Settings())

    @app.get("/v1/broken")
    async def broken() -> None:
        raise RuntimeError("a fault of the test")

    @app.get("/v1/varying")
    async def varying(response: Response) -> dict[str, str]:
        response.headers["Vary"] = "Accept"
        return {}

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        fault = await client.get("/v1/broken", headers=POLISH)
        varied = await client.get("/v1/varying", headers=POLISH)
    assert (fault.status_code, fault.headers["Content-Language"]) == (500, "pl")
    assert fault.json()["title"] == "Coś poszło nie tak po naszej stronie"
    assert fault.headers["Vary"] == "Accept-Language"
    assert {part.strip() for part in varied.headers["Vary"].split(",")} == {
        "Accept",
        "Accept-Language",
    }


# --- What is kept, and read in either language ---------------------------------------------------


def test_a_text_that_is_kept_is_read_in_either_language() -> None:
    kept = lines(
        text("Order: %(order)s", order="PSTN-000042"),
        plural_text(
            "%(count)s number: %(endings)s", "%(count)s numbers: %(endings)s", 22, endings="…"
        ),
        text("Numbers: %(count)s, %(type)s", count=3, type=text("local")),
        text("Details: %(details)s", details="100 %(x)s %"),
    )
    read = Text.from_json(json.loads(json.dumps(kept.to_json())))
    assert read.to(Language.en).splitlines() == [
        "Order: PSTN-000042",
        "22 numbers: …",
        "Numbers: 3, local",
        "Details: 100 %(x)s %",
    ]
    assert read.to(Language.pl).splitlines() == [
        "Zamówienie: PSTN-000042",
        "22 numery: …",
        "Liczba numerów: 3, typ: lokalne",
        "Szczegóły: 100 %(x)s %",
    ]
    assert Text.from_json({"message": "Said long ago", "parameters": {}}).to(Language.pl)


def test_every_event_of_an_order_has_its_words() -> None:
    """An event that is recorded somewhere and not told in `EVENTS` would break the timeline."""
    recorded = set()
    for path in SOURCE.glob("domains/*_orders/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "event":
                recorded |= constants(node.value)
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in ("orders.note_event", "_back_to_review"):
                    recorded |= constants(node.args[2])
    assert {"split", "focChanged", "loaReceived", "corrected", "cancelled"} <= recorded
    assert recorded | {"created"} == EVENTS.keys()


def constants(expression: ast.expr) -> set[str]:
    return {
        node.value
        for node in ast.walk(expression)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

"""Every operation of the document, tried without a token, by every role, and by strangers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from itertools import product
from typing import Any

import httpx
import pytest

from app.auth.caller import Role
from tests.conftest import Api, Service
from tests.contract.answers import faults
from tests.ports.porting import ACCOUNT
from tests.security.surface import (
    CUSTOMER,
    EVERYBODY,
    NOBODYS_ID,
    OPERATIONS,
    OPERATOR,
    PARTNER,
    READ_ONLY,
    SUPPORT,
    Operation,
    Owner,
    dead_tokens,
    documented,
    make_owner,
    operations,
    unhurried,
)

SIGNED_BY_THE_CUSTOMER = {"acceptTermsOfService", "signLoa"}
UNFIT = {400, 401, 403, 404, 405, 413, 415}


@pytest.fixture(scope="module")
async def every(service: Service) -> list[Operation]:
    return await operations(service)


@pytest.fixture(scope="module")
async def victim(service: Service) -> Owner:
    return await make_owner(service)


@pytest.fixture(scope="module")
async def stranger(service: Service) -> Owner:
    return await make_owner(service)


@pytest.fixture(scope="module")
async def callers(stranger: Owner) -> AsyncIterator[dict[str, Api]]:
    """One caller of each role: of the stranger's organisation, of its partner, and staff."""
    found = {role.value: unhurried(await stranger.customer.caller(role)) for role in Role}
    yield found
    for api in found.values():
        await api.aclose()


Sent = Callable[[Operation], dict[str, Any]]


def broken(operation: Operation) -> dict[str, Any]:
    """A body that cannot be read, in the operation's media type."""
    if operation.media_type is None:
        return {}
    return {"content": b'{"broken": ', "headers": {"Content-Type": operation.media_type}}


def always(body: dict[str, Any]) -> Sent:
    return lambda _operation: body


def nobodys(operation: Operation) -> str:
    return operation.url(dict.fromkeys(operation.ids, NOBODYS_ID))


async def answers(api: Api, every: list[Operation], sent: Sent) -> dict[str, httpx.Response]:
    """What each operation answers about things that nobody has, by its id."""
    found = await asyncio.gather(
        *(api.request(o.method, nobodys(o), params=o.listed.query, **sent(o)) for o in every)
    )
    assert [fault for answer in found for fault in faults(answer)] == []
    return {operation.id: answer for operation, answer in zip(every, found, strict=True)}


async def test_the_table_names_every_operation(service: Service) -> None:
    paths = (await documented(service))["paths"].values()
    known = {operation["operationId"] for methods in paths for operation in methods.values()}
    table = "OPERATIONS of tests/security/surface.py"

    assert not known - set(OPERATIONS), f"say in {table} who may call these"
    assert not set(OPERATIONS) - known, f"there are none such any more: take them out of {table}"


async def test_no_operation_answers_without_a_token(
    service: Service, every: list[Operation]
) -> None:
    async with Api(service.url, None) as nobody:
        found = await answers(nobody, every, broken)

    assert {
        name: (answer.status_code, answer.json()["code"], answer.headers["WWW-Authenticate"])
        for name, answer in found.items()
    } == dict.fromkeys(found, (401, "unauthorized", "Bearer"))
    assert {answer.headers["Content-Type"] for answer in found.values()} == {
        "application/problem+json"
    }


async def test_no_operation_answers_a_token_that_is_made_up_expired_or_revoked(
    service: Service, every: list[Operation], stranger: Owner
) -> None:
    opened: dict[tuple[str, str], int] = {}
    for kind, header in (await dead_tokens(stranger)).items():
        async with Api(service.url, None, Authorization=header) as api:
            found = await answers(api, every, broken)
        opened |= {
            (kind, name): answer.status_code
            for name, answer in found.items()
            if answer.status_code != 401 or answer.json()["code"] != "unauthorized"
        }

    assert opened == {}


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_a_role_is_refused_before_the_body_is_looked_at(
    role: str, every: list[Operation], callers: dict[str, Api]
) -> None:
    found = await answers(callers[role], every, broken)

    expected = {
        o.id: "customerAdminOnly" if o.id in SIGNED_BY_THE_CUSTOMER else "forbidden"
        for o in every
        if not o.may(role)
    }
    assert {
        name: answer.json()["code"] for name, answer in found.items() if answer.status_code == 403
    } == expected
    assert not [name for name, answer in found.items() if answer.status_code == 401]


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_a_role_is_refused_whatever_the_body_is(
    role: str, every: list[Operation], callers: dict[str, Api]
) -> None:
    forbidden = [o for o in every if not o.may(role) and o.media_type]
    bodies: list[dict[str, Any]] = [
        {"content": b"text", "headers": {"Content-Type": "text/plain"}},
        {"content": b"\xff\xfe", "headers": {"Content-Type": "application/json"}},
        {"content": b"{}", "headers": {}},
        {},
    ]

    for body in bodies:
        found = await answers(callers[role], forbidden, always(body))
        assert {name: answer.status_code for name, answer in found.items()} == {
            operation.id: 403 for operation in forbidden
        }


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_a_role_that_may_is_let_in_with_a_good_body(
    role: str, every: list[Operation], callers: dict[str, Api], stranger: Owner
) -> None:
    allowed = [o for o in every if o.may(role) and o.method != "DELETE" and not o.listed.takes_away]

    found = await statuses(
        callers[role], allowed, stranger, stranger.ids, orgId=stranger.ids["orgId"]
    )

    assert {name: s for name, s in found.items() if s in UNFIT or s >= 500} == {}


@pytest.mark.parametrize("role", [PARTNER, SUPPORT, OPERATOR])
async def test_the_operator_makes_every_token_whichever_organization_it_speaks_of(
    role: str, callers: dict[str, Api], stranger: Owner
) -> None:
    partner = {"partnerId": stranger.customer.partner_id} if role == PARTNER else {}
    for query in ({}, {"orgId": stranger.ids["orgId"]}):
        response = await callers[OPERATOR].post(
            "/accessTokens", json={"name": "staff", "role": role, **partner}, params=query
        )
        assert response.status_code in (201, 422), query


def owned(operation: Operation) -> list[str]:
    """The path ids that belong to an organisation."""
    return [name for name in operation.ids if name not in Owner.OF_NO_ORGANIZATION]


async def statuses(
    api: Api, every: list[Operation], owner: Owner, ids: Mapping[str, str], **query: str
) -> dict[str, int]:
    """What each operation answers to good bodies of that owner; the first form that is let in."""

    async def call(operation: Operation) -> int:
        answer = 0
        for body in owner.bodies(operation) or [None]:
            response = await api.request(
                operation.method,
                operation.url(ids),
                params={**operation.listed.query, **query},
                **operation.sending(body),
            )
            answer = response.status_code
            if answer != 404:
                break
        return answer

    found = await asyncio.gather(*(call(operation) for operation in every))
    return {operation.id: status for operation, status in zip(every, found, strict=True)}


def all_404(every: list[Operation]) -> dict[str, int]:
    return {operation.id: 404 for operation in every}


@pytest.mark.parametrize("role", [CUSTOMER, READ_ONLY, PARTNER])
async def test_what_belongs_to_somebody_else_is_not_found(
    role: str, every: list[Operation], callers: dict[str, Api], victim: Owner
) -> None:
    tried = [o for o in every if owned(o) and o.may(role)]

    assert await statuses(callers[role], tried, victim, victim.ids) == all_404(tried)


@pytest.mark.parametrize("role", [CUSTOMER, READ_ONLY, PARTNER])
async def test_a_foreign_organization_in_the_query_is_not_found(
    role: str, every: list[Operation], callers: dict[str, Api], victim: Owner, stranger: Owner
) -> None:
    tried = [o for o in every if o.may(role)]

    for ids in (victim.ids, stranger.ids):
        found = await statuses(callers[role], tried, victim, ids, orgId=victim.ids["orgId"])
        assert found == all_404(tried)
    for unknown in (NOBODYS_ID, "nobody"):
        found = await statuses(callers[role], tried, victim, stranger.ids, orgId=unknown)
        assert found == all_404(tried)


@pytest.mark.parametrize("role", [SUPPORT, OPERATOR])
async def test_staff_who_named_one_organization_does_not_find_the_things_of_another(
    role: str, every: list[Operation], callers: dict[str, Api], victim: Owner, stranger: Owner
) -> None:
    tried = [o for o in every if owned(o) and o.may(role)]

    found = await statuses(
        callers[role], tried, victim, victim.ids, orgId=stranger.customer.organization_id
    )

    assert found == all_404(tried)


async def test_a_foreign_thing_under_an_own_one_is_not_found(
    every: list[Operation], callers: dict[str, Api], victim: Owner, stranger: Owner
) -> None:
    tried = [o for o in every if len(owned(o)) > 1 and o.may(CUSTOMER)]
    assert tried

    for operation in tried:
        for owners in product((victim, stranger), repeat=len(owned(operation))):
            mixed = {n: o.ids[n] for n, o in zip(owned(operation), owners, strict=True)}
            if victim not in owners:
                continue
            ids = {**stranger.ids, **mixed}
            found = await statuses(callers[CUSTOMER], [operation], stranger, ids)
            assert found == {operation.id: 404}, mixed


async def test_a_token_for_a_foreign_organization_is_not_made(
    callers: dict[str, Api], victim: Owner
) -> None:
    for wish in ({"orgId": victim.ids["orgId"]}, {"orgId": NOBODYS_ID}):
        response = await callers[CUSTOMER].post(
            "/accessTokens", json={"name": "thief", "role": "customerAdmin", **wish}
        )
        assert response.status_code == 404
    for role in (PARTNER, SUPPORT, OPERATOR):
        wish = {"partnerId": victim.customer.partner_id} if role == PARTNER else {}
        response = await callers[CUSTOMER].post(
            "/accessTokens", json={"name": "thief", "role": role, **wish}
        )
        assert response.status_code == 403


async def shown_of(
    victim: Owner, api: Api, wished: list[tuple[Operation, dict[str, str]]], ids: Mapping[str, str]
) -> dict[tuple[str, str], set[str]]:
    """What is the victim's in the answers to these readings."""
    found = await asyncio.gather(
        *(api.get(o.url(ids), params={**o.listed.query, **query}) for o, query in wished)
    )
    assert {answer.status_code for answer in found} <= {200, 422}
    return {
        (operation.id, str(query)): shown
        for (operation, query), answer in zip(wished, found, strict=True)
        if (shown := {secret for secret in victim.secrets if secret in answer.text})
    }


@pytest.mark.parametrize("role", [CUSTOMER, READ_ONLY, PARTNER])
async def test_nothing_of_somebody_else_is_in_a_list(
    role: str, every: list[Operation], callers: dict[str, Api], victim: Owner, stranger: Owner
) -> None:
    lists = [o for o in every if o.method == "GET" and o.may(role)]
    filters = {
        "locationId": victim.ids["locationId"],
        "id": victim.ids["locationId"],
        "phoneNumber": victim.numbers[0],
        "orderNumber": victim.order_number,
        "orderId": victim.ids["orderIdToFulfil"],
    }
    wished = [(o, dict[str, str]()) for o in lists]
    wished += [(o, {"orgId": stranger.ids["orgId"]}) for o in lists if "orgId" in o.queries]
    wished += [(o, {n: value}) for o in lists for n, value in filters.items() if n in o.queries]

    assert await shown_of(victim, callers[role], wished, stranger.ids) == {}


@pytest.mark.parametrize("role", [SUPPORT, OPERATOR])
async def test_nothing_of_another_is_in_a_list_of_staff_who_named_one_organization(
    role: str, every: list[Operation], callers: dict[str, Api], victim: Owner, stranger: Owner
) -> None:
    one = {"orgId": stranger.ids["orgId"]}
    wished = [(o, one) for o in every if o.method == "GET" and o.may(role) and "orgId" in o.queries]

    assert await shown_of(victim, callers[role], wished, stranger.ids) == {}


@pytest.mark.parametrize("role", [CUSTOMER, PARTNER, SUPPORT])
async def test_a_foreign_row_in_a_body_is_answered_as_one_that_there_is_none_of(
    role: str, every: list[Operation], callers: dict[str, Api], victim: Owner, stranger: Owner
) -> None:
    rows = dict.fromkeys(victim.ids.values(), NOBODYS_ID)
    rows |= {number: str(12_065_550_000 + i) for i, number in enumerate(victim.held)}
    one = {"orgId": stranger.ids["orgId"]}

    async def answer(operation: Operation, body: str) -> tuple[int, Any, list[Any]]:
        response = await callers[role].request(
            operation.method,
            operation.url(stranger.ids),
            params=one,
            **operation.sending(json.loads(body)),
        )
        problem = response.json()
        if isinstance(problem, list):  # Webex's own form, by number
            return (
                response.status_code,
                None,
                [error["errorCode"] for error in problem[0]["errors"]],
            )
        violations = [(v["code"], v["pointer"]) for v in problem.get("violations", [])]
        return response.status_code, problem.get("code"), violations

    tried = 0
    for operation in every:
        for body in map(json.dumps, victim.bodies(operation) if operation.may(role) else ()):
            named = [secret for secret in victim.secrets if f'"{secret}"' in body]
            if not named:
                continue
            unknown = body
            for secret in named:
                unknown = unknown.replace(secret.removeprefix("+"), rows[secret])
            tried += 1
            found = await answer(operation, body)
            assert found[0] >= 400, operation.id
            assert found == await answer(operation, unknown), operation.id
    assert tried


@pytest.mark.parametrize("role", sorted(EVERYBODY))
async def test_the_account_of_a_port_is_masked_for_everybody(
    role: str, every: list[Operation], callers: dict[str, Api], stranger: Owner
) -> None:
    one = {"orgId": stranger.ids["orgId"]}
    shown = []
    for operation in every:
        if operation.method != "GET" or not operation.may(role):
            continue
        query = {**operation.listed.query, **(one if "orgId" in operation.queries else {})}
        answer = await callers[role].get(operation.url(stranger.ids), params=query)
        assert answer.status_code == 200, (operation.id, answer.text)
        if str(ACCOUNT["accountNumber"]) in answer.text or f'"{ACCOUNT["pin"]}"' in answer.text:
            shown.append(operation.id)

    assert shown == []


async def test_one_s_own_things_are_in_the_lists(every: list[Operation], victim: Owner) -> None:
    lists = [o for o in every if o.method == "GET" and o.may(CUSTOMER) and not o.ids]

    seen = "".join(
        [(await victim.customer.api.get(o.url({}), params=o.listed.query)).text for o in lists]
    )

    shown = {name for name, value in victim.ids.items() if value in seen}
    assert shown >= {"orgId", "locationId", "orderId", "tokenId", "phoneNumber", "caseId"}
    assert victim.order_number in seen


@pytest.mark.domain("C7")
async def test_numbers_somebody_holds_are_not_offered_to_others(
    callers: dict[str, Api], victim: Owner, stranger: Owner
) -> None:
    found = await callers[CUSTOMER].get(
        f"{stranger.customer.location}/availableNumbers", params={"state": "WA", "max": 1000}
    )

    offered = {entry["phoneNumber"] for entry in found.json()["phoneNumbers"]}
    assert set(victim.spare) <= offered
    assert not offered & set(victim.numbers)


async def test_the_owner_succeeds_with_the_same_ids_and_bodies(
    every: list[Operation], victim: Owner
) -> None:
    """The last test: it proves that the 404s above were about the caller, and uses things up."""
    support = await victim.customer.caller(SUPPORT)
    callers = {CUSTOMER: victim.customer.api, OPERATOR: victim.customer.operator, SUPPORT: support}
    unfit, untold = {}, list[str]()
    for operation in sorted(every, key=lambda o: o.method == "DELETE"):
        bodies = victim.bodies(operation) or [None]
        for index, body in enumerate(bodies):
            response = await callers[operation.caller].request(
                operation.method,
                operation.url(victim.ids),
                params=operation.listed.query,
                **operation.sending(body),
            )
            wrong_form = response.status_code == 422 and response.json()["code"] in (
                "validationFailed",
                "orgIdRequired",
            )
            fits = response.is_success or (index and response.status_code in (409, 422))
            if not fits or wrong_form:
                unfit[operation.id] = (response.status_code, response.text)
            untold += faults(response)
    await support.aclose()

    assert unfit == {}
    assert untold == []

"""Making, changing and deleting webhooks, and their secrets."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from standardwebhooks.webhooks import WebhookVerificationError

from app.core import clock
from app.core.database import EVERYTHING
from app.core.settings import Settings
from app.domains.events.catalogue import EVENTS
from app.integrations.webhooks.http import HttpWebhookSender
from app.main import create_app
from tests.api.problems import fields, refused, rules
from tests.conftest import Api, Customer, Service
from tests.webhooks.hooking import Hook, happen, hook
from tests.webhooks.receiving import Receiver

NOT_ALLOWED = ("webhookTargetNotAllowed", "/targetUrl")


def wish(**changes: Any) -> dict[str, Any]:
    return {"name": "Tests", "targetUrl": "https://8.8.8.8/hooks", "events": ["*"], **changes}


async def test_a_webhook_is_made_read_changed_and_deleted(customer: Customer) -> None:
    made = await customer.api.post("/webhooks", json=wish())

    assert made.status_code == 201, made.text
    shown = made.json()
    secret = shown.pop("secret")
    assert secret.startswith("whsec_")
    assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64
    path = made.headers["Location"].partition("/v1")[2]
    read = await customer.api.get(path)
    assert (read.json(), read.headers["ETag"]) == (shown, made.headers["ETag"])
    assert shown["status"] == "enabled"
    assert (await customer.api.get("/webhooks")).json()["items"] == [shown]

    changed = await customer.api.patch(
        path,
        json={"name": "Renamed", "events": ["order.created"]},
        headers={"If-Match": made.headers["ETag"]},
    )
    assert changed.status_code == 200, changed.text
    assert changed.json() == shown | {
        "name": "Renamed",
        "events": ["order.created"],
        "updatedAt": changed.json()["updatedAt"],
    }
    stale = {"If-Match": made.headers["ETag"]}
    for request in (
        customer.api.patch(path, json={"name": "Late"}, headers=stale),
        customer.api.delete(path, headers=stale),
        customer.api.post(f"{path}/rotateSecret", headers=stale),
    ):
        refused(await request, 412, "preconditionFailed")

    assert (await customer.api.delete(path)).status_code == 204
    refused(await customer.api.get(path), 404, "notFound")
    assert (await customer.api.get("/webhooks")).json()["items"] == []


async def test_the_secret_is_shown_once_and_kept_sealed(
    customer: Customer, service: Service
) -> None:
    key = {"Idempotency-Key": "one-webhook"}
    first = await customer.api.post("/webhooks", json=wish(), headers=key)
    again = await customer.api.post("/webhooks", json=wish(), headers=key)

    secret = first.json()["secret"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == {k: v for k, v in first.json().items() if k != "secret"}
    path = f"/webhooks/{first.json()['id']}"
    rotated = [
        await customer.api.post(f"{path}/rotateSecret", headers={"Idempotency-Key": "rotate"})
        for _ in range(2)
    ]
    assert rotated[0].json()["secret"] not in (None, secret)
    assert "secret" not in rotated[1].json()
    assert len((await customer.api.get("/webhooks")).json()["items"]) == 1
    reader = await customer.caller("readOnlyAdmin")
    for caller in (customer.api, reader, customer.operator):
        for shown in (path, "/webhooks", f"{path}/deliveries"):
            assert "whsec_" not in (await caller.get(shown)).text
    async with service.database.read(EVERYTHING) as session:
        rows = (await session.execute(text("select webhooks::text from webhooks"))).scalars().all()
        kept = (
            await session.scalars(text("select convert_from(body, 'utf8') from idempotency_keys"))
        ).all()
    assert "whsec_" not in "".join([*rows, *kept])
    assert secret.removeprefix("whsec_").encode().hex() not in "".join(rows)


async def test_while_it_changes_both_secrets_verify(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    rotated = await customer.api.post(f"{hooked.path}/rotateSecret")
    secret = rotated.json()["secret"]
    expires_at = (await hooked.now())["previousSecretExpiresAt"]
    assert rotated.json()["previousSecretExpiresAt"] == expires_at

    await happen(customer)
    [both] = await receiver.received(1)
    assert len(both.headers["webhook-signature"].split(" ")) == 2
    assert both.verified(hooked.secret) == both.verified(secret)

    await hooked.set(previous_secret_expires_at=clock.real_now() - timedelta(seconds=1))
    await happen(customer)
    [_, one] = await receiver.received(2)
    assert one.verified(secret)
    with pytest.raises(WebhookVerificationError):
        one.verified(hooked.secret)


async def test_of_three_secrets_the_last_two_verify(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    secrets = [
        (await customer.api.post(f"{hooked.path}/rotateSecret")).json()["secret"] for _ in range(2)
    ]
    await happen(customer)

    [request] = await receiver.received(1)

    assert all(request.verified(secret) for secret in secrets)
    with pytest.raises(WebhookVerificationError):
        request.verified(hooked.secret)


async def test_disabled_it_is_told_nothing_and_enabled_of_what_comes_then(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    off = await customer.api.patch(hooked.path, json={"status": "disabled"})
    assert (off.json()["disabledReason"], off.json()["status"]) == ("customer", "disabled")
    await happen(customer, change="meanwhile")
    await asyncio.sleep(0.4)
    on = await customer.api.patch(hooked.path, json={"status": "enabled"})
    assert (on.json()["disabledReason"], on.json()["disabledAt"]) == (None, None)
    await happen(customer, change="then")

    [request] = await receiver.received(1)

    assert request.verified(hooked.secret)["data"]["change"] == "then"
    assert len(await hooked.deliveries()) == 1


# --- Refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://2130706433/",
        "https://①②⑦.⓪.⓪.①/",
        "https://8.8.8.8:22/",
        "http://8.8.8.8/",
        "https://user:password@8.8.8.8/",
        "ftp://8.8.8.8/",
        "nonsense",
    ],
)
async def test_a_target_inside_is_refused(hooked: Hook, customer: Customer, url: str) -> None:
    for request in (
        customer.api.post("/webhooks", json=wish(targetUrl=url)),
        customer.api.patch(hooked.path, json={"targetUrl": url}),
    ):
        response = await request
        assert set(rules(response)) == {NOT_ALLOWED}
        assert url not in response.text


@pytest.fixture
async def strict(service: Service, customer: Customer, tmp_path: Path) -> AsyncIterator[Api]:
    """The customer at an API process with the settings that a customer meets."""
    app = create_app(Settings(home=tmp_path, demo=False), str(service.database.engine.url))
    async with app.router.lifespan_context(app):
        token = customer.api.headers["Authorization"].removeprefix("Bearer ")
        api = Api(service.url, token)
        api._transport = httpx.ASGITransport(app)
        yield api


async def test_loopback_is_for_development_alone(strict: Api, receiver: Receiver) -> None:
    for url in (receiver.url, "https://127.0.0.1/", "https://localhost/", "https://[::1]/"):
        assert set(rules(await strict.post("/webhooks", json=wish(targetUrl=url)))) == {NOT_ALLOWED}
    assert (await strict.post("/webhooks", json=wish())).status_code == 201


async def test_a_webhook_that_was_let_in_is_judged_again_at_each_attempt(
    receiver: Receiver,
) -> None:
    """What the settings or the name servers say has changed since."""
    outcome = await HttpWebhookSender().send(receiver.url, {}, b"{}")

    assert outcome.failure == "targetNotAllowed"
    assert receiver.requests == []


async def test_everything_wrong_is_told_at_once(customer: Customer) -> None:
    response = await customer.api.post(
        "/webhooks",
        json=wish(targetUrl="http://me@10.0.0.1:22/", events=["order.created", "order.eaten"]),
    )

    found = rules(response)
    assert found.count(NOT_ALLOWED) == 1, "loopback may be meant until the name is looked up"
    assert ("unknownEventType", "/events/1") in found
    unknown = response.json()["violations"][-1]
    assert all(name in unknown["detail"] for name in EVENTS)
    polish = await customer.api.post(
        "/webhooks", json=wish(events=["x"]), headers={"Accept-Language": "pl"}
    )
    assert "Nie ma takiego zdarzenia" in polish.json()["violations"][0]["detail"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"targetUrl": ""}, "/targetUrl"),
        ({"targetUrl": "https://8.8.8.8/" + "x" * 2000}, "/targetUrl"),
        ({"events": []}, "/events"),
        ({"events": "*"}, "/events"),
        ({"events": ["x" * 61]}, "/events/0"),
        ({"secret": "whsec_mine"}, "/secret"),
    ],
)
async def test_a_field_without_its_form_is_refused(
    customer: Customer, change: dict[str, Any], pointer: str
) -> None:
    assert fields(await customer.api.post("/webhooks", json=wish(**change))) == [pointer]


async def test_there_are_so_many_and_not_more(customer: Customer) -> None:
    limit = f"/organizations/{customer.organization_id}/limits/webhooks"
    assert (await customer.operator.put(limit, json={"limit": 2})).status_code == 200
    answers = await asyncio.gather(*(customer.api.post("/webhooks", json=wish()) for _ in range(5)))

    assert sorted(answer.status_code for answer in answers) == [201, 201, 422, 422, 422]
    late = await customer.api.post("/webhooks", json=wish())
    assert rules(late) == [("webhookLimitExceeded", "")]
    violation = late.json()["violations"][0]
    assert (violation["limit"], violation["used"], violation["remaining"]) == (2, 2, 0)
    told = (await customer.api.get("/telephony/pstn/limits")).json()["items"]
    assert [(each["used"], each["remaining"]) for each in told if each["name"] == "webhooks"] == [
        (2, 0)
    ]


# --- Others -----------------------------------------------------------------------------------


async def test_another_organisation_finds_nothing(
    hooked: Hook, customer: Customer, trial: Customer
) -> None:
    await customer.api.post(f"{hooked.path}/test")
    [delivery] = await hooked.deliveries()
    of_delivery = f"{hooked.path}/deliveries/{delivery['id']}"
    own = await hook(trial, "http://127.0.0.1:9/hooks")

    for method, path, body in (
        ("GET", hooked.path, None),
        ("PATCH", hooked.path, {"name": "Mine"}),
        ("DELETE", hooked.path, None),
        ("POST", f"{hooked.path}/test", None),
        ("POST", f"{hooked.path}/rotateSecret", None),
        ("GET", f"{hooked.path}/deliveries", None),
        ("GET", of_delivery, None),
        ("POST", f"{of_delivery}/redeliver", None),
        ("GET", f"{own.path}/deliveries/{delivery['id']}", None),
    ):
        response = await trial.api.request(method, path, json=body)
        refused(response, 404, "notFound")
    listed = (await trial.api.get("/webhooks")).json()["items"]
    assert [webhook["id"] for webhook in listed] == [own.id]


async def test_who_may_do_what(hooked: Hook, customer: Customer) -> None:
    partner = await customer.caller("partnerAdmin")
    query = {"orgId": customer.organization_id}
    assert rules(await partner.post("/webhooks", json=wish())) == [("orgIdRequired", "/orgId")]
    made = await partner.post("/webhooks", json=wish(), params=query)
    assert made.status_code == 201, made.text
    for role in ("readOnlyAdmin", "support", "operator"):
        caller = await customer.caller(role)
        assert (await caller.get(hooked.path)).status_code == 200
        refused(await caller.post("/webhooks", json=wish(), params=query), 403, "forbidden")
        refused(await caller.patch(hooked.path, json={}), 403, "forbidden")


def test_the_document_tells_of_each_event() -> None:
    document = json.loads((Path(__file__).parents[2] / "openapi" / "openapi.json").read_text())

    assert document["webhooks"].keys() == {*EVENTS, "webhook.test"}
    for name, operations in document["webhooks"].items():
        operation = operations["post"]
        content = operation["requestBody"]["content"]["application/json"]
        assert content["example"]["type"] == name
        assert content["schema"]["$ref"].rpartition("/")[2] in document["components"]["schemas"]
        headers = {parameter["name"] for parameter in operation["parameters"]}
        assert headers == {"webhook-id", "webhook-timestamp", "webhook-signature"}
    assert "$defs" not in json.dumps(document)

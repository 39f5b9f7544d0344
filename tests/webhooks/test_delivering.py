"""What a receiver gets of an event, at once and over three days; times are moved on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from app.core import clock
from app.core.identifiers import new_id
from app.domains.events.catalogue import MAX_NUMBERS, NumbersHeld
from app.domains.events.models import Event
from app.domains.webhooks.policy import retrying
from app.domains.webhooks.service import announcing
from app.integrations.webhooks.port import Outcome
from tests.api.problems import refused
from tests.conftest import Customer
from tests.notifications.mailbox import parsed, speak, text_of, until_idle
from tests.webhooks.hooking import Hook, delay, happen, hook
from tests.webhooks.receiving import Receiver, answer, break_off, drip, hang, receiving

SOON = timedelta(seconds=0.5)
"""What a machine under load may take between two of its readings of the clock."""


async def test_an_event_comes_signed_with_what_it_tells(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    await happen(customer)

    [request] = await receiver.received(1)

    message = request.verified(hooked.secret)
    assert message["type"] == "order.updated"
    assert message["data"]["change"] == "corrected"
    assert message["id"] == request.id
    assert message["orgId"] == customer.organization_id
    assert message["sequence"] >= 1
    assert message["timestamp"].endswith("Z")
    assert len(request.body) < 20_000
    delivery = await hooked.attempted(1)
    assert (delivery["status"], delivery["messageId"]) == ("delivered", request.id)
    assert delivery["attempts"][0]["statusCode"] == 204
    with pytest.raises(WebhookVerificationError):
        request.verified("whsec_" + "A" * 64)


def test_the_largest_event_makes_a_small_message() -> None:
    numbers = [f"+{12_065_550_000 + index}" for index in range(MAX_NUMBERS)]
    held = NumbersHeld(
        phone_numbers=numbers, location_id=new_id(), order_id=new_id(), reservation_id=new_id()
    )
    event = Event(
        id=new_id(),
        org_id=new_id(),
        type=held.type,
        data=held.model_dump(mode="json", by_alias=True),
        occurred_at=clock.real_now(),
        sequence=2**63 - 1,
    )

    assert len(announcing.body_of(event).encode()) < 20_000


async def test_an_order_is_told_as_the_feed_tells_it(
    customer: Customer, receiver: Receiver, stock: Callable[..., Any]
) -> None:
    await customer.accept_terms()
    hooked = await hook(customer, receiver.url, "*")
    placed = await customer.order(*await stock(2))
    order = await customer.api.ended(placed.json()["id"])
    assert order["status"] == "provisioned"
    feed = (await customer.api.get("/events", params={"max": 1000})).json()["items"]
    begins = next(i for i, event in enumerate(feed) if event["data"].get("orderId") == order["id"])

    told = [r.verified(hooked.secret) for r in await receiver.received(len(feed) - begins)]

    by_sequence = sorted(told, key=lambda message: int(message["sequence"]))
    assert [{"occurredAt": message.pop("timestamp"), **message} for message in by_sequence] == feed[
        begins:
    ]
    assert by_sequence[-1]["type"].startswith(("order.", "number."))


async def test_each_event_comes_once_to_each_webhook_that_wants_it(customer: Customer) -> None:
    async with receiving() as one, receiving() as other, receiving() as indifferent:
        await hook(customer, one.url, "*")
        await hook(customer, other.url, "order.created", "order.updated")
        await hook(customer, indifferent.url, "order.created")
        await happen(customer, 12)

        for receiver in (one, other):
            await receiver.received(12)
        await asyncio.sleep(0.3)

        found = [[r.id for r in it.requests if b"order.updated" in r.body] for it in (one, other)]
        assert sorted(found[0]) == sorted(found[1])
        assert len(set(found[0])) == len(found[0]) == 12
        assert indifferent.requests == []


async def test_a_webhook_is_told_of_nothing_that_happened_before_it(
    customer: Customer, receiver: Receiver
) -> None:
    await happen(customer, change="before")
    hooked = await hook(customer, receiver.url)
    await happen(customer, change="after")

    [request] = await receiver.received(1)

    assert request.verified(hooked.secret)["data"]["change"] == "after"


async def test_events_stay_with_their_organisation(
    hooked: Hook, receiver: Receiver, trial: Customer, customer: Customer
) -> None:
    async with receiving() as theirs:
        foreign = await hook(trial, theirs.url)
        await happen(customer, 3)
        await happen(trial, 2)

        await receiver.received(3)
        await theirs.received(2)
        await asyncio.sleep(0.3)

    for got, owner, whose in ((receiver, hooked, customer), (theirs, foreign, trial)):
        organizations = {r.verified(owner.secret)["orgId"] for r in got.requests}
        assert organizations == {whose.organization_id}
    assert (len(receiver.requests), len(theirs.requests)) == (3, 2)


# --- Failures ---------------------------------------------------------------------------------


async def test_it_is_tried_ten_times_over_three_days_with_one_id_and_a_fresh_time(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    receiver.usually = answer(500)
    await happen(customer)

    for tries, wait in enumerate(retrying.DELAYS[1:], start=1):
        delivery = await hooked.attempted(tries)
        assert delivery["status"] == "pending"
        assert wait <= delay(delivery) + timedelta(milliseconds=1)
        assert delay(delivery) <= wait * 1.1 + SOON
        await hooked.hurry()
    delivery = await hooked.attempted(10)

    assert (delivery["status"], delivery["nextAttemptAt"]) == ("failed", None)
    assert len(receiver.requests) == 10
    assert {request.id for request in receiver.requests} == {delivery["messageId"]}
    assert len({request.body for request in receiver.requests}) == 1
    stamps = [int(request.headers["webhook-timestamp"]) for request in receiver.requests]
    assert stamps == sorted(stamps)
    assert abs(stamps[-1] - time.time()) < 5
    for request in receiver.requests:
        request.verified(hooked.secret)


def test_the_schedule_spans_three_days() -> None:
    assert timedelta(days=3) <= sum(retrying.DELAYS, timedelta()) < retrying.GIVEN_UP_AFTER


async def test_a_receiver_that_hangs_drips_or_breaks_off_gets_it_again(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    receiver.next(hang, drip, break_off, answer(200))
    await happen(customer)

    for tries in (1, 2, 3):
        await hooked.attempted(tries)
        await hooked.hurry()
    delivery = await hooked.attempted(4)

    assert delivery["status"] == "delivered"
    assert [(a["statusCode"], a["failure"]) for a in delivery["attempts"]] == [
        (None, "timeout"),
        (None, "timeout"),
        (None, "answerUnreadable"),
        (200, None),
    ]
    assert all(a["durationMilliseconds"] < 3000 for a in delivery["attempts"])
    assert len({request.id for request in receiver.requests}) == 1
    assert (await hooked.now())["failingSince"] is None


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500])
async def test_whatever_is_not_2xx_is_a_failure(
    hooked: Hook, receiver: Receiver, customer: Customer, status: int
) -> None:
    async with receiving() as inside:
        receiver.next(answer(status, Location=inside.url))
        await happen(customer)

        delivery = await hooked.attempted(1)

        assert (delivery["status"], delivery["attempts"][0]["statusCode"]) == ("pending", status)
        assert inside.requests == []
    now = await hooked.now()
    assert (now["status"], now["throttledUntil"]) == ("enabled", None)
    assert now["failingSince"] is not None


async def test_410_disables_it_and_cancels_what_waits(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    receiver.usually = answer(500)
    await happen(customer)
    await hooked.attempted(1)
    receiver.usually = answer(410)
    await happen(customer)

    now = await hooked.until(lambda it: it["status"] == "disabled")
    assert now["disabledReason"] == "gone"
    assert "410" in now["statusDescription"]
    waiting, answered = await hooked.deliveries(), len(receiver.requests)
    assert {it["status"] for it in waiting} == {"cancelled"}
    assert {it["nextAttemptAt"] for it in waiting} == {None}

    await happen(customer)
    await asyncio.sleep(0.6)
    assert len(receiver.requests) == answered
    for action in ("test", f"deliveries/{waiting[0]['id']}/redeliver"):
        refused(await customer.api.post(f"{hooked.path}/{action}"), 409, "invalidTransition")

    receiver.usually = answer(204)
    await customer.api.patch(hooked.path, json={"status": "enabled"})
    await happen(customer, change="again")
    await receiver.received(answered + 1)
    assert receiver.requests[-1].verified(hooked.secret)["data"]["change"] == "again"
    assert len(receiver.requests) == answered + 1


async def test_what_a_former_target_answers_is_not_held_against_the_new_one(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    changed = asyncio.Event()

    async def gone_in_the_end(writer: asyncio.StreamWriter) -> None:
        await changed.wait()
        await answer(410)(writer)

    receiver.next(gone_in_the_end)
    await happen(customer)
    await receiver.received(1)
    await customer.api.patch(hooked.path, json={"targetUrl": receiver.url + "&new=1"})
    changed.set()

    delivery = await hooked.attempted(1)
    assert (delivery["status"], delivery["attempts"][0]["statusCode"]) == ("pending", 410)
    assert (await hooked.now())["status"] == "enabled"
    await hooked.hurry()
    assert (await hooked.attempted(2))["status"] == "delivered"
    assert "new=1" in receiver.requests[-1].line


@pytest.mark.parametrize(
    ("status", "header", "pause"),
    [(429, "120", 120), (503, "60", 60), (502, None, 30), (504, None, 30), (429, "9999999", 86400)],
)
async def test_a_receiver_that_asks_for_it_is_left_alone(
    hooked: Hook,
    receiver: Receiver,
    customer: Customer,
    status: int,
    header: str | None,
    pause: int,
) -> None:
    headers = {"Retry_After": header} if header else {}
    receiver.next(answer(status, b"", **headers))
    await happen(customer)
    delivery = await hooked.attempted(1)

    assert timedelta(seconds=pause) <= delay(delivery) + timedelta(milliseconds=1)
    assert delay(delivery) <= timedelta(seconds=pause * 1.1) + SOON
    await happen(customer)
    await asyncio.sleep(0.6)
    assert len(receiver.requests) == 1, "nothing else is sent meanwhile"

    await hooked.hurry()
    await receiver.received(3)
    now = await hooked.until(lambda it: it["failingSince"] is None)
    assert now["throttledUntil"] is None


async def test_a_receiver_that_failed_for_days_is_given_up(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    receiver.usually = answer(500)
    await happen(customer)
    await hooked.attempted(1)

    days_ago, before = clock.real_now() - retrying.TRIED_FOR, clock.real_now() - timedelta(days=5)
    await hooked.hurry(made_at=days_ago, failing_since=before + timedelta(hours=1))
    await hooked.attempted(2)
    assert (await hooked.now())["status"] == "enabled"
    await hooked.hurry(made_at=clock.real_now(), failing_since=before)
    await hooked.attempted(3)
    assert (await hooked.now())["status"] == "enabled", "a message has all its attempts"
    await hooked.hurry(made_at=days_ago)

    now = await hooked.until(lambda it: it["status"] == "disabled")
    assert now["disabledReason"] == "failing"
    polish = await customer.api.get(hooked.path, headers={"Accept-Language": "pl"})
    assert "Napraw odbiorcę" in polish.json()["statusDescription"]


async def test_people_are_told_by_mail_when_it_is_disabled(
    receiver: Receiver, customer: Customer
) -> None:
    name = f"Hooks of {customer.organization_id}"
    receiver.usually = answer(410)
    await speak(customer, "pl_PL")
    hooked = await hook(customer, receiver.url, name=name)
    await happen(customer)
    await hooked.until(lambda it: it["status"] == "disabled")
    await until_idle(customer.service)

    mails = [parsed(path) for path in (customer.service.home / "mail").glob("*.eml")]

    [mail] = [mail for mail in mails if name in mail["Subject"]]
    assert mail["To"] == "ada@northwind.example"
    assert "wyłączony" in mail["Subject"]
    assert "410 Gone" in text_of(mail)
    assert receiver.url not in mail.as_string()


async def test_one_success_forgives_the_failures_before(hooked: Hook, customer: Customer) -> None:
    await hooked.set(failing_since=clock.real_now() - retrying.GIVEN_UP_AFTER)
    await happen(customer)

    await hooked.attempted(1)

    assert (await hooked.now())["failingSince"] is None


def test_no_failure_is_a_success() -> None:
    for status in (100, 199, 300, 304, 404, 410, 500, None):
        assert not retrying.is_success(Outcome(status_code=status))
    assert all(retrying.is_success(Outcome(status_code=status)) for status in (200, 204, 299))


# --- Others -----------------------------------------------------------------------------------


async def test_a_receiver_that_hangs_holds_up_nobody_else(
    receiver: Receiver, customer: Customer
) -> None:
    async with receiving() as hanging:
        hanging.usually = hang
        for one in (receiver, hanging):
            await hook(customer, one.url)
        await happen(customer, 40)

        await receiver.received(40, timeout_seconds=15)

        under_way = len(hanging.requests)
        assert 1 <= under_way < 40


async def test_the_clock_waits_for_no_receiver(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    receiver.usually = hang
    await happen(customer, 5)
    await receiver.received(1)

    started = time.monotonic()
    response = await customer.operator.post("/simulator/clock/advance", json={"seconds": 1})

    assert response.status_code == 200
    assert time.monotonic() - started < 3
    [delivery, *_] = await hooked.deliveries()
    assert delivery["status"] == "pending", "retries live by the real clock"


# --- By hand ----------------------------------------------------------------------------------


async def test_a_message_is_sent_again_with_its_old_id(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    await happen(customer)
    delivery = await hooked.attempted(1)

    response = await customer.api.post(f"{hooked.path}/deliveries/{delivery['id']}/redeliver")

    assert (response.status_code, response.json()["status"]) == (200, "pending")
    first, second = await receiver.received(2)
    assert (first.id, first.body) == (second.id, second.body)
    second.verified(hooked.secret)
    again = await hooked.attempted(2)
    assert (again["id"], again["status"]) == (delivery["id"], "delivered")


async def test_what_is_given_up_gets_a_schedule_of_its_own_when_it_is_sent_again(
    hooked: Hook, receiver: Receiver, customer: Customer
) -> None:
    receiver.usually = answer(500)
    await happen(customer)
    delivery = await hooked.attempted(1)
    await hooked.hurry()
    await hooked.attempted(2)
    path = f"{hooked.path}/deliveries/{delivery['id']}"

    await customer.api.post(f"{path}/redeliver")

    again = await hooked.attempted(3)
    assert delay(again) < timedelta(seconds=7)
    assert (await customer.api.get(path)).json() == again


async def test_it_can_be_tried_out(hooked: Hook, receiver: Receiver, customer: Customer) -> None:
    response = await customer.api.post(f"{hooked.path}/test")

    assert response.status_code == 200, response.text
    [request] = await receiver.received(1)
    message = request.verified(hooked.secret)
    assert message["type"] == "webhook.test"
    assert message["data"] == {"webhookId": hooked.id}
    assert "sequence" not in message
    done = await hooked.attempted(1)
    assert (done["id"], done["status"]) == (response.json()["id"], "delivered")
    assert UUID(done["messageId"]) == UUID(request.id)


async def test_the_log_is_paged_and_filtered(hooked: Hook, customer: Customer) -> None:
    for _ in range(3):
        await customer.api.post(f"{hooked.path}/test")
    async with asyncio.timeout(10):
        while len(await hooked.deliveries(status="delivered")) < 3:
            await asyncio.sleep(0.03)

    response = await customer.api.get(f"{hooked.path}/deliveries", params={"max": 2})
    link = response.links["next"]["url"]
    rest = await customer.api.get(link)

    ids = [it["id"] for it in response.json()["items"] + rest.json()["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 3
    assert await hooked.deliveries(status="failed") == []

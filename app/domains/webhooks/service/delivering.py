"""Sending what is due, in the worker: `Courier.run`.

No job and no timer: the simulation's clock waits for those, and receivers are nobody's to wait for.
A webhook with something due is leased to one worker, which sends some of its messages at once,
notes each, and lets it go to the end of the queue; so a receiver that hangs holds up nobody else's
messages, and no more than a few of its own. A worker that is killed lets the lease pass: what it
had not noted is sent again, under the same id. Messages come about in the order of their events,
which `sequence` tells; nothing promises it.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from app.core import clock
from app.core.database import EVERYTHING, Database, Scope, WriteSession
from app.core.errors import Problem
from app.core.listening import either, listening
from app.core.sealing import KeyRing
from app.domains.webhooks import repository
from app.domains.webhooks.lifecycle import DeliveryStatus, DisabledReason, WebhookStatus
from app.domains.webhooks.models import Delivery, Webhook
from app.domains.webhooks.policy import retrying
from app.domains.webhooks.service import telling
from app.domains.webhooks.service.managing import disable, secrets_of
from app.integrations.webhooks import signing
from app.integrations.webhooks.port import Outcome, WebhookSender

log = structlog.get_logger()

WEBHOOKS_AT_ONCE = 50
MESSAGES_AT_ONCE = 4
"""To one webhook."""
LEASE = timedelta(seconds=90)
"""Longer than any attempt with its note."""
POLL_SECONDS = 1.0
FAREWELL_SECONDS = 5
ATTEMPTS_KEPT = 20


@dataclass(frozen=True, slots=True)
class Attempt:
    """What happened when a message was sent."""

    at: datetime
    outcome: Outcome
    milliseconds: int

    def to_json(self) -> dict[str, Any]:
        """As the delivery keeps it: of the answer its status alone, nothing it says."""
        return {
            "at": self.at.isoformat(),
            "statusCode": self.outcome.status_code,
            "failure": self.outcome.failure,
            "durationMilliseconds": self.milliseconds,
        }


class Courier:
    """Sends messages; any number of workers may have one."""

    def __init__(self, database: Database, dsn: str, sender: WebhookSender, keys: KeyRing) -> None:
        self._database = database
        self._dsn = dsn
        self._sender = sender
        self._keys = keys

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop; what is under way then has a moment to end."""
        under_way: set[asyncio.Task[None]] = set()
        bell = asyncio.Event()
        try:
            async with listening(self._dsn, repository.DUE, bell):
                while not stop.is_set():
                    bell.clear()
                    for webhook in await self._lease(WEBHOOKS_AT_ONCE - len(under_way)):
                        task = asyncio.create_task(self.serve(webhook))
                        under_way.add(task)
                        task.add_done_callback(under_way.discard)
                        # It makes room, and may have left something that is due.
                        task.add_done_callback(lambda _: bell.set())
                    await either(bell, stop, POLL_SECONDS)
            if under_way:
                await asyncio.wait(under_way, timeout=FAREWELL_SECONDS)
        finally:
            for task in under_way:
                task.cancel()

    async def _lease(self, limit: int) -> list[Webhook]:
        if limit == 0:
            return []
        now = clock.real_now()
        try:
            async with self._database.write(EVERYTHING) as session:
                return await repository.lease(session, now=now, until=now + LEASE, limit=limit)
        except Problem as problem:
            log.warning("no webhooks leased", reason=problem.kind.code)
        except Exception:
            log.exception("no webhooks leased")
        return []

    async def serve(self, webhook: Webhook) -> None:
        """Send some of what is due to a webhook that is leased, and give it back."""
        scope = Scope.of([webhook.org_id])
        try:
            async with self._database.read(scope) as session:
                due = await repository.due_deliveries(
                    session, webhook.id, clock.real_now(), MESSAGES_AT_ONCE
                )
            sent = (self._deliver(webhook, delivery) for delivery in due)
            for fault in await asyncio.gather(*sent, return_exceptions=True):
                if fault is not None:
                    raise fault
            async with self._database.write(scope) as session:
                await _give_back(session, webhook.id)
        except Problem as problem:
            log.warning("webhook not served", reason=problem.kind.code)
        except Exception:
            log.exception("webhook not served", webhook_id=str(webhook.id))

    async def _deliver(self, webhook: Webhook, delivery: Delivery) -> None:
        at = clock.real_now()
        body = delivery.body.encode()
        secrets = secrets_of(webhook, self._keys, at)
        headers = signing.headers(str(delivery.message_id), at, body, secrets)
        outcome = await self._sender.send(webhook.target_url, headers, body)
        now = clock.real_now()
        attempt = Attempt(at, outcome, round((now - at).total_seconds() * 1000))
        async with self._database.write(Scope.of([webhook.org_id])) as session:
            await _note(session, webhook, delivery, attempt, now)


async def _note(
    session: WriteSession, called: Webhook, sent: Delivery, attempt: Attempt, now: datetime
) -> None:
    """Note what came of an attempt, on the delivery and on the webhook."""
    webhook = await repository.get_locked(session, called.id)
    delivery = await repository.get_delivery(session, called.id, sent.id)
    if webhook is None or delivery is None:
        return  # deleted meanwhile
    delivery.attempts = [*delivery.attempts, attempt.to_json()][-ATTEMPTS_KEPT:]
    if retrying.is_success(attempt.outcome):
        delivery.end(DeliveryStatus.delivered, now)
    elif delivery.status == DeliveryStatus.pending:
        delivery.tries += 1
        chance = random.random()  # noqa: S311 - no secret
        again_at = retrying.next_attempt(delivery.tries, attempt.outcome, now, chance=chance)
        if again_at is None:
            delivery.end(DeliveryStatus.failed, now)
        delivery.next_attempt_at = again_at
    await session.flush()
    # Changed meanwhile, it may have another target, of which the answer says nothing.
    if webhook.status == WebhookStatus.enabled and webhook.version == called.version:
        await _judge(session, webhook, delivery, attempt.outcome, now)


async def _judge(
    session: WriteSession, webhook: Webhook, delivery: Delivery, outcome: Outcome, now: datetime
) -> None:
    """What an attempt says of the receiver: well again, to be left alone, gone, or given up."""
    if retrying.is_success(outcome):
        webhook.failing_since = webhook.throttled_until = None
        return
    webhook.failing_since = webhook.failing_since or now
    if pause := retrying.throttled_for(outcome):
        webhook.throttled_until = max(webhook.throttled_until or now, now + pause)
    if retrying.is_gone(outcome):
        await _give_up(session, webhook, DisabledReason.gone, now)
    elif retrying.is_given_up(webhook.failing_since, delivery.created_at, now):
        await _give_up(session, webhook, DisabledReason.failing, now)


async def _give_up(
    session: WriteSession, webhook: Webhook, reason: DisabledReason, now: datetime
) -> None:
    await disable(session, webhook, reason, now)
    await telling.plan(session, webhook)


async def _give_back(session: WriteSession, webhook_id: UUID) -> None:
    webhook = await repository.get_locked(session, webhook_id)
    if webhook is None:
        return
    # In a statement of its own: it sees what was added before the lock was had.
    due_at = await repository.next_due(session, webhook_id)
    webhook.leased_until = None
    # What is due already waits for the others' turn.
    webhook.due_at = due_at and max(due_at, clock.real_now())

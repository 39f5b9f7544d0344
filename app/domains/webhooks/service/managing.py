"""Making, changing and deleting webhooks, and changing their secrets."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from app.core import clock
from app.core.database import ReadSession, WriteSession
from app.core.errors import NotFound
from app.core.http import check_if_match
from app.core.identifiers import new_id
from app.core.sealing import KeyRing
from app.domains.events.catalogue import EVENTS
from app.domains.events.service import reading
from app.domains.organizations import service as organizations
from app.domains.webhooks import repository
from app.domains.webhooks.lifecycle import DisabledReason, WebhookStatus
from app.domains.webhooks.models import Webhook
from app.domains.webhooks.policy import subscribing
from app.domains.webhooks.schemas import WebhookCreate, WebhookPatch
from app.integrations.webhooks import signing
from app.integrations.webhooks.port import TargetFault
from app.policy.limits import LimitName, limit
from app.policy.violation import refuse

BOTH_VALID_FOR = timedelta(hours=24)
"""How long the secret before goes on signing beside the new one."""


async def get(session: ReadSession, webhook_id: UUID) -> Webhook:
    """A webhook. Raises 404."""
    found = await repository.get(session, webhook_id)
    if found is None:
        raise NotFound
    return found


async def get_locked(
    session: WriteSession, webhook_id: UUID, if_match: str | None = None
) -> Webhook:
    """The same, locked until the transaction ends. Raises 404, 412."""
    found = await repository.get_locked(session, webhook_id)
    if found is None:
        raise NotFound
    check_if_match(if_match, found.version)
    return found


async def create(
    session: WriteSession,
    keys: KeyRing,
    organization_id: UUID,
    wish: WebhookCreate,
    faults: Collection[TargetFault],
) -> tuple[Webhook, str]:
    """A new webhook and its secret, shown once; `faults` are those of the target.

    Raises 404, and 422 for a target that is not called, unknown events, or one webhook too many.
    """
    await organizations.get_locked(session, organization_id)
    overrides = await organizations.limit_overrides(session, organization_id)
    used = await repository.count(session, organization_id)
    refuse(
        [
            *subscribing.check(faults, wish.events, EVENTS),
            *subscribing.check_room(limit(LimitName.webhooks, overrides, used=used)),
        ]
    )
    now = clock.real_now()
    webhook_id, secret = new_id(), signing.new_secret()
    webhook = Webhook(
        id=webhook_id,
        org_id=organization_id,
        name=wish.name,
        target_url=wish.target_url,
        events=wish.events,
        status=WebhookStatus.enabled,
        secret=keys.seal(secret, _binding(webhook_id)),
        begins_after=await reading.last_position(session),
        created_at=now,
        updated_at=now,
        version=1,
    )
    session.add(webhook)
    await session.flush()
    return webhook, secret


async def change(
    session: WriteSession,
    webhook_id: UUID,
    patch: WebhookPatch,
    faults: Collection[TargetFault],
    if_match: str | None,
) -> Webhook:
    """Change what the patch names; enabled again it is told of what happens from then on.

    Raises 404, 412, and 422 for a target that is not called or unknown events.
    """
    webhook = await get_locked(session, webhook_id, if_match)
    refuse(subscribing.check(faults, patch.events, EVENTS))
    if patch.name is not None:
        webhook.name = patch.name
    if patch.target_url is not None:
        webhook.target_url = patch.target_url
        webhook.failing_since = webhook.throttled_until = None
    if patch.events is not None:
        webhook.events = patch.events
    match patch.status:
        case WebhookStatus.disabled if webhook.status == WebhookStatus.enabled:
            await disable(session, webhook, DisabledReason.customer, clock.real_now())
        case WebhookStatus.enabled if webhook.status == WebhookStatus.disabled:
            webhook.status = WebhookStatus.enabled
            webhook.disabled_reason = webhook.disabled_at = None
            webhook.failing_since = webhook.throttled_until = None
            webhook.begins_after = await reading.last_position(session)
    _changed(webhook)
    await session.flush()
    return webhook


async def disable(
    session: WriteSession, webhook: Webhook, reason: DisabledReason, now: datetime
) -> None:
    """Send nothing more to a webhook, locked by the caller; what waits for it is cancelled."""
    webhook.status = WebhookStatus.disabled
    webhook.disabled_reason, webhook.disabled_at = reason, now
    webhook.due_at = None
    await session.flush()
    await repository.cancel_pending(session, webhook.id, now)


async def delete(session: WriteSession, webhook_id: UUID, if_match: str | None) -> None:
    """Delete a webhook with its deliveries. Raises 404, 412."""
    await session.delete(await get_locked(session, webhook_id, if_match))


async def rotate_secret(
    session: WriteSession, keys: KeyRing, webhook_id: UUID, if_match: str | None
) -> tuple[Webhook, str]:
    """A new secret, shown once. For a day messages are signed with it and with the one before.

    Raises 404, 412.
    """
    webhook = await get_locked(session, webhook_id, if_match)
    secret = signing.new_secret()
    webhook.previous_secret = webhook.secret
    webhook.previous_secret_expires_at = clock.real_now() + BOTH_VALID_FOR
    webhook.secret = keys.seal(secret, _binding(webhook.id))
    _changed(webhook)
    await session.flush()
    return webhook, secret


def secrets_of(webhook: Webhook, keys: KeyRing, now: datetime) -> list[str]:
    """The secrets that sign its messages now, the newest first."""
    sealed = [webhook.secret]
    expires_at = webhook.previous_secret_expires_at
    if webhook.previous_secret is not None and expires_at is not None and now < expires_at:
        sealed.append(webhook.previous_secret)
    return [keys.open(secret, _binding(webhook.id)) for secret in sealed]


def _changed(webhook: Webhook) -> None:
    webhook.updated_at = clock.real_now()
    webhook.version += 1


def _binding(webhook_id: UUID) -> str:
    return f"webhooks.secret:{webhook_id}"

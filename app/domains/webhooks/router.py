"""`/webhooks`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, status

from app.auth.caller import ADMINS, READERS, Caller
from app.auth.guard import Read, Write, allow
from app.core.errors import INVALID_TRANSITION
from app.core.http import ApiRoute, IfMatch, Speaks, Versioned, set_etag
from app.core.openapi import problems
from app.core.pagination import Paged
from app.core.sealing import KeyRing
from app.domains.webhooks import repository
from app.domains.webhooks.lifecycle import DeliveryStatus
from app.domains.webhooks.schemas import (
    Deliveries,
    DeliveryPath,
    DeliveryView,
    WebhookCreate,
    WebhookPatch,
    WebhookPath,
    Webhooks,
    WebhookSecret,
    WebhookView,
)
from app.domains.webhooks.service import announcing, managing, redelivering
from app.integrations.webhooks.port import TargetFault, WebhookSender

router = APIRouter(route_class=ApiRoute, tags=["Webhooks"], prefix="/webhooks")

WEBHOOK = "/{webhookId}"
DELIVERIES = WEBHOOK + "/deliveries"


def key_ring(request: Request) -> KeyRing:
    """The keys of secrets at rest."""
    keys: KeyRing = request.app.state.keys
    return keys


Keys = Annotated[KeyRing, Depends(key_ring)]
Faults = tuple[TargetFault, ...]


async def _judged(request: Request, body: WebhookCreate) -> Faults:
    """What is wrong with the target; its name is looked up before the transaction begins."""
    sender: WebhookSender = request.app.state.webhook_sender
    return await sender.check(body.target_url)


async def _judged_if_given(request: Request, body: WebhookPatch) -> Faults:
    """The same, of a target that may stay as it is."""
    sender: WebhookSender = request.app.state.webhook_sender
    return () if body.target_url is None else await sender.check(body.target_url)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Make a webhook",
    responses=problems(415, 422),
)
async def create_webhook(
    caller: Annotated[Caller, allow(*ADMINS)],
    body: WebhookCreate,
    faults: Annotated[Faults, Depends(_judged)],
    keys: Keys,
    session: Write,
    request: Request,
    response: Versioned,
    language: Speaks,
) -> WebhookSecret:
    """Have events sent to a target. Its secret is in this answer and nowhere else.

    Refused: `webhookTargetNotAllowed`, `unknownEventType`, `webhookLimitExceeded`. The target is
    checked again at each attempt.
    """
    webhook, secret = await managing.create(
        session, keys, caller.required_organization(), body, faults
    )
    request.state.shown_once = ("secret",)
    response.headers["Location"] = str(request.url_for("get_webhook", webhookId=webhook.id))
    set_etag(response, webhook.version)
    return WebhookSecret.with_secret(webhook, secret, language)


@router.get("", summary="List webhooks", responses=problems(400, 422))
async def list_webhooks(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    session: Read,
    page: Paged,
    response: Response,
    language: Speaks,
) -> Webhooks:
    """The webhooks the caller may see, the oldest first."""
    found = await repository.list_page(session, after=page.after_id, limit=page.max_items + 1)
    shown = page.cut(found, response, lambda webhook: webhook.id)
    return Webhooks(items=[WebhookView.of(webhook, language) for webhook in shown])


@router.get(WEBHOOK, summary="Read a webhook", responses=problems())
async def get_webhook(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    webhook_id: WebhookPath,
    session: Read,
    response: Versioned,
    language: Speaks,
) -> WebhookView:
    """A webhook, and how it does."""
    webhook = await managing.get(session, webhook_id)
    set_etag(response, webhook.version)
    return WebhookView.of(webhook, language)


@router.patch(WEBHOOK, summary="Change a webhook", responses=problems(412, 415, 422))
async def update_webhook(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    webhook_id: WebhookPath,
    body: WebhookPatch,
    faults: Annotated[Faults, Depends(_judged_if_given)],
    session: Write,
    response: Versioned,
    language: Speaks,
    if_match: IfMatch = None,
) -> WebhookView:
    """Change name, target or events; disable it, or enable it again.

    Refused: `webhookTargetNotAllowed`, `unknownEventType`.
    """
    webhook = await managing.change(session, webhook_id, body, faults, if_match)
    set_etag(response, webhook.version)
    return WebhookView.of(webhook, language)


@router.delete(
    WEBHOOK,
    status_code=status.HTTP_204_NO_CONTENT,
    summary="Delete a webhook",
    responses=problems(412),
)
async def delete_webhook(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    webhook_id: WebhookPath,
    session: Write,
    if_match: IfMatch = None,
) -> None:
    """Delete a webhook and the log of its deliveries; nothing more is sent."""
    await managing.delete(session, webhook_id, if_match)


@router.post(
    WEBHOOK + "/rotateSecret", summary="Change a webhook's secret", responses=problems(412)
)
async def rotate_webhook_secret(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    webhook_id: WebhookPath,
    keys: Keys,
    session: Write,
    request: Request,
    response: Versioned,
    language: Speaks,
    if_match: IfMatch = None,
) -> WebhookSecret:
    """A new secret, shown in this answer alone. For 24 hours the one before signs as well."""
    webhook, secret = await managing.rotate_secret(session, keys, webhook_id, if_match)
    request.state.shown_once = ("secret",)
    set_etag(response, webhook.version)
    return WebhookSecret.with_secret(webhook, secret, language)


@router.post(
    WEBHOOK + "/test",
    summary="Try a webhook out",
    responses=problems(codes=(INVALID_TRANSITION,)),
)
async def test_webhook(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    webhook_id: WebhookPath,
    session: Write,
) -> DeliveryView:
    """Send a message of the type `webhook.test`; read its delivery to see what came of it."""
    return DeliveryView.of(await announcing.send_test(session, webhook_id))


@router.get(DELIVERIES, summary="List a webhook's deliveries", responses=problems(400, 422))
async def list_webhook_deliveries(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    webhook_id: WebhookPath,
    session: Read,
    page: Paged,
    response: Response,
    delivery_status: Annotated[
        DeliveryStatus | None,
        Query(alias="status", description="Only this status.", examples=["failed"]),
    ] = None,
) -> Deliveries:
    """What was sent and what became of it, the newest first; kept for 30 days."""
    webhook = await managing.get(session, webhook_id)
    found = await repository.list_deliveries(
        session,
        webhook.id,
        status=delivery_status,
        after=page.after_id,
        limit=page.max_items + 1,
    )
    shown = page.cut(found, response, lambda delivery: delivery.id)
    return Deliveries(items=[DeliveryView.of(delivery) for delivery in shown])


@router.get(
    DELIVERIES + "/{deliveryId}", summary="Read a delivery of a webhook", responses=problems()
)
async def get_webhook_delivery(
    caller: Annotated[Caller, allow(*READERS)],  # noqa: ARG001 - the guard
    webhook_id: WebhookPath,
    delivery_id: DeliveryPath,
    session: Read,
) -> DeliveryView:
    """A message with its attempts."""
    return DeliveryView.of(await redelivering.get(session, webhook_id, delivery_id))


@router.post(
    DELIVERIES + "/{deliveryId}/redeliver",
    summary="Send a message again",
    responses=problems(codes=(INVALID_TRANSITION,)),
)
async def redeliver_webhook_delivery(
    caller: Annotated[Caller, allow(*ADMINS)],  # noqa: ARG001 - the guard
    webhook_id: WebhookPath,
    delivery_id: DeliveryPath,
    session: Write,
) -> DeliveryView:
    """Send it now, whatever became of it before, under its old id and by a schedule of its own."""
    return DeliveryView.of(await redelivering.redeliver(session, webhook_id, delivery_id))

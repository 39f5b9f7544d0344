"""Webhooks, their deliveries, and the messages themselves on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.core.texts import Language
from app.core.validation import (
    SPARSE,
    CodeText,
    EchoText,
    Entries,
    Identifier,
    Line,
    LineText,
    Promise,
    ProseText,
    RequestSchema,
    Schema,
    Total,
)
from app.domains.webhooks.lifecycle import (
    DESCRIPTIONS,
    DeliveryStatus,
    DisabledReason,
    WebhookStatus,
)
from app.domains.webhooks.models import Delivery, Webhook
from app.integrations.webhooks.port import Failure

WebhookPath = Annotated[Identifier, Path(alias="webhookId", description="The webhook.")]
DeliveryPath = Annotated[Identifier, Path(alias="deliveryId", description="The delivery.")]

EXAMPLE_ID = "019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a17"
TEST = "webhook.test"

TargetUrl = Annotated[str, Field(min_length=1, max_length=2000)]
EventTypes = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=60)]], Field(min_length=1, max_length=100)
]


Status = Annotated[int, Promise("minimum", 100), Promise("maximum", 999)]
Sequence = Annotated[int, Promise("minimum", 1), Promise("maximum", 2**53 - 1)]


class WebhookCreate(RequestSchema):
    """The webhook wished for."""

    name: Line = Field(description="What people call it.", examples=["Ticketing"])
    target_url: TargetUrl = Field(
        description="Where messages go: `https` on port 443, on the public internet.",
        examples=["https://hooks.example.com/pstn"],
    )
    events: EventTypes = Field(
        description='The events it is told of, or `"*"` for every event, new ones too.',
        examples=[["*"]],
    )


class WebhookPatch(RequestSchema):
    """What to change; absent stays."""

    name: Line | None = Field(None, description="What people call it.", examples=["Ticketing"])
    target_url: TargetUrl | None = Field(
        None, description="Where messages go.", examples=["https://hooks.example.com/pstn"]
    )
    events: EventTypes | None = Field(
        None, description="The events it is told of.", examples=[["order.statusChanged"]]
    )
    status: WebhookStatus | None = Field(
        None,
        description="`disabled` cancels what waits; `enabled` goes on with what happens from then.",
        examples=["enabled"],
    )


class WebhookView(Schema):
    """A webhook without its secret."""

    id: UUID = Field(description="Its id.", examples=[EXAMPLE_ID])
    org_id: UUID = Field(description="Its organisation.", examples=[EXAMPLE_ID])
    name: LineText = Field(description="What people call it.", examples=["Ticketing"])
    target_url: EchoText = Field(
        description="Where messages go.", examples=["https://hooks.example.com/pstn"]
    )
    events: Entries[CodeText] = Field(description="The events it is told of.", examples=[["*"]])
    status: WebhookStatus = Field(description="Whether messages go there.", examples=["enabled"])
    status_description: ProseText = Field(
        description="The status in words, with what to do.",
        examples=["Events are sent to the target."],
    )
    disabled_reason: DisabledReason | None = Field(
        description="`customer`; `gone`: the target answered 410; `failing`: for days no attempt"
        " succeeded.",
        examples=[None],
    )
    disabled_at: datetime | None = Field(description="When it was disabled.", examples=[None])
    failing_since: datetime | None = Field(
        description="The first failed attempt since the last one that succeeded.", examples=[None]
    )
    throttled_until: datetime | None = Field(
        description="Until then nothing is sent, as the target asked.", examples=[None]
    )
    previous_secret_expires_at: datetime | None = Field(
        description="Until then messages are signed with the secret before, too.", examples=[None]
    )
    created_at: datetime = Field(description="When it was made.", examples=["2026-11-22T10:00:00Z"])
    updated_at: datetime = Field(
        description="When it was last changed by somebody.", examples=["2026-11-22T10:00:00Z"]
    )

    @classmethod
    def of(cls, webhook: Webhook, language: Language) -> WebhookView:
        reason = DisabledReason(webhook.disabled_reason) if webhook.disabled_reason else None
        return cls(
            id=webhook.id,
            org_id=webhook.org_id,
            name=webhook.name,
            target_url=webhook.target_url,
            events=webhook.events,
            status=WebhookStatus(webhook.status),
            status_description=DESCRIPTIONS[reason].to(language),
            disabled_reason=reason,
            disabled_at=webhook.disabled_at,
            failing_since=webhook.failing_since,
            throttled_until=webhook.throttled_until,
            previous_secret_expires_at=webhook.previous_secret_expires_at,
            created_at=webhook.created_at,
            updated_at=webhook.updated_at,
        )


class WebhookSecret(WebhookView):
    """A webhook with its new secret; the only time it is shown."""

    model_config = SPARSE

    secret: LineText | None = Field(
        None,
        description="Verifies the messages (Standard Webhooks); a replay of the request leaves it"
        " out.",
        examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    )

    @classmethod
    def with_secret(cls, webhook: Webhook, secret: str, language: Language) -> WebhookSecret:
        return cls(**WebhookView.of(webhook, language).model_dump(), secret=secret)


class Webhooks(Schema):
    """Webhooks."""

    items: Entries[WebhookView] = Field(description="The oldest first; never their secrets.")


class AttemptView(Schema):
    """An attempt to deliver a message. Of the answer only the status is kept."""

    at: datetime = Field(description="When it began.", examples=["2026-11-22T10:00:00Z"])
    status_code: Status | None = Field(description="The answer's status.", examples=[503])
    failure: Failure | None = Field(description="Why there was no answer.", examples=[None])
    duration_milliseconds: Total = Field(description="How long it took.", examples=[84])


class DeliveryView(Schema):
    """A message to a webhook, and what became of it."""

    id: UUID = Field(description="Its id.", examples=[EXAMPLE_ID])
    webhook_id: UUID = Field(description="The webhook.", examples=[EXAMPLE_ID])
    message_id: UUID = Field(
        description="The header `webhook-id`: the event's id, the same at each attempt.",
        examples=[EXAMPLE_ID],
    )
    event_type: CodeText = Field(description="What it tells.", examples=["order.statusChanged"])
    status: DeliveryStatus = Field(
        description="`pending`; `delivered`: answered 2xx; `failed`: no attempt of the schedule"
        " succeeded; `cancelled`: the webhook was disabled before.",
        examples=["pending"],
    )
    attempts: Entries[AttemptView] = Field(description="The last 20, the oldest first.")
    next_attempt_at: datetime | None = Field(
        description="When it is sent next, at the earliest.", examples=["2026-11-22T10:05:05Z"]
    )
    created_at: datetime = Field(description="When it was made.", examples=["2026-11-22T10:00:00Z"])
    ended_at: datetime | None = Field(
        description="When it was delivered or given up.", examples=[None]
    )

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryView:
        return cls(
            id=delivery.id,
            webhook_id=delivery.webhook_id,
            message_id=delivery.message_id,
            event_type=delivery.event_type,
            status=DeliveryStatus(delivery.status),
            attempts=[AttemptView.model_validate(attempt) for attempt in delivery.attempts],
            next_attempt_at=delivery.next_attempt_at,
            created_at=delivery.created_at,
            ended_at=delivery.ended_at,
        )


class Deliveries(Schema):
    """The deliveries of a webhook."""

    items: Entries[DeliveryView] = Field(description="The newest first.")


# --- The messages -----------------------------------------------------------------------------


class WebhookTest(Schema):
    """Nothing happened: a message to try a webhook out."""

    webhook_id: UUID = Field(description="The webhook.", examples=[EXAMPLE_ID])


class Message(Schema):
    """The body of a message; of an event it also has `sequence`."""

    type: CodeText = Field(description="What happened.", examples=[TEST])
    timestamp: datetime = Field(description="When.", examples=["2026-11-22T10:00:00Z"])
    data: Any = Field(description="What the event tells.")
    id: UUID = Field(
        description="The event's id, as in `webhook-id` and in the feed.", examples=[EXAMPLE_ID]
    )
    org_id: UUID = Field(description="The organisation.", examples=[EXAMPLE_ID])

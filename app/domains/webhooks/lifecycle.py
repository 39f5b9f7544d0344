"""The lives of a webhook and of a delivery as data. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.core.texts import Text, text


class WebhookStatus(StrEnum):
    """Whether events go to it."""

    enabled = "enabled"
    disabled = "disabled"


class DisabledReason(StrEnum):
    """Why a webhook is disabled."""

    customer = "customer"
    gone = "gone"
    """Its receiver answered 410."""
    failing = "failing"
    """No attempt succeeded for days."""


DESCRIPTIONS: Mapping[DisabledReason | None, Text] = {
    None: text("Events are sent to the target."),
    DisabledReason.customer: text("It was disabled; set its status to enabled to go on."),
    DisabledReason.gone: text(
        "The target answered 410 Gone, so nothing is sent to it any more. Correct the target, or"
        " delete the webhook."
    ),
    DisabledReason.failing: text(
        "No attempt succeeded for days, so nothing is sent any more. Repair the target, enable the"
        " webhook, and read what was missed from the feed of events or have it redelivered."
    ),
}
"""By the reason, `None` while it is enabled."""


class DeliveryStatus(StrEnum):
    """What became of a message."""

    pending = "pending"
    delivered = "delivered"
    failed = "failed"
    """No attempt of the schedule succeeded."""
    cancelled = "cancelled"
    """The webhook was disabled before an attempt succeeded."""


TRANSITIONS: Mapping[DeliveryStatus, frozenset[DeliveryStatus]] = {
    DeliveryStatus.pending: frozenset(DeliveryStatus),
    # Each may be redelivered; and an attempt that was under way may still succeed.
    DeliveryStatus.delivered: frozenset({DeliveryStatus.pending, DeliveryStatus.delivered}),
    DeliveryStatus.failed: frozenset({DeliveryStatus.pending, DeliveryStatus.delivered}),
    DeliveryStatus.cancelled: frozenset({DeliveryStatus.pending, DeliveryStatus.delivered}),
}

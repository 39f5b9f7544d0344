"""Secrets and signatures of Standard Webhooks: `new_secret`, `headers`."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 48
"""Of the 24 to 64 that the standard has; without padding in base64."""


def new_secret() -> str:
    """A fresh secret as receivers keep it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def headers(
    message_id: str, at: datetime, body: bytes, signed_with: Sequence[str]
) -> dict[str, str]:
    """What goes with a body: the message's id, the attempt's time, a signature for each secret."""
    timestamp = int(at.timestamp())
    content = f"{message_id}.{timestamp}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(_signature(content, secret) for secret in signed_with),
    }


def _signature(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, "sha256")).decode()

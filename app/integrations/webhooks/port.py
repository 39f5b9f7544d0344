"""What the service asks of whoever carries its webhooks; starts at `WebhookSender`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class TargetFault(StrEnum):
    """Why a target is not called."""

    unreadable = "unreadable"
    scheme = "scheme"
    credentials = "credentials"
    port = "port"
    host = "host"
    """Not a name and not an address as they are written."""
    address = "address"
    """Not one of the public internet, or one of several is not."""


class Failure(StrEnum):
    """Why there is no answer."""

    target_not_allowed = "targetNotAllowed"
    host_not_found = "hostNotFound"
    connection_failed = "connectionFailed"
    tls_failed = "tlsFailed"
    timeout = "timeout"
    answer_unreadable = "answerUnreadable"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt: a status, or the reason why there is none."""

    status_code: int | None = None
    failure: Failure | None = None
    retry_after: timedelta | None = None
    """What the receiver asked for."""


class WebhookSender(Protocol):
    """Carries webhooks."""

    async def check(self, url: str) -> tuple[TargetFault, ...]:
        """Everything that forbids to call a target, as far as it is known now.

        A name that is not known yet is no fault: each attempt looks again.
        """
        ...

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Post a body once; never raises for what the receiver does."""
        ...

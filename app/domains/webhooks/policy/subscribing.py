"""What a webhook may be: its target, its events, and how many there are. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from app.core.texts import Text, text
from app.integrations.webhooks.port import TargetFault
from app.policy.limits import Limit
from app.policy.violation import Violation

TARGET_NOT_ALLOWED = "webhookTargetNotAllowed"
UNKNOWN_EVENT_TYPE = "unknownEventType"
LIMIT_EXCEEDED = "webhookLimitExceeded"

EVERY_EVENT = "*"

MESSAGES: Mapping[TargetFault, Text] = {
    TargetFault.unreadable: text(
        "This is no address that can be called; write one like https://example.com/webhooks, in"
        " ASCII."
    ),
    TargetFault.scheme: text("A target starts with https://."),
    TargetFault.credentials: text(
        "A target has no user and no password in it; the signature tells who calls."
    ),
    TargetFault.port: text("A target listens on port 443; leave the port out."),
    TargetFault.host: text(
        "The host is neither a name nor an address; write addresses like 203.0.113.7 or"
        " [2001:db8::7], and names in ASCII."
    ),
    TargetFault.address: text(
        "The host is not on the public internet, or one of its addresses is not; nothing else is"
        " called."
    ),
}


def check(
    faults: Collection[TargetFault], events: Sequence[str] | None, known: Collection[str]
) -> list[Violation]:
    """Everything wrong with what is asked for; `events` are `None` where they stay as they are."""
    return [
        *(Violation(TARGET_NOT_ALLOWED, "/targetUrl", MESSAGES[fault]) for fault in faults),
        *(
            Violation(
                UNKNOWN_EVENT_TYPE,
                f"/events/{index}",
                text("There is no such event. There are: %(types)s.", types=", ".join(known)),
            )
            for index, event in enumerate(events or ())
            if event != EVERY_EVENT and event not in known
        ),
    ]


def check_room(limit: Limit) -> list[Violation]:
    """Whether an organisation may have one more."""
    if limit.remaining != 0:
        return []
    return [
        Violation(
            LIMIT_EXCEEDED,
            "",
            limit.reason,
            limit=limit.value,
            used=limit.used,
            remaining=limit.remaining,
        )
    ]


def wants(events: Collection[str], event_type: str) -> bool:
    """Whether a webhook with these events is told of that one."""
    return EVERY_EVENT in events or event_type in events

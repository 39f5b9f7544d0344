"""A rule broken: what, where in the request, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from app.core.errors import POLICY_VIOLATION, Problem
from app.core.texts import Language, Text


class Advice(Protocol):
    """What can be done about a violation."""

    def to_json(self, language: Language) -> dict[str, object]:
        """As the API tells it."""
        ...


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule broken.

    `pointer` is an RFC 6901 pointer into the request (a query parameter counts as a member of its
    root). A violation of a limit tells the limit (domain.md A8).
    """

    code: str
    pointer: str
    detail: Text
    phone_number: str | None = None
    limit: int | None = None
    used: int | None = None
    remaining: int | None = None
    candidate: Mapping[str, object] | None = None
    """A corrected value, offered and never silently taken."""
    remedies: tuple[Advice, ...] = ()

    def to_json(self, language: Language) -> dict[str, object]:
        """As the API tells it."""
        body: dict[str, object] = {
            "code": self.code,
            "pointer": self.pointer,
            "detail": self.detail.to(language),
            "phoneNumber": self.phone_number,
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining,
            "candidate": self.candidate,
            "remedies": [advice.to_json(language) for advice in self.remedies] or None,
        }
        return {name: value for name, value in body.items() if value is not None}


def refuse(violations: Iterable[Violation], detail: Text | None = None) -> None:
    """Raise 422 `policyViolation` with all of them, if there is any."""
    found = tuple(violations)
    if found:
        raise Problem(POLICY_VIOLATION, detail, violations=found)

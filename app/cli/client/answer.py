"""What the service answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its JSON, the text as it came, and what its headers said."""

    body: dict[str, Any]
    text: str
    etag: str | None = None
    following: Mapping[str, str] = field(default_factory=dict)
    """The parameters of a list's next page; empty when there is none."""

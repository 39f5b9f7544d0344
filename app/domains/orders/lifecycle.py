"""What a lifecycle is: states, the moves between them, and whose turn each state is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.core.texts import Text

SUPPORT_WITHIN = timedelta(days=2)
"""By when support is expected to have acted, where an order waits for it."""


class OrderKind(StrEnum):
    """What is ordered."""

    new_numbers = "newNumbers"
    port = "port"


class Actor(StrEnum):
    """Whose turn it is, or who did something."""

    customer = "customer"
    support = "support"
    carrier = "carrier"
    nobody = "nobody"
    service = "service"


class OrderStatus(StrEnum):
    """How far an order of either kind is (domain.md F)."""

    pending = "pending"
    provisioned = "provisioned"
    error = "error"
    action_required = "actionRequired"
    rejected = "rejected"
    submitted = "submitted"
    foc_received = "focReceived"
    completed = "completed"
    cancelled = "cancelled"


@dataclass(frozen=True, slots=True)
class State:
    """A status, and the stage that refines it."""

    status: str
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The states of a kind of order as data.

    `transitions` holds every state with those that may follow; `next_actor` whose turn a state
    is; `titles` and `descriptions` are the texts of each status.
    """

    transitions: Mapping[State, frozenset[State]]
    next_actor: Mapping[State, Actor]
    titles: Mapping[str, Text]
    descriptions: Mapping[str, Text]

    def allows(self, current: State, following: State) -> bool:
        """Whether an order may move so."""
        return following in self.transitions[current]

    def is_final(self, state: State) -> bool:
        """Whether nothing follows."""
        return not self.transitions[state]

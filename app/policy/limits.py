"""Every limit by name, with its reason; an organisation may have its own (domain.md A6, A7, A8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.texts import Text, text


class LimitName(StrEnum):
    """The limits there are."""

    numbers_per_order = "numbersPerOrder"
    trial_numbers = "trialNumbers"
    held_numbers = "heldNumbers"
    webhooks = "webhooks"


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in force for one organisation; `used` is `None` where nothing is counted over time.

    `value` is `None` where the limit does not apply (trial numbers of a paid organisation).
    """

    name: LimitName
    value: int | None
    used: int | None
    reason: Text

    @property
    def remaining(self) -> int | None:
        """How many more are possible, never below zero."""
        if self.value is None:
            return None
        return max(self.value - (self.used or 0), 0)


DEFAULTS: Mapping[LimitName, int] = {
    LimitName.numbers_per_order: 100,
    LimitName.trial_numbers: 10,
    LimitName.held_numbers: 300,
    LimitName.webhooks: 10,
}

REASONS: Mapping[LimitName, Text] = {
    LimitName.numbers_per_order: text(
        "An order takes this many new numbers at most; order more in further orders."
    ),
    LimitName.trial_numbers: text(
        "A trial has this many new numbers at most in all: owned, in pending orders, in"
        " reservations, and released ones that can still be taken back."
    ),
    LimitName.held_numbers: text(
        "An organisation may hold this many numbers in reservations at a time."
    ),
    LimitName.webhooks: text(
        "An organisation has this many webhooks at most; delete one that is no longer needed."
    ),
}
NOT_A_TRIAL = text("A paid subscription has no such limit.")


def limit(
    name: LimitName, overrides: Mapping[str, int], *, used: int | None, applies: bool = True
) -> Limit:
    """The limit of that name for an organisation with these overrides."""
    if not applies:
        return Limit(name, None, used, NOT_A_TRIAL)
    return Limit(name, overrides.get(name, DEFAULTS[name]), used, REASONS[name])

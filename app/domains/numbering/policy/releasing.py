"""Which numbers may be released or taken back, and how long they rest (domain.md H2, H3). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core.texts import plural_text, text
from app.domains.numbering.models import NumberState
from app.policy.violation import Violation

TAKE_BACK_FOR = timedelta(days=7)
RESTS_FOR = timedelta(days=90)
"""From the release on; nobody has the number before it is over."""


@dataclass(frozen=True, slots=True)
class OwnedNumber:
    """A number of the organisation's, as the rules see it."""

    state: NumberState
    block_id: UUID | None = None
    take_back_until: datetime | None = None
    is_brought: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at.

    `wanted` are the numbers meant, each with the pointer to where the request names it; `owned`
    those of them that the organisation has; `blocks` all numbers of the blocks they belong to.
    `left_behind` tells of each main number how many numbers its location would keep.
    """

    wanted: Mapping[int, str]
    owned: Mapping[int, OwnedNumber]
    blocks: Mapping[UUID, frozenset[int]]
    now: datetime
    left_behind: Mapping[int, int]


def numbers_are_owned(facts: Facts) -> Iterator[Violation]:
    """Somebody else's number is not there."""
    for number, pointer in facts.wanted.items():
        if number not in facts.owned:
            yield Violation(
                "notFound",
                pointer,
                text("The organisation has no such number."),
                phone_number=f"+{number}",
            )


def block_is_whole(facts: Facts) -> Iterator[Violation]:
    """H3, C6: a number of a block goes, and comes back, with all of it only."""
    for number, owned in facts.owned.items():
        if owned.block_id is not None and not facts.blocks[owned.block_id] <= facts.wanted.keys():
            yield Violation(
                "blockNumberNotReleasable",
                facts.wanted[number],
                text("The number belongs to a block; name the whole block by its blockId."),
                phone_number=f"+{number}",
            )


def main_number_is_free(facts: Facts) -> Iterator[Violation]:
    """H3: the main number stays while other numbers of its location do."""
    for number, others in facts.left_behind.items():
        if others and number in facts.owned:
            yield Violation(
                "mainNumberNotReleasable",
                facts.wanted[number],
                plural_text(
                    "It is the main number of a location that keeps %(count)s other number; make"
                    " another one the main number first.",
                    "It is the main number of a location that keeps %(count)s other numbers; make"
                    " another one the main number first.",
                    others,
                ),
                phone_number=f"+{number}",
            )


def numbers_are_of_cisco_pstn(facts: Facts) -> Iterator[Violation]:
    """A1: what the organisation brought for another PSTN is not Cisco's to take back."""
    for number, owned in facts.owned.items():
        if owned.is_brought:
            yield Violation(
                "invalidTransition",
                facts.wanted[number],
                text(
                    "The number is on another PSTN; remove it with"
                    " DELETE /v1/telephony/config/locations/{locationId}/numbers."
                ),
                phone_number=f"+{number}",
            )


def numbers_are_active(facts: Facts) -> Iterator[Violation]:
    """Only what is in use can be released; what is on order is cancelled with its order."""
    for number, owned in facts.owned.items():
        if owned.state is not NumberState.active and not owned.is_brought:
            yield Violation(
                "invalidTransition",
                facts.wanted[number],
                text("Only an active number can be released."),
                phone_number=f"+{number}",
            )


def numbers_can_be_taken_back(facts: Facts) -> Iterator[Violation]:
    """H2: within seven days of the release."""
    for number, owned in facts.owned.items():
        in_time = owned.take_back_until is not None and facts.now < owned.take_back_until
        if owned.state is not NumberState.released or not in_time:
            yield Violation(
                "invalidTransition",
                facts.wanted[number],
                text(
                    "Only a released number can be taken back, within %(days)s days.",
                    days=TAKE_BACK_FOR.days,
                ),
                phone_number=f"+{number}",
            )


Rule = Callable[[Facts], Iterator[Violation]]

RELEASE: tuple[Rule, ...] = (
    numbers_are_owned,
    block_is_whole,
    main_number_is_free,
    numbers_are_of_cisco_pstn,
    numbers_are_active,
)
RESTORE: tuple[Rule, ...] = (numbers_are_owned, block_is_whole, numbers_can_be_taken_back)


def check(rules: tuple[Rule, ...], facts: Facts) -> list[Violation]:
    """Every reason why the numbers may not be released, or taken back."""
    return [violation for rule in rules for violation in rule(facts)]

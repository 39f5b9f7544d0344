"""Whether numbers may be put in a port order (domain.md A5, A7, E1). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.core.texts import text
from app.domains.orders.policy import number_violations
from app.policy.violation import Violation
from app.telephony.country import Country


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """What the rules look at; `phone_numbers` are the texts sent."""

    is_trial: bool
    is_on_cisco_pstn: bool
    country: Country | None
    phone_numbers: Sequence[str]


def is_no_trial(facts: DraftFacts) -> Iterator[Violation]:
    """A7, E1: a trial ports nothing."""
    if facts.is_trial:
        yield Violation(
            "trialPortingNotAllowed",
            "",
            text("A trial ports no numbers; move to a paid subscription first."),
        )


def location_is_ready(facts: DraftFacts) -> Iterator[Violation]:
    """E1: Cisco PSTN is enabled first."""
    if facts.country is None:
        yield Violation(
            "countryNotSupported",
            "",
            text("Cisco PSTN is not offered in this location's country."),
        )
    elif not facts.is_on_cisco_pstn:
        yield Violation(
            "pstnNotEnabled",
            "",
            text(
                "Put the location on Cisco PSTN first:"
                " PUT /v1/telephony/pstn/locations/{locationId}/connection."
            ),
        )


def numbers_can_be_ported(facts: DraftFacts) -> Iterator[Violation]:
    """A5: each is a number of the country, not toll-free, and comes once."""
    seen: set[str] = set()
    for index, given in enumerate(facts.phone_numbers):
        yield from number_violations(given, f"/phoneNumbers/{index}", facts.country, seen)


RULES: tuple[Callable[[DraftFacts], Iterator[Violation]], ...] = (
    is_no_trial,
    location_is_ready,
    numbers_can_be_ported,
)


def check(facts: DraftFacts) -> list[Violation]:
    """Every reason why there can be no such port order."""
    return [violation for rule in RULES for violation in rule(facts)]

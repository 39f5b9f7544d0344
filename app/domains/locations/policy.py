"""Whether a location may move to Cisco PSTN (domain.md A3, A4, B1, B2). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.core.texts import text
from app.policy.violation import Violation


@dataclass(frozen=True, slots=True)
class ConnectFacts:
    """What the rules look at."""

    country_is_supported: bool
    has_other_connection: bool
    has_contact: bool
    billing_number_is_valid: bool
    disclaimer_is_accepted: bool
    has_emergency_address: bool


def country_is_supported(facts: ConnectFacts) -> Iterator[Violation]:
    """A3: only in countries where Cisco PSTN is offered."""
    if not facts.country_is_supported:
        yield Violation(
            "countryNotSupported",
            "",
            text(
                "Cisco PSTN is not offered in this location's country. Choose Cloud Connected PSTN"
                " or a Local Gateway, or see the countries in GET /v1/telephony/pstn/countries."
            ),
        )


def has_no_other_connection(facts: ConnectFacts) -> Iterator[Violation]:
    """A4: a location on another PSTN stays there."""
    if facts.has_other_connection:
        yield Violation(
            "locationAlreadyConnected",
            "",
            text(
                "This location has another PSTN connection and cannot move to Cisco PSTN. Make a"
                " new location for Cisco PSTN."
            ),
        )


def contact_is_given(facts: ConnectFacts) -> Iterator[Violation]:
    """B1: who signs."""
    if not facts.has_contact:
        yield Violation(
            "validationFailed", "/contact", text("Name the person who signs the agreement.")
        )
    if not facts.billing_number_is_valid:
        yield Violation(
            "invalidPhoneNumber",
            "/contact/billingTelephoneNumber",
            text("A telephone number is written like +12065550100."),
        )


def disclaimer_is_accepted(facts: ConnectFacts) -> Iterator[Violation]:
    """B2: the emergency disclaimer."""
    if not facts.disclaimer_is_accepted:
        yield Violation(
            "disclaimerNotAccepted",
            "/emergencyDisclaimer",
            text("The emergency disclaimer has to be accepted, with name and job title."),
        )


def emergency_address_is_given(facts: ConnectFacts) -> Iterator[Violation]:
    """B3: where help goes."""
    if not facts.has_emergency_address:
        yield Violation(
            "emergencyAddressInvalid",
            "/emergencyAddress",
            text("The emergency service address of the location is needed."),
        )


RULES: tuple[Callable[[ConnectFacts], Iterator[Violation]], ...] = (
    country_is_supported,
    has_no_other_connection,
    contact_is_given,
    disclaimer_is_accepted,
    emergency_address_is_given,
)


def check(facts: ConnectFacts) -> list[Violation]:
    """Every reason why the location may not move to Cisco PSTN."""
    return [violation for rule in RULES for violation in rule(facts)]

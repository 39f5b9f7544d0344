"""Whether the fields of a port order can be such (domain.md E6, E7). Pure.

What is missing is no fault here: `readiness` tells of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app.core.texts import text
from app.domains.port_orders.policy.document import Document, value_at
from app.policy.phone_numbers import invalid_phone_number
from app.policy.violation import Violation
from app.telephony.country import Country
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

NUMBERS = ("/account/billingTelephoneNumber", "/newBillingTelephoneNumber")


@dataclass(frozen=True, slots=True)
class EditFacts:
    """What the rules look at: a patch, and what its values are measured by."""

    patch: Document
    country: Country
    completion_dates: Sequence[date]


def numbers_are_numbers(facts: EditFacts) -> Iterator[Violation]:
    """Billing numbers are numbers of the country."""
    for pointer in NUMBERS:
        given = value_at(facts.patch, pointer)
        if given is None:
            continue
        try:
            country = PhoneNumber.parse(given).country
        except InvalidPhoneNumber:
            yield invalid_phone_number(pointer)
            continue
        if country != facts.country.code:
            yield Violation(
                "phoneNumberWrongCountry",
                pointer,
                text(
                    "The number is of another country; the location takes numbers of %(country)s.",
                    country=facts.country.code,
                ),
            )


def date_is_allowed(facts: EditFacts) -> Iterator[Violation]:
    """E7: a business day, not too soon, at most 30 days out."""
    given = facts.patch.get("requestedCompletionDate")
    if given is not None and date.fromisoformat(given) not in facts.completion_dates:
        yield date_not_allowed(facts.completion_dates)


def date_not_allowed(completion_dates: Sequence[date]) -> Violation:
    """The wanted date is none of those allowed."""
    return Violation(
        "focDateNotAllowed",
        "/requestedCompletionDate",
        text(
            "Carriers port on business days, from %(first)s to %(last)s; readiness lists the days.",
            first=completion_dates[0].isoformat(),
            last=completion_dates[-1].isoformat(),
        ),
    )


def address_is_in_country(facts: EditFacts) -> Iterator[Violation]:
    """E3: the service address is in the country of the location, in one of its states."""
    country = value_at(facts.patch, "/account/serviceAddress/country")
    if country is not None and country != facts.country.code:
        yield Violation(
            "validationFailed",
            "/account/serviceAddress/country",
            text(
                "The numbers of this location are used in %(country)s.",
                country=facts.country.code,
            ),
        )
    state = value_at(facts.patch, "/account/serviceAddress/state")
    states = {known.code for known in facts.country.states}
    if state is not None and states and state not in states:
        yield Violation(
            "validationFailed",
            "/account/serviceAddress/state",
            text(
                "%(country)s has no such state; its states are in"
                " GET /v1/telephony/pstn/countries.",
                country=facts.country.code,
            ),
        )


def information_is_known(facts: EditFacts) -> Iterator[Violation]:
    """E6: only what carriers of the country ask for."""
    known = {need.name for need in facts.country.port_requirements}
    for name in facts.patch.get("additionalInformation") or {}:
        if name not in known:
            yield Violation(
                "validationFailed",
                "/additionalInformation",
                text(
                    "Ports in %(country)s know this information: %(names)s.",
                    country=facts.country.code,
                    names=", ".join(sorted(known)) or "-",
                ),
            )
            return


RULES: tuple[Callable[[EditFacts], Iterator[Violation]], ...] = (
    numbers_are_numbers,
    date_is_allowed,
    address_is_in_country,
    information_is_known,
)


def check(facts: EditFacts) -> list[Violation]:
    """Every reason why the fields cannot be such."""
    return [violation for rule in RULES for violation in rule(facts)]

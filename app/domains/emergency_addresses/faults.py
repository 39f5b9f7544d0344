"""What is wrong with an address, in words."""

from __future__ import annotations

from collections.abc import Callable

from app.core.texts import Text, text
from app.integrations.address_validation.port import AddressFault
from app.telephony.country import get_country

MESSAGES: dict[str, Text] = {
    "charactersNotAllowed": text("Control or invisible characters are not taken."),
    "spacesNotStandard": text("There are superfluous spaces; take the candidate."),
    "streetAddressRequired": text("The street with its number is needed."),
    "streetAddressInvalid": text("The street has neither letter nor digit."),
    "houseNumberRequired": text("The street needs its house number: help has to find the door."),
    "postOfficeBoxNotAllowed": text("Help cannot be sent to a post office box; give the place."),
    "cityRequired": text("The city is needed."),
    "cityInvalid": text("The city has no letter."),
    "stateRequired": text("The state or province is needed, as its code."),
    "stateUnknown": text("The country has no such state or province."),
    "stateNotStandard": text("Write the state as its code; take the candidate."),
    "postalCodeRequired": text("The postal code is needed."),
    "postalCodeNotInState": text("The postal code does not belong to the state."),
    "countryRequired": text("The country is needed, as its two-letter code."),
    "countryNotSupported": text("Cisco PSTN is not offered in this country."),
    "countryNotStandard": text("Write the country as its two-letter code; take the candidate."),
}


def _too_long(fault: AddressFault, country: str) -> Text:  # noqa: ARG001 - the table's form
    return text("At most %(limit)s characters.", limit=fault.limit)


def _postal_code(fault: AddressFault, country: str) -> Text:  # noqa: ARG001 - the table's form
    known = get_country(country)
    return text(
        "A postal code of %(country)s looks like %(example)s.",
        country=country,
        example=known.postal_code_example if known else "",
    )


def _other_country(fault: AddressFault, country: str) -> Text:  # noqa: ARG001 - the table's form
    return text("The location is in %(country)s; its emergency address is too.", country=country)


WITH_FACTS: dict[str, Callable[[AddressFault, str], Text]] = {
    "tooLong": _too_long,
    "postalCodeInvalid": _postal_code,
    "postalCodeNotStandard": _postal_code,
    "countryMismatch": _other_country,
}


def describe(fault: AddressFault, country: str) -> Text:
    """The fault in words, for a location of that country."""
    if fault.code in WITH_FACTS:
        return WITH_FACTS[fault.code](fault, country)
    return MESSAGES[fault.code]

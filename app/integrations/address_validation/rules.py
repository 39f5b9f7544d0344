"""Address validation by the written rules of each country; starts at `RuleBasedAddressValidator`.

Form only: there is no postal database behind it, so it cannot know whether a street exists, only
whether the address is one the country could write.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from app.core.texts import Language
from app.integrations.address_validation.port import AddressFault, AddressMeta, AddressValidation
from app.telephony.address import Address
from app.telephony.country import Country, all_countries, get_country

# Attribute, its name in JSON, and the longest text taken, in characters.
_FIELDS: Final = (
    ("address1", "address1", 100),
    ("address2", "address2", 100),
    ("city", "city", 64),
    ("state", "state", 64),
    ("postal_code", "postalCode", 16),
    ("country", "country", 64),
)
_FIELD_ORDER: Final = {field: position for position, (_, field, _) in enumerate(_FIELDS)}
# Controls, invisible formatting, surrogates, unassigned, line ends: PostgreSQL refuses some, and
# none belongs on an envelope.
_NOT_WRITTEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_POST_OFFICE_BOX: Final = re.compile(r"p\.? ?o\.? ?box\b", re.IGNORECASE)
_STREET_LINE: Final = {
    "first": re.compile(r"(?P<house>[0-9]+[A-Za-z]?(?:[-/][0-9]+[A-Za-z]?)?),? (?P<street>.+)"),
    "last": re.compile(r"(?P<street>.+?),? (?P<house>[0-9]+ ?[A-Za-z]?(?:[-/][0-9]+[A-Za-z]?)?)"),
}


class RuleBasedAddressValidator:
    """The `AddressValidator` the service ships: pure, without network. domain.md B3.

    Only the form the country writes is valid. Whatever differs from it in spacing, case or
    spelling is a fault, with a candidate; so is a missing state that the postal code tells.
    """

    async def validate(self, address: Address) -> AddressValidation:
        unreadable = tuple(_unreadable(address))
        fields_unread = {fault.field for fault in unreadable}
        given = replace(
            address, **{name: "" for name, field, _ in _FIELDS if field in fields_unread}
        )
        corrected = _corrected(given)
        facts = _Facts(corrected, get_country(corrected.country))
        problems = {fault for rule in _RULES for fault in rule(facts)}
        deviations = set(_deviations(given, corrected))
        # What is wrong with an unread field is that it cannot be read, not that it is empty.
        told = {fault for fault in problems | deviations if fault.field not in fields_unread}
        is_correctable = bool(deviations) and not unreadable and not problems
        has_street = not any(fault.field == "address1" for fault in problems)
        return AddressValidation(
            faults=tuple(sorted({*unreadable, *told}, key=_position)),
            candidate=corrected if is_correctable else None,
            meta=_meta(corrected.address1, facts.country) if facts.country and has_street else None,
        )


@dataclass(frozen=True, slots=True)
class _Facts:
    address: Address
    country: Country | None


def _position(fault: AddressFault) -> tuple[int, str]:
    return _FIELD_ORDER[fault.field], fault.code


def _unreadable(address: Address) -> Iterator[AddressFault]:
    for name, field, limit in _FIELDS:
        text = getattr(address, name) or ""
        if len(text) > limit:
            yield AddressFault("tooLong", field, limit)
        elif any(unicodedata.category(char) in _NOT_WRITTEN for char in text):
            yield AddressFault("charactersNotAllowed", field)


def _corrected(address: Address) -> Address:
    """The address as its country would write it, as far as that can be told."""
    country = _country_named(_tidy(address.country))
    tidy = Address(
        address1=_tidy(address.address1),
        address2=_tidy(address.address2) or None,
        city=_tidy(address.city),
        state=_tidy(address.state) or None,
        postal_code=_tidy(address.postal_code),
        country=country.code if country else _tidy(address.country),
    )
    if country is None:
        return tidy
    postal_code = country.written_postal_code(tidy.postal_code) or tidy.postal_code
    state = country.state_named(tidy.state) if tidy.state else None
    possible = country.states_of_postal_code(postal_code)
    if state is None and len(possible) == 1 and country.has_postal_code_form(postal_code):
        state = possible[0]
    return replace(tidy, postal_code=postal_code, state=state.code if state else tidy.state)


def _tidy(text: str | None) -> str:
    return " ".join((text or "").split())


def _country_named(text: str) -> Country | None:
    wanted = text.casefold()
    for country in all_countries():
        known = (country.code, *(country.name.to(language) for language in Language))
        if wanted in map(str.casefold, known):
            return country
    return None


def _deviations(given: Address, corrected: Address) -> Iterator[AddressFault]:
    for name, field, _ in _FIELDS:
        before, after = getattr(given, name) or None, getattr(corrected, name) or None
        if before == after:
            continue
        if _tidy(before) == (after or ""):
            yield AddressFault("spacesNotStandard", field)
        elif field == "state":
            yield AddressFault(_state_deviation(before, corrected), field)
        else:
            yield AddressFault(f"{field}NotStandard", field)


def _state_deviation(before: str | None, corrected: Address) -> str:
    if not _tidy(before):
        return "stateRequired"
    country = get_country(corrected.country)
    known = country.state_named(before or "") if country else None
    return "stateNotStandard" if known else "stateUnknown"


def _country_rule(facts: _Facts) -> Iterator[AddressFault]:
    if not facts.address.country:
        yield AddressFault("countryRequired", "country")
    elif facts.country is None:
        yield AddressFault("countryNotSupported", "country")


def _street_rule(facts: _Facts) -> Iterator[AddressFault]:
    street = facts.address.address1
    if not street:
        yield AddressFault("streetAddressRequired", "address1")
    elif not any(char.isalnum() for char in street):
        yield AddressFault("streetAddressInvalid", "address1")
    elif _POST_OFFICE_BOX.match(street):
        # Nobody can be sent to one.
        yield AddressFault("postOfficeBoxNotAllowed", "address1")
    elif (
        facts.country
        and facts.country.house_number_required
        and not any(char.isdecimal() for char in street)
    ):
        yield AddressFault("houseNumberRequired", "address1")


def _city_rule(facts: _Facts) -> Iterator[AddressFault]:
    if not facts.address.city:
        yield AddressFault("cityRequired", "city")
    elif not any(char.isalpha() for char in facts.address.city):
        yield AddressFault("cityInvalid", "city")


def _state_rule(facts: _Facts) -> Iterator[AddressFault]:
    if facts.country is None:
        return
    if facts.country.state_required and not facts.address.state:
        yield AddressFault("stateRequired", "state")
    elif facts.country.states and not any(
        state.code == facts.address.state for state in facts.country.states
    ):
        yield AddressFault("stateUnknown", "state")


def _postal_code_rule(facts: _Facts) -> Iterator[AddressFault]:
    country, postal_code = facts.country, facts.address.postal_code
    if country is None:
        return
    if not postal_code:
        if country.postal_code_required:
            yield AddressFault("postalCodeRequired", "postalCode")
    elif not country.has_postal_code_form(postal_code):
        yield AddressFault("postalCodeInvalid", "postalCode")
    else:
        state = country.state_named(facts.address.state or "")
        if state and not state.has_postal_code(postal_code):
            yield AddressFault("postalCodeNotInState", "postalCode")


_RULES: Final[tuple[Callable[[_Facts], Iterator[AddressFault]], ...]] = (
    _country_rule,
    _street_rule,
    _city_rule,
    _state_rule,
    _postal_code_rule,
)


def _meta(street_line: str, country: Country) -> AddressMeta:
    parts = _STREET_LINE[country.house_number_position].fullmatch(street_line)
    if parts is None:
        return AddressMeta(house_number=None, street_name=street_line)
    return AddressMeta(house_number=parts["house"], street_name=parts["street"])

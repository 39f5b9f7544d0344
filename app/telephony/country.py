"""The supported countries as configuration data; starts at `get_country`."""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

from app.core.texts import Text, text
from app.telephony.phone_number import NumberType

_NOT_ALPHANUMERIC: Final = re.compile(r"[^0-9A-Za-z]")


class Process(StrEnum):
    """How numbers are ordered and letters of authorisation signed in a country. domain.md A3."""

    SELF_SERVICE = "selfService"
    ASSISTED = "assisted"


@dataclass(frozen=True, slots=True)
class State:
    """A state, province or territory.

    `postal_prefixes` are the beginnings of its postal codes, single ('569') or a range with both
    ends ('350-369'). A beginning may be shared by several states.
    """

    code: str
    name: str
    postal_prefixes: tuple[str, ...]

    def has_postal_code(self, postal_code: str) -> bool:
        """Whether the code, written as the country writes it, begins like one of the state."""
        for prefixes in self.postal_prefixes:
            first, _, last = prefixes.partition("-")
            if first <= postal_code[: len(first)] <= (last or first):
                return True
        return False


@dataclass(frozen=True, slots=True)
class PortRequirement:
    """A field of `additionalInformation` that carriers of the country ask for. domain.md E6."""

    name: str
    required: bool

    @property
    def description(self) -> Text:
        return PORT_FIELDS[self.name]


NAMES: Final[Mapping[str, Text]] = {
    "BE": text("Belgium"),
    "CA": text("Canada"),
    "DE": text("Germany"),
    "ES": text("Spain"),
    "FR": text("France"),
    "GB": text("United Kingdom"),
    "IE": text("Ireland"),
    "IT": text("Italy"),
    "NL": text("Netherlands"),
    "PL": text("Poland"),
    "US": text("United States"),
}
"""What people call the countries."""

PORT_FIELDS: Final[Mapping[str, Text]] = {
    "cif": text("CIF or NIF, the tax identification of the line's holder"),
    "customerNumber": text("Customer number at the losing carrier, as on the bill"),
    "enterpriseNumber": text("Enterprise number (KBO/BCE) of the line's holder"),
    "extensionRange": text(
        "For direct dialling: the main number and its extension range (Durchwahlbereich)"
    ),
    "installationPostcode": text(
        "Postcode of the installation address, as the losing carrier holds it"
    ),
    "kvkNumber": text("Number in the commercial register (KVK)"),
    "migrationCode": text("Migration code (codice di migrazione) of the line, as on the bill"),
    "nip": text("NIP, the tax identification of the line's holder"),
    "rio": text(
        "RIO, the line's portability code of twelve characters; call 3179 from the line to hear it"
    ),
    "universalAccountNumber": text("UAN, the universal account number on the bill"),
}
"""What each field is, for people."""


@dataclass(frozen=True, slots=True)
class Country:
    """What the service knows of a country it supports. domain.md A3, B3.

    `postal_code_pattern` is anchored and knows only the form the country writes. Where the code
    has two parts, `postal_code_separator` stands before its last `postal_code_tail` characters.
    `states` is empty where addresses have none.
    """

    code: str
    process: Process
    calling_code: int
    number_types: tuple[NumberType, ...]
    time_zones: tuple[str, ...]
    state_required: bool
    states: tuple[State, ...]
    postal_code_required: bool
    postal_code_pattern: str
    postal_code_example: str
    postal_code_separator: str
    postal_code_tail: int
    house_number_required: bool
    house_number_position: Literal["first", "last"]
    port_requirements: tuple[PortRequirement, ...]

    @property
    def name(self) -> Text:
        return NAMES[self.code]

    def has_postal_code_form(self, written: str) -> bool:
        # `fullmatch` as well, because `$` lets a final line feed pass.
        return re.fullmatch(self.postal_code_pattern, written) is not None

    def written_postal_code(self, given: str) -> str | None:
        """The code as the country writes it: 'v6b1a1' is 'V6B 1A1'; `None` if it is none."""
        compact = _NOT_ALPHANUMERIC.sub("", given).upper()
        split = len(compact) - self.postal_code_tail
        parted = compact[:split] + self.postal_code_separator + compact[split:]
        return next((form for form in (compact, parted) if self.has_postal_code_form(form)), None)

    def state_named(self, given: str) -> State | None:
        """The state of that code or English name, however cased, spaced or accented."""
        wanted = _folded(given)
        return next(
            (s for s in self.states if wanted in (_folded(s.code), _folded(s.name))),
            None,
        )

    def states_of_postal_code(self, postal_code: str) -> tuple[State, ...]:
        return tuple(state for state in self.states if state.has_postal_code(postal_code))


def all_countries() -> tuple[Country, ...]:
    """Every supported country, self-service first. domain.md A3."""
    return tuple(_countries().values())


def get_country(code: str) -> Country | None:
    """The country of an ISO 3166-1 alpha-2 code in capitals; `None` if not supported."""
    return _countries().get(code)


def state_of_area_code(area_code: str) -> tuple[str, str] | None:
    """Country and state of a geographic area code of the US or Canada: '206' is ('US', 'WA').

    Three codes serve more than one province; the answer is then the first that
    `area_codes_of_state` knows them for: 782 and 902 Nova Scotia, 867 the Northwest Territories.
    domain.md C3.
    """
    return _states_by_area_code().get(area_code)


def area_codes_of_state(country: str, state: str) -> tuple[str, ...]:
    """The geographic area codes of a state, ascending; empty where the table has none."""
    return _area_codes().get(country, {}).get(state, ())


def _folded(given: str) -> str:
    decomposed = unicodedata.normalize("NFKD", given)
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())


def _data(name: str) -> Any:
    return json.loads(files(__package__).joinpath(name).read_text("utf-8"))


@cache
def _countries() -> Mapping[str, Country]:
    return {entry["code"]: _country(entry) for entry in _data("countries.json")}


@cache
def _area_codes() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return {
        country: {state: tuple(codes) for state, codes in states.items()}
        for country, states in _data("area_codes.json").items()
    }


@cache
def _states_by_area_code() -> Mapping[str, tuple[str, str]]:
    principal: dict[str, tuple[str, str]] = {}
    for country, states in _area_codes().items():
        for state, codes in states.items():
            for code in codes:
                principal.setdefault(code, (country, state))
    return principal


def _country(entry: Mapping[str, Any]) -> Country:
    postal_code, house_number = entry["postalCode"], entry["houseNumber"]
    return Country(
        code=entry["code"],
        process=Process(entry["process"]),
        calling_code=entry["callingCode"],
        number_types=tuple(NumberType(kind) for kind in entry["numberTypes"]),
        time_zones=tuple(entry["timeZones"]),
        state_required=entry["stateRequired"],
        states=tuple(
            State(state["code"], state["name"], tuple(state["postalPrefixes"]))
            for state in entry["states"]
        ),
        postal_code_required=postal_code["required"],
        postal_code_pattern=f"^(?:{postal_code['pattern']})$",
        postal_code_example=postal_code["example"],
        postal_code_separator=postal_code["separator"],
        postal_code_tail=postal_code["charactersAfterSeparator"],
        house_number_required=house_number["required"],
        house_number_position=house_number["position"],
        port_requirements=tuple(PortRequirement(**field) for field in entry["portRequirements"]),
    )

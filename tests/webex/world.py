"""What is told of the journeys without importing the client, which takes its time."""

from __future__ import annotations

from dataclasses import dataclass

KINDS = ("sync", "async")
JOURNEYS = (
    "connections",
    "a_locations_address",
    "a_numbers_address",
    "numbers_listed",
    "numbers_validated",
    "numbers_brought",
    "numbers_of_cisco_pstn_refused",
    "oneself",
    "locations",
    "a_partner",
    "refusals",
)
"""By their names in `journeys`."""


@dataclass(frozen=True)
class World:
    """What a journey finds; the rest it makes itself."""

    url: str
    tokens: dict[str, str]
    """`customerAdmin`, `readOnlyAdmin`, `partnerAdmin`."""
    organization: str
    """With its location on Cisco PSTN, its terms accepted."""
    other_organization: str
    """Of another partner."""
    location: str
    bare_locations: list[str]
    """Without a connection."""
    numbers: list[str]
    """Active, at `location`; the first is its main number."""
    spare: list[str]
    """In Cisco's stock, nobody's."""
    foreign: str
    """Another organisation's."""
    outside: list[str]
    """In nobody's stock."""

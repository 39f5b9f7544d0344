"""The PSTN connections a location may choose from (domain.md A1); ids never change."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.domains.locations.models import ConnectionType
from app.telephony.country import get_country


@dataclass(frozen=True, slots=True)
class ConnectionOption:
    """A choice, with Webex's fields."""

    id: UUID
    display_name: str
    type: ConnectionType
    pstn_services: tuple[str, ...]


CISCO_PSTN = ConnectionOption(
    UUID("019ac1f0-0000-7000-8000-000000000001"),
    "Cisco PSTN",
    ConnectionType.cisco_pstn,
    ("GEOGRAPHIC_NUMBERS",),
)
PREMISES = ConnectionOption(
    UUID("019ac1f0-0000-7000-8000-000000000002"),
    "Premises-based PSTN",
    ConnectionType.local_gateway,
    (),
)
CLOUD_CONNECTED = ConnectionOption(
    UUID("019ac1f0-0000-7000-8000-000000000003"),
    "Cloud Connected PSTN (not integrated)",
    ConnectionType.non_integrated_ccp,
    (),
)
OPTIONS = (CISCO_PSTN, PREMISES, CLOUD_CONNECTED)


def options_for(country: str) -> tuple[ConnectionOption, ...]:
    """What a location in that country may choose; Cisco PSTN only where it is offered (A3)."""
    if get_country(country) is None:
        return (PREMISES, CLOUD_CONNECTED)
    return OPTIONS


def option_by_id(option_id: UUID) -> ConnectionOption | None:
    """The option of that id."""
    return next((option for option in OPTIONS if option.id == option_id), None)

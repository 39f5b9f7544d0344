"""Searching numbers for a location: first the rules, then the inventory (domain.md C1, C3)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.core.database import ReadSession
from app.core.texts import text
from app.domains.locations import service as locations
from app.domains.number_orders import policy
from app.domains.numbering.repository import Criteria
from app.domains.numbering.service import search as inventory
from app.domains.numbering.service.search import AvailableNumber
from app.policy.violation import Violation, refuse
from app.telephony.country import Country, Process, get_country


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for; at least one of state, area code and city."""

    state: str | None
    area_code: str | None
    prefix: str | None
    city: str | None
    contains: str | None


async def search(
    session: ReadSession, location_id: UUID, wish: Wish, *, after: int | None, limit: int
) -> list[AvailableNumber]:
    """Available numbers ascending behind `after`, at most `limit`.

    Raises 404; 422 when the location is not on Cisco PSTN, its country is assisted, or the search
    names no place.
    """
    location = await locations.get(session, location_id)
    country = get_country(location.country)
    refuse(_violations(wish, country, is_on_cisco_pstn=location.is_on_cisco_pstn))
    assert country is not None  # noqa: S101 - refused above
    criteria = Criteria(
        country=country.code,
        calling_code=str(country.calling_code),
        state=wish.state,
        area_code=wish.area_code,
        prefix=wish.prefix,
        city=wish.city.strip() if wish.city else None,
        contains=wish.contains,
    )
    return await inventory.search(session, criteria, after=after, limit=limit)


def _violations(wish: Wish, country: Country | None, *, is_on_cisco_pstn: bool) -> list[Violation]:
    found = list(policy.location_violations(country, is_on_cisco_pstn=is_on_cisco_pstn))
    if not (wish.state or wish.area_code or (wish.city and wish.city.strip())):
        found.append(
            Violation("searchTooWide", "", text("Name at least a state, an area code or a city."))
        )
    if country is not None and country.process is Process.SELF_SERVICE:
        asked = policy.Criteria(wish.state, wish.area_code, wish.prefix, wish.city)
        found += policy.criteria_violations(asked, country, "")
    return found

"""Searching numbers for a location: first the rules, then the inventory (domain.md C1, C3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.database import ReadSession
from app.core.settings import get_settings
from app.core.texts import text
from app.domains.locations import service as locations
from app.domains.number_orders import policy
from app.domains.numbering.repository import Criteria
from app.domains.numbering.service import blocks as consecutive
from app.domains.numbering.service import search as inventory
from app.domains.numbering.service.blocks import Alternative, AvailableBlock
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
    criteria = await _criteria(session, location_id, wish, ())
    return await inventory.search(session, criteria, after=after, limit=limit)


@dataclass(frozen=True, slots=True)
class FoundBlocks:
    """Blocks; where there is none, what comes nearest."""

    blocks: list[AvailableBlock]
    longest_run: int | None = None
    alternatives: list[Alternative] | None = None


async def search_blocks(
    session: ReadSession,
    location_id: UUID,
    wish: Wish,
    size: int,
    *,
    after: int | None,
    limit: int,
) -> FoundBlocks:
    """Blocks of consecutive numbers behind `after` (domain.md C6, C10).

    Raises 404, 422 as a search of numbers; and for a size there is none of.
    """
    sizes = get_settings().block_sizes
    unknown = () if size in sizes else (policy.size_violation(sizes),)
    criteria = await _criteria(session, location_id, wish, unknown)
    found = await consecutive.search(session, criteria, size, after=after, limit=limit)
    if found or after is not None:
        return FoundBlocks(found)
    return FoundBlocks(
        [],
        await consecutive.longest_run(session, criteria),
        await consecutive.alternatives(session, criteria, size),
    )


async def _criteria(
    session: ReadSession, location_id: UUID, wish: Wish, more: Sequence[Violation]
) -> Criteria:
    location = await locations.get(session, location_id)
    country = get_country(location.country)
    refuse([*_violations(wish, country, is_on_cisco_pstn=location.is_on_cisco_pstn), *more])
    assert country is not None  # noqa: S101 - refused above
    return Criteria(
        country=country.code,
        calling_code=str(country.calling_code),
        state=wish.state,
        area_code=wish.area_code,
        prefix=wish.prefix,
        city=wish.city.strip() if wish.city else None,
        contains=wish.contains,
    )


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

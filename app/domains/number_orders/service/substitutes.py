"""Numbers in the place of lost ones: same prefix, else area code, else city (domain.md C8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.core.database import ReadSession
from app.domains.numbering.repository import Criteria
from app.domains.numbering.service.search import AvailableNumber, city_of, search
from app.telephony.country import Country
from app.telephony.phone_number import PhoneNumber

MOST = 100


async def find(
    session: ReadSession, country: Country, lost: Iterable[int], taken: Iterable[int]
) -> dict[int, int]:
    """For each lost number another one that is available now and not among `taken`, if there is."""
    excluded = set(taken)
    pools: dict[Criteria, list[AvailableNumber]] = {}
    found: dict[int, int] = {}
    for number in sorted(lost):
        for criteria in _nearest_first(country, number, await city_of(session, number)):
            if criteria not in pools:
                pools[criteria] = await search(
                    session, criteria, after=None, limit=MOST + len(excluded)
                )
            candidate = next(
                (entry.number for entry in pools[criteria] if entry.number not in excluded), None
            )
            if candidate is not None:
                found[number] = candidate
                excluded.add(candidate)
                break
    return found


def _nearest_first(
    country: Country, value: int, place: tuple[str | None, str] | None
) -> Iterator[Criteria]:
    number = PhoneNumber(value)
    calling_code = str(country.calling_code)
    if number.area_code is not None:
        yield Criteria(country.code, calling_code, area_code=number.area_code, prefix=number.prefix)
        yield Criteria(country.code, calling_code, area_code=number.area_code)
    if place is not None:
        state, city = place
        yield Criteria(country.code, calling_code, state=state, city=city)

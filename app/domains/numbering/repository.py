"""The inventory and the numbers owned, in SQL.

Rows are locked in one order everywhere: thousands-blocks ascending, then numbers ascending.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    any_,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import ReadSession, WriteSession
from app.domains.numbering import bitmaps
from app.domains.numbering.bitmaps import SIZE, Bitmap
from app.domains.numbering.models import InventoryImport, Number, NumberState, ThousandsBlock

EMPTY = literal(0, Bitmap)


@dataclass(frozen=True, slots=True)
class Criteria:
    """Where numbers are looked for: a country and a state, an area code, a prefix, a city.

    `contains` are 1 to 10 digits anywhere in the national number.
    """

    country: str
    calling_code: str
    state: str | None = None
    area_code: str | None = None
    prefix: str | None = None
    city: str | None = None
    contains: str | None = None

    def mask(self, block_id: int) -> int:
        """The numbers of that thousands-block that contain the digits wished for."""
        everything = (1 << SIZE) - 1
        if self.contains is None:
            return everything
        shared = str(block_id)[len(self.calling_code) :]
        if self.contains in shared:
            return everything
        mask = bitmaps.mask_containing(self.contains) if len(self.contains) <= 3 else 0
        for head, tail in self.splits():
            if shared.endswith(head):
                mask |= bitmaps.mask_starting(tail)
        return mask

    def splits(self) -> list[tuple[str, str]]:
        """The ways the digits may lie across the block's shared digits and the last three."""
        digits = self.contains or ""
        return [(digits[:-k], digits[-k:]) for k in (1, 2, 3) if k < len(digits)]


def _matching(criteria: Criteria) -> Select[ThousandsBlock]:
    block = ThousandsBlock
    query = select(block).where(block.country == criteria.country, text("available_count > 0"))
    if criteria.state is not None:
        query = query.where(block.state == criteria.state)
    if criteria.city is not None:
        query = query.where(func.lower(block.city) == criteria.city.lower())
    if criteria.area_code is not None:
        # An area code, and a prefix in it, is a range of the key.
        digits = criteria.calling_code + criteria.area_code + (criteria.prefix or "")
        width = 10 ** (len(criteria.calling_code) + 7 - len(digits))
        first = int(digits) * width
        query = query.where(block.id >= first, block.id < first + width)
    elif criteria.prefix is not None:
        query = query.where(_shared_digits(criteria).like(f"___{criteria.prefix}_"))
    if criteria.contains is not None:
        query = query.where(_containing(criteria))
    return query


def _shared_digits(criteria: Criteria) -> ColumnElement[str]:
    return func.substr(cast(ThousandsBlock.id, String), len(criteria.calling_code) + 1)


def _containing(criteria: Criteria) -> ColumnElement[bool]:
    digits = criteria.contains or ""
    shared = _shared_digits(criteria)
    ways: list[ColumnElement[bool]] = [shared.like(f"%{digits}%")]
    ways += [
        and_(shared.like(f"%{head}"), _has_any(bitmaps.mask_starting(tail)))
        for head, tail in criteria.splits()
    ]
    if len(digits) <= 3:
        ways.append(_has_any(bitmaps.mask_containing(digits)))
    return or_(*ways)


def _has_any(mask: int) -> ColumnElement[bool]:
    return ThousandsBlock.available.op("&")(literal(mask, Bitmap)) != EMPTY


async def find_blocks(
    session: ReadSession, criteria: Criteria, *, from_block: int, limit: int
) -> list[ThousandsBlock]:
    """Thousands-blocks with something to offer, ascending from that one on."""
    query = _matching(criteria).where(ThousandsBlock.id >= from_block)
    return list(await session.scalars(query.order_by(ThousandsBlock.id).limit(limit)))


async def lock_blocks(session: WriteSession, block_ids: Sequence[int]) -> list[ThousandsBlock]:
    """These thousands-blocks, locked in ascending order, as they are now."""
    query = (
        select(ThousandsBlock)
        .where(ThousandsBlock.id.in_(block_ids))
        .order_by(ThousandsBlock.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


async def take(session: WriteSession, masks: Mapping[int, int]) -> int:
    """Take bits out of `available`, where they all are there; the number of blocks changed."""
    wanted = _wanted(masks)
    taken = await session.scalars(
        update(ThousandsBlock)
        .where(
            ThousandsBlock.id == wanted.c.id,
            ThousandsBlock.available.op("&")(wanted.c.mask) == wanted.c.mask,
        )
        .values(available=ThousandsBlock.available.op("&")(wanted.c.mask.op("#")(ALL_BITS)))
        .returning(ThousandsBlock.id)
        .execution_options(synchronize_session=False)
    )
    return len(taken.all())


async def put_back(session: WriteSession, masks: Mapping[int, int]) -> None:
    """Set bits of `available`; the blocks are locked already."""
    wanted = _wanted(masks)
    await session.execute(
        update(ThousandsBlock)
        .where(ThousandsBlock.id == wanted.c.id)
        .values(available=ThousandsBlock.available.op("|")(wanted.c.mask))
        .execution_options(synchronize_session=False)
    )


ALL_BITS = literal((1 << SIZE) - 1, Bitmap)


def _wanted(masks: Mapping[int, int]):  # type: ignore[no-untyped-def]
    return select(
        func.unnest(literal(list(masks), ARRAY(BigInteger))).label("id"),
        func.unnest(literal(list(masks.values()), ARRAY(Bitmap))).label("mask"),
    ).subquery("wanted")


async def add_numbers(
    session: WriteSession,
    numbers: Sequence[int],
    *,
    organization_id: UUID,
    location_id: UUID,
    order_id: UUID | None,
    held_at: datetime,
    from_stock: bool,
) -> set[int]:
    """Make numbers held; those that have a row already, whoever's, are left out of the answer."""
    rows = [
        {
            "number": number,
            "org_id": organization_id,
            "location_id": location_id,
            "state": NumberState.held,
            "from_stock": from_stock,
            "order_id": order_id,
            "held_at": held_at,
        }
        for number in sorted(numbers)
    ]
    # Never DO UPDATE: a row of another organisation must not be touched, nor told of.
    added = await session.scalars(
        insert(Number).values(rows).on_conflict_do_nothing().returning(Number.number)
    )
    return set(added)


async def delete_numbers(session: WriteSession, numbers: Sequence[int]) -> list[Number]:
    """Forget these numbers; the answer tells what they were."""
    gone = await session.scalars(delete(Number).where(Number.number.in_(numbers)).returning(Number))
    return list(gone)


async def set_state(
    session: WriteSession,
    numbers: Sequence[int],
    state: NumberState,
    *,
    activated_at: datetime | None = None,
) -> None:
    """Give numbers a state."""
    await session.execute(
        update(Number)
        .where(Number.number.in_(numbers))
        .values(state=state, activated_at=activated_at)
        .execution_options(synchronize_session=False)
    )


async def activate_inactive(
    session: WriteSession, organization_id: UUID, at: datetime
) -> list[int]:
    """Make every inactive number of an organisation active; the numbers."""
    changed = await session.scalars(
        update(Number)
        .where(Number.org_id == organization_id, Number.state == NumberState.inactive)
        .values(state=NumberState.active, activated_at=at)
        .returning(Number.number)
        .execution_options(synchronize_session=False)
    )
    return sorted(changed)


def visible(session: ReadSession) -> Select[Number]:
    """Every number owned that the transaction may see; all reads go through here."""
    query = select(Number)
    if session.scope.organizations is not None:
        query = query.where(Number.org_id.in_(session.scope.organizations))
    return query


async def get_number(session: ReadSession, number: int) -> Number | None:
    """A number owned."""
    return await session.scalar(visible(session).where(Number.number == number))


@dataclass(frozen=True, slots=True)
class NumberFilter:
    """Which numbers a list shows."""

    location_id: UUID | None = None
    states: tuple[NumberState, ...] = ()
    phone_number: int | None = None


async def list_numbers(
    session: ReadSession,
    wanted: NumberFilter,
    *,
    after: int | None = None,
    offset: int = 0,
    limit: int,
) -> list[Number]:
    """Numbers ascending."""
    query = _filtered(visible(session), wanted)
    if after is not None:
        query = query.where(Number.number > after)
    return list(await session.scalars(query.order_by(Number.number).offset(offset).limit(limit)))


def _filtered(query: Select[Number], wanted: NumberFilter) -> Select[Number]:
    if wanted.location_id is not None:
        query = query.where(Number.location_id == wanted.location_id)
    if wanted.states:
        query = query.where(Number.state.in_(wanted.states))
    if wanted.phone_number is not None:
        query = query.where(Number.number == wanted.phone_number)
    return query


async def count_by_state(
    session: ReadSession,
    *,
    organization_id: UUID | None = None,
    location_id: UUID | None = None,
) -> Mapping[NumberState, int]:
    """How many numbers an organisation, or a location, has in each state."""
    query = select(Number.state, func.count()).group_by(Number.state)
    if organization_id is not None:
        query = query.where(Number.org_id == organization_id)
    if location_id is not None:
        query = query.where(Number.location_id == location_id)
    return {NumberState(state): count for state, count in await session.execute(query)}


# --- Imports ----------------------------------------------------------------------------------


async def get_import(session: ReadSession, import_id: UUID) -> InventoryImport | None:
    """An import."""
    return await session.get(InventoryImport, import_id)


async def get_blocks(session: ReadSession, block_ids: Sequence[int]) -> list[ThousandsBlock]:
    """These thousands-blocks, as far as they exist."""
    query = select(ThousandsBlock).where(ThousandsBlock.id.in_(block_ids))
    return list(await session.scalars(query))


async def add_missing_blocks(session: WriteSession, blocks: Sequence[Mapping[str, object]]) -> None:
    """Make thousands-blocks that do not exist yet, empty."""
    if blocks:
        await session.execute(insert(ThousandsBlock).values(list(blocks)).on_conflict_do_nothing())


async def numbers_in_blocks(session: WriteSession, block_ids: Sequence[int]) -> list[int]:
    """The numbers of these thousands-blocks that have a row."""
    ids = select(func.unnest(literal(list(block_ids), ARRAY(BigInteger))).label("id")).subquery()
    query = select(Number.number).join(
        ids, and_(Number.number >= ids.c.id * SIZE, Number.number < (ids.c.id + 1) * SIZE)
    )
    return list(await session.scalars(query))


async def summary(session: ReadSession) -> list[tuple[str, str | None, int, int, int]]:
    """For each country and state: thousands-blocks, numbers stocked, numbers available."""
    block = ThousandsBlock
    rows = await session.execute(
        select(
            block.country,
            block.state,
            func.count(),
            func.sum(func.bit_count(block.stocked)),
            func.sum(block.available_count),
        )
        .group_by(block.country, block.state)
        .order_by(block.country, block.state)
    )
    return [(c, s, int(n), int(stocked), int(free)) for c, s, n, stocked, free in rows]


async def blocks_after(session: ReadSession, after: int, limit: int) -> list[ThousandsBlock]:
    """Thousands-blocks by id, for a walk over the whole inventory."""
    query = select(ThousandsBlock).where(ThousandsBlock.id > after)
    return list(await session.scalars(query.order_by(ThousandsBlock.id).limit(limit)))


async def stock_numbers_between(
    session: ReadSession, first: int, last: int
) -> list[tuple[int, bool]]:
    """Numbers with a row in that range, and whether each was stock."""
    rows = await session.execute(
        select(Number.number, Number.from_stock).where(Number.number.between(first, last))
    )
    return [(number, from_stock) for number, from_stock in rows]


async def states_of(session: ReadSession, numbers: Sequence[int]) -> dict[int, NumberState]:
    """The states of these numbers, as far as they may be seen."""
    # An array: a page of orders may have more numbers than a statement may have parameters.
    query = visible(session).where(Number.number == any_(literal(list(numbers), ARRAY(BigInteger))))
    rows = await session.execute(query.with_only_columns(Number.number, Number.state))
    return {number: NumberState(state) for number, state in rows}

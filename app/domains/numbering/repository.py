"""The inventory and the numbers owned, in SQL.

Rows are locked in one order everywhere: thousands-blocks ascending, then numbers ascending.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Executable,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import ReadSession, WriteSession
from app.domains.emergency_addresses.models import EmergencyAddress
from app.domains.numbering import bitmaps
from app.domains.numbering.bitmaps import SIZE, Bitmap, longest_run
from app.domains.numbering.models import (
    InventoryImport,
    Number,
    NumberBlock,
    NumberState,
    ThousandsBlock,
)

EMPTY = literal(0, Bitmap)

BROUGHT = and_(Number.order_id.is_(None), Number.reservation_id.is_(None))
"""On a PSTN of their owner's choice, as `Number.is_brought` says."""

Blocks = dict[int, ThousandsBlock]
Masks = Mapping[int, int]


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
    query = _at_place(criteria).where(text("available_count > 0"))
    if criteria.contains is not None:
        query = query.where(_containing(criteria))
    return query


def _at_place(criteria: Criteria) -> Select[ThousandsBlock]:
    query = _in_state_and_city(criteria)
    if criteria.area_code is not None:
        # An area code, and a prefix in it, is a range of the key.
        digits = criteria.calling_code + criteria.area_code + (criteria.prefix or "")
        width = 10 ** (len(criteria.calling_code) + 7 - len(digits))
        first = int(digits) * width
        query = query.where(ThousandsBlock.id >= first, ThousandsBlock.id < first + width)
    elif criteria.prefix is not None:
        query = query.where(_shared_digits(criteria).like(f"___{criteria.prefix}_"))
    return query


def _in_state_and_city(criteria: Criteria) -> Select[ThousandsBlock]:
    block = ThousandsBlock
    query = select(block).where(block.country == criteria.country)
    if criteria.state is not None:
        query = query.where(block.state == criteria.state)
    if criteria.city is not None:
        query = query.where(func.lower(block.city) == criteria.city.lower())
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


async def lock_blocks(session: WriteSession, block_ids: Iterable[int]) -> Blocks:
    """These thousands-blocks and the one before each, locked in ascending order, as they are now.

    The one before has to be mended with its neighbour: its runs may go on in there.
    """
    ids = set(block_ids)
    query = (
        select(ThousandsBlock)
        .where(ThousandsBlock.id.in_(sorted(ids | {block_id - 1 for block_id in ids})))
        .order_by(ThousandsBlock.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {block.id: block for block in await session.scalars(query)}


async def change_available(
    session: WriteSession, blocks: Blocks, *, take: Masks | None = None, give: Masks | None = None
) -> bool:
    """Take bits out of `available`, or put bits back, in blocks that are locked.

    Mends the longest runs, of the blocks before too. `False`, and the transaction is to be rolled
    back, when a bit to take is not there: the lock should have told before.
    """
    take, give = take or {}, give or {}
    following = await _following(session, blocks, [*take, *give])
    for block_id in {*take, *give}:
        block = blocks[block_id]
        block.available = block.available & ~take.get(block_id, 0) | give.get(block_id, 0)
    changed = mend_runs(blocks, following, [*take, *give])
    rows = _rows(
        {
            "id": (BigInteger, list(changed)),
            "taken": (Bitmap, [take.get(block_id, 0) for block_id in changed]),
            "given": (Bitmap, [give.get(block_id, 0) for block_id in changed]),
            "longest_run": (Integer, [blocks[block_id].longest_run for block_id in changed]),
        }
    )
    for block_id in changed:
        # Written below, under a condition; the session has nothing to add.
        session.expunge(blocks[block_id])
    available = ThousandsBlock.available
    done = await session.scalars(
        update(ThousandsBlock)
        .where(ThousandsBlock.id == rows.c.id, available.op("&")(rows.c.taken) == rows.c.taken)
        .values(
            available=available.op("#")(rows.c.taken).op("|")(rows.c.given),
            longest_run=rows.c.longest_run,
        )
        .returning(ThousandsBlock.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all()) == len(changed)


def mend_runs(blocks: Blocks, following: Blocks, block_ids: Iterable[int]) -> list[int]:
    """Count anew the longest runs of these blocks and of those before them; which were touched."""
    touched = sorted({*block_ids, *(block_id - 1 for block_id in block_ids)} & set(blocks))
    for block_id in touched:
        block = blocks[block_id]
        after = blocks.get(block_id + 1) or following.get(block_id + 1)
        goes_on = after is not None and after.place == block.place
        block.longest_run = longest_run(
            block.available, after.available if after is not None and goes_on else 0
        )
    return touched


async def _following(session: WriteSession, blocks: Blocks, block_ids: Iterable[int]) -> Blocks:
    """The blocks behind these that are not locked; nobody changes one without locking ours."""
    ids = {block_id + 1 for block_id in block_ids} - set(blocks)
    return await get_blocks(session, ids)


async def get_blocks(session: ReadSession, block_ids: Iterable[int]) -> Blocks:
    """These thousands-blocks, as far as they exist."""
    query = select(ThousandsBlock).where(ThousandsBlock.id.in_(sorted(block_ids)))
    return {block.id: block for block in await session.scalars(query)}


def _rows(columns: Mapping[str, tuple[Any, list[Any]]]) -> Subquery:
    """Columns of values as rows to join with."""
    return select(
        *(
            func.unnest(literal(values, ARRAY(kind))).label(name)
            for name, (kind, values) in columns.items()
        )
    ).subquery()


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose numbers are, where, and by which order or reservation."""

    organization_id: UUID
    location_id: UUID
    order_id: UUID | None
    reservation_id: UUID | None


Changed = dict[int, Owner]
"""Numbers whose rows were written, each with whose it is."""

CHANGED = (
    Number.number,
    Number.org_id,
    Number.location_id,
    Number.order_id,
    Number.reservation_id,
)


async def _changed(session: WriteSession, statement: Executable) -> Changed:
    rows = await session.execute(statement.execution_options(synchronize_session=False))
    return {number: Owner(*owner) for number, *owner in rows}


async def add_numbers(
    session: WriteSession,
    numbers: Sequence[int],
    *,
    organization_id: UUID,
    location_id: UUID,
    order_id: UUID | None,
    reservation_id: UUID | None = None,
    block_id: UUID | None = None,
    held_at: datetime,
    in_stock: Container[int],
) -> Changed:
    """Make numbers held, marked whether of stock; which have no row yet, the answer tells."""
    rows = [
        {
            "number": number,
            "org_id": organization_id,
            "location_id": location_id,
            "state": NumberState.held,
            "from_stock": number in in_stock,
            "order_id": order_id,
            "reservation_id": reservation_id,
            "block_id": block_id,
            "held_at": held_at,
        }
        for number in sorted(numbers)
    ]
    # Never DO UPDATE: a row of another organisation must not be touched, nor told of.
    return await _changed(
        session, insert(Number).values(rows).on_conflict_do_nothing().returning(*CHANGED)
    )


async def bring_numbers(
    session: WriteSession,
    numbers: Sequence[int],
    *,
    organization_id: UUID,
    location_id: UUID,
    state: NumberState,
    toll_free: Container[int],
    is_service: bool,
    at: datetime,
) -> Changed:
    """Make numbers that come with no order; which nobody had, the answer tells."""
    if not numbers:
        return {}
    rows = [
        {
            "number": number,
            "org_id": organization_id,
            "location_id": location_id,
            "state": state,
            "from_stock": False,
            "is_toll_free": number in toll_free,
            "is_service": is_service,
            "held_at": at,
            "activated_at": at if state is NumberState.active else None,
        }
        for number in sorted(numbers)
    ]
    # Never DO UPDATE: a row of another organisation must not be touched, nor told of.
    return await _changed(
        session, insert(Number).values(rows).on_conflict_do_nothing().returning(*CHANGED)
    )


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
) -> Changed:
    """Give numbers a state."""
    return await _changed(
        session,
        update(Number)
        .where(Number.number.in_(numbers))
        .values(state=state, activated_at=activated_at)
        .returning(*CHANGED),
    )


async def activate_inactive(session: WriteSession, organization_id: UUID, at: datetime) -> Changed:
    """Make every number of an organisation active that waits for the terms; the numbers."""
    return await _changed(
        session,
        update(Number)
        .where(Number.org_id == organization_id, Number.state == NumberState.inactive, ~BROUGHT)
        .values(state=NumberState.active, activated_at=at)
        .returning(*CHANGED),
    )


def visible(session: ReadSession) -> Select[Number]:
    """Every number owned that the transaction may see; all reads go through here."""
    query = select(Number)
    if session.scope.organizations is not None:
        query = query.where(Number.org_id.in_(session.scope.organizations))
    return query


async def get_number(session: ReadSession, number: int) -> Number | None:
    """A number owned."""
    return await session.scalar(visible(session).where(Number.number == number))


async def lock_numbers(
    session: WriteSession, numbers: Iterable[int] = (), *, block_id: UUID | None = None
) -> list[Number]:
    """These numbers, or a block's, as far as they may be seen, locked in ascending order."""
    query = (
        visible(session)
        .where(_among(numbers) if block_id is None else Number.block_id == block_id)
        .order_by(Number.number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


@dataclass(frozen=True, slots=True)
class NumberFilter:
    """Which numbers a list shows."""

    location_id: UUID | None = None
    states: tuple[NumberState, ...] = ()
    phone_number: int | None = None
    emergency_address_missing: bool | None = None
    is_toll_free: bool | None = None
    is_service: bool | None = None


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
    if wanted.is_toll_free is not None:
        query = query.where(Number.is_toll_free == wanted.is_toll_free)
    if wanted.is_service is not None:
        query = query.where(Number.is_service == wanted.is_service)
    if wanted.emergency_address_missing is not None:
        # Two questions, not one with "or": the planner answers each by an index, or a join.
        own = exists().where(EmergencyAddress.phone_number == Number.number)
        default = exists().where(
            EmergencyAddress.location_id == Number.location_id,
            EmergencyAddress.phone_number.is_(None),
        )
        query = query.where(
            Number.state.not_in((NumberState.released, NumberState.resting)),
            and_(~own, ~default) if wanted.emergency_address_missing else or_(own, default),
        )
    return query


@dataclass(frozen=True, slots=True)
class NumberCount:
    """How many delivered numbers there are, and how many of them are of a kind."""

    total: int
    inactive: int
    toll_free: int
    service: int


async def count_delivered(session: ReadSession) -> NumberCount:
    """How many delivered numbers the transaction may see."""
    is_inactive = Number.state == NumberState.inactive
    query = (
        visible(session)
        .where(Number.state.in_((NumberState.active, NumberState.inactive)))
        .with_only_columns(
            func.count(),
            func.count().filter(is_inactive),
            func.count().filter(Number.is_toll_free),
            func.count().filter(Number.is_service),
        )
    )
    return NumberCount(*(await session.execute(query)).one())


async def count_by_state(
    session: ReadSession,
    *,
    organization_id: UUID | None = None,
    location_id: UUID | None = None,
) -> Mapping[NumberState, int]:
    """How many numbers of Cisco PSTN an organisation, or a location, has in each state."""
    query = select(Number.state, func.count()).where(~BROUGHT).group_by(Number.state)
    if organization_id is not None:
        query = query.where(Number.org_id == organization_id)
    if location_id is not None:
        query = query.where(Number.location_id == location_id)
    return {NumberState(state): count for state, count in await session.execute(query)}


async def numbers_reserved(session: ReadSession, reservation_id: UUID) -> list[int]:
    """The numbers that a reservation holds, ascending."""
    query = visible(session).where(Number.reservation_id == reservation_id)
    return sorted(await session.scalars(query.with_only_columns(Number.number)))


async def count_reserved(session: ReadSession, organization_id: UUID) -> int:
    """How many numbers an organisation holds in reservations."""
    query = select(func.count()).where(
        Number.org_id == organization_id, Number.reservation_id.is_not(None)
    )
    return await session.scalar(query) or 0


async def turn_over(
    session: WriteSession,
    reservation_id: UUID,
    numbers: Sequence[int],
    order_id: UUID,
    block_id: UUID | None,
) -> Changed:
    """Numbers of a reservation are held by an order from now on."""
    return await _changed(
        session,
        update(Number)
        .where(Number.reservation_id == reservation_id, Number.number.in_(numbers))
        .values(reservation_id=None, order_id=order_id, block_id=block_id)
        .returning(*CHANGED),
    )


async def delete_number_block(session: WriteSession, block_id: UUID) -> None:
    """Forget a block; its numbers are not touched."""
    await session.execute(delete(NumberBlock).where(NumberBlock.id == block_id))


async def find_with_run(
    session: ReadSession, criteria: Criteria, size: int, *, from_block: int, limit: int
) -> list[ThousandsBlock]:
    """Thousands-blocks in which a run of that size starts, ascending from that one on."""
    # The size is written into the statement: how many runs there are of it decides which index
    # leads to them, that of the longest runs, or where most rows have one that of the place.
    wanted = bindparam(None, size, Integer, literal_execute=True)
    query = _at_place(criteria).where(
        text("available_count > 0"),
        ThousandsBlock.longest_run >= wanted,
        ThousandsBlock.id >= from_block,
    )
    if criteria.area_code is not None:
        query = query.where(_in_area(criteria))
    return list(await session.scalars(query.order_by(ThousandsBlock.id).limit(limit)))


async def longest_run_at(session: ReadSession, criteria: Criteria) -> int:
    """The longest run there is at a place."""
    if criteria.area_code is None or criteria.prefix is not None:
        query = _at_place(criteria)
    else:
        query = _in_state_and_city(criteria).where(_in_area(criteria))
    longest = func.max(ThousandsBlock.longest_run)
    return await session.scalar(query.with_only_columns(longest)) or 0


def _in_area(criteria: Criteria) -> ColumnElement[bool]:
    # The range of the key says the same, but to find a run in it all of it would be read.
    return _area() == int(f"{criteria.calling_code}{criteria.area_code}")


def _area() -> ColumnElement[int]:
    """The calling code and the area code of a thousands-block, as the index of runs has them."""
    return ThousandsBlock.id.op("/", return_type=BigInteger())(literal_column("10000"))


async def areas_with_run(session: ReadSession, country: str, state: str, size: int) -> list[int]:
    """The area codes of a state with a run of that size, as beginnings of block ids, ascending."""
    area = _area().label("area")
    query = (
        select(area)
        .where(
            ThousandsBlock.country == country,
            ThousandsBlock.state == state,
            ThousandsBlock.longest_run >= size,
        )
        .distinct()
        .order_by(area)
    )
    return list(await session.scalars(query))


# --- Release and rest ---------------------------------------------------------------------------


def _among(numbers: Iterable[int]) -> ColumnElement[bool]:
    # An array: there may be more numbers than a statement may have parameters.
    return Number.number == any_(literal(list(numbers), ARRAY(BigInteger)))


async def numbers_of_blocks(
    session: ReadSession, block_ids: Iterable[UUID]
) -> dict[UUID, frozenset[int]]:
    """All numbers of these blocks that are there still."""
    query = visible(session).where(Number.block_id.in_(list(block_ids)))
    found: dict[UUID, set[int]] = {}
    for number in await session.scalars(query):
        if number.block_id is not None:
            found.setdefault(number.block_id, set()).add(number.number)
    return {block_id: frozenset(numbers) for block_id, numbers in found.items()}


async def count_in_use(
    session: ReadSession, location_id: UUID, *, except_for: Iterable[int]
) -> int:
    """How many numbers a location has in use or on order, but for these."""
    query = visible(session).where(
        Number.location_id == location_id,
        or_(
            Number.state.in_((NumberState.active, NumberState.inactive)),
            and_(Number.state == NumberState.held, Number.order_id.is_not(None)),
        ),
        ~_among(except_for),
    )
    return await session.scalar(query.with_only_columns(func.count())) or 0


async def lock_numbers_to_rest(session: WriteSession, organization_id: UUID) -> list[int]:
    """The numbers an organisation has, or released, locked in ascending order."""
    query = visible(session).where(
        Number.org_id == organization_id,
        Number.state.in_((NumberState.inactive, NumberState.active, NumberState.released)),
        ~BROUGHT,
    )
    return list(
        await session.scalars(
            query.with_only_columns(Number.number).order_by(Number.number).with_for_update()
        )
    )


async def lock_brought(
    session: WriteSession, organization_id: UUID, *, location_id: UUID | None = None
) -> list[Number]:
    """The numbers an organisation brought, to that location if one is named, locked ascending."""
    query = visible(session).where(Number.org_id == organization_id, BROUGHT)
    if location_id is not None:
        query = query.where(Number.location_id == location_id)
    return list(await session.scalars(query.order_by(Number.number).with_for_update()))


async def start_rest(
    session: WriteSession,
    numbers: Sequence[int],
    *,
    released_at: datetime | None = None,
    rests_until: datetime | None = None,
) -> Changed:
    """Make locked numbers rest; those not released before are released now."""
    return await _changed(
        session,
        update(Number)
        .where(_among(numbers))
        .values(
            state=NumberState.resting,
            released_at=func.coalesce(Number.released_at, released_at),
            take_back_until=None,
            rests_until=func.coalesce(Number.rests_until, rests_until),
        )
        .returning(*CHANGED),
    )


NEXT_TAKE_BACK_END = select(func.min(Number.take_back_until)).where(
    Number.state == NumberState.released
)
"""When the next released number can no longer be taken back."""


async def lock_take_back_over(session: WriteSession, now: datetime, limit: int) -> list[int]:
    """Numbers that can no longer be taken back, locked; one that is being is left alone."""
    query = (
        visible(session)
        .where(Number.state == NumberState.released, Number.take_back_until <= now)
        .with_only_columns(Number.number)
        .order_by(Number.number)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(await session.scalars(query))


NEXT_REST_END = select(func.min(Number.rests_until)).where(Number.state == NumberState.resting)
"""When the next rest ends."""


async def find_rested(session: ReadSession, now: datetime, limit: int) -> list[int]:
    """Numbers that have rested."""
    query = (
        visible(session)
        .where(Number.state == NumberState.resting, Number.rests_until <= now)
        .with_only_columns(Number.number)
        .order_by(Number.number)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def delete_rested(
    session: WriteSession, numbers: Sequence[int], now: datetime
) -> list[Number]:
    """Forget those of these numbers that have rested; the answer tells what they were."""
    gone = await session.scalars(
        delete(Number)
        .where(_among(numbers), Number.state == NumberState.resting, Number.rests_until <= now)
        .returning(Number)
    )
    return list(gone)


# --- Imports ----------------------------------------------------------------------------------


async def get_import(session: ReadSession, import_id: UUID) -> InventoryImport | None:
    """An import."""
    return await session.get(InventoryImport, import_id)


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


async def hand_over(session: WriteSession, numbers: Sequence[int], order_id: UUID) -> Changed:
    """Numbers that an order holds are held by another one from now on."""
    return await _changed(
        session,
        update(Number)
        .where(Number.number.in_(numbers), Number.state == NumberState.held)
        .values(order_id=order_id)
        .returning(*CHANGED),
    )

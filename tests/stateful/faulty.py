"""Faults put in on purpose, one of each kind that the machine of `life` has to notice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.core.database import ReadSession, WriteSession
from app.domains.number_orders import repository as number_orders
from app.domains.number_orders.models import Reservation
from app.domains.number_orders.service import placing, reserving
from app.domains.number_orders.service.limits import limits_of
from app.domains.numbering import repository
from app.domains.numbering.bitmaps import SIZE
from app.domains.numbering.service import holding
from app.domains.organizations.models import Organization
from app.jobs import timers
from app.jobs.queue import Payload, enqueue
from app.policy.limits import Limit, LimitName
from tests.resilience import careless
from tests.stateful import life


def sells_what_is_sold(patch: pytest.MonkeyPatch) -> None:
    """Everything seems to be there, and who orders last has it."""

    def everything(_blocks: repository.Blocks, masks: repository.Masks) -> set[int]:
        return {
            block_id * SIZE + position
            for block_id, mask in masks.items()
            for position in range(SIZE)
            if mask >> position & 1
        }

    patch.setattr(holding, "_there", everything)
    patch.setattr(repository, "change_available", careless.change_available)
    patch.setattr(repository, "add_numbers", careless.add_numbers)


def leaves_the_bit(patch: pytest.MonkeyPatch) -> None:
    """A number that is held stays in the bitmap."""

    async def take(
        session: WriteSession,
        _blocks: repository.Blocks,
        numbers: Sequence[int],
        holder: holding.Holder,
    ) -> None:
        await holding._add(session, numbers, holder, in_stock=set(numbers))

    patch.setattr(holding, "_take", take)


def counts_nothing(patch: pytest.MonkeyPatch) -> None:
    """Orders and reservations are judged as if the organisation had none yet."""

    async def forgetful(
        session: ReadSession, organization: Organization
    ) -> Mapping[LimitName, Limit]:
        known = await limits_of(session, organization)
        return {name: replace(limit, used=limit.used and 0) for name, limit in known.items()}

    patch.setattr(placing, "limits_of", forgetful)
    patch.setattr(reserving, "limits_of", forgetful)


def ends_reservations_early(patch: pytest.MonkeyPatch) -> None:
    """A reservation ends ten minutes before its time."""
    early = timedelta(minutes=10)
    look, lock_expired = timers.Sweeper._look, number_orders.lock_expired

    async def look_early(sweeper: timers.Sweeper) -> Any:
        offset, target, dues = await look(sweeper)
        expires = reserving.ExpiryTimer
        return (
            offset,
            target,
            [(due - early if due and isinstance(of, expires) else due, of) for due, of in dues],
        )

    async def lock(session: WriteSession, now: datetime) -> Reservation | None:
        return await lock_expired(session, now + early)

    patch.setattr(timers.Sweeper, "_look", look_early)
    patch.setattr(number_orders, "lock_expired", lock)


def loses_jobs(patch: pytest.MonkeyPatch) -> None:
    """Of each three orders one is told to nobody."""
    placed = itertools.count(1)

    async def forget(session: WriteSession, name: str, payload: Payload, **options: Any) -> None:
        if next(placed) % 3:
            await enqueue(session, name, payload, **options)

    patch.setattr(placing, "enqueue", forget)
    patch.setattr(life, "ENDS_WITHIN_SECONDS", 4)


FAULTS: dict[Callable[[pytest.MonkeyPatch], None], str] = {
    sells_what_is_sold: "two owners",
    leaves_the_bit: "in the bitmap and in a row at once",
    counts_nothing: "a limit passed",
    ends_reservations_early: "a lost reservation",
    loses_jobs: "an order without an end",
}
"""Each with what the machine has to say of it."""

"""A carrier played by the service itself, by the script of `SCRIPT`; its books are tables.

New orders, by the last two digits of their lowest number: `30` it refuses after the order was
accepted, `31` it answers only at the third try. Everything else is delivered at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, DateTime, Identity, String, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import EVERYTHING, Database, Model
from app.integrations.carriers.errors import CarrierRejected, CarrierUnavailable
from app.integrations.carriers.port import CarrierOrder, CarrierOrderStatus
from app.telephony.phone_number import PhoneNumber

REFUSES = "30"
ANSWERS_AT_THIRD_TRY = "31"
TRIES = 3
NOT_PORTABLE = "notPortable"

SCRIPT = {
    REFUSES: "The carrier refuses after the order was accepted: the order ends in error.",
    ANSWERS_AT_THIRD_TRY: "The carrier answers only at the third try.",
}


class SimulatedOrder(Model):
    """The carrier's book of orders: one line a reference."""

    __tablename__ = "simulated_carrier_orders"

    reference: Mapped[str] = mapped_column(String(100), primary_key=True)
    numbers: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    status: Mapped[str] = mapped_column(String(10))
    booked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class SimulatedCall(Model):
    """The carrier's book of calls: one line for each time it was asked for numbers."""

    __tablename__ = "simulated_carrier_calls"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    reference: Mapped[str] = mapped_column(String(100), index=True)
    called_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class SimulatedCarrier:
    """The carrier of the demo, of development and of tests."""

    def __init__(self, database: Database, *, latency_seconds: float = 0) -> None:
        self._database = database
        self._latency_seconds = latency_seconds

    async def not_portable(self, numbers: Sequence[PhoneNumber]) -> Mapping[PhoneNumber, str]:
        """See `port.Carrier.not_portable`: those ending in 0000, and those nobody can have."""
        return {
            number: NOT_PORTABLE
            for number in numbers
            if number.value % 10_000 == 0 or not number.is_valid
        }

    async def order_numbers(self, reference: str, numbers: Sequence[PhoneNumber]) -> None:
        """See `port.Carrier.order_numbers`."""
        values = sorted(number.value for number in numbers)
        ending = f"{values[0] % 100:02}"
        status = CarrierOrderStatus.refused if ending == REFUSES else CarrierOrderStatus.delivered
        async with self._database.write(EVERYTHING) as session:
            session.add(SimulatedCall(reference=reference))
            await session.flush()
            tries = await session.scalar(
                select(func.count()).where(SimulatedCall.reference == reference)
            )
            silent = ending == ANSWERS_AT_THIRD_TRY and (tries or 0) < TRIES
            if not silent:
                await session.execute(
                    insert(SimulatedOrder)
                    .values(reference=reference, numbers=values, status=status)
                    .on_conflict_do_nothing()
                )
                booked = await session.get_one(SimulatedOrder, reference)
                status = CarrierOrderStatus(booked.status)
        if self._latency_seconds:
            await asyncio.sleep(self._latency_seconds)
        if silent:
            raise CarrierUnavailable("no answer")
        if status is not CarrierOrderStatus.delivered:
            raise CarrierRejected(status)

    async def find_order(self, reference: str) -> CarrierOrder | None:
        """See `port.Carrier.find_order`."""
        async with self._database.read(EVERYTHING) as session:
            found = await session.get(SimulatedOrder, reference)
            if found is None:
                return None
            status = CarrierOrderStatus(found.status)
            is_refusal = status is not CarrierOrderStatus.delivered
            return CarrierOrder(reference, status, status if is_refusal else None)

    async def cancel_order(self, reference: str) -> None:
        """See `port.Carrier.cancel_order`."""
        async with self._database.write(EVERYTHING) as session:
            await session.execute(
                insert(SimulatedOrder)
                .values(reference=reference, numbers=[], status=CarrierOrderStatus.cancelled)
                .on_conflict_do_update(
                    index_elements=[SimulatedOrder.reference],
                    set_={"status": CarrierOrderStatus.cancelled},
                    where=SimulatedOrder.status == CarrierOrderStatus.delivered,
                )
            )
        if self._latency_seconds:
            await asyncio.sleep(self._latency_seconds)

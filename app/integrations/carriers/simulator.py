"""A carrier played by the service itself, by the script of `SCRIPT`; its books are tables.

New orders, by the last two digits of their lowest number: `30` it refuses after the order was
accepted, `31` it answers only at the third try. Everything else is delivered at once.

Ports, by the last two digits of their lowest number at the first submission: `01` to `19` it
rejects the first time with the errors of `PORT_ERRORS` in their order, `20` it does not answer
until expedited. Everything else gets its FOC one business day later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ARRAY, BigInteger, DateTime, Identity, String, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import EVERYTHING, Database, Model
from app.core.texts import text
from app.integrations.carriers.errors import CarrierRejected, CarrierUnavailable
from app.integrations.carriers.port import (
    CarrierOrder,
    CarrierOrderStatus,
    CarrierPort,
    CarrierPortError,
    CarrierPortStatus,
    PortRequest,
)
from app.policy.business_days import Calendar
from app.telephony.phone_number import PhoneNumber

REFUSES = "30"
ANSWERS_AT_THIRD_TRY = "31"
TRIES = 3
NOT_PORTABLE = "notPortable"
SILENT = "20"

PORT_ERRORS = (
    "accountNumberMismatch",
    "accountNumberRequired",
    "accountNameMismatch",
    "btnMismatch",
    "companyNameMismatch",
    "multipleBtns",
    "focRejectedByLosingCarrier",
    "unknown",
    "invalidPin",
    "orderPending",
    "mainBtnPending",
    "serviceAddressMismatch",
    "tnSpecialFeature",
    "tnMismatch",
    "tnNotPortable",
    "unsupportedRateCenter",
    "postalCodeMismatch",
    "previousCarrierBillInvalid",
    "loaInvalid",
)
"""In the order of their endings, from `01` on."""
ABOUT_NUMBERS = frozenset(
    {
        "orderPending",
        "mainBtnPending",
        "tnSpecialFeature",
        "tnMismatch",
        "tnNotPortable",
        "unsupportedRateCenter",
    }
)
"""Errors of the lowest number only, or of the BTN where it is among the numbers."""

SCRIPT = {
    REFUSES: text("The carrier refuses after the order was accepted: the order ends in error."),
    ANSWERS_AT_THIRD_TRY: text("The carrier answers only at the third try."),
    **{
        f"{index:02}": text("A port is rejected the first time: %(code)s.", code=code)
        for index, code in enumerate(PORT_ERRORS, start=1)
    },
    SILENT: text("A port is not answered until it is expedited."),
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


class SimulatedPort(Model):
    """The carrier's book of ports: one line a reference, rewritten by each submission."""

    __tablename__ = "simulated_carrier_ports"

    reference: Mapped[str] = mapped_column(String(100), primary_key=True)
    submission: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    course: Mapped[str] = mapped_column(String(2))
    """The ending that chose the port's course, fixed at its first submission."""
    error: Mapped[str | None] = mapped_column(String(40))
    error_numbers: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    country: Mapped[str | None] = mapped_column(String(2))
    state: Mapped[str | None] = mapped_column(String(8))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    answers_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    foc_date: Mapped[date | None]


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

    async def request_port(self, request: PortRequest) -> CarrierPort:
        """See `port.Carrier.request_port`."""
        lowest = min(request.numbers)
        ending = "" if request.is_part_of_split else f"{lowest.value % 100:02}"
        async with self._database.write(EVERYTHING) as session:
            await session.execute(
                insert(SimulatedPort)
                .values(
                    reference=request.reference,
                    submission=0,
                    status=CarrierPortStatus.received,
                    course=ending,
                    error_numbers=[],
                )
                .on_conflict_do_nothing()
            )
            booked = await session.get_one(SimulatedPort, request.reference, with_for_update=True)
            is_cancelled = booked.status == CarrierPortStatus.cancelled
            if request.submission > booked.submission and not is_cancelled:
                _book(booked, request, session.now)
            answer = _answer(booked, session.now)
        if self._latency_seconds:
            await asyncio.sleep(self._latency_seconds)
        return answer

    async def find_port(self, reference: str) -> CarrierPort | None:
        """See `port.Carrier.find_port`."""
        async with self._database.read(EVERYTHING) as session:
            booked = await session.get(SimulatedPort, reference)
            return None if booked is None else _answer(booked, session.now)

    async def expedite_port(self, reference: str) -> CarrierPort | None:
        """See `port.Carrier.expedite_port`: it is answered at once."""
        async with self._database.write(EVERYTHING) as session:
            booked = await session.get(SimulatedPort, reference, with_for_update=True)
            if booked is None:
                return None
            _expedite(booked, session.now)
            return _answer(booked, session.now)

    async def cancel_port(self, reference: str) -> None:
        """See `port.Carrier.cancel_port`."""
        async with self._database.write(EVERYTHING) as session:
            await session.execute(
                insert(SimulatedPort)
                .values(
                    reference=reference,
                    submission=0,
                    status=CarrierPortStatus.cancelled,
                    course="",
                    error_numbers=[],
                )
                .on_conflict_do_update(
                    index_elements=[SimulatedPort.reference],
                    set_={"status": CarrierPortStatus.cancelled},
                )
            )


def _book(booked: SimulatedPort, request: PortRequest, now: datetime) -> None:
    """Take a submission: rejected by the script the first time, else with a FOC to come."""
    is_first = booked.submission == 0
    booked.submission = request.submission
    calendar = request.calendar
    allowed = calendar.completion_dates(now)
    wished = request.document.get("requestedCompletionDate")
    keeps_wish = wished is not None and date.fromisoformat(wished) in allowed
    booked.foc_date = date.fromisoformat(str(wished)) if keeps_wish else allowed[0]
    booked.answers_at = None if booked.course == SILENT else calendar.one_business_day_after(now)
    booked.country, booked.state = calendar.country, calendar.state
    booked.time_zone = calendar.time_zone
    booked.status, booked.error, booked.error_numbers = CarrierPortStatus.received, None, []
    scripted = int(booked.course or 0)
    if is_first and 1 <= scripted <= len(PORT_ERRORS):
        booked.status = CarrierPortStatus.rejected
        booked.error = PORT_ERRORS[scripted - 1]
        booked.error_numbers = _concerned(booked.error, request)


def _expedite(booked: SimulatedPort, now: datetime) -> None:
    """Answer at once; with another date if the one there was is over."""
    if booked.country is None or booked.time_zone is None or booked.foc_date is None:
        return  # cancelled before it came
    if booked.answers_at is None or booked.answers_at > now:
        booked.answers_at = now
    calendar = Calendar(booked.country, booked.state, booked.time_zone)
    if not calendar.may_be_foc_date(booked.foc_date, now):
        booked.foc_date = calendar.completion_dates(now)[0]


def _concerned(error: str, request: PortRequest) -> list[int]:
    numbers = sorted(number.value for number in request.numbers)
    if error == "multipleBtns":
        return numbers
    if error not in ABOUT_NUMBERS:
        return []
    btn = request.document.get("account", {}).get("billingTelephoneNumber", "")
    if error == "mainBtnPending":
        return [number for number in numbers if f"+{number}" == btn] or numbers[:1]
    return numbers[:1]


def _answer(booked: SimulatedPort, now: datetime) -> CarrierPort:
    status = CarrierPortStatus(booked.status)
    if status is CarrierPortStatus.rejected:
        assert booked.error is not None  # noqa: S101 - booked together
        error = CarrierPortError(booked.error, tuple(booked.error_numbers))
        return CarrierPort(booked.reference, status, errors=(error,))
    is_answered = booked.answers_at is not None and booked.answers_at <= now
    if status is CarrierPortStatus.received and is_answered:
        return CarrierPort(booked.reference, CarrierPortStatus.committed, foc_date=booked.foc_date)
    return CarrierPort(booked.reference, status, check_at=booked.answers_at)

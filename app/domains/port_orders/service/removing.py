"""Taking numbers out of a port while the others go on (domain.md E11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from app.core.database import WriteSession
from app.core.http import check_if_match
from app.core.sealing import KeyRing
from app.core.texts import text
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import Actor
from app.domains.orders.models import OrderNumberStatus
from app.domains.port_orders.lifecycle import COMPLETED, COMPLETED_IN_PART, LIFECYCLE
from app.domains.port_orders.models import PortType, RemainingNumbers
from app.domains.port_orders.policy.document import value_at
from app.domains.port_orders.service import claiming, completing, paperwork
from app.domains.port_orders.service import form as forms
from app.domains.port_orders.service.drafting import Port, get_locked
from app.domains.port_orders.service.editing import check_editable, note_changes
from app.policy.phone_numbers import invalid_phone_number
from app.policy.violation import Violation, refuse
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber


async def remove(
    session: WriteSession,
    keys: KeyRing,
    order_id: UUID,
    phone_numbers: Sequence[str],
    if_match: str | None,
    *,
    by: str,
) -> Port:
    """Take numbers out; they stay with their carrier.

    Raises 404, 412; 409 `invalidTransition`; 422 for numbers that are not in the order, or if none
    would be left.
    """
    port = await get_locked(session, order_id)
    check_if_match(if_match, port.order.version)
    is_in_part = port.order.state == COMPLETED_IN_PART
    if not is_in_part:
        check_editable(port)
    numbers = numbers_of(port, phone_numbers)
    staying = set(port.portable or port.pending) - set(numbers)
    if not is_in_part and not staying:
        refuse(
            [
                Violation(
                    "validationFailed",
                    "/phoneNumbers",
                    text("No number would be left; cancel the order instead."),
                )
            ]
        )
    portable = set(port.portable)
    if held := [number for number in numbers if number in portable]:
        await claiming.let_go(session, port.order, held)
    await orders.set_numbers(session, port.order, OrderNumberStatus.removed, numbers)
    if not is_in_part:
        await _leave_btn_behind(session, keys, port, numbers, by)
        await paperwork.void_loa(session, port.order)
    await orders.note_event(
        session,
        port.order,
        "numbersRemoved",
        actor=Actor.customer,
        by=by,
        note=", ".join(f"+{number}" for number in numbers),
    )
    if is_in_part and not port.portable:
        await orders.move(
            session, LIFECYCLE, port.order, COMPLETED, event="completed", actor=Actor.service
        )
        await completing.finish(session, port)
    return port


async def _leave_btn_behind(
    session: WriteSession, keys: KeyRing, port: Port, numbers: Sequence[int], by: str
) -> None:
    """A full port without its main BTN is a partial one that keeps the rest (E10)."""
    before = forms.document_of(port.form, keys)
    btn = value_at(before, "/account/billingTelephoneNumber")
    if before.get("portType") != PortType.full or btn not in {f"+{n}" for n in numbers}:
        return
    after = before | {
        "portType": PortType.partial.value,
        "remainingNumbersAction": RemainingNumbers.keep.value,
    }
    forms.write(port.form, after, keys)
    await note_changes(session, port, before, after, by=by)


def numbers_of(port: Port, phone_numbers: Sequence[str]) -> list[int]:
    """These numbers, all of which are in the order. Raises 422 for others."""
    refuse(_strangers(port, phone_numbers))
    return sorted({PhoneNumber.parse(given).value for given in phone_numbers})


def _strangers(port: Port, phone_numbers: Sequence[str]) -> Iterator[Violation]:
    pending = set(port.pending)
    for index, given in enumerate(phone_numbers):
        pointer = f"/phoneNumbers/{index}"
        try:
            number = PhoneNumber.parse(given)
        except InvalidPhoneNumber:
            yield invalid_phone_number(pointer)
            continue
        if number.value not in pending:
            yield Violation(
                "numberNotInOrder",
                pointer,
                text("The order does not have this number, or it has moved already."),
                phone_number=number.e164,
            )

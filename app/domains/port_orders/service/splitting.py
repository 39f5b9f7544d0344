"""Splitting a port of several billing numbers into one order for each (domain.md E12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from app.core.database import WriteSession
from app.core.errors import INVALID_TRANSITION, Problem
from app.core.http import check_if_match
from app.core.identifiers import new_id
from app.core.sealing import KeyRing
from app.core.texts import plural_text, text
from app.domains.numbering.service import owning
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import Actor, OrderKind
from app.domains.port_orders import repository
from app.domains.port_orders.lifecycle import CANCELLED, DRAFT, LIFECYCLE, SUBMITTABLE
from app.domains.port_orders.policy.document import patched
from app.domains.port_orders.schemas import SplitNumber
from app.domains.port_orders.service import cancelling, paperwork
from app.domains.port_orders.service import form as forms
from app.domains.port_orders.service.drafting import Port, get_locked, new_form
from app.domains.port_orders.service.removing import numbers_of
from app.policy.phone_numbers import invalid_phone_number
from app.policy.violation import Violation, refuse
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber


async def split(
    session: WriteSession,
    keys: KeyRing,
    order_id: UUID,
    wish: Sequence[SplitNumber],
    if_match: str | None,
    *,
    by: str,
) -> list[Port]:
    """One draft for each billing number, with everything carried over; the old order is cancelled.

    Raises 404, 412; 409 `invalidTransition`; 422 unless every number of the order has a BTN, and
    there are several.
    """
    port = await get_locked(session, order_id)
    check_if_match(if_match, port.order.version)
    if port.order.state not in SUBMITTABLE:
        raise Problem(
            INVALID_TRANSITION,
            text("Only a draft is split, or an order that was rejected."),
        )
    refuse(_violations(port, wish))
    groups: dict[int, list[int]] = {}
    for entry in wish:
        btn = PhoneNumber.parse(entry.billing_telephone_number).value
        groups.setdefault(btn, []).append(PhoneNumber.parse(entry.phone_number).value)
    children = [
        await _child(session, keys, port, btn, sorted(groups[btn]), by=by) for btn in sorted(groups)
    ]
    await orders.move(
        session,
        LIFECYCLE,
        port.order,
        CANCELLED,
        event="split",
        actor=Actor.customer,
        by=by,
        note=", ".join(child.order.order_number for child in children),
    )
    await cancelling.give_up(session, port, held=())
    return children


async def _child(
    session: WriteSession, keys: KeyRing, port: Port, btn: int, numbers: list[int], *, by: str
) -> Port:
    order = await orders.open_order(
        session,
        LIFECYCLE,
        order_id=new_id(),
        kind=OrderKind.port,
        organization_id=port.order.org_id,
        location_id=port.order.location_id,
        request={"type": "port", "phoneNumbers": [f"+{number}" for number in numbers]},
        numbers=numbers,
        state=DRAFT,
        by=by,
        expected_by=None,
    )
    form = new_form(order)
    form.split_from = port.order.id
    document = patched(
        forms.document_of(port.form, keys), {"account": {"billingTelephoneNumber": f"+{btn}"}}
    )
    forms.write(form, document, keys)
    session.add(form)
    known = {entry.number: entry for entry in port.order.numbers}
    for entry in order.numbers:
        entry.portable = known[entry.number].portable
        entry.not_portable_reason = known[entry.number].not_portable_reason
    await session.flush()
    held = [number for number in numbers if known[number].portable]
    await repository.hand_over(session, port.order.id, order.id, held)
    await owning.hand_over(session, held, order.id)
    await paperwork.carry_over(session, port.order, order)
    return Port(order, form)


def _violations(port: Port, wish: Sequence[SplitNumber]) -> Iterator[Violation]:
    named = set(numbers_of(port, [entry.phone_number for entry in wish]))
    if len(named) < len(wish):
        yield Violation("duplicatePhoneNumber", "/phoneNumbers", text("Name each number once."))
    if missing := set(port.pending) - named:
        yield Violation(
            "validationFailed",
            "/phoneNumbers",
            plural_text(
                "%(count)s number of the order has no billing number yet.",
                "%(count)s numbers of the order have no billing number yet.",
                len(missing),
            ),
        )
    for index, entry in enumerate(wish):
        try:
            PhoneNumber.parse(entry.billing_telephone_number)
        except InvalidPhoneNumber:
            yield invalid_phone_number(f"/phoneNumbers/{index}/billingTelephoneNumber")
    if len({entry.billing_telephone_number for entry in wish}) < 2:
        yield Violation(
            "validationFailed",
            "/phoneNumbers",
            text("All of them have the same billing number; there is nothing to split."),
        )

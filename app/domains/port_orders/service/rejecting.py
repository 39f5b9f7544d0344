"""A port that cannot go on as it is: its errors, each with its remedies (domain.md G)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.database import WriteSession
from app.domains.orders import service as orders
from app.domains.orders.kinds import RemedyAction
from app.domains.orders.lifecycle import SUPPORT_WITHIN, Actor
from app.domains.orders.models import Order
from app.domains.port_orders.errors import ERRORS, known
from app.domains.port_orders.lifecycle import LIFECYCLE, REJECTED, REJECTED_WITH_SUPPORT
from app.domains.port_orders.service.drafting import Port
from app.domains.support_cases import events


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something wrong: a code, ours or a carrier's, the numbers concerned, what was said."""

    code: str
    phone_numbers: Sequence[int] = ()
    note: str | None = None


async def reject(
    session: WriteSession,
    port: Port,
    errors: Sequence[Rejected],
    *,
    actor: Actor,
    by: str | None = None,
) -> None:
    """Give a port back to the customer with what is wrong. Raises 409 `invalidTransition`.

    A code that we do not know becomes `unknown`; the timeline keeps it.
    """
    port.form.check_at = port.form.foc_at = None
    port.order.foc_date = None
    await orders.move(
        session,
        LIFECYCLE,
        port.order,
        REJECTED,
        event="rejected",
        actor=actor,
        by=by,
        note="\n".join(error.note for error in errors if error.note) or None,
        errors=[error.code for error in errors],
    )
    for error in errors:
        await orders.add_error(
            session, port.order, known(error.code), sorted(error.phone_numbers), error.note
        )


async def customer_spoke(session: WriteSession, order_id: UUID, _need: str, by: str) -> None:
    """The customer wrote in a case: support has to answer, where that is a remedy."""
    order = await orders.get_locked(session, order_id)
    if order.state != REJECTED or not _is_for_support(order):
        return
    await orders.move(
        session,
        LIFECYCLE,
        order,
        REJECTED_WITH_SUPPORT,
        event="supportAsked",
        actor=Actor.customer,
        by=by,
        expected_by=session.now + SUPPORT_WITHIN,
    )


async def support_spoke(session: WriteSession, order_id: UUID, _need: str, by: str) -> None:
    """Support answered: the order is the customer's again."""
    order = await orders.get_locked(session, order_id)
    if order.state == REJECTED_WITH_SUPPORT:
        await orders.move(
            session,
            LIFECYCLE,
            order,
            REJECTED,
            event="supportAnswered",
            actor=Actor.support,
            by=by,
        )


def _is_for_support(order: Order) -> bool:
    return any(
        remedy.action == RemedyAction.contact_support
        for error in order.errors
        for remedy in ERRORS[error.code].remedies
    )


events.on_customer_spoke(customer_spoke)
events.on_support_spoke(support_spoke)

"""A port that cannot go on as it is: its errors, each with its remedies (domain.md G)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.database import WriteSession
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import Actor
from app.domains.port_orders.errors import known
from app.domains.port_orders.lifecycle import LIFECYCLE, REJECTED
from app.domains.port_orders.service.drafting import Port


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

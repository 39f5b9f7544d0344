"""A port completes: its numbers are active and billed from then (domain.md E14, I2)."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.database import WriteSession
from app.domains.numbering.service import owning, releasing
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import Actor
from app.domains.orders.models import OrderNumberStatus
from app.domains.organizations import service as organizations
from app.domains.port_orders import repository
from app.domains.port_orders.lifecycle import (
    COMMITTED,
    COMPLETED,
    COMPLETED_IN_PART,
    LIFECYCLE,
)
from app.domains.port_orders.service.drafting import Port, get_locked


async def complete(
    session: WriteSession,
    port: Port,
    numbers: Sequence[int],
    *,
    actor: Actor,
    by: str | None = None,
) -> None:
    """These numbers have moved; with the last of them the port is completed.

    Raises 409 `invalidTransition`.
    """
    left = sorted(set(port.portable) - set(numbers))
    await orders.move(
        session,
        LIFECYCLE,
        port.order,
        COMPLETED_IN_PART if left else COMPLETED,
        event="completedInPart" if left else "completed",
        actor=actor,
        by=by,
        expected_by=port.form.foc_at if left else None,
    )
    await owning.deliver(session, numbers, active=True)
    await repository.let_go(session, port.order.id, numbers)
    await orders.set_numbers(session, port.order, OrderNumberStatus.delivered, numbers)
    if not left:
        await finish(session, port)


async def finish(session: WriteSession, port: Port) -> None:
    """Nothing is left to come: what could not move stays where it is."""
    port.form.check_at = port.form.foc_at = None
    if stayed := port.pending:
        await orders.set_numbers(session, port.order, OrderNumberStatus.failed, stayed)
    organization = await organizations.get(session, port.order.org_id)
    if organizations.has_ended(organization):
        await releasing.rest_all(session, organization.id)


class FocTimer:
    """Ports complete at the instant of their FOC."""

    name = "portFoc"
    next_due = repository.NEXT_FOC

    async def handle(self, session: WriteSession) -> None:
        """Complete one, also if a cancellation was asked for and not confirmed in time."""
        order_id = await repository.due_foc(session, session.now)
        if order_id is None:
            return
        port = await get_locked(session, order_id)
        is_due = port.form.foc_at is not None and port.form.foc_at <= session.now
        if is_due and port.order.state in COMMITTED:
            await complete(session, port, port.portable, actor=Actor.carrier)

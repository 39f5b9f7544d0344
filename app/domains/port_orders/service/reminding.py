"""Reminders of a letter of authorisation that is still to come (domain.md E6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.core.database import ReadSession, WriteSession
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import Actor
from app.domains.port_orders import repository
from app.domains.port_orders.lifecycle import AWAITING_LOA
from app.domains.port_orders.service.drafting import Port, get_locked

REMIND_AFTER = (timedelta(days=2), timedelta(days=5), timedelta(days=10))


def start(port: Port, now: datetime) -> None:
    """From now on the order waits for its letter."""
    port.form.loa_awaited_at = now
    port.form.loa_reminder_at = _next(now, now)


def _next(since: datetime, now: datetime) -> datetime | None:
    return next((since + days for days in REMIND_AFTER if since + days > now), None)


class LoaReminderTimer:
    """Ports that wait for their letter are called to mind; the timeline and the mail tell it."""

    name = "loaReminder"

    async def next_due(self, session: ReadSession) -> datetime | None:
        """When the next reminder goes out."""
        return await repository.next_loa_reminder(session)

    async def handle(self, session: WriteSession) -> None:
        """Remind of one; of one that waits no more there is nothing to remind."""
        order_id = await repository.due_loa_reminder(session, session.now)
        if order_id is None:
            return
        port = await get_locked(session, order_id)
        since, due = port.form.loa_awaited_at, port.form.loa_reminder_at
        if since is None or due is None or due > session.now:
            return
        if port.order.state != AWAITING_LOA:
            port.form.loa_reminder_at = None
            return
        port.form.loa_reminder_at = _next(since, session.now)
        await orders.note_event(session, port.order, "loaReminded", actor=Actor.service)

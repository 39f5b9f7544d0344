"""Telling people by mail what happened to an order: noted, sent outside any transaction, noted."""

from __future__ import annotations

from uuid import UUID

import structlog

from app.core.database import Database, ReadSession, Scope, WriteSession
from app.core.texts import Language, negotiate
from app.domains.locations import service as locations
from app.domains.locations.models import Location
from app.domains.notifications import letters, repository
from app.domains.notifications.models import Notification, NotificationStatus
from app.domains.orders import service as orders
from app.domains.orders.kinds import kind_of
from app.domains.orders.lifecycle import OrderKind, State
from app.domains.orders.models import Order, OrderHistory, OrderNumberStatus
from app.domains.port_orders.errors import known
from app.domains.port_orders.service import drafting as port_orders
from app.integrations.mail.composing import one_line
from app.integrations.mail.errors import MailRejected, MailUnavailable
from app.integrations.mail.port import Mailer, Message
from app.jobs.queue import Retry

log = structlog.get_logger()

REFUSAL_LENGTH = 200


async def notify(
    database: Database, mailer: Mailer, organization_id: UUID, order_id: UUID, history_id: UUID
) -> None:
    """Send what a line of an order's history is worth telling. Raises `Retry` while mail is down.

    Each mail is noted with its text before it is sent, and not sent again once it is noted as
    sent. Killed between sending and noting, the same mail goes out under its old Message-ID: with
    files that is the same file, with SMTP a copy that readers know by its Message-ID.
    """
    scope = Scope.of([organization_id])
    async with database.write(scope) as session:
        if not await repository.of_change(session, history_id):
            await _write(session, order_id, history_id)
        notifications = await repository.of_change(session, history_id)
    is_silent = False
    for notification in notifications:
        if notification.status != NotificationStatus.waiting:
            continue
        status, refusal = NotificationStatus.sent, None
        try:
            await mailer.send(_message(notification))
        except MailUnavailable as silence:
            # One recipient's server may be down alone: the others get their mail.
            log.info("mail unavailable", history_id=str(history_id), reason=str(silence))
            is_silent = True
            continue
        except MailRejected as rejection:
            log.warning("mail refused", history_id=str(history_id))
            status, refusal = NotificationStatus.refused, rejection.reason[:REFUSAL_LENGTH]
        async with database.write(scope) as session:
            await repository.settle(session, notification, status, refusal)
    if is_silent:
        raise Retry("mail unavailable")


async def _write(session: WriteSession, order_id: UUID, history_id: UUID) -> None:
    order = await orders.get(session, order_id)
    entry = await orders.get_history_entry(session, order_id, history_id)
    letter = letters.letter_for(
        OrderKind(order.kind),
        entry.event,
        State(entry.status, entry.stage) if entry.is_move else None,
    )
    if letter is None:
        return
    location = await locations.get(session, order.location_id)
    language = language_of(location)
    facts = _facts(order, entry, location)
    await repository.add(
        session,
        [
            {
                "history_id": history_id,
                "recipient": recipient,
                "org_id": order.org_id,
                "language": language,
                "subject": letters.subject(letter, facts, language),
                "body": letters.body(letter, facts, language),
                "status": NotificationStatus.waiting,
                "written_at": session.now,
            }
            for recipient in await recipients_of(session, order, location)
        ],
    )


async def recipients_of(session: ReadSession, order: Order, location: Location) -> list[str]:
    """Who is told: the contact of the location's connection (B1), the one administrator of whom
    the service knows an address, and the extra address of a port (E7)."""
    contact = location.connection.contact if location.connection else None
    addresses = [str(contact["email"])] if contact else []
    if order.kind == OrderKind.port:
        extra = (await port_orders.get(session, order.id)).form.notification_email
        if extra and extra.casefold() not in map(str.casefold, addresses):
            addresses.append(extra)
    return addresses


def language_of(location: Location) -> Language:
    """The language of the location's people (`preferredLanguage`), where the service speaks it."""
    return negotiate(location.preferred_language.replace("_", "-"))


def _facts(order: Order, entry: OrderHistory, location: Location) -> letters.Facts:
    kind = kind_of(order.kind)
    return letters.Facts(
        order_number=order.order_number,
        location_name=one_line(location.name),
        status=kind.lifecycle.titles[entry.status],
        numbers=_numbers(order),
        faults=[
            letters.Fault(kind.errors[code], numbers)
            for code, numbers in _errors(order, entry).items()
        ],
        foc_date=order.foc_date,
    )


def _numbers(order: Order) -> list[int]:
    """The numbers that have come or may come; where none is left, those it was about."""
    hoped_for = (OrderNumberStatus.pending, OrderNumberStatus.delivered)
    return [entry.number for entry in order.numbers if entry.status in hoped_for] or [
        entry.number for entry in order.numbers if entry.status != OrderNumberStatus.removed
    ]


def _errors(order: Order, entry: OrderHistory) -> dict[str, list[int]]:
    """What was wrong then, and the numbers concerned; the order may have been mended since."""
    now = {error.code: error.phone_numbers for error in order.errors}
    then = [known(code) for code in entry.errors]
    return {code: now.get(code, []) for code in then} if then else now


def _message(notification: Notification) -> Message:
    return Message(
        id=notification.message_id,
        recipient=notification.recipient,
        subject=notification.subject,
        body=notification.body,
        language=Language(notification.language),
        written_at=notification.written_at,
    )

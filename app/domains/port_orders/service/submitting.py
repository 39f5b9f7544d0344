"""Submitting a port, the pre-check against its bill, the review; and again after a rejection."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from app.core.database import WriteSession
from app.core.errors import INVALID_TRANSITION, Problem
from app.core.http import check_if_match
from app.core.sealing import KeyRing
from app.core.texts import text
from app.domains.locations import service as locations
from app.domains.orders import service as orders
from app.domains.orders.kinds import DocumentKind
from app.domains.orders.lifecycle import SUPPORT_WITHIN, Actor
from app.domains.organizations import policy as account_policy
from app.domains.organizations import service as organizations
from app.domains.port_orders.lifecycle import (
    AWAITING_DOCUMENT,
    AWAITING_LOA,
    LIFECYCLE,
    REVIEW,
    SUBMITTABLE,
    SUBMITTED,
)
from app.domains.port_orders.policy import drafting, papers, readiness
from app.domains.port_orders.policy.document import Document
from app.domains.port_orders.policy.readiness import LoaState, PortFacts
from app.domains.port_orders.service import editing, rejecting
from app.domains.port_orders.service import form as forms
from app.domains.port_orders.service.drafting import Port, get_locked, is_trial
from app.domains.port_orders.service.editing import calendar_of
from app.domains.port_orders.service.readiness import facts_of, remedies_outstanding
from app.domains.port_orders.service.rejecting import Rejected
from app.jobs.queue import enqueue
from app.policy.violation import refuse

SEND = "portOrder.send"


async def submit(
    session: WriteSession, keys: KeyRing, order_id: UUID, if_match: str | None, *, by: str
) -> Port:
    """Submit a draft, or again what was rejected.

    Accepted at once when nothing stands against it; `rejected` when the bill says otherwise than
    the order. Raises 404, 412; 409 `invalidTransition`; 422 with everything that is missing, and
    `remedyOutstanding` for errors about which nothing was done.
    """
    port = await get_locked(session, order_id)
    check_if_match(if_match, port.order.version)
    if port.order.state not in SUBMITTABLE:
        raise Problem(
            INVALID_TRANSITION,
            text("Only a draft is submitted, or an order that was rejected."),
        )
    facts = await facts_of(session, keys, port)
    organization = await organizations.get(session, port.order.org_id)
    location = await locations.get(session, port.order.location_id)
    refuse(
        [
            *account_policy.check(organizations.account_facts(organization)),
            *drafting.check(
                drafting.DraftFacts(
                    is_trial=is_trial(organization),
                    is_on_cisco_pstn=location.is_on_cisco_pstn,
                    country=facts.country,
                    phone_numbers=(),
                )
            ),
            *readiness.violations(facts),
            *await remedies_outstanding(session, keys, port, facts),
        ]
    )
    port.form.submissions += 1
    forms.keep_submitted(port.form, facts.document, facts.portable, keys)
    await orders.clear_errors(session, port.order)
    await orders.move(
        session,
        LIFECYCLE,
        port.order,
        REVIEW,
        event="submitted",
        actor=Actor.customer,
        by=by,
        expected_by=session.now + SUPPORT_WITHIN,
    )
    await _review(session, port, facts)
    return port


async def correct(
    session: WriteSession,
    keys: KeyRing,
    order_id: UUID,
    patch: Document,
    if_match: str | None,
    *,
    by: str,
) -> Port:
    """Change what the patch names; what was submitted and waits for a paper stays complete.

    Raises 404, 409, 412, 422 with every violation.
    """
    port = await editing.edit(session, keys, order_id, patch, if_match, by=by)
    if port.order.state in (AWAITING_LOA, AWAITING_DOCUMENT):
        facts = await facts_of(session, keys, port)
        refuse(readiness.violations(replace(facts, requested_documents=())))
    return port


async def papers_changed(
    session: WriteSession, keys: KeyRing, order_id: UUID, kind: DocumentKind, *, by: str
) -> None:
    """A document of that kind was uploaded, or the LOA signed: what waited for it goes on.

    The order is locked behind its organisation here. Raises 404.
    """
    port = await get_locked(session, order_id)
    port.form.requested_documents = [
        wanted for wanted in port.form.requested_documents if wanted != kind
    ]
    facts = await facts_of(session, keys, port)
    if port.order.state == AWAITING_LOA and facts.loa.state is LoaState.valid:
        # What was changed while the order waited is what is submitted.
        forms.keep_submitted(port.form, facts.document, facts.portable, keys)
        await _back_to_review(session, port, "loaReceived", by)
        await _review(session, port, facts)
    elif port.order.state == AWAITING_DOCUMENT and not port.form.requested_documents:
        forms.keep_submitted(port.form, facts.document, facts.portable, keys)
        await _back_to_review(session, port, "documentReceived", by)
        if facts.loa.state is not LoaState.valid:
            await await_loa(session, port)
    await session.flush()


async def _back_to_review(session: WriteSession, port: Port, event: str, by: str) -> None:
    await orders.move(
        session,
        LIFECYCLE,
        port.order,
        REVIEW,
        event=event,
        actor=Actor.customer,
        by=by,
        expected_by=session.now + SUPPORT_WITHIN,
    )


async def _review(session: WriteSession, port: Port, facts: PortFacts) -> None:
    """Pre-check, then accept, unless a person has to look or the LOA is still to come."""
    if errors := readiness.mismatches(facts):
        await rejecting.reject(
            session, port, [Rejected(code) for code in errors], actor=Actor.service
        )
    elif facts.loa.state is not LoaState.valid:
        await await_loa(session, port)
    elif not readiness.has_objection(facts):
        await accept(session, port, actor=Actor.service)


async def await_loa(session: WriteSession, port: Port) -> None:
    """A review that waits for the LOA, for it is still to come or no longer worth anything."""
    await orders.move(
        session, LIFECYCLE, port.order, AWAITING_LOA, event="loaAwaited", actor=Actor.service
    )
    port.form.loa_awaited_since = session.now
    port.form.loa_reminder_at = papers.next_reminder(session.now, session.now)
    await session.flush()


async def accept(session: WriteSession, port: Port, *, actor: Actor, by: str | None = None) -> None:
    """The review is over: the port goes to the carrier. Raises 409 `invalidTransition`."""
    calendar = calendar_of(await locations.get(session, port.order.location_id))
    await orders.move(
        session,
        LIFECYCLE,
        port.order,
        SUBMITTED,
        event="accepted",
        actor=actor,
        by=by,
        expected_by=calendar.one_business_day_after(session.now),
    )
    await send_job(session, SEND, port)


async def send_job(session: WriteSession, name: str, port: Port) -> None:
    """Have the carrier told once this transaction is committed."""
    await enqueue(
        session,
        name,
        {"orderId": str(port.order.id), "orgId": str(port.order.org_id)},
        dedupe_key=f"{name}:{port.order.id}:{port.form.submissions}",
    )

"""The terms of service: new numbers wait until the customer has accepted them (domain.md C5)."""

from __future__ import annotations

from uuid import UUID

from app.core.database import ReadSession, WriteSession
from app.core.texts import text
from app.domains.number_orders import repository
from app.domains.number_orders.lifecycle import AWAITING_TERMS, LIFECYCLE, PROVISIONED
from app.domains.number_orders.models import TermsAcceptance
from app.domains.numbering.service import owning
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import Actor
from app.domains.organizations import service as organizations
from app.policy.violation import Violation, refuse

VERSION = "2026-01"
TEXT = text(
    "Numbers of Cisco PSTN are for two-way calls of the organisation's own users; they are not"
    " resold or leased, and they may be taken back when the service ends. Emergency calls reach"
    " help at the emergency service address of each number, which the organisation keeps true."
)
NEXT_STEP = text("An administrator of the customer has to accept the terms of service.")


async def acceptance_of(session: ReadSession, organization_id: UUID) -> TermsAcceptance | None:
    """The organisation's acceptance of the version in force."""
    return await repository.get_acceptance(session, organization_id, VERSION)


async def has_accepted(session: ReadSession, organization_id: UUID) -> bool:
    """Whether the organisation has accepted the version in force."""
    return await acceptance_of(session, organization_id) is not None


async def accept(
    session: WriteSession, organization_id: UUID, version: str, *, by: str, credential_id: UUID
) -> TermsAcceptance:
    """Accept the terms; what waited for it becomes active. Accepted again, nothing changes.

    Raises 422 for a version that is not in force.
    """
    if version != VERSION:
        refuse(
            [
                Violation(
                    "validationFailed",
                    "/version",
                    text("The version in force is %(version)s; read it first.", version=VERSION),
                )
            ]
        )
    await organizations.get_locked(session, organization_id)
    known = await acceptance_of(session, organization_id)
    if known is not None:
        return known
    acceptance = TermsAcceptance(
        org_id=organization_id,
        version=VERSION,
        accepted_by=by,
        credential_id=credential_id,
        accepted_at=session.now,
    )
    session.add(acceptance)
    await session.flush()
    await owning.activate_inactive(session, organization_id)
    for order in await orders.in_state(session, organization_id, AWAITING_TERMS):
        await orders.move(
            session,
            LIFECYCLE,
            order,
            PROVISIONED,
            event="termsOfServiceAccepted",
            actor=Actor.customer,
            by=by,
        )
    return acceptance

"""The end of a cancelled subscription: nothing stays reserved, all numbers rest (domain.md H4)."""

from __future__ import annotations

from app.core.database import WriteSession
from app.domains.number_orders import repository
from app.domains.number_orders.models import ReservationStatus
from app.domains.number_orders.service import reserving
from app.domains.numbering.service import holding, owning, releasing
from app.domains.organizations import service as organizations


class SubscriptionEndTimer:
    """Cancelled subscriptions that nobody restored end."""

    name = "subscriptionEnd"
    next_due = organizations.next_end

    async def handle(self, session: WriteSession) -> None:
        """End one; what an order still holds rests as soon as the order delivers it."""
        organization = await organizations.end_next(session)
        if organization is None:
            return
        reservations = await repository.lock_active_reservations(session, organization.id)
        held = [
            number
            for reservation in reservations
            for number in await owning.reserved_by(session, reservation.id)
        ]
        await holding.lock(session, held)
        for reservation in reservations:
            await reserving.close(session, reservation, ReservationStatus.released)
        await releasing.rest_all(session, organization.id)

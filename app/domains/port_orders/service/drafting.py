"""A new port order from its numbers alone (domain.md E1, E2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.database import ReadSession, WriteSession
from app.core.errors import NotFound
from app.core.identifiers import new_id
from app.core.texts import Text, lines, text
from app.domains.locations import service as locations
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import OrderKind
from app.domains.orders.models import Order, OrderNumber, OrderNumberStatus
from app.domains.organizations import policy as account_policy
from app.domains.organizations import service as organizations
from app.domains.organizations.models import Organization, SubscriptionType
from app.domains.port_orders import repository
from app.domains.port_orders.lifecycle import DRAFT, LIFECYCLE
from app.domains.port_orders.models import PortOrder
from app.domains.port_orders.policy import drafting
from app.domains.port_orders.service import claiming
from app.domains.port_orders.service.claiming import Reasons
from app.domains.support_cases import service as support_cases
from app.domains.support_cases.directory import Need
from app.domains.support_cases.lifecycle import Side
from app.policy.violation import refuse
from app.telephony.country import get_country
from app.telephony.phone_number import PhoneNumber


@dataclass(frozen=True, slots=True)
class Port:
    """A port order: what every order has, and what a port has beyond."""

    order: Order
    form: PortOrder

    @property
    def portable(self) -> list[int]:
        """The numbers that move, or would."""
        return [entry.number for entry in self._pending if entry.portable]

    @property
    def pending(self) -> list[int]:
        """The numbers that have neither moved nor left the order, such as cannot move too."""
        return [entry.number for entry in self._pending]

    @property
    def _pending(self) -> list[OrderNumber]:
        return [e for e in self.order.numbers if e.status == OrderNumberStatus.pending]


async def get(session: ReadSession, order_id: UUID) -> Port:
    """A port order. Raises 404, also for an order of new numbers."""
    order = await orders.get(session, order_id)
    return Port(order, await _form(session, order))


async def get_locked(session: WriteSession, order_id: UUID) -> Port:
    """The same, locked behind its organisation. Raises 404."""
    order = await orders.get_locked_with_organization(session, order_id)
    return Port(order, await _form(session, order))


async def _form(session: ReadSession, order: Order) -> PortOrder:
    form = await repository.get(session, order.id)
    if form is None:
        raise NotFound
    return form


async def draft(
    session: WriteSession,
    location_id: UUID,
    phone_numbers: Sequence[str],
    carriers: Reasons,
    *,
    by: str,
) -> Port:
    """A draft with its numbers claimed; those that cannot move are marked, and PTS is told.

    Raises 404; 422 with every violation; 409 `numberInAnotherPort`, `numberAlreadyOwned`.
    """
    location = await locations.get(session, location_id)
    # The organisation first, locked: ports of the same numbers wait here.
    organization = await organizations.get_locked(session, location.org_id)
    facts = drafting.DraftFacts(
        is_trial=is_trial(organization),
        is_on_cisco_pstn=location.is_on_cisco_pstn,
        country=get_country(location.country),
        phone_numbers=phone_numbers,
    )
    refuse(
        [
            *account_policy.check(organizations.account_facts(organization)),
            *drafting.check(facts),
        ]
    )
    given = [PhoneNumber.parse(text).value for text in phone_numbers]
    order = await orders.open_order(
        session,
        LIFECYCLE,
        order_id=new_id(),
        kind=OrderKind.port,
        organization_id=location.org_id,
        location_id=location.id,
        request={"type": "port", "phoneNumbers": list(phone_numbers)},
        numbers=given,
        state=DRAFT,
        by=by,
        expected_by=None,
    )
    form = new_form(order)
    session.add(form)
    await session.flush()
    await _mark(session, order, given, carriers, by)
    return Port(order, form)


def is_trial(organization: Organization) -> bool:
    """Whether the organisation is on trial: nothing is ported then."""
    return organization.subscription_type == SubscriptionType.trial


def new_form(order: Order) -> PortOrder:
    """What a fresh port order has beyond its order: nothing yet."""
    return PortOrder(
        order_id=order.id,
        org_id=order.org_id,
        service_address={},
        additional_information={},
        bill_overrides=[],
        requested_documents=[],
        submissions=0,
        sent=0,
    )


async def _mark(
    session: WriteSession, order: Order, given: Sequence[int], carriers: Reasons, by: str
) -> None:
    reasons = await claiming.reasons_of(session, given, carriers)
    movable = [number for number in given if number not in reasons]
    await claiming.claim(session, order, movable, given)
    for entry in order.numbers:
        entry.not_portable_reason = reasons.get(entry.number)
        entry.portable = entry.not_portable_reason is None
    await session.flush()
    if reasons:
        await support_cases.open_case(
            session,
            order.org_id,
            need=Need.portability,
            subject=text("Portability, order %(order)s", order=order.order_number),
            message=lines(
                text("These numbers were found not to be portable; please review them."),
                *(Text(f"+{number}: {reasons[number]}") for number in sorted(reasons)),
            ),
            side=Side.customer,
            by=by,
            order_id=order.id,
        )

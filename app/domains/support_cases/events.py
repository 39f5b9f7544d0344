"""What support cases and orders tell each other; orders, a slice above, register here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from app.core.database import ReadSession, WriteSession

OrganizationOf = Callable[[ReadSession, UUID], Awaitable[UUID]]
Spoke = Callable[[WriteSession, UUID, str, str], Awaitable[None]]

_organization_of: list[OrganizationOf] = []
_customer_spoke: list[Spoke] = []
_support_spoke: list[Spoke] = []


def know_orders(organization_of: OrganizationOf) -> None:
    """Learn how to find whose an order is; the function raises 404 for one that is not seen."""
    _organization_of.append(organization_of)


async def organization_of_order(session: ReadSession, order_id: UUID) -> UUID:
    """Whose an order is. Raises 404."""
    return await _organization_of[-1](session, order_id)


def on_customer_spoke(listener: Spoke) -> None:
    """Call this when the customer writes in a case about an order: order, need, who."""
    _customer_spoke.append(listener)


async def customer_spoke(session: WriteSession, order_id: UUID, need: str, by: str) -> None:
    """The customer wrote in a case about an order; the organisation is locked."""
    for listener in _customer_spoke:
        await listener(session, order_id, need, by)


def on_support_spoke(listener: Spoke) -> None:
    """Call this when support writes in a case about an order: order, need, who."""
    _support_spoke.append(listener)


async def support_spoke(session: WriteSession, order_id: UUID, need: str, by: str) -> None:
    """Support wrote in a case about an order; the organisation is locked."""
    for listener in _support_spoke:
        await listener(session, order_id, need, by)

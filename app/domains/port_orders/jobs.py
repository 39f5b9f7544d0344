"""The jobs of port orders."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from app.core.database import Database
from app.core.sealing import KeyRing
from app.domains.port_orders.service import following
from app.domains.port_orders.service.submitting import SEND
from app.integrations.carriers.port import Carrier
from app.jobs.queue import Jobs, Payload

jobs = Jobs()


class Context(Protocol):
    """What these jobs need."""

    database: Database
    carrier: Carrier
    keys: KeyRing


@jobs.job(SEND)
async def send_port_order(context: Context, payload: Payload) -> None:
    """Ask the carrier for an accepted port."""
    await following.send(context.database, context.carrier, context.keys, *_ids(payload))


@jobs.job(following.ASK)
async def ask_for_port_order(context: Context, payload: Payload) -> None:
    """Ask the carrier how far a port is."""
    await following.ask(context.database, context.carrier, *_ids(payload))


@jobs.job(following.EXPEDITE)
async def expedite_port_order(context: Context, payload: Payload) -> None:
    """Have the carrier answer sooner."""
    await following.expedite(context.database, context.carrier, *_ids(payload))


@jobs.job(following.CANCEL)
async def cancel_port_order(context: Context, payload: Payload) -> None:
    """Have the carrier give up a cancelled port."""
    await following.cancel(context.database, context.carrier, *_ids(payload))


def _ids(payload: Payload) -> tuple[UUID, UUID]:
    return UUID(payload["orgId"]), UUID(payload["orderId"])

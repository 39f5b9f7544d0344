"""The jobs of new-number orders."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from app.core.database import Database
from app.domains.number_orders.service.cancelling import RELEASE, release
from app.domains.number_orders.service.placing import PROVISION
from app.domains.number_orders.service.provisioning import provision
from app.integrations.carriers.port import Carrier
from app.jobs.queue import Jobs, Payload

jobs = Jobs()


class Context(Protocol):
    """What these jobs need."""

    database: Database
    carrier: Carrier


@jobs.job(PROVISION)
async def provision_number_order(context: Context, payload: Payload) -> None:
    """Get an order's numbers from the carrier."""
    await provision(
        context.database, context.carrier, UUID(payload["orgId"]), UUID(payload["orderId"])
    )


@jobs.job(RELEASE)
async def release_number_order(context: Context, payload: Payload) -> None:
    """Have the carrier let go of a cancelled order."""
    await release(
        context.database, context.carrier, UUID(payload["orgId"]), UUID(payload["orderId"])
    )

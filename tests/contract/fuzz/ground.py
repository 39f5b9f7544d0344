"""What valid requests need: callers of each role, and somebody who owns one of each."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from app.core import bootstrap
from app.core.database import Database
from app.core.settings import Settings
from tests.conftest import Api, Service, make_customer, token_for
from tests.processes import Served
from tests.security.surface import (
    CUSTOMER,
    EVERYBODY,
    OPERATIONS,
    OPERATOR,
    READ_ONLY,
    Owner,
    make_owner,
    operations,
)

Json = dict[str, Any]
APART = ("cancelSubscription", "restoreSubscription", "updatePstnAccount", "setLimit")
"""They end or bind an organisation: they get one that no other request is about."""
BY_OPERATOR = (*APART, "getOrganization", "getPstnAccount")
"""Who made an organisation reads it, too."""
NAMES = re.compile(r"\{(\w+)\}")


def lay(served: Served, file: Path) -> None:
    """Make an owner on a running service, and write down what `hooks` reads."""
    file.write_text(json.dumps(asyncio.run(_laid(served))))


async def _laid(served: Served) -> Json:
    settings = Settings(home=served.home)
    with bootstrap.addresses(settings) as where:
        database = Database(where.app, pool_size=1)
        token = served.demo["tokens"]["operator"]
        service = Service(served.url, database, token, served.home, settings.key_ring())
        owner = await make_owner(service)
        content = await _written(service, owner)
        await database.close()
    return content


async def _written(service: Service, owner: Owner) -> Json:
    customer = owner.customer
    who = (customer.operator, customer.organization_id, customer.partner_id)
    tokens = {role: await token_for(who[0], role, *who[1:]) for role in sorted(EVERYBODY)}
    # An organisation that may be cancelled, limited and restored without anybody missing it.
    apart = await make_customer(service)
    kept = [await _id_of(service, tokens[CUSTOMER]), await _id_of(service, tokens[READ_ONLY])]
    return {
        "orgId": customer.organization_id,
        "apart": apart.organization_id,
        "kept": [*kept, owner.ids["locationId"], owner.ids["bareLocationId"]],
        "operations": {
            operation.id: {
                "token": tokens[OPERATOR if operation.id in BY_OPERATOR else operation.caller],
                "path": {
                    name: owner.ids[row]
                    for name, row in zip(
                        NAMES.findall(operation.template), operation.ids, strict=True
                    )
                },
                "query": dict(OPERATIONS[operation.id].query),
                "bodies": owner.bodies(operation),
            }
            for operation in await operations(service)
        },
    }


async def _id_of(service: Service, token: str) -> str:
    async with Api(service.url, token) as caller:
        return str((await caller.get("/people/me")).json()["id"])

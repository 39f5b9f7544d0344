"""The demo of the first start: organisations, locations, a stock of numbers, and tokens to script
against, in `$PSTN_HOME/demo.json`. Starts at `ensure`."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import structlog

from app.auth import service as auth
from app.auth.caller import Caller, Role
from app.auth.schemas import AccessTokenCreate
from app.cli.demo_inventory import demo_inventory_csv
from app.core.database import EVERYTHING, Database, WriteSession
from app.core.identifiers import new_id
from app.core.settings import Settings
from app.domains.locations import service as locations
from app.domains.locations.schemas import LocationWrite
from app.domains.numbering.models import ImportStatus, InventoryImport
from app.domains.numbering.service import importing
from app.domains.organizations import service as organizations
from app.domains.organizations.models import Organization
from app.domains.organizations.schemas import OrganizationCreate

log = structlog.get_logger()

DAYS_VALID = 365
OPERATOR = Caller(new_id(), "demo", Role.operator, EVERYTHING)

SEATTLE = {
    "name": "Seattle office",
    "timeZone": "America/Los_Angeles",
    "address": {
        "address1": "400 Broad Street",
        "city": "Seattle",
        "state": "WA",
        "postalCode": "98109",
        "country": "US",
    },
}
WARSAW = {
    "name": "Warsaw office",
    "timeZone": "Europe/Warsaw",
    "preferredLanguage": "pl_PL",
    "address": {
        "address1": "ul. Przykładowa 1",
        "city": "Warszawa",
        "postalCode": "00-001",
        "country": "PL",
    },
}


async def ensure(settings: Settings, database_url: str) -> None:
    """Make the demo unless it is there. Killed in between, the next start finishes it."""
    path = settings.prepared_home() / "demo.json"
    draft = path.with_suffix(".draft")
    database = Database(database_url, pool_size=2)
    try:
        if not path.exists() and draft.exists():
            # The transaction may have been committed before the file got its name.
            content = json.loads(draft.read_text() or "{}")
            token = content.get("tokens", {}).get("operator", "")
            if await auth.authenticate(database, token):
                draft.rename(path)
        if path.exists():
            _correct_address(path, settings)
            return
        await _stock(database)
        async with database.write(EVERYTHING) as session:
            _write(draft, await _content(session, settings))
        draft.rename(path)
        log.info("demo made", file=str(path))
    finally:
        await database.close()


def _address(settings: Settings) -> str:
    return settings.public_url or f"http://{settings.host}:{settings.port}"


def _correct_address(path: Path, settings: Settings) -> None:
    content = json.loads(path.read_text())
    if content["baseUrl"] != _address(settings):
        draft = path.with_suffix(".draft")
        _write(draft, {**content, "baseUrl": _address(settings)})
        draft.rename(path)


def _write(path: Path, content: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")


async def _stock(database: Database) -> None:
    async with database.write(EVERYTHING) as session:
        known = InventoryImport(
            id=new_id(),
            status=ImportStatus.running,
            next_line=2,
            imported=0,
            refused_count=0,
            refused=[],
            created_at=session.now,
        )
        session.add(known)

    async def lines() -> AsyncIterator[bytes]:
        rest = b""
        for chunk in demo_inventory_csv():
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                yield line

    await importing.run(database, known.id, lines())


async def _content(session: WriteSession, settings: Settings) -> dict[str, Any]:
    partner = {
        "name": "Contoso Voice",
        "varAuthorized": True,
        "pstnAddendumAcceptedAt": "2026-01-15T09:00:00Z",
    }
    paid = await _organization(
        session,
        {
            "displayName": "Northwind Traders",
            "subscription": {"type": "paid"},
            "partner": partner,
            "outboundCallingPlans": [
                {"quantity": 25, "source": "ccw", "requestedServiceDate": "2026-11-01"}
            ],
        },
    )
    trial = await _organization(
        session,
        {
            "displayName": "Fabrikam (trial)",
            "subscription": {"type": "trial"},
            "partner": {"id": str(paid.partner_id)},
        },
    )
    roles: dict[str, tuple[Role, Organization | None]] = {
        "operator": (Role.operator, None),
        "support": (Role.support, None),
        "partnerAdmin": (Role.partner_admin, None),
        "customerAdmin": (Role.customer_admin, paid),
        "readOnlyAdmin": (Role.read_only_admin, paid),
        "trialAdmin": (Role.customer_admin, trial),
    }
    tokens = {
        name: await _token(session, name, role, organization, paid)
        for name, (role, organization) in roles.items()
    }
    places = {
        "paidUs": await _location(session, paid, SEATTLE),
        "paidPl": await _location(session, paid, WARSAW),
        "trialUs": await _location(session, trial, SEATTLE),
    }
    return {
        "baseUrl": _address(settings),
        "tokens": tokens,
        "organizations": {"paid": str(paid.id), "trial": str(trial.id)},
        "locations": places,
    }


async def _organization(session: WriteSession, wish: dict[str, Any]) -> Organization:
    return await organizations.create(session, OrganizationCreate.model_validate(wish))


async def _token(
    session: WriteSession,
    name: str,
    role: Role,
    organization: Organization | None,
    partner_of: Organization,
) -> str:
    wish = AccessTokenCreate(
        name=f"demo {name}",
        role=role,
        org_id=organization.id if organization else None,
        partner_id=partner_of.partner_id if role is Role.partner_admin else None,
        expires_in_days=DAYS_VALID,
    )
    _, secret = await auth.create_token(session, OPERATOR, wish)
    return secret


async def _location(session: WriteSession, organization: Organization, wish: dict[str, Any]) -> str:
    location = await locations.create(session, organization.id, LocationWrite.model_validate(wish))
    return str(location.id)

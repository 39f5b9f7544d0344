"""Changing the document of a port order by merge patch, with a history of its fields (E11)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.core.database import WriteSession
from app.core.errors import INVALID_TRANSITION, Problem
from app.core.http import check_if_match
from app.core.identifiers import new_id
from app.core.sealing import KeyRing
from app.core.texts import text
from app.domains.locations import service as locations
from app.domains.locations.models import Location
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import Actor
from app.domains.port_orders.lifecycle import EDITABLE, LIFECYCLE
from app.domains.port_orders.models import PortFieldChange
from app.domains.port_orders.policy import editing
from app.domains.port_orders.policy.document import (
    SECRETS,
    Document,
    differences,
    patched,
)
from app.domains.port_orders.service import form as forms
from app.domains.port_orders.service import paperwork
from app.domains.port_orders.service.drafting import Port, get_locked
from app.policy.business_days import Calendar
from app.policy.violation import refuse
from app.telephony.country import Country, get_country

ACCOUNT = "/account/"


def country_of(location: Location) -> Country:
    """The country of a location that has a port."""
    country = get_country(location.country)
    assert country is not None  # noqa: S101 - the policy of drafting saw to it
    return country


def calendar_of(location: Location) -> Calendar:
    """The business days and the time of a location."""
    state = country_of(location).state_named(location.address.get("state") or "")
    return Calendar(location.country, state.code if state else None, location.time_zone)


def check_editable(port: Port) -> None:
    """Raise 409 `invalidTransition` unless it is the customer's turn to change the order."""
    if port.order.state not in EDITABLE:
        raise Problem(
            INVALID_TRANSITION,
            text(
                "The order is %(status)s; it can be changed as a draft, or when it came back.",
                status=LIFECYCLE.titles[port.order.status],
            ),
        )


async def edit(
    session: WriteSession,
    keys: KeyRing,
    order_id: UUID,
    patch: Document,
    if_match: str | None,
    *,
    by: str,
) -> Port:
    """Change what the patch names. Raises 404, 409, 412, 422 with every violation."""
    port = await get_locked(session, order_id)
    check_if_match(if_match, port.order.version)
    check_editable(port)
    location = await locations.get(session, port.order.location_id)
    refuse(
        editing.check(
            editing.EditFacts(
                patch=patch,
                country=country_of(location),
                completion_dates=calendar_of(location).completion_dates(session.now),
            )
        )
    )
    before = forms.document_of(port.form, keys)
    after = patched(before, patch)
    forms.write(port.form, after, keys)
    changed = await note_changes(session, port, before, after, by=by)
    if any(pointer.startswith(ACCOUNT) for pointer in changed):
        await paperwork.void_loa(session, port.order)
    if changed and port.form.submissions:
        await orders.note_event(
            session,
            port.order,
            "corrected",
            actor=Actor.customer,
            by=by,
            note=", ".join(changed),
        )
    else:
        await orders.note_change(session, port.order, "edited")
    return port


async def note_changes(
    session: WriteSession, port: Port, before: Document, after: Document, *, by: str
) -> list[str]:
    """Add to the history of the fields what differs; the pointers to it."""
    changed = []
    for pointer, old, new in differences(before, after):
        session.add(
            PortFieldChange(
                id=new_id(),
                order_id=port.order.id,
                org_id=port.order.org_id,
                at=session.now,
                by=by,
                pointer=pointer,
                before=_kept(pointer, old),
                after=_kept(pointer, new),
            )
        )
        changed.append(pointer)
    await session.flush()
    return changed


def _kept(pointer: str, value: Any) -> Any:
    """A value as the history keeps it, which outlives the secret."""
    if pointer in SECRETS and value is not None:
        return forms.shown_secret(pointer, value)
    return value

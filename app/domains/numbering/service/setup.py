"""The set-up of a location on Cisco PSTN, and what remains to be done there (domain.md B4, B6)."""

from __future__ import annotations

from app.core.database import ReadSession
from app.core.texts import Language, Text, text
from app.domains.emergency_addresses import service as emergency_addresses
from app.domains.emergency_addresses.schemas import AddressSchema, EmergencyAddressView
from app.domains.locations import service as locations
from app.domains.locations.models import Location
from app.domains.numbering.schemas import NextStep, SetupView
from app.domains.numbering.service import owning
from app.telephony.country import Process, get_country

STEPS: dict[str, Text] = {
    "addNumbers": text(
        "Order numbers, or port them: there are no calls without numbers. Search with"
        " GET …/availableNumbers, order with POST …/numberOrders."
    ),
    "awaitNumbers": text("Numbers are on their way; follow the order."),
    "acceptTermsOfService": text(
        "An administrator of the customer has to accept the terms of service; until then the new"
        " numbers are inactive."
    ),
    "setMainNumber": text(
        "Set the location's main number with PUT …/mainNumber: no PSTN calls are possible before."
    ),
}
ADD_ASSISTED_NUMBERS = text(
    "Order numbers through support, or port them: there are no calls without numbers. Order with"
    " POST …/numberOrders, type assisted, with quantity and numberType."
)


async def setup_of(session: ReadSession, location: Location, language: Language) -> SetupView:
    """The whole set-up of a connected location."""
    kept = await emergency_addresses.get_default(session, location.id)
    address = None
    if kept is not None:
        address = EmergencyAddressView(
            id=kept.id, **AddressSchema.of(emergency_addresses.address_of(kept)).model_dump()
        )
    steps = await _next_steps(session, location) if location.is_on_cisco_pstn else []
    texts = dict(STEPS)
    if _is_assisted(location):
        texts["addNumbers"] = ADD_ASSISTED_NUMBERS
    return SetupView.of_setup(
        locations.connection_of(location),
        address,
        [NextStep(code=code, actor=actor, text=texts[code].to(language)) for code, actor in steps],
    )


def _is_assisted(location: Location) -> bool:
    country = get_country(location.country)
    return country is not None and country.process is Process.ASSISTED


async def _next_steps(session: ReadSession, location: Location) -> list[tuple[str, str]]:
    numbers = await owning.numbers_at(session, location.id)
    steps = []
    if not (numbers.active or numbers.inactive or numbers.pending):
        steps.append(("addNumbers", "customer"))
    if numbers.pending and not (numbers.active or numbers.inactive):
        steps.append(("awaitNumbers", "support" if _is_assisted(location) else "carrier"))
    if numbers.inactive:
        steps.append(("acceptTermsOfService", "customer"))
    if locations.connection_of(location).main_number is None:
        steps.append(("setMainNumber", "customer"))
    return steps

"""Which numbers can move, and claiming them for one port alone (domain.md E2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from app.core.database import ReadSession, WriteSession
from app.core.errors import Problem, ProblemType
from app.core.texts import text
from app.domains.numbering.service import holding, owning
from app.domains.numbering.service.holding import Holder, NumbersLost
from app.domains.orders.models import Order
from app.domains.port_orders import repository
from app.domains.port_orders.schemas import Portability
from app.integrations.carriers.port import Carrier
from app.policy.violation import Violation
from app.telephony.country import get_country
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber

NUMBER_IN_ANOTHER_PORT = ProblemType(
    "numberInAnotherPort",
    409,
    text("Some of the numbers are in another port"),
    text(
        "Find that order with GET /v1/telephony/pstn/orders?phoneNumber=…; take the number out"
        " there, or leave it out here."
    ),
)
IN_INVENTORY = "inInventory"

Reasons = Mapping[int, str]
"""Numbers that cannot move, each with a code of why."""


async def ask_carrier(carrier: Carrier, numbers: Sequence[PhoneNumber]) -> dict[int, str]:
    """What the carrier says about numbers; outside of any transaction."""
    found = await carrier.not_portable(numbers)
    return {number.value: reason for number, reason in found.items()}


async def owned_among(session: ReadSession, numbers: Iterable[int]) -> set[int]:
    """Numbers that are somebody's here already, as far as one can see without taking them."""
    wanted = set(numbers)
    stock = await holding.in_stock(session, wanted)
    return set(stock.gone) | set(await owning.states_of(session, sorted(wanted)))


async def reasons_of(session: ReadSession, numbers: Iterable[int], carriers: Reasons) -> Reasons:
    """The carrier's reasons, and ours: what is in our own inventory is ordered, not ported."""
    stock = await holding.in_stock(session, set(numbers))
    return {**carriers, **dict.fromkeys(stock.available, IN_INVENTORY)}


async def claim(
    session: WriteSession, order: Order, numbers: Sequence[int], given: Sequence[int]
) -> None:
    """Claim numbers for a port, whatever happens at the same time elsewhere.

    They are held until the port ends: nobody can order, port or be assigned them. `given` is the
    list as it was sent. Raises 409 `numberInAnotherPort`, `numberAlreadyOwned`.
    """
    claimed = await repository.claim(session, order.id, order.org_id, numbers)
    elsewhere = set(numbers) - claimed
    owned = await owned_among(session, set(given) - elsewhere)
    holder = Holder(order.org_id, order.location_id, order_id=order.id)
    if wanted := sorted(claimed - owned):
        try:
            await holding.assign(session, wanted, holder)
        except NumbersLost as race:
            owned |= race.lost
    if not elsewhere and not owned:
        return
    kind = NUMBER_IN_ANOTHER_PORT if elsewhere else owning.NUMBER_ALREADY_OWNED
    raise Problem(
        kind,
        text("Leave those numbers out; violations names them."),
        violations=[
            _violation(index, number, is_owned=number in owned)
            for index, number in enumerate(given)
            if number in elsewhere | owned
        ],
        members={"phoneNumbers": [f"+{number}" for number in sorted(elsewhere | owned)]},
    )


def _violation(index: int, number: int, *, is_owned: bool) -> Violation:
    if is_owned:
        code = "numberAlreadyOwned"
        detail = text(
            "The number is here already. One of yours on another PSTN leaves its location first."
        )
    else:
        code, detail = "numberInAnotherPort", text("Another port order has this number.")
    return Violation(code, f"/phoneNumbers/{index}", detail, phone_number=f"+{number}")


async def let_go(session: WriteSession, order: Order, numbers: Sequence[int]) -> None:
    """Numbers that will not move after all are free again."""
    await repository.let_go(session, order.id, numbers)
    await holding.give_back(session, numbers)


async def check(
    session: ReadSession, phone_numbers: Sequence[str], carriers: Reasons
) -> list[Portability]:
    """Whether numbers could move, each by itself; nothing is claimed."""
    parsed = [_parsed(given) for given in phone_numbers]
    values = {number.value for number in parsed if number is not None}
    owned = await owned_among(session, values)
    claimed = await repository.claimed_among(session, sorted(values))
    reasons = {
        **await reasons_of(session, values, carriers),
        **dict.fromkeys(owned, owning.NUMBER_ALREADY_OWNED.code),
        **dict.fromkeys(claimed, NUMBER_IN_ANOTHER_PORT.code),
    }
    judged = []
    for given, number in zip(phone_numbers, parsed, strict=True):
        reason = _reason(number, reasons)
        judged.append(Portability(phone_number=given, portable=reason is None, reason=reason))
    return judged


def _parsed(given: str) -> PhoneNumber | None:
    try:
        return PhoneNumber.parse(given)
    except InvalidPhoneNumber:
        return None


def _reason(number: PhoneNumber | None, reasons: Reasons) -> str | None:
    if number is None:
        return "invalidPhoneNumber"
    if number.is_toll_free:
        return "tollFreeNotSupported"
    if number.country is None or get_country(number.country) is None:
        return "countryNotSupported"
    return reasons.get(number.value)

"""What an order, a reservation or a quote asks for: checked, and held all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from app.core.database import WriteSession
from app.core.errors import Problem, ProblemType
from app.core.settings import get_settings
from app.core.texts import Text, plural_text, text
from app.domains.locations.models import Location
from app.domains.number_orders import policy
from app.domains.number_orders.schemas import (
    AssistedOrderCreate,
    BlockOrderCreate,
    NumberOrderCreate,
    NumbersOrderCreate,
    QuantityOrderCreate,
    StockOrderCreate,
)
from app.domains.numbering.repository import Criteria
from app.domains.numbering.service import holding
from app.domains.numbering.service.holding import Holder
from app.domains.organizations import policy as account_policy
from app.domains.organizations import service as organizations
from app.domains.organizations.models import Organization
from app.policy.limits import Limit, LimitName
from app.policy.violation import Violation
from app.telephony.country import Country, get_country
from app.telephony.phone_number import PhoneNumber

NUMBERS_UNAVAILABLE = ProblemType(
    "numbersUnavailable",
    409,
    text("Some of the numbers cannot be had"),
    text(
        "Somebody was faster. Nothing was ordered: order what remains, with the substitutes for"
        " what is lost; onUnavailable has the service do that by itself."
    ),
)


def quantity_of(wish: NumberOrderCreate) -> int:
    """How many numbers are asked for."""
    match wish:
        case NumbersOrderCreate():
            return len(wish.phone_numbers)
        case BlockOrderCreate():
            return wish.size
        case QuantityOrderCreate() | AssistedOrderCreate():
            return wish.quantity
        case _:
            assert_never(wish)


def named_numbers(wish: StockOrderCreate) -> list[int]:
    """The numbers asked for by name, of a wish that was checked; none where the system chooses."""
    match wish:
        case NumbersOrderCreate():
            return [PhoneNumber.parse(given).value for given in wish.phone_numbers]
        case BlockOrderCreate():
            first = PhoneNumber.parse(wish.first_number).value
            return list(range(first, first + wish.size))
        case QuantityOrderCreate():
            return []
        case _:
            assert_never(wish)


def violations_of(
    location: Location,
    organization: Organization,
    limits: Mapping[LimitName, Limit],
    wish: NumberOrderCreate,
    *,
    holds: bool,
    already_held: int = 0,
) -> list[Violation]:
    """Every rule that stands against a wish; `holds` where it is to be reserved only."""
    facts = policy.OrderFacts(
        is_on_cisco_pstn=location.is_on_cisco_pstn,
        country=get_country(location.country),
        quantity=quantity_of(wish),
        per_order=limits[LimitName.numbers_per_order],
        trial=limits[LimitName.trial_numbers],
        held=limits[LimitName.held_numbers] if holds else None,
        already_held=already_held,
        phone_numbers=wish.phone_numbers if isinstance(wish, NumbersOrderCreate) else (),
        criteria=_asked_criteria(wish),
        block=_asked_block(wish),
        assisted_type=wish.number_type if isinstance(wish, AssistedOrderCreate) else None,
    )
    account = account_policy.check(organizations.account_facts(organization))
    return [*account, *policy.check(facts)]


def _asked_block(wish: NumberOrderCreate) -> policy.Block | None:
    if not isinstance(wish, BlockOrderCreate):
        return None
    return policy.Block(wish.first_number, wish.size, get_settings().block_sizes)


def _asked_criteria(wish: NumberOrderCreate) -> policy.Criteria | None:
    if not isinstance(wish, QuantityOrderCreate):
        return None
    asked = wish.criteria
    return policy.Criteria(asked.state, asked.area_code, asked.prefix, asked.city)


def inventory_criteria(location: Location, wish: QuantityOrderCreate) -> Criteria:
    """Where the system is to choose, as the inventory looks it up."""
    country = country_of(location)
    asked = wish.criteria
    return Criteria(
        country=country.code,
        calling_code=str(country.calling_code),
        state=asked.state,
        area_code=asked.area_code,
        prefix=asked.prefix,
        city=asked.city,
    )


def country_of(location: Location) -> Country:
    """The country of a location that the policy let pass."""
    country = get_country(location.country)
    assert country is not None  # noqa: S101 - the policy saw to it
    return country


@dataclass(slots=True)
class Taken:
    """What was got: from the reservation, from the stock, and which numbers replaced which."""

    from_reservation: list[int] = field(default_factory=list)
    from_stock: list[int] = field(default_factory=list)
    substitutions: dict[int, int] = field(default_factory=dict)

    @property
    def numbers(self) -> list[int]:
        """All of it, ascending."""
        return sorted([*self.from_reservation, *self.from_stock])


async def try_to_hold(
    session: WriteSession,
    numbers: Iterable[int],
    holder: Holder,
    *,
    also_lock: Iterable[int] = (),
) -> None:
    """Hold all these or none; when some are lost, no lock is left either. Raises `NumbersLost`.

    `also_lock` are numbers that the transaction will change later: locks go in one order.
    """
    wanted = sorted(numbers)
    async with session.begin_nested():
        await holding.lock(session, [*wanted, *also_lock])
        await holding.hold(session, wanted, holder)


async def choose(
    session: WriteSession,
    location: Location,
    wish: QuantityOrderCreate,
    reserved: frozenset[int],
    holder: Holder,
    *,
    partial: bool,
) -> Taken:
    """So many numbers: the reserved ones first, then of the inventory's choice.

    Raises 409 `numbersUnavailable` when there are fewer, unless a part will do.
    """
    taken = Taken(from_reservation=sorted(reserved)[: wish.quantity])
    missing = wish.quantity - len(taken.from_reservation)
    if missing:
        criteria = inventory_criteria(location, wish)
        taken.from_stock = await holding.choose(session, criteria, missing, holder)
    if len(taken.numbers) < wish.quantity and not (partial and taken.numbers):
        raise unavailable((), taken.numbers, shortfall(len(taken.numbers)))
    return taken


def shortfall(count: int) -> Text:
    """There are not so many numbers."""
    if count == 0:
        return text("There is no such number; widen the criteria.")
    return plural_text(
        "There is only %(count)s such number; order fewer, or widen the criteria.",
        "There are only %(count)s such numbers; order fewer, or widen the criteria.",
        count,
    )


def unavailable(
    lost: Iterable[int],
    remaining: Iterable[int],
    detail: Text | None = None,
    *,
    offer: Mapping[str, object] | None = None,
) -> Problem:
    """The answer to who lost a race, or asked for what is not in stock; it may hold an offer."""
    return Problem(
        NUMBERS_UNAVAILABLE,
        detail
        or text(
            "Nothing was ordered. Order the remaining numbers, with the substitutes in the place of"
            " the lost ones, or search for others."
        ),
        members={
            "lost": [f"+{number}" for number in sorted(lost)],
            "remaining": [f"+{number}" for number in sorted(remaining)],
            "substitutes": [],
            **(offer or {}),
        },
        keeps_changes=offer is not None,
    )

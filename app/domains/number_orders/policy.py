"""Whether an order of new numbers is allowed (domain.md A5 to A7, C1, C2). Pure.

`check` answers with every violation at once; time and limits are arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.core.texts import plural_text, text
from app.domains.orders.policy import number_violations
from app.policy.limits import Limit
from app.policy.phone_numbers import invalid_phone_number
from app.policy.violation import Violation
from app.telephony.country import Country, Process
from app.telephony.phone_number import InvalidPhoneNumber, PhoneNumber


@dataclass(frozen=True, slots=True)
class Criteria:
    """Where the system is to choose, as asked for."""

    state: str | None
    area_code: str | None
    prefix: str | None
    city: str | None


@dataclass(frozen=True, slots=True)
class Block:
    """A block as asked for, and the sizes there are."""

    first_number: str
    size: int
    sizes: Sequence[int]


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the rules look at.

    `phone_numbers` are the texts sent, of an order by name; `criteria` of one by quantity.
    """

    is_on_cisco_pstn: bool
    country: Country | None
    quantity: int
    per_order: Limit
    trial: Limit
    held: Limit | None = None
    """The limit of held numbers, where they are to be held."""
    already_held: int = 0
    """How many of them a reservation of the organisation's holds: counted already."""
    phone_numbers: Sequence[str] = ()
    criteria: Criteria | None = None
    block: Block | None = None
    assisted_type: str | None = None
    """The type of number that support is to find, of an assisted order."""


def location_is_ready(facts: OrderFacts) -> Iterator[Violation]:
    """C1, A3: on Cisco PSTN; in a country where one orders oneself, unless support finds them."""
    yield from location_violations(
        facts.country,
        is_on_cisco_pstn=facts.is_on_cisco_pstn,
        is_assisted=facts.assisted_type is not None,
    )


def location_violations(
    country: Country | None, *, is_on_cisco_pstn: bool, is_assisted: bool = False
) -> Iterator[Violation]:
    """Why numbers cannot be searched and ordered for a location."""
    if country is None:
        yield Violation(
            "countryNotSupported",
            "",
            text("Cisco PSTN is not offered in this location's country."),
        )
    elif not is_on_cisco_pstn:
        yield Violation(
            "pstnNotEnabled",
            "",
            text(
                "Put the location on Cisco PSTN first:"
                " PUT /v1/telephony/pstn/locations/{locationId}/connection."
            ),
        )
    if country is not None and country.process is Process.ASSISTED and not is_assisted:
        yield Violation(
            "useAssistedOrder",
            "/type",
            text(
                "In this country numbers are ordered through support: order with type"
                " assisted, with quantity and numberType."
            ),
        )


def order_is_not_too_large(facts: OrderFacts) -> Iterator[Violation]:
    """A6: so many an order."""
    limit = facts.per_order.value
    if limit is not None and facts.quantity > limit:
        yield Violation(
            "orderLimitExceeded",
            "/phoneNumbers" if facts.phone_numbers else "/quantity",
            plural_text(
                "An order takes %(count)s number at most; order the rest in further orders.",
                "An order takes %(count)s numbers at most; order the rest in further orders.",
                limit,
            ),
            limit=limit,
            used=0,
            remaining=limit,
        )


def trial_is_not_exceeded(facts: OrderFacts) -> Iterator[Violation]:
    """A7: so many in a trial."""
    limit = facts.trial
    if limit.value is not None and facts.quantity - facts.already_held > (limit.remaining or 0):
        yield Violation(
            "trialNumberLimitExceeded",
            "/phoneNumbers" if facts.phone_numbers else "/quantity",
            plural_text(
                "A trial has %(count)s number at most in all, %(used)s of them in use. Order fewer,"
                " or move to a paid subscription.",
                "A trial has %(count)s numbers at most in all, %(used)s of them in use. Order"
                " fewer, or move to a paid subscription.",
                limit.value,
                used=limit.used,
            ),
            limit=limit.value,
            used=limit.used,
            remaining=limit.remaining,
        )


def holding_is_not_exceeded(facts: OrderFacts) -> Iterator[Violation]:
    """C7: nobody hoards."""
    limit = facts.held
    if limit is not None and limit.value is not None and facts.quantity > (limit.remaining or 0):
        yield Violation(
            "reservationLimitExceeded",
            "/phoneNumbers" if facts.phone_numbers else "/quantity",
            plural_text(
                "An organisation may hold %(count)s number in reservations, and holds %(used)s."
                " Release a reservation, or order.",
                "An organisation may hold %(count)s numbers in reservations, and holds %(used)s."
                " Release a reservation, or order.",
                limit.value,
                used=limit.used,
            ),
            limit=limit.value,
            used=limit.used,
            remaining=limit.remaining,
        )


def block_is_orderable(facts: OrderFacts) -> Iterator[Violation]:
    """C6: paid subscriptions only, and the sizes there are."""
    block = facts.block
    if block is None:
        return
    if facts.trial.value is not None:
        yield Violation(
            "trialBlocksNotAllowed",
            "/type",
            text("A trial has no blocks; order single numbers, or move to a paid subscription."),
        )
    if block.size not in block.sizes:
        yield size_violation(block.sizes)
    try:
        first = PhoneNumber.parse(block.first_number)
        PhoneNumber.parse(f"+{first.value + min(block.size, 10_000) - 1}")
    except InvalidPhoneNumber:
        yield invalid_phone_number("/firstNumber")
        return
    yield from number_violations(block.first_number, "/firstNumber", facts.country, set())


def size_violation(sizes: Sequence[int]) -> Violation:
    """The size is none of those there are."""
    return Violation(
        "invalidBlockSize",
        "/size",
        text("Blocks come in these sizes: %(sizes)s.", sizes=", ".join(map(str, sizes))),
    )


def numbers_are_orderable(facts: OrderFacts) -> Iterator[Violation]:
    """A5 and form: each number is one, is of the country, is not toll-free, and comes once."""
    seen: set[str] = set()
    for index, given in enumerate(facts.phone_numbers):
        yield from number_violations(given, f"/phoneNumbers/{index}", facts.country, seen)


def criteria_make_sense(facts: OrderFacts) -> Iterator[Violation]:
    """C2, C3: a state of the country; a prefix only within an area code."""
    if facts.criteria is not None and facts.country is not None:
        yield from criteria_violations(facts.criteria, facts.country, "/criteria")


def criteria_violations(criteria: Criteria, country: Country, pointer: str) -> Iterator[Violation]:
    """What is wrong with the place where numbers are looked for."""
    states = {state.code for state in country.states}
    if criteria.state is not None and criteria.state not in states:
        yield Violation(
            "validationFailed",
            f"{pointer}/state",
            text(
                "%(country)s has no such state; its states are in"
                " GET /v1/telephony/pstn/countries.",
                country=country.code,
            ),
        )
    if criteria.prefix is not None and criteria.area_code is None:
        yield Violation(
            "validationFailed",
            f"{pointer}/prefix",
            text("A prefix belongs to an area code; give that too."),
        )


def assisted_type_exists(facts: OrderFacts) -> Iterator[Violation]:
    """D1: a type of number that the country has."""
    if facts.assisted_type is None or facts.country is None:
        return
    if facts.assisted_type not in facts.country.number_types:
        yield Violation(
            "validationFailed",
            "/numberType",
            text(
                "%(country)s has numbers of these types: %(types)s.",
                country=facts.country.code,
                types=", ".join(facts.country.number_types),
            ),
        )


def check_assigned(
    phone_numbers: Sequence[str], quantity: int, country: Country | None
) -> list[Violation]:
    """Every reason why support cannot assign these numbers to an order (D3)."""
    found = []
    if len(phone_numbers) != quantity:
        found.append(
            Violation(
                "validationFailed",
                "/phoneNumbers",
                plural_text(
                    "The order is for %(count)s number; assign just as many.",
                    "The order is for %(count)s numbers; assign just as many.",
                    quantity,
                ),
            )
        )
    seen: set[str] = set()
    for index, given in enumerate(phone_numbers):
        found += number_violations(given, f"/phoneNumbers/{index}", country, seen)
    return found


RULES: tuple[Callable[[OrderFacts], Iterator[Violation]], ...] = (
    location_is_ready,
    order_is_not_too_large,
    trial_is_not_exceeded,
    holding_is_not_exceeded,
    block_is_orderable,
    numbers_are_orderable,
    criteria_make_sense,
    assisted_type_exists,
)


def check(facts: OrderFacts) -> list[Violation]:
    """Every reason why the order is not allowed."""
    return [violation for rule in RULES for violation in rule(facts)]

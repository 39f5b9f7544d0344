"""Which numbers a customer may bring to a PSTN of its own, and take away (domain.md A1). Pure.

What is refused is told in Webex's words, by number; its clients know the codes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.core.texts import Language, Text, text
from app.telephony.phone_number import PhoneNumber


class Action(StrEnum):
    """What is done with the numbers of a location."""

    add = "ADD"
    activate = "ACTIVATE"
    deactivate = "DEACTIVATE"
    delete = "DELETE"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A number refused; `message` is for people, unless Webex's clients look into it."""

    number: str
    code: str
    title: str
    message: Text | str

    def to_json(self, language: Language) -> dict[str, object]:
        """With Webex's fields."""
        message = self.message.to(language) if isinstance(self.message, Text) else self.message
        return {
            "number": self.number,
            "errorType": "VERIFICATION",
            "errorCode": self.code,
            "errorTitle": self.title,
            "errorMessage": message,
        }


DUPLICATE_IN_LIST = "[Error 8360] Duplicate DN in the request : {}"
UNAVAILABLE = "[Error 8361] DN is unavailable : {}"
INVALID = "[Error 8362] DN is invalid : {}"
IN_USE = "[Error 8363] DN is in use : {}"


def unavailable(number: str) -> Refusal:
    """The number is somebody else's."""
    return Refusal(number, "8361", "NUMBER_UNAVAILABLE", UNAVAILABLE.format(number))


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """A number of the organisation's."""

    location_id: UUID
    is_brought: bool
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at: numbers as sent, each as the number it is, if it is one.

    `owned` are those of the organisation's, `taken` those of Cisco's inventory and of others.
    """

    action: Action
    location_id: UUID
    is_on_cisco_pstn: bool
    wanted: Sequence[tuple[str, PhoneNumber | None]]
    owned: Mapping[int, OwnNumber]
    taken: frozenset[int] = frozenset()
    is_mobile: bool = False

    @property
    def numbers(self) -> list[PhoneNumber]:
        """Those that are numbers."""
        return [number for _, number in self.wanted if number is not None]

    def is_here(self, number: PhoneNumber) -> bool:
        """Whether it was brought to this location."""
        own = self.owned.get(number.value)
        return own is not None and own.is_brought and own.location_id == self.location_id


def location_has_its_own_pstn(facts: Facts) -> Iterator[Refusal]:
    """Numbers on Cisco PSTN come with orders and go with releases."""
    if facts.is_on_cisco_pstn:
        message = (
            f"{facts.action} number(s) is supported only for non-integrated CCP and LGW locations."
        )
        for number, _ in facts.wanted:
            yield Refusal(number, "ERR.V.TRM.TMN60004", "PSTN_TYPE_NOT_SUPPORTED", message)


def numbers_are_valid(facts: Facts) -> Iterator[Refusal]:
    """E.164, as Webex wants it."""
    for given, number in facts.wanted:
        if number is None:
            yield Refusal(given, "8362", "INVALID_NUMBER", INVALID.format(given))


def numbers_are_not_mobile(facts: Facts) -> Iterator[Refusal]:
    """Mobile numbers come from a mobile carrier's order, which there is none of here."""
    if facts.is_mobile:
        for given, _ in facts.wanted:
            yield Refusal(
                given,
                "mobileNotSupported",
                "MOBILE_NOT_SUPPORTED",
                text("There are no mobile numbers here."),
            )


def numbers_come_once(facts: Facts) -> Iterator[Refusal]:
    """A number is named once."""
    seen = set()
    for number in facts.numbers:
        if number in seen:
            message = DUPLICATE_IN_LIST.format(number.e164)
            yield Refusal(number.e164, "8360", "DUPLICATE_NUMBER_IN_REQUEST", message)
        seen.add(number)


def numbers_are_free(facts: Facts) -> Iterator[Refusal]:
    """Nobody has them, but for this very location: what it has already is left as it is."""
    for number in dict.fromkeys(facts.numbers):
        if number.value in facts.owned:
            if not facts.is_here(number):
                message = IN_USE.format(number.e164)
                yield Refusal(number.e164, "8363", "NUMBER_IN_USE", message)
        elif number.value in facts.taken:
            yield unavailable(number.e164)


def numbers_are_here(facts: Facts) -> Iterator[Refusal]:
    """They were added to this location."""
    for number in dict.fromkeys(facts.numbers):
        if not facts.is_here(number):
            message = text("The location has no such number.")
            yield Refusal(number.e164, "notFound", "NUMBER_NOT_FOUND", message)


def main_number_stays(facts: Facts) -> Iterator[Refusal]:
    """A main number is active, and stays."""
    for number in dict.fromkeys(facts.numbers):
        if facts.is_here(number) and facts.owned[number.value].is_main:
            message = text(
                "It is the location's main number; make another one the main number first."
            )
            yield Refusal(number.e164, "mainNumberNotReleasable", "MAIN_NUMBER", message)


Rule = Callable[[Facts], Iterator[Refusal]]

RULES: Mapping[Action, tuple[Rule, ...]] = {
    Action.add: (numbers_are_valid, numbers_are_not_mobile, numbers_come_once, numbers_are_free),
    Action.activate: (numbers_are_valid, numbers_are_here),
    Action.deactivate: (numbers_are_valid, numbers_are_here, main_number_stays),
    Action.delete: (numbers_are_valid, numbers_are_here, main_number_stays),
}


def check(facts: Facts) -> list[Refusal]:
    """Every reason why it may not be done; on Cisco PSTN there is but one."""
    refused = list(location_has_its_own_pstn(facts))
    return refused or [refusal for rule in RULES[facts.action] for refusal in rule(facts)]

"""What is told of an order when, as data, and how it is written. Pure.

No account number, no PIN; of a telephone number the last four digits: mail is read by many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from app.core.texts import Language, Text, plural_text, text
from app.domains.number_orders import lifecycle as number_orders
from app.domains.orders.kinds import ErrorType
from app.domains.orders.lifecycle import OrderKind, State
from app.domains.port_orders import lifecycle as port_orders

NUMBERS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail: `title` is in its subject.

    `shows_errors` lists the order's errors and remedies, `shows_date` tells the FOC date.
    """

    title: Text
    opening: Text
    next_step: Text | None = None
    shows_errors: bool = False
    shows_date: bool = False


NUMBER_ORDERS: Mapping[State | str, Letter] = {
    number_orders.PROVISIONED: Letter(
        text("The numbers are active"),
        text("The numbers of your order are delivered and active."),
    ),
    number_orders.AWAITING_TERMS: Letter(
        text("Accept the terms of service"),
        text(
            "The numbers of your order are delivered. They stay inactive until the terms of service"
            " are accepted."
        ),
        text("An administrator of the customer has to accept the terms of service."),
    ),
    "termsOfServiceAccepted": Letter(
        text("The numbers are active"),
        text("The terms of service are accepted, and the numbers of your order are active."),
    ),
    number_orders.ACTION_REQUIRED: Letter(
        text("Your answer is needed"),
        text("PSTN technical support (PTS) needs something of you before your order can go on."),
        text("Read the question in the order's support case, and answer there."),
    ),
    number_orders.ERROR: Letter(
        text("The order failed"),
        text("Your order failed; none of its numbers is yours."),
        shows_errors=True,
    ),
    number_orders.CANCELLED: Letter(
        text("The order is cancelled"),
        text("The order is cancelled; none of its numbers is yours."),
    ),
}
"""By the event where one is named here, else by the state that was reached."""

PORT_ORDERS: Mapping[State | str, Letter] = {
    port_orders.AWAITING_LOA: Letter(
        text("The letter of authorisation is missing"),
        text(
            "Your port order is submitted. Without a signed letter of authorisation the losing"
            " carrier lets no number go."
        ),
        text(
            "The account's authorised person signs the letter of authorisation, or it is uploaded"
            " signed."
        ),
    ),
    "loaReminded": Letter(
        text("Reminder: the letter of authorisation is missing"),
        text("Your port order still waits for the signed letter of authorisation."),
        text(
            "The account's authorised person signs the letter of authorisation, or it is uploaded"
            " signed."
        ),
    ),
    "loaVoided": Letter(
        text("The letter of authorisation is void"),
        text(
            "Numbers or account data of your port order changed after the letter of authorisation"
            " was signed, so it is void."
        ),
        text(
            "The account's authorised person signs the letter of authorisation, or it is uploaded"
            " signed."
        ),
    ),
    "documentRequested": Letter(
        text("A document is needed"),
        text("PSTN technical support (PTS) needs a further document for your port order."),
        text("Upload it to the order; the order's support case says what it is."),
    ),
    port_orders.REJECTED: Letter(
        text("The port is rejected"),
        text("Something is wrong with your port order; nothing moves until it is put right."),
        text("Put it right as said above, and submit the order again."),
        shows_errors=True,
    ),
    port_orders.SUBMITTED: Letter(
        text("The port is on its way"),
        text("Your port order passed its review and is on its way to the losing carrier."),
    ),
    port_orders.FOC_RECEIVED: Letter(
        text("The date of the port"),
        text("The losing carrier has committed itself to a date; the numbers move on that day."),
        shows_date=True,
    ),
    "focChanged": Letter(
        text("The date of the port has changed"),
        text("The losing carrier has committed itself to another date."),
        shows_date=True,
    ),
    "cancelDeclined": Letter(
        text("The port goes on"),
        text("PSTN technical support (PTS) did not cancel your port order; it goes on."),
        shows_date=True,
    ),
    port_orders.COMPLETED_IN_PART: Letter(
        text("The port is completed in part"),
        text("Some of the numbers are with Cisco PSTN and active; the others are still to come."),
    ),
    port_orders.COMPLETED: Letter(
        text("The port is completed"),
        text("The numbers are with Cisco PSTN and active."),
    ),
    "split": Letter(
        text("The port is split"),
        text(
            "Your port order is cancelled, and there is a draft for each billing number in its"
            " place."
        ),
        text("Complete each of the drafts and submit it."),
    ),
    port_orders.CANCELLED: Letter(
        text("The port is cancelled"),
        text("The port is cancelled; the numbers stay with their carrier."),
    ),
}

LETTERS: Mapping[OrderKind, Mapping[State | str, Letter]] = {
    OrderKind.new_numbers: NUMBER_ORDERS,
    OrderKind.port: PORT_ORDERS,
}


def letter_for(kind: OrderKind, event: str, reached: State | None) -> Letter | None:
    """The letter about a line of history, or `None` where nobody needs to be told.

    What leaves an order in its state has reached none, and is told only by its own letter.
    """
    known = LETTERS[kind]
    return known.get(event) or (known.get(reached) if reached else None)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of the order, and the numbers concerned."""

    error: ErrorType
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a letter tells of the order."""

    order_number: str
    location_name: str
    status: Text
    numbers: Sequence[int]
    faults: Sequence[Fault]
    foc_date: date | None


def subject(letter: Letter, facts: Facts, language: Language) -> str:
    """The subject line."""
    return f"{facts.order_number}, {facts.location_name}: {letter.title.to(language)}"


def body(letter: Letter, facts: Facts, language: Language) -> str:
    """The text of the mail."""
    order = [
        text("Order: %(order)s", order=facts.order_number).to(language),
        text("Location: %(location)s", location=facts.location_name).to(language),
        text("Status: %(status)s", status=facts.status).to(language),
    ]
    if letter.shows_date and facts.foc_date is not None:
        day = format_date(facts.foc_date, "long", locale=language)
        order.append(text("FOC date: %(date)s", date=day).to(language))
    if facts.numbers:
        numbers = plural_text(
            "%(count)s number: %(endings)s",
            "%(count)s numbers: %(endings)s",
            len(facts.numbers),
            endings=endings(facts.numbers, language),
        )
        order.append(numbers.to(language))
    paragraphs = [text("Hello,").to(language), letter.opening.to(language), "\n".join(order)]
    if letter.shows_errors:
        paragraphs += [_fault(fault, language) for fault in facts.faults]
    if letter.next_step is not None:
        paragraphs.append(text("What to do now: %(step)s", step=letter.next_step).to(language))
    paragraphs.append(
        text("This mail was written by the service; nobody reads answers to it.").to(language)
    )
    return "\n\n".join(paragraphs) + "\n"


def _fault(fault: Fault, language: Language) -> str:
    lines = [fault.error.title.to(language), fault.error.detail.to(language)]
    if fault.numbers:
        concerned = text("Numbers concerned: %(endings)s", endings=endings(fault.numbers, language))
        lines.append(concerned.to(language))
    if fault.error.remedies:
        lines.append(text("What you can do:").to(language))
    lines += [f"- {remedy.text.to(language)}" for remedy in fault.error.remedies]
    return "\n".join(lines)


def endings(numbers: Sequence[int], language: Language) -> str:
    """The last four digits of the first numbers, and how many more there are."""
    shown = ", ".join(f"…{number % 10_000:04}" for number in sorted(numbers)[:NUMBERS_SHOWN])
    rest = len(numbers) - NUMBERS_SHOWN
    if rest <= 0:
        return shown
    return plural_text(
        "%(shown)s and %(count)s more", "%(shown)s and %(count)s more", rest, shown=shown
    ).to(language)

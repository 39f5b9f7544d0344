"""The life of an order of new numbers as data (`lifecycles.md`, domain.md F). Pure."""

from __future__ import annotations

from app.core.texts import text
from app.domains.orders.kinds import ErrorType, Remedy, RemedyAction, register
from app.domains.orders.lifecycle import Actor, Lifecycle, OrderKind, State

QUEUED = State("pending", "queued")
AT_CARRIER = State("pending", "atCarrier")
AWAITING_TERMS = State("provisioned", "awaitingTermsOfService")
PROVISIONED = State("provisioned")
ERROR = State("error")
CANCEL_REQUESTED = State("pending", "cancelRequested")
CANCELLED = State("cancelled")
WITH_SUPPORT = State("pending", "withSupport")
ACTION_REQUIRED = State("actionRequired")

ASSISTED = (WITH_SUPPORT, ACTION_REQUIRED)
"""An order that support fulfils, until it ends (domain.md D)."""

LIFECYCLE = Lifecycle(
    transitions={
        QUEUED: frozenset({AT_CARRIER, CANCELLED}),
        AT_CARRIER: frozenset({AWAITING_TERMS, PROVISIONED, ERROR, CANCEL_REQUESTED}),
        CANCEL_REQUESTED: frozenset({CANCELLED}),
        WITH_SUPPORT: frozenset({ACTION_REQUIRED, PROVISIONED, ERROR, CANCELLED}),
        ACTION_REQUIRED: frozenset({WITH_SUPPORT, ERROR, CANCELLED}),
        AWAITING_TERMS: frozenset({PROVISIONED}),
        PROVISIONED: frozenset(),
        ERROR: frozenset(),
        CANCELLED: frozenset(),
    },
    next_actor={
        QUEUED: Actor.carrier,
        AT_CARRIER: Actor.carrier,
        CANCEL_REQUESTED: Actor.carrier,
        WITH_SUPPORT: Actor.support,
        ACTION_REQUIRED: Actor.customer,
        AWAITING_TERMS: Actor.customer,
        PROVISIONED: Actor.nobody,
        ERROR: Actor.customer,
        CANCELLED: Actor.nobody,
    },
    titles={
        "pending": text("Pending"),
        "actionRequired": text("Action required"),
        "provisioned": text("Provisioned"),
        "error": text("Error"),
        "cancelled": text("Cancelled"),
    },
    descriptions={
        "pending": text("The order is made; the numbers are being delivered."),
        "actionRequired": text(
            "PSTN technical support (PTS) needs something of you; answer in the order's support"
            " case."
        ),
        "provisioned": text("The numbers are delivered."),
        "error": text("The order failed; open a case with Cisco TAC."),
        "cancelled": text("The order is cancelled; none of its numbers is yours."),
    },
)

CARRIER_REFUSED = "carrierRefused"
NOT_FULFILLED = "notFulfilled"

ERRORS = {
    CARRIER_REFUSED: ErrorType(
        CARRIER_REFUSED,
        text("The carrier refused the order"),
        text("None of its numbers is yours, and nothing is charged."),
        (
            Remedy(
                RemedyAction.order_again,
                Actor.customer,
                text("Order again with other numbers."),
            ),
            Remedy(
                RemedyAction.contact_support, Actor.customer, text("Open a case with Cisco TAC.")
            ),
        ),
    ),
    NOT_FULFILLED: ErrorType(
        NOT_FULFILLED,
        text("Support could not fulfil the order"),
        text("Why is told in its support case; nothing is charged."),
        (
            Remedy(
                RemedyAction.contact_support, Actor.customer, text("Answer in the support case.")
            ),
            Remedy(
                RemedyAction.order_again,
                Actor.customer,
                text("Order again, with what support advised."),
            ),
        ),
    ),
}

register(OrderKind.new_numbers, LIFECYCLE, ERRORS)

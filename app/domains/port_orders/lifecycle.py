"""The life of a port order as data (`lifecycles.md`, domain.md F). Pure."""

from __future__ import annotations

from app.core.texts import text
from app.domains.orders.lifecycle import Actor, Lifecycle, State

DRAFT = State("pending", "draft")
AWAITING_LOA = State("pending", "awaitingLoa")
AWAITING_DOCUMENT = State("pending", "awaitingDocument")
REVIEW = State("pending", "review")
SUBMITTED = State("submitted")
SUBMITTED_CANCEL_REQUESTED = State("submitted", "cancelRequested")
FOC_RECEIVED = State("focReceived")
FOC_CANCEL_REQUESTED = State("focReceived", "cancelRequested")
COMPLETED_IN_PART = State("focReceived", "completedInPart")
REJECTED = State("rejected")
REJECTED_WITH_SUPPORT = State("rejected", "withSupport")
COMPLETED = State("completed")
CANCELLED = State("cancelled")

SUBMITTABLE = (DRAFT, REJECTED, REJECTED_WITH_SUPPORT)
"""Not submitted, or back: the order can be submitted, or split."""
EDITABLE = (*SUBMITTABLE, AWAITING_LOA, AWAITING_DOCUMENT)
"""The order can be changed."""
AT_CARRIER = (SUBMITTED, SUBMITTED_CANCEL_REQUESTED)
"""Sent; the carrier has not committed itself to a date yet."""
COMMITTED = (FOC_RECEIVED, FOC_CANCEL_REQUESTED, COMPLETED_IN_PART)
"""There is a FOC date; at its instant the port completes."""
CANCEL_REQUESTED = {
    SUBMITTED: SUBMITTED_CANCEL_REQUESTED,
    FOC_RECEIVED: FOC_CANCEL_REQUESTED,
}
"""What has left us is cancelled once the desk confirms it; the status stays until then."""

LIFECYCLE = Lifecycle(
    transitions={
        DRAFT: frozenset({REVIEW, CANCELLED}),
        AWAITING_LOA: frozenset({REVIEW, CANCELLED}),
        AWAITING_DOCUMENT: frozenset({REVIEW, REJECTED, CANCELLED}),
        REVIEW: frozenset({SUBMITTED, AWAITING_LOA, AWAITING_DOCUMENT, REJECTED, CANCELLED}),
        SUBMITTED: frozenset({FOC_RECEIVED, REJECTED, CANCELLED, SUBMITTED_CANCEL_REQUESTED}),
        SUBMITTED_CANCEL_REQUESTED: frozenset(
            {SUBMITTED, FOC_CANCEL_REQUESTED, REJECTED, CANCELLED}
        ),
        FOC_RECEIVED: frozenset(
            {
                FOC_RECEIVED,
                COMPLETED_IN_PART,
                COMPLETED,
                REJECTED,
                CANCELLED,
                FOC_CANCEL_REQUESTED,
            }
        ),
        FOC_CANCEL_REQUESTED: frozenset(
            {FOC_RECEIVED, FOC_CANCEL_REQUESTED, COMPLETED, REJECTED, CANCELLED}
        ),
        COMPLETED_IN_PART: frozenset({COMPLETED_IN_PART, COMPLETED}),
        REJECTED: frozenset({REVIEW, REJECTED_WITH_SUPPORT, CANCELLED}),
        REJECTED_WITH_SUPPORT: frozenset({REVIEW, REJECTED, CANCELLED}),
        COMPLETED: frozenset(),
        CANCELLED: frozenset(),
    },
    next_actor={
        DRAFT: Actor.customer,
        AWAITING_LOA: Actor.customer,
        AWAITING_DOCUMENT: Actor.customer,
        REVIEW: Actor.support,
        SUBMITTED: Actor.carrier,
        SUBMITTED_CANCEL_REQUESTED: Actor.support,
        FOC_RECEIVED: Actor.carrier,
        FOC_CANCEL_REQUESTED: Actor.support,
        COMPLETED_IN_PART: Actor.carrier,
        REJECTED: Actor.customer,
        REJECTED_WITH_SUPPORT: Actor.support,
        COMPLETED: Actor.nobody,
        CANCELLED: Actor.nobody,
    },
    titles={
        "pending": text("Pending"),
        "rejected": text("Rejected"),
        "submitted": text("Submitted"),
        "focReceived": text("FOC received"),
        "completed": text("Completed"),
        "cancelled": text("Cancelled"),
    },
    descriptions={
        "pending": text("The port is being filled in, or reviewed before it goes to the carrier."),
        "rejected": text("There is a problem; do what its errors say, and submit again."),
        "submitted": text("The port is accepted and on its way to the losing carrier."),
        "focReceived": text("The losing carrier has committed itself to a date."),
        "completed": text("The numbers are with Cisco PSTN and active."),
        "cancelled": text("The port is cancelled; the numbers stay with their carrier."),
    },
)

"""The life of a port order: which moves there are over all pairs, and the gate for them."""

from __future__ import annotations

import itertools
from uuid import UUID

import pytest

from app.core.errors import Problem
from app.core.identifiers import new_id
from app.core.texts import Language
from app.domains.orders import service as orders
from app.domains.orders.kinds import kind_of
from app.domains.orders.lifecycle import Actor, OrderKind, State
from app.domains.port_orders.errors import ERRORS
from app.domains.port_orders.lifecycle import (
    CANCELLED,
    COMPLETED,
    COMPLETED_IN_PART,
    DRAFT,
    LIFECYCLE,
    REJECTED,
    REVIEW,
    SUBMITTABLE,
)
from tests.conftest import Customer, Service, make_customer
from tests.numbering.stocking import undone

STATES = sorted(LIFECYCLE.transitions, key=lambda state: (state.status, state.stage or ""))
PAIRS = list(itertools.product(STATES, STATES))
STATUSES = {"pending", "rejected", "submitted", "focReceived", "completed", "cancelled"}
"""domain.md F."""
MOVES = {
    "pending": {"pending", "submitted", "rejected", "cancelled"},
    "submitted": {"submitted", "focReceived", "rejected", "cancelled"},
    "focReceived": {"focReceived", "completed", "rejected", "cancelled"},
    "rejected": {"rejected", "pending", "cancelled"},
    "completed": set(),
    "cancelled": set(),
}
"""`lifecycles.md`, by status alone; a stage may change within its status."""


def name(state: State) -> str:
    return f"{state.status}.{state.stage}" if state.stage else state.status


@pytest.mark.domain("F")
def test_every_state_is_told_of_in_full() -> None:
    states = set(LIFECYCLE.transitions)
    assert states == LIFECYCLE.next_actor.keys()
    assert {state.status for state in states} == STATUSES
    for texts in (LIFECYCLE.titles, LIFECYCLE.descriptions):
        assert texts.keys() == STATUSES
        assert all(text.to(language) for text in texts.values() for language in Language)


@pytest.mark.domain("F")
@pytest.mark.parametrize(("current", "following"), PAIRS, ids=name)
def test_no_move_goes_where_the_statuses_do_not(current: State, following: State) -> None:
    if LIFECYCLE.allows(current, following):
        assert following.status in MOVES[current.status]


@pytest.mark.domain("F")
@pytest.mark.parametrize(
    ("before", "after"), [(b, a) for b, found in MOVES.items() for a in sorted(found)]
)
def test_every_move_of_the_statuses_is_there(before: str, after: str) -> None:
    assert any(
        LIFECYCLE.allows(current, following)
        for current, following in PAIRS
        if (current.status, following.status) == (before, after)
    )


def test_every_state_is_reached_and_leads_to_an_end() -> None:
    reached, found = {DRAFT}, [DRAFT]
    while found:
        for following in LIFECYCLE.transitions[found.pop()] - reached:
            reached.add(following)
            found.append(following)
    assert reached == set(STATES)
    ending = {COMPLETED, CANCELLED}
    for _ in STATES:
        ending |= {s for s in STATES if LIFECYCLE.transitions[s] & ending}
    assert ending == set(STATES)
    for state in STATES:
        assert LIFECYCLE.is_final(state) == (state in (COMPLETED, CANCELLED))
        assert (LIFECYCLE.next_actor[state] is Actor.nobody) == LIFECYCLE.is_final(state)


def test_nothing_leaves_us_unreviewed_and_nothing_is_cancelled_that_moved() -> None:
    for state in STATES:
        if state.status == "pending" and state != REVIEW:
            assert all(
                f.status in ("pending", "rejected", "cancelled")
                for f in LIFECYCLE.transitions[state]
            )
    assert CANCELLED not in LIFECYCLE.transitions[COMPLETED_IN_PART]
    assert not LIFECYCLE.allows(REJECTED, COMPLETED)


def test_a_port_can_be_submitted_from_where_it_is_said_to_be() -> None:
    for state in STATES:
        assert (state in SUBMITTABLE) == (
            LIFECYCLE.allows(state, REVIEW)
            and state.stage not in ("awaitingLoa", "awaitingDocument")
        )


@pytest.mark.domain("G")
def test_every_error_has_remedies_and_texts_in_every_language() -> None:
    kind = kind_of(OrderKind.port)
    assert kind.lifecycle is LIFECYCLE
    assert kind.errors == ERRORS
    for code, error in ERRORS.items():
        assert error.code == code
        assert error.remedies
        for text in (error.title, error.detail, *(remedy.text for remedy in error.remedies)):
            assert text.to(Language.en) != text.to(Language.pl)


@pytest.fixture(scope="module")
async def owner(service: Service) -> Customer:
    """Somebody to whom the orders belong."""
    return await make_customer(service, connected=False)


@pytest.mark.domain("F")
@pytest.mark.parametrize(("current", "following"), PAIRS, ids=name)
async def test_the_gate_lets_a_port_move_as_the_table_says_and_not_otherwise(
    service: Service, owner: Customer, current: State, following: State
) -> None:
    async with undone(service) as session:
        order = await orders.open_order(
            session,
            LIFECYCLE,
            order_id=new_id(),
            kind=OrderKind.port,
            organization_id=UUID(owner.organization_id),
            location_id=UUID(owner.location_id),
            request={},
            numbers=[12065550100],
            state=current,
            by="tests",
            expected_by=None,
        )

        async def move() -> None:
            await orders.move(
                session, LIFECYCLE, order, following, event="moved", actor=Actor.support
            )

        if following in LIFECYCLE.transitions[current]:
            await move()
            assert (order.state, order.version) == (following, 2)
            assert order.next_actor == LIFECYCLE.next_actor[following]
        else:
            with pytest.raises(Problem) as refusal:
                await move()
            assert refusal.value.kind.code == "invalidTransition"
            assert (order.state, order.version) == (current, 1)

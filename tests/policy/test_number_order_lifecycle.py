"""The life of an order of new numbers: which moves there are, and the one gate for them."""

from __future__ import annotations

import itertools
from uuid import UUID

import pytest
from sqlalchemy import select

from app.core.database import WriteSession
from app.core.errors import Problem
from app.core.identifiers import new_id
from app.core.texts import Language
from app.domains.number_orders import lifecycle
from app.domains.number_orders.lifecycle import (
    AT_CARRIER,
    AWAITING_TERMS,
    ERROR,
    LIFECYCLE,
    PROVISIONED,
    QUEUED,
    WITH_SUPPORT,
)
from app.domains.orders import service as orders
from app.domains.orders.kinds import kind_of
from app.domains.orders.lifecycle import Actor, OrderKind, State
from app.domains.orders.models import Order, OrderHistory
from tests.conftest import Customer, Service, make_customer
from tests.numbering.stocking import undone

STATES = sorted(LIFECYCLE.transitions, key=lambda state: (state.status, state.stage or ""))
PAIRS = list(itertools.product(STATES, STATES))
STATUSES = {"pending", "provisioned", "error", "actionRequired", "cancelled"}
"""domain.md F."""


def name(state: State) -> str:
    return f"{state.status}.{state.stage}" if state.stage else state.status


# --- The table --------------------------------------------------------------------------------


@pytest.mark.domain("F")
def test_every_state_is_told_of_in_full() -> None:
    states = set(LIFECYCLE.transitions)

    assert states == LIFECYCLE.next_actor.keys()
    assert {state.status for state in states} <= STATUSES
    assert {
        following for all_of in LIFECYCLE.transitions.values() for following in all_of
    } <= states
    for texts in (LIFECYCLE.titles, LIFECYCLE.descriptions):
        assert texts.keys() == {state.status for state in states}
        assert all(text.to(language) for text in texts.values() for language in Language)


def test_every_state_can_be_reached_and_only_the_end_has_no_way_on() -> None:
    found = [QUEUED, WITH_SUPPORT]
    reached = set(found)
    while found:
        for following in LIFECYCLE.transitions[found.pop()] - reached:
            reached.add(following)
            found.append(following)

    assert reached == set(LIFECYCLE.transitions)
    for state in STATES:
        if LIFECYCLE.is_final(state):
            assert state.status in ("provisioned", "error", "cancelled")
            assert state.stage is None


@pytest.mark.parametrize(
    ("current", "following"),
    [
        (QUEUED, AT_CARRIER),
        (AT_CARRIER, AWAITING_TERMS),
        (AT_CARRIER, PROVISIONED),
        (AT_CARRIER, ERROR),
        (AWAITING_TERMS, PROVISIONED),
    ],
    ids=name,
)
def test_the_moves_of_the_main_job_are_allowed(current: State, following: State) -> None:
    assert LIFECYCLE.allows(current, following)


@pytest.mark.parametrize(
    ("current", "following"),
    [
        (QUEUED, PROVISIONED),
        (QUEUED, AWAITING_TERMS),
        (AWAITING_TERMS, ERROR),
        (AWAITING_TERMS, AT_CARRIER),
        (ERROR, PROVISIONED),
        (ERROR, AT_CARRIER),
        (PROVISIONED, ERROR),
        (PROVISIONED, AWAITING_TERMS),
        *((state, QUEUED) for state in STATES),
        *((state, state) for state in STATES),
    ],
    ids=name,
)
def test_nothing_is_delivered_unsent_and_nothing_that_ended_begins_again(
    current: State, following: State
) -> None:
    assert not LIFECYCLE.allows(current, following)


@pytest.mark.domain("F")
def test_whose_turn_it_is_fits_the_state() -> None:
    for state in STATES:
        if LIFECYCLE.is_final(state) and state.status in ("provisioned", "cancelled"):
            assert LIFECYCLE.next_actor[state] is Actor.nobody
        else:
            assert LIFECYCLE.next_actor[state] is not Actor.nobody
        assert LIFECYCLE.next_actor[state] is not Actor.service


def test_every_error_has_a_remedy_and_texts_in_every_language() -> None:
    kind = kind_of(OrderKind.new_numbers)

    assert kind.lifecycle is LIFECYCLE
    assert kind.errors == lifecycle.ERRORS
    for code, error in kind.errors.items():
        assert error.code == code
        assert error.remedies
        for text in (error.title, error.detail, *(remedy.text for remedy in error.remedies)):
            assert all(text.to(language) for language in Language)


# --- The gate ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def buyer(service: Service) -> Customer:
    """Somebody to whom the orders belong."""
    return await make_customer(service, connected=False)


async def an_order(session: WriteSession, buyer: Customer, state: State) -> Order:
    return await orders.open_order(
        session,
        LIFECYCLE,
        order_id=new_id(),
        kind=OrderKind.new_numbers,
        organization_id=UUID(buyer.organization_id),
        location_id=UUID(buyer.location_id),
        request={},
        numbers=[12062000000],
        state=state,
        by="tests",
        expected_by=session.now,
    )


async def timeline(session: WriteSession, order: Order) -> list[tuple[str, str, str | None, State]]:
    query = select(OrderHistory).where(OrderHistory.order_id == order.id).order_by(OrderHistory.id)
    return [
        (entry.event, entry.actor, entry.by, State(entry.status, entry.stage))
        for entry in await session.scalars(query)
    ]


@pytest.mark.parametrize(("current", "following"), PAIRS, ids=name)
async def test_the_gate_lets_an_order_move_as_the_table_says_and_not_otherwise(
    service: Service, buyer: Customer, current: State, following: State
) -> None:
    async with undone(service) as session:
        order = await an_order(session, buyer, current)
        before = (order.state, order.next_actor, order.expected_by, order.version)
        assert before == (current, LIFECYCLE.next_actor[current], session.now, 1)
        opened = await timeline(session, order)
        assert opened == [("created", Actor.customer, "tests", current)]

        async def move() -> None:
            await orders.move(
                session,
                LIFECYCLE,
                order,
                following,
                event="moved",
                actor=Actor.support,
                by="somebody",
            )

        if following in LIFECYCLE.transitions[current]:
            await move()
            assert order.state == following
            assert order.next_actor == LIFECYCLE.next_actor[following]
            assert order.expected_by is None
            assert order.version == 2
            entry = ("moved", Actor.support, "somebody", following)
            assert await timeline(session, order) == [*opened, entry]
        else:
            with pytest.raises(Problem) as refusal:
                await move()
            assert refusal.value.kind.code == "invalidTransition"
            assert refusal.value.kind.status == 409
            after = (order.state, order.next_actor, order.expected_by, order.version)
            assert after == before
            assert await timeline(session, order) == opened

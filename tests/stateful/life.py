"""The life of numbers at random: what customers and time do, and what must stay true.

`LifeOfNumbers` keeps books of its own from the answers alone, and compares them after every step
with what the service says and with what its tables hold. Start at its rules.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from app.core.database import EVERYTHING
from app.domains.numbering import repository
from app.domains.numbering.bitmaps import numbers_of
from app.domains.numbering.models import Number
from tests.conftest import HEADER, Api, Customer, Service, import_csv, make_customer

T = TypeVar("T")
Answer = dict[str, Any]

MARGIN = timedelta(seconds=20)
"""So near to the end of something nobody can tell on which side of it a request arrives."""
ENDS_WITHIN_SECONDS = 15
TRIAL_LIMIT = 10
RESERVED_LIMIT = 12
LEAPS = [30, 700, 1100, 3 * 86_400, 8 * 86_400, 91 * 86_400]
"""Seconds: within a reservation, past one, past an extended one, within the days one can take a
number back, past them, past the rest."""


@dataclass(frozen=True)
class World:
    """The running service, and the event loop that its callers' connections live in."""

    service: Service
    loop: asyncio.AbstractEventLoop
    runs: itertools.count[int] = field(default_factory=itertools.count)
    seen: Counter[str] = field(default_factory=Counter)
    """What was answered how often, like `POST extend 409`."""

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """Have something done over there."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(120)


@dataclass
class Claim:
    """Who has a number, as told by an answer; until when, where that ends by itself."""

    owner: int
    kind: str
    """`reservation`, `order` or `released`."""
    reference: str
    ends_at: datetime | None = None


@dataclass
class Reservation:
    """A reservation that somebody was promised."""

    id: str
    owner: int
    numbers: frozenset[str]
    expires_at: datetime
    is_offer: bool
    extended: bool = False


@dataclass
class Order:
    """An order that was accepted."""

    id: str
    owner: int
    numbers: frozenset[str]
    block_id: str | None
    settled: bool = False


class LifeOfNumbers(RuleBasedStateMachine):
    """A paid organisation and a trial, some fifty numbers across a thousand's border, and time."""

    world: World

    # --- Setting up -----------------------------------------------------------------------------

    @initialize()
    def open(self) -> None:
        """Two customers, a city of numbers of their own, and a little bought there already."""
        run = next(self.world.runs)
        self.city = f"Life {run}"
        self.base = 13_077_000_000 + run * 3_000
        base = self.base
        lines = [(base + 24, base + 30), (base + 990, base + 1009), (base + 1500, base + 1511)]
        self.stock = [f"+{n}" for first, last in lines for n in range(first, last + 1)]
        self.claims: dict[str, Claim] = {}
        self.reservations: dict[str, Reservation] = {}
        self.orders: dict[str, Order] = {}
        self.customers = [self.customer("paid"), self.customer("trial")]
        wait_for, operator = self.world.wait_for, self.customers[0].operator
        self.operator = operator
        content = HEADER + "".join(
            f"US,WY,{self.city},CODY,local,+{first},+{last}\n" for first, last in lines
        )
        assert wait_for(import_csv(operator, content))["imported"] == len(self.stock)
        limit = f"/organizations/{self.customers[0].organization_id}/limits/heldNumbers"
        self.ok(operator.put(limit, json={"limit": RESERVED_LIMIT}), 200)
        self.read_clock(self.ok(operator.get("/simulator/clock"), 200))
        # Else many a run would have nothing to release or to extend.
        self.place(0, {"type": "block", "firstNumber": f"+{base + 1500}", "size": 10})
        self.place(0, {"type": "numbers", "phoneNumbers": self.stock[20:24]})
        self.place(1, {"type": "numbers", "phoneNumbers": self.stock[24:27]})
        for who in (0, 1):
            self.reserve(who, "numbers", 2, 7 + 3 * who)

    def customer(self, subscription: str) -> Customer:
        """A customer who has accepted the terms."""
        customer = self.world.wait_for(make_customer(self.world.service, subscription=subscription))
        self.world.wait_for(customer.accept_terms())
        return customer

    def teardown(self) -> None:
        """Every order has an end."""
        if not hasattr(self, "customers"):
            return
        try:
            self.settle()
            self.books_are_right()
        finally:
            for customer in self.customers:
                for api in (customer.api, customer.operator):
                    self.world.wait_for(api.aclose())

    # --- Asking ---------------------------------------------------------------------------------

    def send(self, request: Coroutine[Any, Any, httpx.Response], *expected: int) -> httpx.Response:
        """The answer, which has one of these statuses."""
        answer = self.world.wait_for(request)
        name = answer.request.url.path.rsplit("/", 1)[1]
        self.world.seen[f"{answer.request.method} {name} {answer.status_code}"] += 1
        assert answer.status_code in expected, f"{answer.status_code}: {answer.text}"
        return answer

    def ok(self, request: Coroutine[Any, Any, httpx.Response], *expected: int) -> Answer:
        """The body of such an answer."""
        return dict(self.send(request, *expected).json())

    def api(self, who: int) -> Api:
        """That customer, calling."""
        return self.customers[who].api

    def read_clock(self, answer: Answer) -> None:
        """Set ours."""
        self.clock = datetime.fromisoformat(answer["now"])
        self.clock_read_at = time.monotonic()

    @property
    def now(self) -> datetime:
        """What time the service thinks it is."""
        return self.clock + timedelta(seconds=time.monotonic() - self.clock_read_at)

    # --- Our books ------------------------------------------------------------------------------

    def forget_what_is_over(self) -> None:
        """Claims that ended by themselves."""
        for number, claim in list(self.claims.items()):
            if claim.ends_at is not None and claim.ends_at <= self.now:
                del self.claims[number]
        for reservation in list(self.reservations.values()):
            if reservation.expires_at <= self.now:
                del self.reservations[reservation.id]

    def is_uncertain(self, number: str) -> bool:
        """Whether its claim is about to end."""
        claim = self.claims.get(number)
        return bool(claim and claim.ends_at and claim.ends_at - self.now < MARGIN)

    def claim(self, numbers: Iterable[str], claim: Claim, *, of: str | None = None) -> None:
        """Somebody was promised these; nobody else was, but for `of`, that is used up for it."""
        for number in numbers:
            before = self.claims.get(number)
            mine = before is not None and before.reference == of
            assert before is None or mine or self.is_uncertain(number), (
                f"two owners: {number} was promised to {claim}, but is of {before}"
            )
            self.claims[number] = claim

    def free_of(self, reference: str) -> None:
        """Nothing is claimed by that any more."""
        self.claims = {n: c for n, c in self.claims.items() if c.reference != reference}

    def note_order(self, who: int, answer: Answer, *, of: str | None = None) -> None:
        """An order was accepted."""
        numbers = frozenset(entry["phoneNumber"] for entry in answer["phoneNumbers"])
        assert numbers
        if numbers & self.claims.keys():
            self.settle()  # the order that had one of them may have ended without it meanwhile
        order = Order(answer["id"], who, numbers, answer.get("blockId"))
        self.orders[order.id] = order
        self.claim(numbers, Claim(who, "order", order.id), of=of)
        if of is not None:
            self.free_of(of)
            self.reservations.pop(of, None)

    def note_reservation(
        self, who: int, reservation_id: str, expires_at: str, numbers: Iterable[str], *, offer: bool
    ) -> None:
        """A reservation was promised."""
        promised = Reservation(
            reservation_id, who, frozenset(numbers), datetime.fromisoformat(expires_at), offer
        )
        self.reservations[promised.id] = promised
        claim = Claim(who, "reservation", promised.id, promised.expires_at)
        self.claim(promised.numbers, claim)

    def note_refusal(self, who: int, wish: Answer, problem: Answer) -> None:
        """An order was refused: what is lost is somebody's, and an offer replaces the older one."""
        if problem["code"] != "numbersUnavailable":
            return
        before = set(self.claims)
        self.settle()  # what was lost to an order that meanwhile ended without it was lost, too
        for number in problem["lost"]:
            assert number in before or number not in self.stock, (
                f"{number} is said to be lost, but is nobody's"
            )
        if wish["type"] == "quantity":
            return  # nothing was named, so there is nothing to offer in its place
        older = [r for r in self.reservations.values() if r.is_offer and r.owner == who]
        for offer in older:
            self.let_go(offer)
        if "reservationId" in problem:
            numbers = [entry["phoneNumber"] for entry in problem["substitutes"]]
            self.note_reservation(
                who, problem["reservationId"], problem["expiresAt"], numbers, offer=True
            )

    def let_go(self, reservation: Reservation) -> None:
        """A reservation is over."""
        del self.reservations[reservation.id]
        self.free_of(reservation.id)

    def settle(self) -> None:
        """Wait for the end of every order that has none yet."""
        deadline = time.monotonic() + ENDS_WITHIN_SECONDS
        for order in self.orders.values():
            while not order.settled:
                shown = self.ok(
                    self.api(order.owner).get(f"/telephony/pstn/orders/{order.id}"), 200
                )
                if shown["status"] != "pending":
                    self.world.seen[f"order {shown['status']}"] += 1
                    assert shown["status"] in ("provisioned", "error", "cancelled"), shown
                    order.settled = True
                    if shown["status"] != "provisioned":
                        self.free_of(order.id)
                    break
                assert time.monotonic() < deadline, (
                    f"an order without an end: {shown['orderNumber']} is {shown['stage']}"
                )
                time.sleep(0.02)
        self.forget_what_is_over()

    def pick(self, count: int, index: int) -> list[str]:
        """So many numbers of the stock in a row, from that one on."""
        start = index % len(self.stock)
        return (self.stock + self.stock)[start : start + count]

    # --- Rules ----------------------------------------------------------------------------------

    whos = st.integers(0, 1)
    indices = st.integers(0, 99)
    counts = st.integers(1, 6)

    @rule(who=whos)
    def search(self, who: int) -> None:
        """What is shown as available is just what nobody has."""
        self.settle()
        customer = self.customers[who]
        query: Answer = {"state": "WY", "city": self.city, "max": 1000}
        answer = self.ok(
            customer.api.get(f"{customer.location}/availableNumbers", params=query), 200
        )
        shown = {entry["phoneNumber"] for entry in answer["phoneNumbers"]}
        for number in self.stock:
            if not self.is_uncertain(number):
                claim = self.claims.get(number)
                assert (number in shown) is (claim is None), f"{number} is shown, or not: {claim}"

    @rule(who=whos, size=st.sampled_from([10, 10, 50]))
    def search_blocks(self, who: int, size: int) -> None:
        """A block that is shown is whole."""
        self.settle()
        customer = self.customers[who]
        query: Answer = {"state": "WY", "city": self.city, "size": size}
        answer = self.ok(
            customer.api.get(f"{customer.location}/availableBlocks", params=query), 200
        )
        for block in answer["blocks"]:
            first = int(block["firstNumber"])
            for number in (f"+{n}" for n in range(first, first + size)):
                assert number in self.stock
                assert number not in self.claims or self.is_uncertain(number)

    def wish(self, way: str, count: int, index: int) -> Answer:
        """The body of an order or a reservation."""
        if way == "quantity":
            where = {"state": "WY", "city": self.city}
            return {"type": "quantity", "quantity": count, "criteria": where}
        if way == "block":
            # Most of the time one that lies across the border of the thousand.
            first = self.stock[7] if index % 3 else self.pick(1, index)[0]
            return {"type": "block", "firstNumber": first, "size": 10}
        return {"type": "numbers", "phoneNumbers": self.pick(count, index)}

    ways = st.sampled_from(["numbers", "numbers", "quantity", "block"])

    @rule(who=whos, way=ways, count=counts, index=indices)
    def hold(self, who: int, way: str, count: int, index: int) -> None:
        """Hold numbers, or be told that they are somebody's, or that it is too many."""
        self.reserve(who, way, count, index)

    def reserve(self, who: int, way: str, count: int, index: int) -> None:
        """The same, as it is sent."""
        self.settle()
        customer = self.customers[who]
        answer = self.send(
            customer.api.post(
                f"{customer.location}/reservations", json=self.wish(way, count, index)
            ),
            201,
            409,
            422,
        )
        if answer.status_code == 201:
            body = answer.json()
            self.note_reservation(
                who, body["id"], body["expiresAt"], body["phoneNumbers"], offer=False
            )

    def living(self, who: int | None = None) -> list[Reservation]:
        """Reservations that surely hold now."""
        return [
            reservation
            for reservation in self.reservations.values()
            if reservation.expires_at - self.now > MARGIN and who in (None, reservation.owner)
        ]

    @rule(index=indices)
    def extend(self, index: int) -> None:
        """Hold them longer, once."""
        self.settle()
        if not (living := self.living()):
            return
        reservation = living[index % len(living)]
        answer = self.send(
            self.api(reservation.owner).post(
                f"/telephony/pstn/reservations/{reservation.id}/extend"
            ),
            409 if reservation.extended else 200,
        )
        if answer.status_code == 200:
            reservation.extended = True
            reservation.expires_at = datetime.fromisoformat(answer.json()["expiresAt"])
            for number in reservation.numbers:
                self.claims[number].ends_at = reservation.expires_at

    @rule(index=indices)
    def give_back(self, index: int) -> None:
        """Let a reservation go."""
        self.settle()
        if living := self.living():
            reservation = living[index % len(living)]
            path = f"/telephony/pstn/reservations/{reservation.id}"
            self.send(self.api(reservation.owner).delete(path), 204)
            self.let_go(reservation)

    @rule(
        who=whos,
        way=ways,
        count=counts,
        index=indices,
        on_unavailable=st.sampled_from(["fail", "partial", "substitute"]),
    )
    def order(self, who: int, way: str, count: int, index: int, on_unavailable: str) -> None:
        """Order; the next step comes while the carrier may still be at it."""
        self.forget_what_is_over()
        self.place(who, self.wish(way, count, index) | {"onUnavailable": on_unavailable})

    @rule(index=indices)
    def order_what_is_reserved(self, index: int) -> None:
        """An order uses a reservation up; it cannot fail for want of the numbers."""
        self.settle()
        if not (living := self.living()):
            return
        reservation = living[index % len(living)]
        wish = {
            "type": "numbers",
            "phoneNumbers": sorted(reservation.numbers),
            "reservationId": reservation.id,
        }
        answer = self.place(reservation.owner, wish, of=reservation.id)
        assert answer.status_code == 201, f"a lost reservation: {answer.text}"

    def place(self, who: int, wish: Answer, *, of: str | None = None) -> httpx.Response:
        """Send an order and note what becomes of it."""
        customer = self.customers[who]
        path = f"{customer.location}/numberOrders"
        answer = self.send(customer.api.post(path, json=wish), 201, 409, 422)
        if answer.status_code == 201:
            self.note_order(who, answer.json(), of=of)
        elif answer.status_code == 409:
            self.note_refusal(who, wish, answer.json())
        return answer

    @rule()
    def cancel(self) -> None:
        """Cancel the last order, if the carrier was not faster."""
        order = next((o for o in reversed(self.orders.values()) if not o.settled), None)
        if order is None:
            return
        path = f"/telephony/pstn/orders/{order.id}/cancel"
        self.send(self.api(order.owner).post(path), 200, 409)
        self.settle()

    def owned(self, who: int) -> list[str]:
        """Numbers of delivered orders."""
        return sorted(n for n, c in self.claims.items() if c.kind == "order" and c.owner == who)

    @rule(who=whos, count=counts, index=indices)
    def release(self, who: int, count: int, index: int) -> None:
        """Release numbers; one of a block goes with it only."""
        self.settle()
        if not (owned := self.owned(who)):
            return
        chosen = owned[index % len(owned) :][:count]
        orders = {self.claims[number].reference for number in chosen}
        blocks = [self.orders[order] for order in orders if self.orders[order].block_id]
        torn = any(not order.numbers <= set(chosen) for order in blocks)
        answer = self.send(
            self.api(who).post("/telephony/pstn/numbers/release", json={"phoneNumbers": chosen}),
            409 if torn else 200,
        )
        if not torn:
            self.note_released(who, answer.json())

    @rule(index=indices)
    def release_block(self, index: int) -> None:
        """Release a block, whole."""
        self.settle()
        blocks = [
            order
            for order in self.orders.values()
            if order.block_id and all(self.is_of(number, order.id) for number in order.numbers)
        ]
        if blocks:
            order = blocks[index % len(blocks)]
            answer = self.ok(
                self.api(order.owner).post(
                    "/telephony/pstn/numbers/release", json={"blockId": order.block_id}
                ),
                200,
            )
            assert len(answer["phoneNumbers"]) == len(order.numbers)
            self.note_released(order.owner, answer)

    def is_of(self, number: str, order_id: str) -> bool:
        """Whether an order's number is still its owner's."""
        claim = self.claims.get(number)
        return claim is not None and (claim.kind, claim.reference) == ("order", order_id)

    def note_released(self, who: int, answer: Answer) -> None:
        """They rest until a day that the answer names."""
        for entry in answer["phoneNumbers"]:
            number = entry["phoneNumber"]
            until = datetime.fromisoformat(entry["restsUntil"])
            self.claims[number] = Claim(who, "released", self.claims[number].reference, until)

    @rule(who=whos, index=indices)
    def restore(self, who: int, index: int) -> None:
        """Take a number back, within seven days of its release, with its whole block."""
        self.settle()
        released = sorted(
            n for n, c in self.claims.items() if c.kind == "released" and c.owner == who
        )
        if not released:
            return
        number = released[index % len(released)]
        order = self.orders[self.claims[number].reference]
        chosen = sorted(order.numbers) if order.block_id else [number]
        ends_at = self.claims[number].ends_at
        assert ends_at is not None
        left = ends_at - timedelta(days=83) - self.now
        if abs(left) < MARGIN:
            return
        answer = self.send(
            self.api(who).post("/telephony/pstn/numbers/restore", json={"phoneNumbers": chosen}),
            200 if left > timedelta() else 409,
        )
        if answer.status_code == 200:
            for taken_back in chosen:
                self.claims[taken_back] = Claim(who, "order", order.id)

    @rule(who=whos, index=indices)
    def restore_too_late(self, who: int, index: int) -> None:
        """Take a number back when its seven days are over."""
        self.move_clock(8 * 86_400)
        self.restore(who, index)

    @rule(seconds=st.sampled_from(LEAPS))
    def move_clock(self, seconds: int) -> None:
        """Time passes."""
        answer = self.operator.post("/simulator/clock/advance", json={"seconds": seconds})
        self.read_clock(self.ok(answer, 200))
        self.forget_what_is_over()

    # --- What must stay true --------------------------------------------------------------------

    @invariant()
    def books_are_right(self) -> None:
        """The tables agree with what everybody was told, and no limit is passed."""
        if not hasattr(self, "customers"):
            return
        self.forget_what_is_over()
        available, rows = self.world.wait_for(self.tables())
        for phone_number in self.stock:
            number = int(phone_number)
            assert (number in available) != (number in rows), (
                f"{number} is in the bitmap and in a row at once, or in neither"
            )
        for reservation in self.living():
            held = {f"+{n}" for n, row in rows.items() if str(row.reservation_id) == reservation.id}
            assert held == reservation.numbers, f"a lost reservation: {reservation} holds {held}"
        held_by_paid = sum(len(reservation.numbers) for reservation in self.living(0))
        assert held_by_paid <= RESERVED_LIMIT, f"a limit passed: {held_by_paid} reserved"
        trial = [n for n, c in self.claims.items() if c.owner == 1 and self.counts_for_trial(c)]
        assert len(trial) <= TRIAL_LIMIT, f"a limit passed: the trial has {len(trial)} numbers"

    async def tables(self) -> tuple[set[int], dict[int, Number]]:
        """The numbers available, and those in rows."""
        database, first = self.world.service.database, self.base
        async with database.read(EVERYTHING, snapshot=True) as session:
            blocks = await repository.blocks_after(session, first // 1000 - 1, 2)
            # A substitute may come out of another run's stock.
            reserved = [UUID(reservation_id) for reservation_id in self.reservations]
            rows = await session.scalars(
                select(Number).where(
                    Number.number.between(first, first + 1999) | Number.reservation_id.in_(reserved)
                )
            )
            available = {n for block in blocks for n in numbers_of(block.id, block.available)}
            return available, {row.number: row for row in rows}

    def counts_for_trial(self, claim: Claim) -> bool:
        """Whether that surely counts against a trial's limit now."""
        if claim.kind == "order":
            return self.orders[claim.reference].settled
        assert claim.ends_at is not None
        ends_at = claim.ends_at - timedelta(days=83 if claim.kind == "released" else 0)
        return ends_at - self.now > MARGIN

    @rule(who=whos)
    def read(self, who: int) -> None:
        """The service says of limits and reservations what it did."""
        self.settle()
        name, most = (("heldNumbers", RESERVED_LIMIT), ("trialNumbers", TRIAL_LIMIT))[who]
        answer = self.ok(self.api(who).get("/telephony/pstn/limits"), 200)
        limit = next(entry for entry in answer["items"] if entry["name"] == name)
        assert limit["limit"] == most
        assert limit["used"] <= most, f"a limit passed: {limit}"
        for reservation in self.living(who):
            path = f"/telephony/pstn/reservations/{reservation.id}"
            shown = self.ok(self.api(who).get(path), 200)
            assert shown["status"] == "active", f"a lost reservation: {shown}"
            assert set(shown["phoneNumbers"]) == reservation.numbers, f"a lost reservation: {shown}"

"""The command line against the running service: stories, refusals, exit statuses, lost answers."""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from app.cli.client import advice, api
from app.cli.client.orders import Status
from app.cli.main import cli
from app.core.texts import Language
from app.domains.orders.kinds import Remedy
from app.domains.orders.lifecycle import OrderStatus
from app.domains.port_orders.errors import ERRORS
from tests.cli.calling import Person
from tests.cli.careless_line import BUSY, CUT, FAITHFUL, careless_line
from tests.conftest import Customer, Service, make_customer, token_for
from tests.ports.porting import (
    ACCOUNT,
    PORTS,
    P,
    act,
    advance,
    answered,
    bill,
    desk,
    fresh,
    in_warsaw,
    read,
    submitted,
)

Stock = Callable[..., Awaitable[list[str]]]
WHERE = ("--state", "WA", "--area-code", "206")
ENABLE = (
    *("enable", "--company", "Northwind Traders", "--first-name", "Ada", "--last-name", "Example"),
    *("--email", "ada@northwind.example", "--job-title", "Head of IT"),
)
ENTERED = {**ACCOUNT, "pin": None}


@pytest.fixture
def person(customer: Customer) -> Person:
    """The customer's administrator at a terminal."""
    return Person.of(customer)


@pytest.mark.domain("B4", "B6", "C2", "C5")
async def test_numbers_come_about_from_the_terminal_alone(service: Service, stock: Stock) -> None:
    person = Person.of(await make_customer(service, connected=False))
    numbers = await stock(2)

    unasked = await person.runs(*ENABLE)
    enabled = await person.does(*ENABLE, "--accept-disclaimer")
    found = await person.reads("search", *WHERE, "--contains", numbers[0][-7:])
    ordered = await person.does("order", *numbers, "--watch", "--every", "0.1")
    accepted = await person.does("tos", "accept", "--yes")
    active = await person.reads("numbers", "--state", "active")
    done = await person.does("main-number", numbers[0])

    assert (unasked.status, unasked.out) == (2, "")
    assert ["main-number", "NUMBER"] in enabled.commands
    assert found["phoneNumbers"][0]["phoneNumber"] == numbers[0]
    assert ordered.commands == [["tos", "accept"]]
    assert "accepted" in accepted.out
    assert [number["phoneNumber"] for number in active["phoneNumbers"]] == numbers
    assert "Everything is done." in done.out


@pytest.mark.domain("C2", "C6", "C9", "C10")
async def test_blocks_and_quantities_are_judged_and_ordered(person: Person, stock: Stock) -> None:
    numbers = await stock(20)

    quote = await person.does("order", "--block", "10", numbers[0], "--quote")
    block = await person.reads("order", "--block", "10", numbers[0])
    several = await person.reads("order", "--quantity", "2", *WHERE)
    none = await person.runs("search", "--block", "100", "--state", "WA", "--area-code", "564")
    too_many = await person.runs("order", "--quantity", "101", "--state", "WA", "--quote")

    assert "It can be ordered." in quote.out
    assert block["blockId"]
    assert len(several["phoneNumbers"]) == 2
    assert (none.status, "longest run" in none.out) == (0, True)
    assert too_many.status == 5


@pytest.mark.domain("C8")
async def test_who_loses_a_number_is_told_the_command_that_goes_on(
    person: Person, service: Service, stock: Stock
) -> None:
    numbers = await stock(4)
    other = Person.of(await make_customer(service))
    await other.does("order", numbers[0])

    lost = await person.runs("order", numbers[0], numbers[1], "--json")
    (command,) = lost.commands
    gone_on = await person.does(*command)

    assert lost.status == 1
    assert lost.json["code"] == "numbersUnavailable"
    assert lost.json["lost"] == [numbers[0]]
    assert command[:2] == ["order", numbers[1]]
    assert numbers[1] in gone_on.out


@pytest.mark.domain("E9", "E11", "F", "G")
async def test_a_rejected_port_is_repaired_by_the_commands_it_names(
    customer: Customer, person: Person, tmp_path: Path
) -> None:
    numbers = fresh(1, 60)
    fields = tmp_path / "port.json"
    fields.write_text(json.dumps({"portType": "full", "account": ENTERED}))
    paper = tmp_path / "bill.pdf"
    signature = ("--name", ACCOUNT["authorizedName"], "--title", "Owner", "--consent")

    draft = await person.does("port", "create", *numbers)
    number = draft.out.split()[0]
    needed = [command[:2] for command in draft.commands]
    order = await person.reads("port", "status", number)
    await person.does("port", "set", number, "--from", str(fields))
    unready = await person.runs("port", "readiness", number)
    paper.write_bytes(await bill(customer, order))
    await person.does("port", "upload", number, str(paper))
    signed = await person.does("port", "sign", number, *map(str, signature))
    watched = asyncio.create_task(
        person.runs("port", "submit", number, "--watch", "--every", "0.1", "--timeout", "60")
    )
    while (await read(customer, order))["status"] == "pending":
        await asyncio.sleep(0.1)
    await advance(customer, seconds=1)
    rejected = await watched

    assert needed == [["port", each] for each in ("set", "upload", "sign", "submit")]
    assert unready.status == 5
    assert signed.commands == [["port", "submit", number, "--watch"]]
    assert rejected.status == 5
    assert "accountNumberMismatch" in rejected.out
    remedy, renewal, resubmission = rejected.commands
    assert remedy == ["port", "set", number, "--account-number"]
    assert renewal[:2] == ["port", "sign"]

    remedied = await person.does(*remedy, typed="8834-22191\n")
    await person.does("port", "sign", number, *map(str, signature))
    watched = asyncio.create_task(person.runs(*resubmission, "--every", "0.1", "--timeout", "60"))
    while (await read(customer, order))["status"] != "submitted":
        await asyncio.sleep(0.1)
    await answered(customer)
    await advance(customer, days=14)
    completed = await watched

    assert "Remedied." in remedied.err
    assert "8834-22191" not in remedied.out + remedied.err
    assert completed.status == 0
    assert "✓ completed" in completed.out
    assert "Submitted" in completed.err  # each change on its way is told


@pytest.mark.domain("E10", "E12")
async def test_a_port_is_corrected_divided_and_cancelled(
    customer: Customer, person: Person
) -> None:
    numbers = fresh(50, 51, 52)
    order = await person.reads("port", "create", *numbers)
    number = order["orderNumber"]

    await person.does(
        *("port", "set", number, "--type", "partial", "--remaining", "keep", "--pin"),
        *("--override", "companyName=Renamed", "--address1", "1 Pine Street", "--city", "Kent"),
        typed="4711\n",
    )
    await person.does("port", "set", number, "--city", "")
    overridden = await person.reads("port", "set", number, "--override", "accountNumber=New")
    left = await person.reads("port", "remove", number, numbers[2])
    halves = await person.reads(
        "port", "split", number, f"{numbers[0]}=+12065559000", f"{numbers[1]}=+12065559001"
    )
    cancelled = await person.reads("cancel", halves["orders"][0]["orderNumber"])
    letter = await person.runs("port", "loa", number, "--output", "/nonexistent/loa.pdf")

    assert overridden["account"]["pin"] == "••••"
    assert overridden["account"]["serviceAddress"]["address1"] == "1 Pine Street"
    assert overridden["account"]["serviceAddress"]["city"] is None
    assert [each["field"] for each in overridden["billOverrides"]] == [
        "companyName",
        "accountNumber",
    ]
    assert [entry["status"] for entry in left["phoneNumbers"]] == ["pending", "pending", "removed"]
    assert len(halves["orders"]) == 2
    assert cancelled["status"] == "cancelled"
    assert letter.status == 1
    assert (await read(customer, order))["status"] == "cancelled"


@pytest.mark.domain("D1", "E6", "J2")
async def test_in_an_assisted_country_support_finds_numbers_and_the_letter_is_uploaded(
    service: Service,
) -> None:
    customer = await in_warsaw(service)
    person = Person.of(customer)

    setup = await person.does("setup")
    order = await person.reads("order", "--quantity", "2", "--number-type", "local")
    no_port = await person.runs("port", "status", order["orderNumber"])
    asked = await person.reads("support", order["orderNumber"], "Consecutive, please.")
    answer = await person.does("support", order["orderNumber"])
    waiting = await person.runs(
        "orders", order["orderNumber"], "--watch", "--every", "0.1", "--timeout", "0.2"
    )
    refused = await person.runs("search", "--state", "WA")
    draft = await person.does("port", "create", "+48225550199")

    assert ["order", "--quantity", "N", "--number-type", "local"] in setup.commands
    assert "assisted" in setup.err
    assert order["stage"] == "withSupport"
    assert no_port.status == 2
    assert "is no port" in no_port.err
    assert asked["orderId"] == order["id"]
    assert "Consecutive, please." in answer.out
    assert waiting.status == 5
    assert refused.status == 1
    assert ["order", "--quantity", "N", "--number-type", "local"] in refused.commands
    assert draft.commands[-2][-1] == "loa"


async def test_a_rule_broken_is_told_with_its_place_and_its_remedy(
    customer: Customer, person: Person
) -> None:
    order = await person.reads("port", "create", *fresh(50))

    submitted_empty = await person.runs("port", "submit", order["id"], "--json")
    too_many = await person.runs("order", "--quantity", "101", "--state", "WA", "--lang", "pl")
    toll_free = await person.runs("order", "+18005550123", "12")

    problem = submitted_empty.json
    assert submitted_empty.status == 1
    assert problem["code"] == "policyViolation"
    for violation in problem["violations"]:
        assert violation["detail"] in submitted_empty.err
        assert violation["pointer"] in submitted_empty.err
    assert ["port", "set", order["id"], "--carrier", "…"] in submitted_empty.commands
    assert "zamówieni" in too_many.err
    assert "limit 100" in too_many.err
    assert toll_free.err.count("•") == 2
    assert customer.organization_id not in toll_free.err


async def test_exit_statuses_tell_what_went_wrong(
    customer: Customer,
    person: Person,
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(api, "PAUSES_SECONDS", (0.1,))
    stranger = Person.of(customer, token="nobody")
    nowhere = Person({"PSTN_URL": "http://127.0.0.1:1", "PSTN_TOKEN": "x"})
    reader = Person.of(
        customer,
        await token_for(
            customer.operator, "readOnlyAdmin", customer.organization_id, customer.partner_id
        ),
    )
    half_told = Person({"PSTN_URL": service.url})
    demo = tmp_path / "demo.json"
    content = {"baseUrl": service.url, "tokens": {"customerAdmin": "secret"}, "locations": {}}
    demo.write_text(json.dumps(content))
    elsewhere = Person({"PSTN_URL": "http://127.0.0.1:1", "PSTN_HOME": str(tmp_path)})

    statuses = {
        "nobody": (await stranger.runs("orders")).status,
        "not allowed": (await reader.runs("order", "+12062676000", "--json")).status,
        "unreachable": (await nowhere.runs("orders")).status,
        "no demo": (await half_told.runs("orders")).status,
        "demo elsewhere": (await elsewhere.runs("orders")).status,
        "no such order": (await person.runs("port", "status", "PSTN-999999")).status,
        "no such option": (await person.runs("orders", "--wrong")).status,
        "no such status": (await person.runs("orders", "--status", "submited")).status,
        "nothing to set": (await person.runs("port", "set", customer.location_id)).status,
        "two ways": (await person.runs("order", "+12062676000", "--quantity", "2")).status,
    }

    assert statuses == {
        "nobody": 4,
        "not allowed": 1,
        "unreachable": 3,
        "no demo": 2,
        "demo elsewhere": 2,
        "no such order": 2,
        "no such option": 2,
        "no such status": 2,
        "nothing to set": 2,
        "two ways": 2,
    }


async def test_an_order_whose_answer_was_lost_is_made_once(
    customer: Customer, person: Person, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await stock(2)

    async with careless_line(customer.service.url, [CUT, BUSY]) as url:
        over_it = Person(person.environment | {"PSTN_URL": url, "PSTN_LOCATION": "x"})
        made = await over_it.reads("order", first, "--location", customer.location_id)
    monkeypatch.setattr(api, "PAUSES_SECONDS", (0.1,))
    async with careless_line(customer.service.url, [CUT, CUT]) as url:
        over_it = Person(person.environment | {"PSTN_URL": url})
        lost = await over_it.runs("order", second, "--location", customer.location_id)
        key = lost.err.partition("--key ")[2].partition(":")[0]
        again = await over_it.reads(
            *("order", second, "--location", customer.location_id, "--key", key)
        )

    assert lost.status == 3
    orders = await person.reads("orders")
    assert [order["id"] for order in orders["items"]] == [again["id"], made["id"]]


async def test_watching_outlives_a_lost_connection(
    customer: Customer, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await submitted(customer, *fresh(20))
    monkeypatch.setattr(api, "PAUSES_SECONDS", ())
    mischief = [FAITHFUL, CUT, CUT]

    async with careless_line(customer.service.url, mischief) as url:
        over_it = Person(person.environment | {"PSTN_URL": url})
        watching = asyncio.create_task(
            over_it.runs("port", "status", order["id"], "--watch", "--every", "0.1")
        )
        while mischief:
            await asyncio.sleep(0.05)
        await act(customer, order, "cancel")
        support = await customer.caller("support")
        assert (await desk(support, order, "confirmCancel")).status_code == 200
        watched = await watching

    assert watched.status == 5
    assert watched.err.count("cannot be reached") == 1
    assert "✗ cancelled" in watched.out


@pytest.mark.domain("E8")
async def test_a_bill_that_differs_is_told_with_both_ways_out(
    customer: Customer, person: Person, tmp_path: Path
) -> None:
    order = await person.reads("port", "create", *fresh(50))
    fields = tmp_path / "port.json"
    fields.write_text(json.dumps({"portType": "full", "account": ENTERED}))
    await person.does("port", "set", order["id"], "--from", str(fields))
    paper = tmp_path / "bill.pdf"
    paper.write_bytes(await bill(customer, order, companyName="Juniper Loop Architects"))

    uploaded = await person.does("port", "upload", order["id"], str(paper))

    change = ["port", "set", order["orderNumber"], "--company", "…", "or"]
    assert [*change, "--override", "companyName=REASON"] in uploaded.commands


async def test_lists_are_read_page_by_page(
    person: Person, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = await stock(7)
    monkeypatch.setattr(api, "LARGEST_PAGE", 2)
    contains = ("--contains", numbers[0][2:-1])  # all seven share it

    some = await person.reads("search", *WHERE, *contains, "--quantity", "3", "--max", "5")
    all_of_them = await person.reads("search", *WHERE, *contains, "--max", "50")

    assert [found["phoneNumber"] for found in some["phoneNumbers"]] == numbers[:5]
    assert [found["preselected"] for found in some["phoneNumbers"]] == [True] * 3 + [False] * 2
    assert [found["phoneNumber"] for found in all_of_them["phoneNumbers"]] == numbers


async def test_json_is_what_the_api_answers(customer: Customer, person: Person) -> None:
    order = await submitted(customer, *fresh(50))

    told = await person.reads("port", "status", order["id"])
    listed = await person.reads("orders", "--number", order["phoneNumbers"][0]["phoneNumber"])

    assert told == (await customer.api.get(f"{PORTS}/{order['id']}")).json()
    assert (
        listed
        == (
            await customer.api.get(f"{P}/orders", params={"orderNumber": order["orderNumber"]})
        ).json()
    )


async def test_a_location_is_meant_by_its_name(customer: Customer, person: Person) -> None:
    other = {"name": "Second office", "timeZone": "UTC", "address": ACCOUNT["serviceAddress"]}
    assert (await customer.api.post("/locations", json=other)).status_code == 201

    unclear = await person.runs("setup")
    named = await person.runs("setup", "--location", "Second office")
    unknown = await person.runs("setup", "--location", "Third office")

    assert (unclear.status, customer.location_id in unclear.err) == (2, True)
    assert ["enable", "--location", "'Second", "office'"] in named.commands
    assert unknown.status == 2


def options_of(*path: str) -> set[str]:
    """The options of a command."""
    command: Any = typer.main.get_command(cli)
    for name in path:
        command = command.commands[name]
    return {option for parameter in command.params for option in parameter.opts}


@pytest.mark.domain("G")
@pytest.mark.parametrize(
    "remedy", [remedy for kind in ERRORS.values() for remedy in kind.remedies], ids=str
)
def test_each_remedy_of_a_port_has_its_command(remedy: Remedy) -> None:
    command = advice.remedying("PSTN-000042", remedy.to_json(Language.en, ["+12065550101"]))

    assert command is not None
    words = shlex.split(command)[1:]
    named = [word for word in words if word.startswith("--")]
    path = words[:2] if words[0] == "port" else words[:1]
    assert set(named) <= options_of(*path)
    assert named or remedy.action in ("removeNumbers", "splitOrder", "contactSupport")


def test_what_a_port_can_say_the_command_line_can_say() -> None:
    assert set(advice.PORT_OPTIONS.values()) <= options_of("port", "set")


def test_orders_are_listed_by_every_status_there_is() -> None:
    assert set(get_args(Status)) == set(OrderStatus)


def test_whoever_asks_for_help_does_not_wait_for_the_service() -> None:
    heavy = "{'fastapi', 'sqlalchemy', 'httpx', 'pydantic', 'app.core', 'app.domains', 'asyncio'}"
    code = f"import sys, app.cli.main; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

"""Searching the inventory: by place and digits, in pages, without reading it all (domain.md C3)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from asyncpg import BitString
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, text

from app.core.database import EVERYTHING, Database, ReadSession, WriteSession
from app.domains.numbering.bitmaps import SIZE, longest_run, mask_of, numbers_of
from app.domains.numbering.models import ThousandsBlock
from app.domains.numbering.repository import (
    Criteria,
    areas_with_run,
    find_blocks,
    find_with_run,
    longest_run_at,
)
from app.domains.numbering.service import holding
from app.domains.numbering.service import search as inventory
from tests.api.problems import rules
from tests.conftest import (
    CISCO_PSTN,
    HEADER,
    Api,
    Cluster,
    Customer,
    Service,
    import_csv,
    make_customer,
)
from tests.numbering.stocking import line, place, prefix_of_its_own, thousand, undone

TROIS_RIVIERES = {
    "address1": "1200 Rue Royale",
    "city": "Trois-Rivières",
    "state": "QC",
    "postalCode": "G9A 4J2",
    "country": "CA",
}


@pytest.fixture(scope="module")
async def buyer(service: Service) -> Customer:
    """A paid organisation on Cisco PSTN."""
    return await make_customer(service)


@pytest.fixture
async def far_north(api: Api) -> tuple[int, str]:
    """Seven numbers in two thousands of a prefix: its first number, and their city."""
    first, city = prefix_of_its_own("907"), place("Nome")
    lines = [
        line(first + 123, first + 125, city=city, state="AK"),
        line(first + 999, city=city, state="AK"),
        line(first + 1000, city=city, state="AK"),
        line(first + 1776, first + 1777, city=city, state="AK"),
    ]
    result = await import_csv(api, HEADER + "".join(lines))
    assert (result["imported"], result["refused"]) == (7, [])
    return first, city


async def found(buyer: Customer, **criteria: Any) -> list[str]:
    """The numbers of the first page."""
    response = await buyer.api.get(f"{buyer.location}/availableNumbers", params=criteria)
    assert response.status_code == 200, response.text
    return [entry["phoneNumber"] for entry in response.json()["phoneNumbers"]]


def e164(*numbers: int) -> list[str]:
    return [f"+{number}" for number in numbers]


def all_of(first: int) -> list[str]:
    return e164(*(first + i for i in (123, 124, 125, 999, 1000, 1776, 1777)))


# --- By place ---------------------------------------------------------------------------------


@pytest.mark.domain("C3")
async def test_numbers_are_found_by_state_area_code_prefix_and_city(
    buyer: Customer, far_north: tuple[int, str]
) -> None:
    first, city = far_north
    prefix = str(first)[4:7]

    assert await found(buyer, areaCode="907", prefix=prefix) == all_of(first)
    assert await found(buyer, city=city) == all_of(first)
    assert await found(buyer, state="AK", city=city) == all_of(first)
    assert await found(buyer, state="AK", areaCode="907", prefix=prefix, city=city) == all_of(first)
    assert set(all_of(first)) <= set(await found(buyer, state="AK", max=1000))
    assert set(all_of(first)) <= set(await found(buyer, areaCode="907", max=1000))


@pytest.mark.domain("C3")
async def test_every_criterion_has_to_fit(buyer: Customer, far_north: tuple[int, str]) -> None:
    first, city = far_north
    prefix = int(str(first)[4:7])

    assert await found(buyer, state="WA", city=city) == []
    assert await found(buyer, areaCode="206", city=city) == []
    assert await found(buyer, areaCode="907", prefix=str(prefix + 1), city=city) == []
    assert await found(buyer, areaCode="907", prefix=str(prefix), city="Nowhere") == []
    assert await found(buyer, city=city[:-1]) == []


@pytest.mark.domain("C3")
async def test_each_number_tells_where_it_is(buyer: Customer, far_north: tuple[int, str]) -> None:
    _, city = far_north

    response = await buyer.api.get(
        f"{buyer.location}/availableNumbers", params={"city": city, "max": 1}
    )

    (number,) = response.json()["phoneNumbers"]
    assert (number["city"], number["state"], number["preselected"]) == (city, "AK", False)


@pytest.mark.domain("C3")
@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase, lambda c: f"  {c} "])
async def test_a_city_is_found_however_it_is_cased(
    buyer: Customer, far_north: tuple[int, str], change: Any
) -> None:
    first, city = far_north

    assert await found(buyer, city=change(city)) == all_of(first)


@pytest.mark.domain("C3")
async def test_a_city_with_accents_is_found_however_it_is_cased(service: Service, api: Api) -> None:
    quebec = await make_customer(service, address=TROIS_RIVIERES, connected=False)
    connected = await quebec.api.put(
        f"{quebec.location}/connection", json={**CISCO_PSTN, "emergencyAddress": TROIS_RIVIERES}
    )
    assert connected.status_code == 200, connected.text
    city, first = place("Île-Élisée"), thousand("819")
    await import_csv(api, HEADER + line(first, first + 1, city=city, state="QC", country="CA"))

    for spelling in (city, city.upper(), city.lower(), city.title()):
        assert await found(quebec, city=spelling) == e164(first, first + 1)


@pytest.mark.domain("C3")
async def test_a_location_is_shown_numbers_of_its_own_country_only(
    buyer: Customer, api: Api
) -> None:
    city, first = place("Gatineau"), thousand("819")
    await import_csv(api, HEADER + line(first, city=city, state="QC", country="CA"))

    assert await found(buyer, city=city) == []
    assert await found(buyer, areaCode="819") == []


@pytest.mark.domain("C3")
async def test_a_search_names_a_place(buyer: Customer) -> None:
    path = f"{buyer.location}/availableNumbers"

    for query in ("", "max=5", "quantity=5", "contains=777", "city=", "city=%20%20"):
        response = await buyer.api.get(f"{path}?{query}")
        assert rules(response) == [("searchTooWide", "")], query


@pytest.mark.domain("C3")
async def test_a_prefix_belongs_to_an_area_code(buyer: Customer) -> None:
    path = f"{buyer.location}/availableNumbers"

    alone = await buyer.api.get(path, params={"prefix": "267"})
    in_state = await buyer.api.get(path, params={"prefix": "267", "state": "WA"})
    everything = await buyer.api.get(path, params={"prefix": "267", "state": "ZZ", "city": "x"})

    assert rules(alone) == [("searchTooWide", ""), ("validationFailed", "/prefix")]
    assert rules(in_state) == [("validationFailed", "/prefix")]
    assert rules(everything) == [("validationFailed", "/state"), ("validationFailed", "/prefix")]


# --- By digits --------------------------------------------------------------------------------


@pytest.mark.domain("C3")
async def test_digits_are_found_wherever_they_lie(
    buyer: Customer, far_north: tuple[int, str]
) -> None:
    first, city = far_north
    national = str(first)[1:]

    async def containing(digits: str) -> list[int]:
        numbers = await found(buyer, city=city, contains=digits)
        return [int(number) - first for number in numbers]

    everything = [123, 124, 125, 999, 1000, 1776, 1777]
    # In the digits that a thousand shares, the area code too.
    assert await containing("907") == everything
    assert await containing(national[:6]) == everything
    assert await containing(national[:6] + "0") == [123, 124, 125, 999]
    # In the last three.
    assert await containing("777") == [1777]
    assert await containing("25") == [125]
    # Straddling the two.
    assert await containing("0123") == [123]
    assert await containing("01") == [123, 124, 125]
    assert await containing("177") == [1776, 1777]
    assert await containing(national[3:6] + "177") == [1776, 1777]
    assert await containing(f"{first + 1776}"[1:]) == [1776]
    # Not at all; and the country code is no part of a national number.
    assert await containing("1907") == []
    assert await containing("1234567890") == []


def brute_force(block_id: int, criteria: Criteria) -> int:
    """The numbers of a thousands-block that contain the digits, one by one."""
    digits = criteria.contains or ""
    return mask_of(
        number
        for number in range(block_id * SIZE, (block_id + 1) * SIZE)
        if digits in str(number)[len(criteria.calling_code) :]
    )


NATIONAL = st.from_regex(r"[2-9][0-9]{2}[2-9][0-9]{3}", fullmatch=True)


@st.composite
def some_digits(draw: st.DrawFn, national: str) -> str:
    """Digits that may well be in a number of that thousand."""
    number = national + f"{draw(st.integers(0, 999)):03}"
    start = draw(st.integers(0, 9))
    length = draw(st.integers(1, 10 - start))
    return draw(
        st.one_of(
            st.just(number[start : start + length]), st.text("0123456789", min_size=1, max_size=10)
        )
    )


@given(data=st.data(), national=NATIONAL, calling_code=st.sampled_from(["1", "44", "353"]))
@settings(max_examples=300, deadline=None)
def test_the_mask_of_digits_is_the_one_that_brute_force_finds(
    data: st.DataObject, national: str, calling_code: str
) -> None:
    digits = data.draw(some_digits(national))
    criteria = Criteria("US", calling_code, contains=digits)
    block_id = int(calling_code + national)

    assert criteria.mask(block_id) == brute_force(block_id, criteria)


def test_without_digits_every_number_fits() -> None:
    assert Criteria("US", "1").mask(1206200).bit_count() == SIZE


COUNTRY = "ZZ"
"""A country of these tests' own: what others put in stock is not in the way."""

CITIES = ["Nome", "NOME", "Sitka"]
Stock = dict[int, tuple[str, str, frozenset[int]]]
STOCKS = st.dictionaries(
    st.builds(
        lambda area, prefix, thousand: int(f"1{area}{prefix}{thousand}"),
        st.sampled_from([907, 908]),
        st.sampled_from([977, 978]),
        st.integers(0, 9),
    ),
    st.tuples(
        st.sampled_from(["AK", "HI"]),
        st.sampled_from(CITIES),
        st.frozensets(
            st.one_of(st.integers(0, 999), st.sampled_from([0, 77, 777, 999])), max_size=8
        ),
    ),
    max_size=12,
)
CRITERIA = st.builds(
    lambda place, **more: Criteria(COUNTRY, "1", **{**more, **place}),
    st.sampled_from(
        [
            {"area_code": "907", "prefix": "977"},
            {"area_code": "908", "prefix": None},
            {"area_code": None, "prefix": None},
        ]
    ),
    state=st.sampled_from([None, "AK", "HI"]),
    city=st.sampled_from([None, "nome", "SITKA", "Juneau"]),
    contains=st.one_of(
        st.none(),
        st.text("079", min_size=1, max_size=5),
        st.sampled_from(["77", "777", "0777", "9770", "907977", "7999", "90797700", "1907"]),
    ),
)


def matching(stock: Stock, criteria: Criteria) -> list[int]:
    """What a search has to find, number by number."""
    return sorted(
        number
        for block_id, (state, city, endings) in stock.items()
        for number in (block_id * SIZE + ending for ending in endings)
        if criteria.state in (None, state)
        and (criteria.city or city).lower() == city.lower()
        and str(number)[1:].startswith((criteria.area_code or "") + (criteria.prefix or ""))
        and (criteria.contains or "") in str(number)[1:]
    )


async def put_in_stock(session: WriteSession, stock: Stock) -> None:
    rows = [
        {
            "id": block_id,
            "country": COUNTRY,
            "state": state,
            "city": city,
            "rate_center": city,
            "number_type": "local",
            "stocked": mask_of(endings),
            "available": mask_of(endings),
            "longest_run": longest_run(mask_of(endings), 0),
        }
        for block_id, (state, city, endings) in stock.items()
    ]
    if rows:
        await session.execute(insert(ThousandsBlock), rows)


async def numbers_found(
    session: ReadSession, criteria: Criteria, after: int | None = None, limit: int = 1_000
) -> list[int]:
    entries = await inventory.search(session, criteria, after=after, limit=limit)
    return [entry.number for entry in entries]


@pytest.mark.domain("C3")
@given(stock=STOCKS, criteria=CRITERIA, page=st.integers(1, 7))
@example(
    stock={1907977: ("AK", "Nome", frozenset({777})), 1907978: ("AK", "Nome", frozenset({0}))},
    criteria=Criteria(COUNTRY, "1", state="AK", contains="7777"),
    page=1,
)
@example(
    stock={1907970: ("AK", "Nome", frozenset({77, 777, 770}))},
    criteria=Criteria(COUNTRY, "1", state="AK", contains="0777"),
    page=1,
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_a_search_finds_what_brute_force_finds_whole_and_in_pages(
    service: Service, stock: Stock, criteria: Criteria, page: int
) -> None:
    async with undone(service) as session:
        await put_in_stock(session, stock)
        expected = matching(stock, criteria)

        assert await numbers_found(session, criteria) == expected
        shown: list[int] = []
        while numbers := await numbers_found(
            session, criteria, shown[-1] if shown else None, limit=page
        ):
            assert len(numbers) <= page
            shown += numbers
        assert shown == expected


async def test_a_search_reads_on_when_many_thousands_come_to_nothing(service: Service) -> None:
    # More thousands than are read at once, of which only the last has the digits.
    places = {1907000 + i: ("AK", "Nome", frozenset({111})) for i in range(260)}
    stock: Stock = {**places, 1907999: ("AK", "Nome", frozenset({555}))}
    async with undone(service) as session:
        await session.execute(
            text("delete from thousands_blocks where id between 1907000 and 1907999")
        )
        await put_in_stock(session, stock)

        for digits in ("555", "9555", "907999555"):
            criteria = Criteria(COUNTRY, "1", state="AK", contains=digits)
            assert await numbers_found(session, criteria) == [1907999555]
        everything = await numbers_found(session, Criteria(COUNTRY, "1", state="AK"))
        assert len(everything) == 261


@pytest.mark.domain("C2")
async def test_the_system_chooses_the_lowest_numbers_that_fit(
    service: Service, buyer: Customer
) -> None:
    stock: Stock = {
        1907977: ("AK", "Nome", frozenset({5, 70, 71})),
        1907978: ("AK", "Sitka", frozenset({0})),
        1907979: ("AK", "Nome", frozenset({7, 8})),
    }
    holder = holding.Holder(UUID(buyer.organization_id), UUID(buyer.location_id), None)
    async with undone(service) as session:
        await put_in_stock(session, stock)
        criteria = Criteria(COUNTRY, "1", state="AK", city="nome", contains="7")

        chosen = await holding.choose(session, criteria, 4, holder)
        rest = await holding.choose(session, criteria, 4, holder)

        assert chosen == [1907977005, 1907977070, 1907977071, 1907979007]
        assert rest == [1907979008]
        assert await holding.choose(session, criteria, 1, holder) == []


# --- Pages and preselection -------------------------------------------------------------------


async def pages(buyer: Customer, **criteria: Any) -> AsyncIterator[list[dict[str, Any]]]:
    """The pages of a search, one by one."""
    response = await buyer.api.get(f"{buyer.location}/availableNumbers", params=criteria)
    while True:
        assert response.status_code == 200, response.text
        yield response.json()["phoneNumbers"]
        if "next" not in response.links:
            return
        response = await buyer.api.get(response.links["next"]["url"])


@pytest.mark.domain("C3")
async def test_the_pages_of_a_search_hold_every_number_once_in_order(
    buyer: Customer, api: Api
) -> None:
    first, city = prefix_of_its_own(), place("Minot")
    await import_csv(
        api,
        HEADER
        + line(first + 990, first + 1009, city=city)
        + line(first + 3000, first + 3010, city=city)
        + line(first + 9999, city=city),
    )
    expected = e164(*range(first + 990, first + 1010), *range(first + 3000, first + 3011))
    expected += e164(first + 9999)

    for size in (1, 5, 8, 31, 32, 33):
        shown = [page async for page in pages(buyer, city=city, max=size)]
        assert [entry["phoneNumber"] for page in shown for entry in page] == expected
        assert all(len(page) == size for page in shown[:-1])
        assert shown[-1]


async def test_numbers_sold_between_two_pages_are_not_shown_and_no_other_is_missed(
    buyer: Customer, api: Api
) -> None:
    first, city = thousand(), place("Bismarck")
    await import_csv(api, HEADER + line(first, first + 9, city=city))
    shown: list[str] = []

    async for page in pages(buyer, city=city, max=2):
        shown += [entry["phoneNumber"] for entry in page]
        if len(shown) == 4:
            # One that was shown last, the next, and one further on.
            sold = e164(first + 3, first + 4, first + 7)
            assert (await buyer.order(*sold)).status_code == 201

    assert shown == e164(*(first + i for i in (0, 1, 2, 3, 5, 6, 8, 9)))


@pytest.mark.domain("C3")
async def test_so_many_as_asked_for_are_preselected(buyer: Customer, api: Api) -> None:
    first, city = thousand(), place("Minnewaukan")
    await import_csv(api, HEADER + line(first, first + 9, city=city))

    async def preselected(**more: Any) -> list[bool]:
        return [
            entry["preselected"] async for page in pages(buyer, city=city, **more) for entry in page
        ]

    assert await preselected() == [False] * 10
    assert await preselected(quantity=3) == [True] * 3 + [False] * 7
    assert await preselected(quantity=10) == [True] * 10
    assert await preselected(quantity=100) == [True] * 10
    assert await preselected(quantity=3, max=5) == [True] * 3 + [False] * 7


@pytest.mark.domain("C3")
async def test_the_preselection_goes_on_over_pages_smaller_than_it(
    buyer: Customer, api: Api
) -> None:
    first, city = thousand(), place("Devils Lake")
    await import_csv(api, HEADER + line(first, first + 5, city=city))

    flags = [
        entry["preselected"]
        async for page in pages(buyer, city=city, quantity=3, max=2)
        for entry in page
    ]

    assert flags == [True] * 3 + [False] * 3


# --- What is not shown ------------------------------------------------------------------------


@pytest.mark.domain("C7")
async def test_numbers_that_are_somebodys_are_not_shown_to_anybody(
    service: Service, buyer: Customer, api: Api
) -> None:
    first, city = thousand(), place("Jamestown")
    await import_csv(api, HEADER + line(first + 30, first + 35, city=city))
    other = await make_customer(service)

    # Ending in 31 the carrier lets one wait: held. The next is delivered: owned.
    await other.order(f"+{first + 31}")
    await other.api.ended((await other.order(f"+{first + 32}")).json()["id"])

    left = e164(first + 30, *range(first + 33, first + 36))
    assert await found(buyer, city=city) == left
    assert await found(other, city=city) == left


@pytest.mark.domain("C3")
async def test_a_thousand_sold_out_is_not_shown_and_not_chosen_from(
    buyer: Customer, api: Api
) -> None:
    first, city = prefix_of_its_own(), place("Williston")
    await import_csv(
        api,
        HEADER + line(first, first + 4, city=city) + line(first + 1000, first + 1004, city=city),
    )
    criteria = {"state": "ND", "city": city}

    async def choose(quantity: int) -> list[str]:
        response = await buyer.api.post(
            f"{buyer.location}/numberOrders",
            json={"type": "quantity", "quantity": quantity, "criteria": criteria},
        )
        assert response.status_code == 201, response.text
        return [entry["phoneNumber"] for entry in response.json()["phoneNumbers"]]

    assert await choose(5) == e164(*range(first, first + 5))
    assert await found(buyer, city=city) == e164(*range(first + 1000, first + 1005))
    assert await found(buyer, city=city, contains=str(first)[4:7]) == e164(
        *range(first + 1000, first + 1005)
    )
    assert await choose(2) == e164(first + 1000, first + 1001)
    assert await choose(3) == e164(*range(first + 1002, first + 1005))
    assert await found(buyer, city=city) == []


# --- How the inventory is read ----------------------------------------------------------------

Search = Callable[[ReadSession], Awaitable[object]]
MODES = ("force_custom_plan", "force_generic_plan")
MANY = 8_000
FILL = """
    insert into thousands_blocks
        (id, country, state, city, rate_center, number_type, stocked, available, longest_run)
    select 50000000 + i / 800 * 10000 + i % 800, 'ZZ', 'S' || i % 50, 'City ' || i % 400, 'X',
           'local', b::bit(1000), b::bit(1000), case when i = 2017 then 100 else 30 + i % 66 end
    from generate_series(0, :many - 1) as i,
         lateral (select case when i % 10 = 0 then repeat('0', 1000)
                              else lpad(reverse(i::bit(20)::text), 1000, '10') end as b)
"""
SEARCHES = {
    "state": Criteria("ZZ", "5", state="S7"),
    "state and digits": Criteria("ZZ", "5", state="S7", contains="777"),
    "area code": Criteria("ZZ", "5", area_code="002"),
    "prefix": Criteria("ZZ", "5", area_code="002", prefix="041"),
    "city": Criteria("ZZ", "5", city="CITY 17"),
    "state and city": Criteria("ZZ", "5", state="S17", city="City 17"),
    "area code and city": Criteria("ZZ", "5", area_code="002", city="City 17"),
}


@asynccontextmanager
async def large_inventory(cluster: Cluster) -> AsyncIterator[WriteSession]:
    """A transaction of the owner in which the inventory has thousands of thousands-blocks."""
    owner = cluster.addresses.owner
    assert owner is not None
    database = Database(owner, pool_size=1)
    try:
        async with database.write(EVERYTHING) as session:
            await session.execute(text(FILL), {"many": MANY})
            await session.execute(text("analyze thousands_blocks"))
            yield session
            await session.rollback()
    finally:
        await database.close()


@pytest.mark.parametrize("name", SEARCHES)
async def test_a_search_reads_a_handful_of_thousands_by_an_index(
    cluster: Cluster, name: str
) -> None:
    async with large_inventory(cluster) as session:
        plans = [await plan_of(session, first_page(SEARCHES[name]), mode) for mode in MODES]

    for nodes in plans:
        assert not any("Seq Scan" in node["Node Type"] for node in nodes), nodes
        scans = [node for node in nodes if "Index Name" in node]
        assert scans, nodes
        assert max(rows_read(node) for node in scans) <= MANY / 8, nodes


RUNS = {
    "state": Criteria("ZZ", "5", state="S17"),
    "area code": Criteria("ZZ", "5", area_code="002"),
    "state and area code": Criteria("ZZ", "5", state="S17", area_code="002"),
    "prefix": Criteria("ZZ", "5", area_code="002", prefix="041"),
    "city": Criteria("ZZ", "5", city="CITY 17"),
    "state and city": Criteria("ZZ", "5", state="S17", city="City 17"),
    "area code and city": Criteria("ZZ", "5", area_code="002", city="City 17"),
}


@pytest.mark.domain("C10")
@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("size", [30, 100, 150], ids=["many", "one", "none"])
async def test_the_search_of_a_block_is_led_to_it_by_an_index(
    cluster: Cluster, name: str, size: int
) -> None:
    async def search(session: ReadSession) -> object:
        return await find_with_run(session, RUNS[name], size, from_block=0, limit=50)

    async with large_inventory(cluster) as session:
        check_led(await plan_of(session, search, "auto"))


@pytest.mark.domain("C10")
@pytest.mark.parametrize("name", RUNS)
async def test_what_comes_nearest_to_a_block_is_found_by_an_index(
    cluster: Cluster, name: str
) -> None:
    async def search(session: ReadSession) -> object:
        return await longest_run_at(session, RUNS[name])

    async with large_inventory(cluster) as session:
        check_led(await plan_of(session, search, "auto"))


@pytest.mark.domain("C10")
async def test_the_area_codes_that_have_a_block_are_found_by_an_index(cluster: Cluster) -> None:
    async def search(session: ReadSession) -> object:
        return await areas_with_run(session, "ZZ", "S17", 100)

    async with large_inventory(cluster) as session:
        check_led(await plan_of(session, search, "auto"))


def check_led(nodes: list[dict[str, Any]]) -> None:
    """A plan that reads hardly more than it gives."""
    scans = [node for node in nodes if "Relation Name" in node]
    assert scans, nodes
    assert max(rows_read(node) for node in scans) <= 50, nodes


async def test_a_search_leaves_sold_out_thousands_out_of_what_it_reads(cluster: Cluster) -> None:
    sold_out = Criteria("ZZ", "5", state="S0")
    async with large_inventory(cluster) as session:
        nodes = await plan_of(session, first_page(sold_out), "force_custom_plan")
        assert await find_blocks(session, sold_out, from_block=0, limit=50) == []

    assert {rows_read(node) for node in nodes} == {0}


def first_page(criteria: Criteria) -> Search:
    """A search of numbers."""

    async def search(session: ReadSession) -> object:
        return await inventory.search(session, criteria, after=None, limit=10)

    return search


async def plan_of(session: ReadSession, search: Search, mode: str) -> list[dict[str, Any]]:
    """How the server goes about a search: the nodes of its plan, with what they read.

    A `force_generic_plan` is what a prepared statement may come to when it is used again and again;
    `auto` is what it does come to.
    """
    statement, parameters = await statement_of(session, search)
    raw = await (await session.connection()).get_raw_connection()
    driver = raw.driver_connection
    assert driver is not None
    values = ", ".join(literal(value) for value in parameters)
    await driver.execute(f"set local plan_cache_mode = {mode}")
    await driver.execute(f"prepare search as {statement}")
    for _ in range(10):
        await driver.execute(f"execute search ({values})")
    answer = await driver.fetchval(
        f"explain (analyze, timing off, format json) execute search ({values})"
    )
    await driver.execute("deallocate search")
    (tree,) = answer
    return walk(tree["Plan"])


def literal(value: Any) -> str:
    """A parameter written into a statement."""
    if isinstance(value, BitString):
        return f"B'{value.as_string().replace(' ', '')}'"
    return str(value) if isinstance(value, int) else f"'{value}'"


def rows_read(node: dict[str, Any]) -> int:
    """How many rows a node looked at."""
    return int(node["Actual Rows"]) + int(node.get("Rows Removed by Filter", 0))


async def statement_of(session: ReadSession, search: Search) -> tuple[str, Any]:
    """The statement that a search sends, with its parameters, as the driver gets it."""
    sent: list[tuple[str, Any]] = []
    connection = await session.connection()

    def remember(
        _connection: Any, _cursor: Any, statement: str, parameters: Any, *_context: Any
    ) -> None:
        sent.append((statement, parameters))

    event.listen(connection.sync_connection, "before_cursor_execute", remember)
    await search(session)
    event.remove(connection.sync_connection, "before_cursor_execute", remember)
    assert "thousands_blocks" in sent[0][0]
    return sent[0]


def walk(node: dict[str, Any]) -> list[dict[str, Any]]:
    """A plan's nodes."""
    return [node, *(inner for child in node.get("Plans", []) for inner in walk(child))]


def test_bitmaps_and_numbers_are_two_ways_to_say_the_same() -> None:
    endings = [0, 1, 500, 998, 999]
    numbers = [1206200 * SIZE + ending for ending in endings]

    assert list(numbers_of(1206200, mask_of(numbers))) == numbers

"""Putting files of numbers in stock: what is refused, what changes nothing, what goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.core.database import EVERYTHING
from app.core.identifiers import new_id
from app.domains.numbering import repository
from app.domains.numbering.models import ImportStatus, InventoryImport
from app.domains.numbering.policy.stocking import HEADER as COLUMNS
from app.domains.numbering.policy.stocking import REFUSALS
from app.domains.numbering.service import holding, importing, verifying
from app.domains.numbering.service.verifying import Fault, verify
from app.integrations.storage.store import CHUNK_BYTES
from tests.api.problems import rules
from tests.conftest import HEADER, Api, Customer, Service, import_csv, make_customer
from tests.numbering.stocking import (
    bits,
    blocks,
    execute,
    line,
    place,
    prefix_of_its_own,
    rows,
    thousand,
)


def refusals(result: dict[str, Any]) -> list[tuple[int, str]]:
    return [(entry["line"], entry["code"]) for entry in result["refused"]]


async def faults(service: Service) -> list[Fault]:
    return [fault async for fault in verify(service.database)]


async def a_run(
    service: Service, content: str | Iterable[str], import_id: UUID | None = None
) -> UUID:
    """Put lines in stock as the worker does, as a new import or going on with one."""
    import_id = import_id or await an_import(service)
    await importing.run(service.database, import_id, lines_of(content))
    return import_id


async def lines_of(content: str | Iterable[str]) -> AsyncIterator[bytes]:
    lines = content.splitlines() if isinstance(content, str) else content
    for one in lines:
        yield one.rstrip("\n").encode()


async def an_import(service: Service) -> UUID:
    """An import that has not begun."""
    async with service.database.write(EVERYTHING) as session:
        known = InventoryImport(
            id=new_id(),
            status=ImportStatus.running,
            next_line=2,
            imported=0,
            refused_count=0,
            refused=[],
            created_at=session.now,
        )
        session.add(known)
        return known.id


async def outcome(service: Service, import_id: UUID) -> tuple[Any, ...]:
    """Status, numbers imported, lines refused and how many."""
    async with service.database.read(EVERYTHING) as session:
        known = await repository.get_import(session, import_id)
    assert known is not None
    refused = [(entry["line"], entry["code"]) for entry in known.refused]
    return known.status, known.imported, refused, known.refused_count


# --- Files that are taken ---------------------------------------------------------------------


async def test_a_file_is_put_in_stock(api: Api, service: Service) -> None:
    first, city = thousand(), place()
    content = HEADER + line(first + 5, first + 7, city=city) + line(first + 900, city=city)

    response = await api.post("/inventory/imports", files={"file": ("x.csv", content.encode())})

    assert response.status_code == 201, response.text
    path = f"/inventory/imports/{response.json()['id']}"
    assert response.headers["Location"].endswith(path)
    async with asyncio.timeout(20):
        while (result := (await api.get(path)).json())["status"] == "running":
            await asyncio.sleep(0.02)
    assert (result["status"], result["imported"], result["refused"]) == ("completed", 4, [])
    assert result["refusedCount"] == 0
    assert result["finishedAt"] >= result["createdAt"]
    (block,) = await blocks(service, first)
    assert block[:6] == (first // 1000, "US", "ND", city, city.upper(), "local")
    assert bits(block[6]) == bits(block[7]) == [5, 6, 7, 900]
    assert block[8] == 4


async def test_the_summary_counts_what_came_in_and_what_was_sold(
    api: Api, service: Service
) -> None:
    async def of_dakota() -> tuple[int, int, int]:
        items = (await api.get("/inventory/summary")).json()["items"]
        found = [item for item in items if (item["country"], item["state"]) == ("US", "SD")]
        return (
            sum(item["thousandsBlocks"] for item in found),
            sum(item["stocked"] for item in found),
            sum(item["available"] for item in found),
        )

    before, first = await of_dakota(), thousand("605")
    await import_csv(api, HEADER + line(first, first + 19, state="SD", city=place()))
    customer = await make_customer(service)
    assert (await customer.order(f"+{first}")).status_code == 201

    after = await of_dakota()

    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 20, 19]


async def test_a_range_may_lie_in_several_thousands_and_prefixes(
    api: Api, service: Service
) -> None:
    first, city = prefix_of_its_own(), place()
    prefix_of_its_own()

    result = await import_csv(api, HEADER + line(first + 7990, first + 11004, city=city))

    assert (result["imported"], result["refused"]) == (3015, [])
    stored = await blocks(service, first + 7000, first + 11999)
    assert [(block[0] - first // 1000, block[8]) for block in stored] == [
        (7, 10),
        (8, 1000),
        (9, 1000),
        (10, 1000),
        (11, 5),
    ]
    assert bits(stored[0][7]) == list(range(990, 1000))
    assert bits(stored[4][7]) == list(range(5))


async def test_the_largest_range_is_taken_and_one_number_more_is_not(
    api: Api, service: Service
) -> None:
    # Ten whole prefixes of another area code than the other tests of this file.
    first = 1_605_700_0000

    result = await import_csv(
        api,
        HEADER
        + line(first, first + 100_000, state="SD", city="Pierre")
        + line(first, first + 99_999, state="SD", city="Pierre"),
    )

    assert (result["imported"], refusals(result)) == (100_000, [(2, "rangeTooLarge")])
    assert {block[8] for block in await blocks(service, first, first + 99_999)} == {1000}


async def test_windows_line_ends_a_byte_order_mark_and_empty_lines_are_forgiven(
    api: Api, service: Service
) -> None:
    first, city = thousand(), place()
    text = HEADER + line(first, city=city) + "\n   \n" + line(first + 1, city=city) + "bad\n"
    content = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()

    result = await import_csv(api, content)

    assert (result["imported"], refusals(result)) == (2, [(6, "wrongColumnCount")])
    (block,) = await blocks(service, first)
    assert block[3:6] == (city, city.upper(), "local")


async def test_a_last_line_without_its_end_and_quoted_places_are_taken(
    api: Api, service: Service
) -> None:
    first = thousand()
    quoted = f'US,ND,"Fargo, ""East""",  FARGO ,local,+{first}, +{first}'

    result = await import_csv(api, HEADER + quoted)

    assert (result["imported"], result["refused"]) == (1, [])
    (block,) = await blocks(service, first)
    assert block[3:5] == ('Fargo, "East"', "FARGO")


async def test_a_file_of_a_header_only_puts_nothing_in_stock(api: Api) -> None:
    for content in (HEADER, HEADER.rstrip("\n"), HEADER + "\n\r\n"):
        result = await import_csv(api, content)
        assert (result["status"], result["imported"], result["refused"]) == ("completed", 0, [])


async def test_countries_without_states_and_national_numbers_are_stocked(
    api: Api, service: Service
) -> None:
    city = place("Leeds")
    result = await import_csv(
        api,
        HEADER
        + line(441132496000, 441132496009, country="GB", state="", city=city)
        + line(443332496000, country="GB", state="", city=city, kind="national"),
    )

    assert (result["imported"], result["refused"]) == (11, [])
    (block,) = await blocks(service, 441132496000)
    assert (block[1], block[2], block[8]) == ("GB", None, 10)


# --- Files that change nothing ----------------------------------------------------------------


async def test_the_same_file_again_changes_nothing(api: Api, service: Service) -> None:
    first, city = prefix_of_its_own(), place()
    content = (
        HEADER
        + line(first + 10, first + 19, city=city)
        + line(first + 990, first + 2010, city=city)
        + "bad\n"
        + line(first + 15, city=city)
    )
    once = await import_csv(api, content)
    customer = await make_customer(service)
    assert (await customer.order(f"+{first + 10}", f"+{first + 1500}")).status_code == 201
    stored = await blocks(service, first, first + 9999)
    written = "select xmin::text from thousands_blocks where id between :a and :b order by id"
    span = {"a": first // 1000, "b": first // 1000 + 9}
    versions = await rows(service, written, **span)

    again = await import_csv(api, content)

    assert once["imported"] == 1031
    assert again["imported"] == 0
    assert refusals(again) == refusals(once) == [(4, "wrongColumnCount"), (5, "overlappingRange")]
    assert await blocks(service, first, first + 9999) == stored
    assert await rows(service, written, **span) == versions


async def test_a_larger_range_later_adds_what_was_not_there(api: Api, service: Service) -> None:
    first, city = prefix_of_its_own(), place()
    await import_csv(api, HEADER + line(first + 10, first + 19, city=city))

    result = await import_csv(api, HEADER + line(first, first + 1009, city=city))

    assert result["imported"] == 1000
    assert [block[8] for block in await blocks(service, first, first + 1999)] == [1000, 10]


async def test_the_same_file_imported_twice_at_once_is_stocked_once(service: Service) -> None:
    first, city = prefix_of_its_own(), place()
    content = HEADER + "".join(
        line(first + start, first + start + 149, city=city) for start in range(0, 9000, 200)
    )

    imports = await asyncio.gather(*(a_run(service, content) for _ in range(4)))

    counts = [(await outcome(service, import_id))[1] for import_id in imports]
    assert sum(counts) == 45 * 150
    assert sum(block[8] for block in await blocks(service, first, first + 9999)) == 45 * 150


async def test_numbers_sold_are_not_put_in_stock_again(
    api: Api, service: Service, customer: Customer
) -> None:
    first, city = thousand(), place()
    content = HEADER + line(first, first + 9, city=city)
    await import_csv(api, content)
    await customer.api.ended((await customer.order(f"+{first + 4}")).json()["id"])

    assert (await import_csv(api, content))["imported"] == 0

    (block,) = await blocks(service, first)
    assert bits(block[6]) == list(range(10))
    assert bits(block[7]) == [0, 1, 2, 3, 5, 6, 7, 8, 9]


# --- Files and lines that are refused ---------------------------------------------------------


def files_of(service: Service) -> list[Path]:
    """The uploads that the service keeps."""
    return sorted(service.home.rglob("*.csv"))


async def test_a_file_with_another_header_is_refused_and_nothing_is_stored(
    api: Api, service: Service
) -> None:
    first = thousand()
    good = line(first)
    count = "select count(*) from inventory_imports"
    before = await rows(service, count)
    stored = files_of(service)

    for header in (
        "",
        "\n",
        HEADER.lower(),
        HEADER.replace(",", ";"),
        HEADER.replace("city", "town"),
        HEADER.rstrip("\n") + ",\n",
        HEADER.removesuffix(",lastNumber\n") + "\n",
        ",".join(reversed(COLUMNS)) + "\n",
        "\n" + HEADER,
        "x" * 10_000,
    ):
        response = await api.post(
            "/inventory/imports", files={"file": ("x.csv", (header + good).encode())}
        )
        assert rules(response, 422, "validationFailed") == [("inventoryHeaderInvalid", "/file")]

    assert await rows(service, count) == before
    assert files_of(service) == stored
    assert await blocks(service, first) == []


async def test_a_stored_file_that_has_lost_its_header_fails_as_a_whole(service: Service) -> None:
    first = thousand()

    for content in (line(first), "", "\n"):
        import_id = await a_run(service, content)
        assert await outcome(service, import_id) == ("failed", 0, [(1, "wrongHeader")], 1)
    assert await blocks(service, first) == []


def bad_lines(first: int, city: str) -> list[tuple[str, bytes]]:
    """A line for each refusal, below one that stocks the first number of a thousand."""
    far = first + 5000
    texts = [
        ("lineTooLong", line(far, city="x" * 2000)),
        ("wrongColumnCount", "US,ND,Fargo,FARGO,local\n"),
        ("wrongColumnCount", line(far).rstrip("\n") + ",\n"),
        ("countryNotSupported", line(81312345678, country="JP", state="")),
        ("countryNotSupported", line(far, country="us")),
        ("stateUnknown", line(far, state="ZZ")),
        ("stateUnknown", line(far, state="")),
        ("stateUnknown", line(441132497000, country="GB", state="West Yorkshire")),
        ("placeInvalid", line(far, city="")),
        ("placeInvalid", line(far, city="x" * 101)),
        ("placeInvalid", line(far, city="Far\tgo")),
        ("placeInvalid", line(far, city="Far\x00go")),
        ("numberTypeUnknown", line(far, kind="toll")),
        ("numberTypeUnknown", line(far, kind="tollFree")),
        ("numberTypeUnknown", line(far, kind="Local")),
        ("tollFreeNotSupported", line(18005550100, 18005550109)),
        ("invalidPhoneNumber", line(far).replace("+", "")),
        ("invalidPhoneNumber", line(1701)),
        ("invalidPhoneNumber", line(17011000000)),
        ("invalidPhoneNumber", line(999123456789)),
        ("phoneNumberWrongCountry", line(14165550100)),
        ("phoneNumberWrongCountry", line(441132497000)),
        ("rangeReversed", line(far + 1, far)),
        ("rangeTooLarge", line(first, first + 100_000)),
        ("overlappingRange", line(first, city=city)),
        ("placeDisagrees", line(first + 1, city=city + "!")),
        ("placeDisagrees", line(first + 2, city=city, state="MN")),
        ("placeDisagrees", line(first + 3, city=city, kind="mobile")),
    ]
    return [("notUtf8", b"US,ND,\xff,X,local,+1,+1\n"), *((c, t.encode()) for c, t in texts)]


async def test_each_line_is_refused_with_its_number_and_code_and_stops_no_other(
    api: Api, service: Service
) -> None:
    first, city = prefix_of_its_own(), place()
    bad = bad_lines(first, city)
    content = (HEADER + line(first, city=city)).encode()
    content += b"".join(entry for _, entry in bad)
    content += line(first + 999, city=city).encode()

    result = await import_csv(api, content)

    assert (result["status"], result["imported"]) == ("completed", 2)
    assert refusals(result) == [(number, code) for number, (code, _) in enumerate(bad, start=3)]
    assert result["refusedCount"] == len(bad)
    assert all(entry["reason"] for entry in result["refused"])
    assert {code for code, _ in bad} == REFUSALS.keys() - {"wrongHeader"}
    (block,) = await blocks(service, first)
    assert bits(block[6]) == [0, 999]
    assert await blocks(service, first + 1000, first + 9999) == []


async def test_reasons_are_told_in_the_language_of_the_reader(api: Api) -> None:
    result = await import_csv(api, HEADER + "bad\n")

    polish = await api.get(f"/inventory/imports/{result['id']}", headers={"Accept-Language": "pl"})

    assert polish.headers["Content-Language"] == "pl"
    assert refusals(polish.json()) == refusals(result)


@pytest.mark.parametrize(
    ("first_range", "second_range", "overlaps"),
    [
        ((10, 19), (19, 19), True),
        ((10, 19), (10, 10), True),
        ((10, 19), (5, 10), True),
        ((10, 19), (0, 99), True),
        ((10, 19), (12, 15), True),
        ((10, 19), (20, 29), False),
        ((10, 19), (0, 9), False),
        ((990, 2005), (1500, 1500), True),
        ((990, 2005), (2006, 2007), False),
    ],
)
async def test_ranges_of_one_file_do_not_overlap(
    service: Service,
    first_range: tuple[int, int],
    second_range: tuple[int, int],
    overlaps: bool,
) -> None:
    first, city = prefix_of_its_own("605"), place()
    ranges = [first_range, (5000, 5009), second_range]

    import_id = await a_run(
        service,
        HEADER + "".join(line(first + a, first + b, state="SD", city=city) for a, b in ranges),
    )

    _, imported, refused, _ = await outcome(service, import_id)
    assert refused == ([(4, "overlappingRange")] if overlaps else [])
    taken = ranges[:2] if overlaps else ranges
    assert imported == sum(b - a + 1 for a, b in taken)


async def test_a_place_that_disagrees_with_an_earlier_import_is_refused(
    api: Api, service: Service
) -> None:
    first, city = prefix_of_its_own(), place()
    await import_csv(api, HEADER + line(first, city=city))
    before = await blocks(service, first)

    result = await import_csv(
        api, HEADER + line(first + 1, city="Elsewhere") + line(first + 2, city=city)
    )

    assert (result["imported"], refusals(result)) == (1, [(2, "placeDisagrees")])
    (block,) = await blocks(service, first)
    assert block[:6] == before[0][:6]
    assert bits(block[6]) == [0, 2]


async def test_a_line_refused_for_one_thousand_decides_about_no_other(
    api: Api, service: Service
) -> None:
    first, city = prefix_of_its_own(), place()
    await import_csv(api, HEADER + line(first, city=city))

    result = await import_csv(
        api,
        HEADER
        # Its first thousand has another place; so it says nothing about its second.
        + line(first + 999, first + 1000, city="Elsewhere")
        + line(first + 1001, first + 1009, city=city),
    )

    assert (result["imported"], refusals(result)) == (9, [(2, "placeDisagrees")])
    assert [block[3] for block in await blocks(service, first, first + 1999)] == [city, city]


async def test_a_line_beyond_all_measure_counts_as_one_line(api: Api) -> None:
    first, city = thousand(), place()
    endless = "x" * 2_500_000 + "\n"

    result = await import_csv(
        api, HEADER + line(first, city=city) + endless + "bad\n" + line(first + 1, city=city)
    )

    assert result["imported"] == 2
    assert refusals(result) == [(3, "lineTooLong"), (4, "wrongColumnCount")]


async def test_only_the_first_thousand_refusals_are_kept_and_all_are_counted(
    service: Service,
) -> None:
    import_id = await a_run(service, HEADER + "bad\n" * 2500)

    status, imported, refused, count = await outcome(service, import_id)

    assert (status, imported, count) == ("completed", 0, 2500)
    assert refused == [(number, "wrongColumnCount") for number in range(2, 1002)]


async def test_only_the_operator_imports(api: Api, customer: Customer) -> None:
    for role in ("customerAdmin", "readOnlyAdmin", "partnerAdmin", "support"):
        caller = await customer.caller(role)
        response = await caller.post("/inventory/imports", files={"file": ("x.csv", b"bad")})
        assert response.status_code == 403, role
    known = await import_csv(api, HEADER)
    response = await customer.api.get(f"/inventory/imports/{known['id']}")
    assert response.status_code == 403


# --- Large files, and imports that are killed -------------------------------------------------


async def test_a_file_of_fifty_thousand_lines_is_put_in_stock_as_it_is_read(
    service: Service,
) -> None:
    lines = 50_000
    # Every fifth line is a good one: seven of ten numbers each, in area code 712.
    first, import_id = 1_712_200_0000, await an_import(service)
    seen_while_reading: list[int] = []

    async def file() -> AsyncIterator[bytes]:
        yield HEADER.encode()
        for index in range(lines):
            start = first + index * 2
            good = line(start, start + 6, state="IA", city="Sioux City")
            yield b"bad" if index % 5 else good.encode()
            if index % 20_000 == 19_999:
                seen_while_reading.append((await outcome(service, import_id))[1])

    await importing.run(service.database, import_id, file())

    status, imported, refused, refused_count = await outcome(service, import_id)
    assert (status, imported, refused_count) == ("completed", lines // 5 * 7, lines // 5 * 4)
    assert len(refused) == 1000
    assert [count > 0 for count in seen_while_reading] == [True, True]
    assert seen_while_reading == sorted(seen_while_reading)
    stored = await blocks(service, first, first + lines * 2 - 1)
    assert {block[8] for block in stored} == {700}
    assert len(stored) == 100


async def test_a_file_of_several_chunks_is_uploaded_whole(api: Api, service: Service) -> None:
    first, city = thousand(), place()
    # The same number over and over: quickly judged, and more than a megabyte of it.
    content = HEADER + line(first, city=city) * 25_000

    result = await import_csv(api, content)

    assert len(content) > CHUNK_BYTES
    assert (result["imported"], result["refusedCount"]) == (1, 24_999)
    (block,) = await blocks(service, first)
    assert block[8] == 1


class Killed(Exception):  # noqa: N818 - what happens to a worker
    """The worker is gone."""


async def killed_after(lines: list[str], count: int) -> AsyncIterator[bytes]:
    for one in lines[:count]:
        yield one.rstrip("\n").encode()
    raise Killed


def mixed_file(first: int, city: str) -> list[str]:
    """Good and bad lines that depend on one another, in three prefixes."""
    return [
        HEADER,
        line(first, first + 4, city=city),
        "bad\n",
        line(first + 2, city=city),
        line(first + 995, first + 1005, city=city),
        line(first + 1500, city=city, kind="mobile"),
        "\n",
        line(first + 2000, first + 2999, city=city, kind="mobile"),
        line(first + 2999, first + 3000, city=city),
        line(first + 1004, city=city),
        line(first + 4000, city=city),
        line(first + 18005, city=city, state="ZZ"),
        line(first + 12000, first + 14999, city=city),
        line(first + 9990, first + 10010, city=city),
        line(first + 9000, first + 9989, city=city),
    ]


async def test_an_import_killed_anywhere_goes_on_to_the_same_end(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LINES_A_BATCH", 3)

    async def imported(deaths: list[int]) -> tuple[Any, ...]:
        first, city = prefix_of_its_own(), place()
        prefix_of_its_own()
        lines, import_id = mixed_file(first, city), await an_import(service)
        for death in deaths:
            with pytest.raises(Killed):
                await importing.run(service.database, import_id, killed_after(lines, death))
            assert (await outcome(service, import_id))[0] == "running"
        await a_run(service, lines, import_id)
        stored = [
            (block[0] - first // 1000, block[5], block[6], block[7])
            for block in await blocks(service, first, first + 19_999)
        ]
        return await outcome(service, import_id), stored

    untouched = await imported([])
    assert untouched[0][0] == "completed"
    assert {code for _, code in untouched[0][2]} == {
        "wrongColumnCount",
        "overlappingRange",
        "placeDisagrees",
        "stateUnknown",
    }
    for death in range(len(mixed_file(0, "")) + 1):
        assert await imported([death]) == untouched, death
    assert await imported([4, 2, 9, 15, 0, 15]) == untouched


async def test_an_import_at_its_end_is_not_begun_again(service: Service) -> None:
    first, city = thousand(), place()
    import_id = await a_run(service, HEADER + line(first, city=city))
    failed = await a_run(service, "other\n" + line(first, city=city))
    before = [await outcome(service, known) for known in (import_id, failed)]

    for known in (import_id, failed):
        await a_run(service, HEADER + line(first + 1, city=city), known)
    await importing.run(service.database, new_id(), lines_of(HEADER + line(first + 2, city=city)))

    assert [await outcome(service, known) for known in (import_id, failed)] == before
    (block,) = await blocks(service, first)
    assert bits(block[6]) == [0]


async def test_two_workers_at_the_same_import_stock_everything_once(service: Service) -> None:
    first, city = prefix_of_its_own(), place()
    lines = [HEADER, *(line(first + i, city=city) for i in range(0, 3000, 3)), "bad\n"]
    import_id = await an_import(service)

    await asyncio.gather(*(a_run(service, lines, import_id) for _ in range(2)))

    stored = await blocks(service, first, first + 2999)
    assert sum(block[8] for block in stored) == 1000
    assert (await outcome(service, import_id))[:2] == ("completed", 1000)


# --- Numbers that were never stock ------------------------------------------------------------


async def test_a_number_that_was_never_stock_stays_out_of_it_until_it_ends(
    service: Service, api: Api, customer: Customer
) -> None:
    first, city = thousand(), place()
    foreign, content = first + 7, HEADER + line(first, first + 9, city=city)
    async with service.database.write(EVERYTHING) as session:
        await repository.add_numbers(
            session,
            [foreign],
            organization_id=UUID(customer.organization_id),
            location_id=UUID(customer.location_id),
            order_id=None,
            held_at=session.now,
            in_stock=(),
        )

    result = await import_csv(api, content)

    others = [ending for ending in range(10) if ending != 7]
    (block,) = await blocks(service, first)
    assert (result["imported"], result["refused"]) == (9, [])
    assert bits(block[6]) == bits(block[7]) == others
    assert await faults(service) == []
    refusal = await customer.order(f"+{foreign}")
    assert refusal.json()["lost"] == [f"+{foreign}"]
    offer = refusal.json()["reservationId"]  # a neighbour, held in its place
    assert (await customer.api.delete(f"/telephony/pstn/reservations/{offer}")).status_code == 204

    # It ends; it was never stock, so nothing comes back by itself.
    async with service.database.write(EVERYTHING) as session:
        await holding.give_back(session, [foreign])
    (block,) = await blocks(service, first)
    assert bits(block[7]) == others
    assert (await import_csv(api, content))["imported"] == 1
    (block,) = await blocks(service, first)
    assert bits(block[6]) == bits(block[7]) == list(range(10))


# --- Proving it -------------------------------------------------------------------------------

SET = "update thousands_blocks set {column} = set_bit({column}, {bit}, {value}) where id = :id"


def change(column: str, bit: int, value: int) -> str:
    return SET.format(column=column, bit=bit, value=value)


BROUGHT = """
    update numbers set from_stock = not from_stock where number = cast(:id as bigint) * 1000 + 3
"""
FAR_AWAY = """
    update numbers set number = number + 1000000000000
    where number = cast(:id as bigint) * 1000 + 3
"""
TWICE = "available and owned at once"
NOWHERE = "stocked, but neither available nor owned"
NEVER = "available or owned, but never stocked"
BLOCKLESS = "owned from stock, but in no thousands-block"
FAULTS: dict[str, tuple[list[str], list[str], list[tuple[str, int]]]] = {
    # What is done behind the service's back, how it is undone, and what has to be found.
    "available, though owned": (
        [change("available", 3, 1)],
        [change("available", 3, 0)],
        [(TWICE, 1)],
    ),
    "neither available nor owned": (
        [change("available", 0, 0), change("available", 1, 0)],
        [change("available", 0, 1), change("available", 1, 1)],
        [(NOWHERE, 2)],
    ),
    "available, though never stocked": (
        [change("available", 500, 1)],
        [change("available", 500, 0)],
        [(NEVER, 1)],
    ),
    "owned, though never stocked": (
        [change("stocked", 3, 0)],
        [change("stocked", 3, 1)],
        [(NEVER, 1)],
    ),
    "available, though somebody brought it along": (
        [BROUGHT, change("available", 3, 1)],
        [BROUGHT, change("available", 3, 0)],
        [(TWICE, 1)],
    ),
    "a row in no thousands-block": (
        [FAR_AWAY],
        ["update numbers set number = number - 1000000000000 where number > 1000000000000"],
        [(BLOCKLESS, 1), (NOWHERE, 1)],
    ),
    "a thousands-block elsewhere": (
        ["update thousands_blocks set id = id + 1000000000 where id = :id"],
        ["update thousands_blocks set id = id - 1000000000 where id > 1000000000"],
        [(BLOCKLESS, 1), (NOWHERE, 1)],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_of_the_inventory_is_found_and_named(
    service: Service, api: Api, customer: Customer, name: str
) -> None:
    first, city = thousand(), place()
    await import_csv(api, HEADER + line(first, first + 9, city=city))
    assert (await customer.order(f"+{first + 3}")).status_code == 201
    before = await faults(service)
    seed, undo, expected = FAULTS[name]

    for statement in seed:
        await execute(service, statement, id=first // 1000)
    try:
        found = await faults(service)
    finally:
        for statement in undo:
            await execute(
                service, statement, **({"id": first // 1000} if ":id" in statement else {})
            )

    assert sorted((fault.kind, fault.numbers) for fault in found) == sorted(expected)
    assert before == await faults(service) == []


async def test_nothing_is_wrong_with_the_inventory_after_all_that(service: Service) -> None:
    assert await faults(service) == []


async def test_the_inventory_is_proved_slice_by_slice(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, city = prefix_of_its_own(), place()
    await a_run(service, HEADER + line(first, first + 9999, city=city))
    monkeypatch.setattr(verifying, "BLOCKS_AT_ONCE", 3)
    await execute(service, change("available", 0, 0), id=first // 1000 + 5)
    try:
        found = await faults(service)
    finally:
        await execute(service, change("available", 0, 1), id=first // 1000 + 5)

    assert [(fault.block_id, fault.numbers) for fault in found] == [(first // 1000 + 5, 1)]

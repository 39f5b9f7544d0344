"""Documents of a port: taken, refused, superseded, read, deleted."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.core.database import EVERYTHING
from app.domains.port_orders import repository
from tests.conftest import Customer, make_customer
from tests.documents.making import pdf, png, stream, zeros
from tests.papers.papers import codes, completed, read, send, sent
from tests.ports.porting import PORTS, act, bill_date, fresh, now, timeline

MIB = 1 << 20
ZONE = ZoneInfo("America/Los_Angeles")


async def test_a_document_is_stored_as_it_was_sent(customer: Customer) -> None:
    order = await completed(customer)
    content = pdf(stream(b"x" * 2 * MIB))
    issued = (await bill_date(customer)).isoformat()
    document = await sent(customer.api, order, "bill", content, issuedOn=issued)
    assert document["sha256"] == hashlib.sha256(content).hexdigest()
    assert (document["size"], document["pages"]) == (len(content), 1)
    assert (document["kind"], document["issuedOn"]) == ("bill", issued)
    path = f"{PORTS}/{order['id']}/documents/{document['id']}"
    assert (await customer.api.get(path)).json() == document
    downloaded = await customer.api.get(f"{path}/content")
    assert downloaded.content == content
    assert downloaded.headers["content-type"] == "application/pdf"
    assert downloaded.headers["content-disposition"].startswith("attachment;")
    assert downloaded.headers["x-content-type-options"] == "nosniff"
    assert downloaded.headers["cache-control"] == "no-store"
    assert ("documentAdded", "customer") in await timeline(customer, order)


@pytest.mark.domain("E4")
async def test_what_counts_is_the_content_and_not_the_name(customer: Customer) -> None:
    order = await completed(customer)
    document = await sent(customer.api, order, "csr", png())
    assert document["mediaType"] == "image/png"


@pytest.mark.domain("E4")
@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        (b"GIF89a", "unsupportedDocument", "notPdfOrPng"),
        (b"", "unsupportedDocument", "empty"),
        (pdf()[:-20], "unsupportedDocument", "truncated"),
        (pdf(catalog=b"/OpenAction << /S /Launch /F (a) >>"), "unsafeDocument", "actions"),
        (
            pdf(content=stream(zeros(300 * MIB), b"/Filter /FlateDecode")),
            "unsafeDocument",
            "decompressionBomb",
        ),
    ],
    ids=["gif", "empty", "cut", "launch", "bomb"],
)
async def test_a_hostile_file_is_refused_and_nothing_stays(
    customer: Customer, content: bytes, code: str, reason: str
) -> None:
    order = await completed(customer)
    before = _files(customer)
    response = await send(customer.api, order, "csr", content)
    assert response.status_code == 422, response.text
    assert codes(response) == [code]
    assert response.json()["violations"][0]["pointer"] == "/file"
    assert response.json()["reason"] == reason
    assert (await read(customer, order, "/documents"))["items"] == []
    assert _files(customer) == before


async def test_a_refusal_speaks_polish(customer: Customer) -> None:
    order = await completed(customer)
    customer.api.headers["Accept-Language"] = "pl"
    response = await send(customer.api, order, "csr", b"GIF89a")
    assert "PNG" in response.json()["violations"][0]["detail"]
    assert "neither" not in response.json()["violations"][0]["detail"]


@pytest.mark.parametrize("size", [10 * MIB + 1, 11 * MIB, 30 * MIB])
async def test_a_document_has_at_most_10_mib(customer: Customer, size: int) -> None:
    order = await completed(customer)
    response = await send(customer.api, order, "csr", bytes(size))
    assert (response.status_code, response.json()["code"]) == (413, "documentTooLarge")


async def test_the_api_stays_up_while_bombs_come_in(customer: Customer) -> None:
    order = await completed(customer)
    bomb = pdf(*[stream(zeros(100 * MIB), b"/Filter /FlateDecode")] * 8)
    answers = await asyncio.gather(
        *(send(customer.api, order, "csr", bomb) for _ in range(4)),
        *(customer.api.get(f"{PORTS}/{order['id']}") for _ in range(10)),
    )
    assert [answer.status_code for answer in answers] == [422] * 4 + [200] * 10


async def test_a_newer_document_supersedes_one_of_its_kind(customer: Customer) -> None:
    order = await completed(customer)
    first = await sent(customer.api, order, "csr")
    await sent(customer.api, order, "other")
    second = await sent(customer.api, order, "csr", pdf(stream(b"newer")))
    items = (await read(customer, order, "/documents"))["items"]
    live = {item["kind"]: item["id"] for item in items if item["supersededAt"] is None}
    assert len(items) == 3
    assert live["csr"] == second["id"]
    content = await customer.api.get(f"{PORTS}/{order['id']}/documents/{first['id']}/content")
    assert content.content == pdf()


@pytest.mark.domain("E4")
async def test_a_bill_is_of_the_last_30_days(customer: Customer) -> None:
    order = await completed(customer)
    today = (await now(customer.service)).astimezone(ZONE).date()
    files = _files(customer)
    for days, code in ((31, "billTooOld"), (-1, "billInFuture"), (30, None), (0, None)):
        issued = (today - timedelta(days=days)).isoformat()
        response = await send(customer.api, order, "bill", issuedOn=issued)
        if code is None:
            assert response.status_code == 201, response.text
        else:
            assert codes(response) == [code]
            assert response.json()["violations"][0]["pointer"] == "/issuedOn"
            assert _files(customer) == files


@pytest.mark.domain("E4")
async def test_a_bill_without_a_date_asks_for_it(customer: Customer) -> None:
    order = await completed(customer)
    assert codes(await send(customer.api, order, "bill")) == ["billDateUnknown"]


@pytest.mark.domain("E4")
async def test_a_bill_makes_the_order_readier(customer: Customer) -> None:
    order = await completed(customer)
    issued = (await bill_date(customer)).isoformat()
    before = await read(customer, order, "/readiness")
    await sent(customer.api, order, "bill", issuedOn=issued)
    after = await read(customer, order, "/readiness")
    assert _status(before, "bill") == "missing"
    assert _status(after, "bill") == "done"


@pytest.mark.domain("E5")
async def test_a_self_service_letter_is_not_uploaded(customer: Customer) -> None:
    order = await completed(customer)
    assert codes(await send(customer.api, order, "loa")) == ["useSelfServiceOrder"]


async def test_a_deleted_document_is_gone_with_its_file(customer: Customer) -> None:
    order = await completed(customer)
    before = _files(customer)
    document = await sent(customer.api, order, "csr")
    path = f"{PORTS}/{order['id']}/documents/{document['id']}"
    assert (await customer.api.delete(path)).status_code == 204
    assert (await customer.api.get(path)).status_code == 404
    assert (await customer.api.get(f"{path}/content")).status_code == 404
    async with asyncio.timeout(10):
        while _files(customer) != before:
            await asyncio.sleep(0.05)


async def test_a_file_that_two_orders_have_stays(customer: Customer) -> None:
    order = await completed(customer)
    document = await sent(customer.api, order, "csr")
    async with customer.service.database.read(EVERYTHING) as session:
        assert await repository.has_document_with(session, f"documents/{document['id']}")


async def test_documents_are_those_of_ones_own_orders(customer: Customer) -> None:
    order = await completed(customer)
    document = await sent(customer.api, order, "csr")
    stranger = await make_customer(customer.service, connected=False)
    path = f"{PORTS}/{order['id']}/documents"
    for url in (path, f"{path}/{document['id']}", f"{path}/{document['id']}/content"):
        assert (await stranger.api.get(url)).status_code == 404
    assert (await send(stranger.api, order, "csr")).status_code == 404
    assert (await stranger.api.delete(f"{path}/{document['id']}")).status_code == 404
    reader = await customer.caller("readOnlyAdmin")
    assert (await reader.get(f"{path}/{document['id']}/content")).status_code == 200
    assert (await send(reader, order, "csr")).status_code == 403


async def test_a_document_of_an_order_that_left_is_refused(customer: Customer) -> None:
    order = await completed(customer, *fresh(40))
    await act(customer, order, "cancel")
    response = await send(customer.api, order, "csr")
    assert (response.status_code, response.json()["code"]) == (409, "invalidTransition")


async def test_a_form_field_nobody_knows_is_refused(customer: Customer) -> None:
    order = await completed(customer)
    response = await send(customer.api, order, "csr", note="x")
    assert (response.status_code, response.json()["code"]) == (422, "validationFailed")


async def test_the_same_upload_again_is_one_document(customer: Customer) -> None:
    order = await completed(customer)
    customer.api.headers["Idempotency-Key"] = f"upload-{order['id']}"
    first = await sent(customer.api, order, "csr")
    files = _files(customer)
    again = await send(customer.api, order, "csr")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == first
    assert _files(customer) == files


def _files(customer: Customer) -> set[Path]:
    return set((customer.service.home / "files" / "documents").glob("*"))


def _status(readiness: dict[str, Any], code: str) -> str:
    return next(str(item["status"]) for item in readiness["checklist"] if item["code"] == code)

"""The letter of authorisation: who may sign it, what it says, when it is void, who is reminded."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from app.integrations.documents import letter
from app.integrations.documents.checking import check
from app.integrations.documents.letter import Letter
from tests.conftest import Api, Customer, Service
from tests.documents.making import pdf
from tests.papers.papers import codes, completed, read, send, sent, sign
from tests.ports.porting import (
    ACCOUNT,
    POLISH_ACCOUNT,
    PORTS,
    act,
    advance,
    bill_date,
    draft,
    fresh,
    fresh_polish,
    in_warsaw,
    patch,
    timeline,
    upload,
)

LETTER = Letter(
    order_number="PSTN-000042",
    company_name="Żółta Łódź Sp. z o.o.",
    billing_address=["ul. Święty Marcin 7", "Poznań 61-806 PL"],
    billing_telephone_number="+12065550100",
    losing_carrier="Old Carrier Inc.",
    phone_numbers=[f"+1206555{number:04}" for number in range(1000)],
    full_name="Ćwikła Źdźbło",
    job_title="Właścicielka",
    signed_at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
    time_zone="America/Los_Angeles",
)


async def test_the_letter_passes_the_check_of_documents(tmp_path: Path) -> None:
    path = tmp_path / "loa"
    path.write_bytes(letter.write(LETTER))
    found = await check(path)
    assert found.media_type == "application/pdf"
    assert found.pages > 3


@pytest.mark.domain("E5")
def test_the_same_letter_has_the_same_bytes() -> None:
    assert letter.write(LETTER) == letter.write(LETTER)


@pytest.mark.domain("E5")
async def test_the_authorised_person_signs(customer: Customer) -> None:
    order = await completed(customer)
    response = await sign(customer.api, order, fullName="  ada  EXAMPLE ")
    assert response.status_code == 200, response.text
    assert response.json()["loa"] == "valid"
    assert ("loaSigned", "customer") in await timeline(customer, order)
    document = (await read(customer, order, "/documents"))["items"][0]
    assert document["signature"]["jobTitle"] == "Owner"
    downloaded = await customer.api.get(f"{PORTS}/{order['id']}/loa")
    assert downloaded.status_code == 200
    assert hashlib.sha256(downloaded.content).hexdigest() == document["sha256"]
    assert downloaded.headers["content-disposition"].startswith("attachment;")
    with pikepdf.open(io.BytesIO(downloaded.content)) as written:
        assert len(written.pages) == document["pages"]


async def test_a_letter_signed_at_the_api_passes_the_check(
    customer: Customer, tmp_path: Path
) -> None:
    order = await completed(customer)
    await sign(customer.api, order)
    path = tmp_path / "loa"
    path.write_bytes((await customer.api.get(f"{PORTS}/{order['id']}/loa")).content)
    assert (await check(path)).pages == 1


@pytest.mark.domain("E5")
async def test_only_an_administrator_of_the_customer_signs(customer: Customer) -> None:
    order = await completed(customer)
    for role in ("partnerAdmin", "readOnlyAdmin", "support", "operator"):
        response = await sign(await customer.caller(role), order)
        assert (response.status_code, response.json()["code"]) == (403, "customerAdminOnly")


@pytest.mark.domain("E5")
async def test_somebody_else_does_not_sign(customer: Customer) -> None:
    order = await completed(customer)
    response = await sign(customer.api, order, fullName="Bob Example")
    assert (response.status_code, codes(response)) == (422, ["loaSignerMismatch"])
    assert response.json()["violations"][0]["pointer"] == "/fullName"


@pytest.mark.domain("E5")
@pytest.mark.parametrize("changed", [{"consent": False}, {"consent": None}, {"jobTitle": ""}])
async def test_a_signature_is_meant(customer: Customer, changed: Mapping[str, Any]) -> None:
    order = await completed(customer)
    response = await sign(customer.api, order, **changed)
    assert (response.status_code, response.json()["code"]) == (422, "validationFailed")


@pytest.mark.domain("E5")
async def test_a_letter_names_the_whole_account(customer: Customer) -> None:
    order = await draft(customer, *fresh(40))
    response = await sign(customer.api, order)
    pointers = {violation["pointer"] for violation in response.json()["violations"]}
    assert pointers >= {"/account/companyName", "/account/carrierName"}


@pytest.mark.domain("E5")
@pytest.mark.parametrize(
    "change", [{"accountNumber": "99-1"}, {"companyName": "Southwind"}, {"pin": "1"}]
)
async def test_a_change_of_the_account_voids_the_letter(
    customer: Customer, change: dict[str, str]
) -> None:
    order = await completed(customer)
    await sign(customer.api, order)
    changed = await patch(customer, order, account=change)
    assert changed["loa"] == "void"
    assert ("loaVoided", "service") in await timeline(customer, order)
    assert (await read(customer, order, "/documents"))["items"][0]["voidedAt"] is not None
    assert (await _submit(customer.api, order)) >= {"loaVoid"}
    assert (await sign(customer.api, order)).json()["loa"] == "valid"


@pytest.mark.domain("E5")
async def test_a_change_of_the_numbers_voids_the_letter(customer: Customer) -> None:
    numbers = fresh(40, 41)
    order = await completed(customer, *numbers)
    await sign(customer.api, order)
    after = await act(customer, order, "removeNumbers", phoneNumbers=numbers[:1])
    assert after["loa"] == "void"


@pytest.mark.domain("E5")
async def test_a_wish_for_a_date_leaves_the_letter_valid(customer: Customer) -> None:
    order = await completed(customer)
    await sign(customer.api, order)
    changed = await patch(customer, order, notificationEmail="it@northwind.example")
    assert changed["loa"] == "valid"


async def test_without_a_letter_there_is_none(customer: Customer) -> None:
    order = await completed(customer)
    assert (await customer.api.get(f"{PORTS}/{order['id']}/loa")).status_code == 404
    assert "loaMissing" in await _submit(customer.api, order)


@pytest.mark.domain("E4", "E5", "E9")
async def test_with_bill_and_letter_an_order_is_submitted(customer: Customer) -> None:
    order = await completed(customer)
    await upload(customer, order, "bill")
    await sign(customer.api, order)
    assert (await read(customer, order, "/readiness"))["ready"]
    assert (await act(customer, order, "submit"))["status"] == "submitted"


@pytest.mark.domain("E5", "E12")
async def test_the_parts_of_a_split_have_the_papers_and_a_void_letter(customer: Customer) -> None:
    numbers = fresh(40, 41)
    order = await completed(customer, *numbers)
    bill = await sent(customer.api, order, "bill", issuedOn=(await bill_date(customer)).isoformat())
    await sign(customer.api, order)
    groups = [{"phoneNumber": number, "billingTelephoneNumber": number} for number in numbers]
    response = await customer.api.post(
        f"{PORTS}/{order['id']}/split", json={"phoneNumbers": groups}
    )
    assert response.status_code == 200, response.text
    for child in response.json()["orders"]:
        assert child["loa"] == "void"
        papers = {
            item["kind"]: item for item in (await read(customer, child, "/documents"))["items"]
        }
        assert papers["bill"]["sha256"] == bill["sha256"]
        path = f"{PORTS}/{child['id']}/documents/{papers['bill']['id']}"
        assert (await customer.api.delete(path)).status_code == 204
    content = await customer.api.get(f"{PORTS}/{order['id']}/documents/{bill['id']}/content")
    assert content.content == pdf()


@pytest.mark.domain("E6", "F")
async def test_an_assisted_letter_is_uploaded_a_week_late(service: Service) -> None:
    customer = await in_warsaw(service)
    order = await completed(customer, *fresh_polish(40), account=POLISH_ACCOUNT)
    assert codes(await sign(customer.api, order)) == ["useAssistedOrder"]
    await upload(customer, order, "bill")
    waiting = await act(customer, order, "submit")
    assert (waiting["stage"], waiting["nextActor"]) == ("awaitingLoa", "customer")
    bill = (await read(customer, order, "/documents"))["items"][0]
    deleted = await customer.api.delete(f"{PORTS}/{order['id']}/documents/{bill['id']}")
    assert (deleted.status_code, deleted.json()["code"]) == (409, "invalidTransition")
    await advance(customer, days=1)
    assert await _reminders(customer, order) == 0
    await advance(customer, days=1, minutes=1)
    assert await _reminders(customer, order) == 1
    await advance(customer, days=5)
    assert await _reminders(customer, order) == 2
    document = await sent(customer.api, order, "loa")
    after = await read(customer, order)
    assert (after["loa"], after["stage"]) == ("valid", None)
    assert after["status"] == "submitted"
    await advance(customer, days=4)
    assert await _reminders(customer, order) == 2
    assert (await customer.api.get(f"{PORTS}/{order['id']}/loa")).content == pdf()
    delete = await customer.api.delete(f"{PORTS}/{order['id']}/documents/{document['id']}")
    assert delete.status_code == 409


@pytest.mark.domain("E6")
async def test_reminders_end_with_the_third(service: Service) -> None:
    customer = await in_warsaw(service)
    order = await completed(customer, *fresh_polish(40), account=POLISH_ACCOUNT)
    await upload(customer, order, "bill")
    await act(customer, order, "submit")
    await advance(customer, days=30)
    assert await _reminders(customer, order) == 3


@pytest.mark.domain("E6")
async def test_an_assisted_letter_is_checked(service: Service) -> None:
    customer = await in_warsaw(service)
    order = await completed(customer, *fresh_polish(40), account={**ACCOUNT, **POLISH_ACCOUNT})
    assert codes(await send(customer.api, order, "loa", b"I authorise you")) == [
        "unsupportedDocument"
    ]


async def _submit(caller: Api, order: Mapping[str, Any]) -> set[str]:
    response = await caller.post(f"{PORTS}/{order['id']}/submit")
    assert response.status_code == 422, response.text
    return set(codes(response))


async def _reminders(customer: Customer, order: Mapping[str, Any]) -> int:
    return [event for event, _ in await timeline(customer, order)].count("loaReminded")

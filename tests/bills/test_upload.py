"""A bill uploaded, read, and compared with its port, over HTTP (domain.md E4, E8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from app.integrations.documents.reading import is_ocr_there
from tests.bills.fitting import bill_for
from tests.bills.measure import png_of
from tests.conftest import Customer
from tests.ports.porting import (
    ACCOUNT,
    POLISH_ACCOUNT,
    PORTS,
    SEATTLES,
    act,
    draft,
    fresh,
    fresh_polish,
    in_warsaw,
    now,
    patch,
    settled,
    timeline,
)


async def drafted(customer: Customer, *endings: int, **account: Any) -> dict[str, Any]:
    """A port with its account, and no papers."""
    order = await draft(customer, *fresh(*endings))
    return await patch(customer, order, portType="full", account=ACCOUNT | account)


async def upload(
    customer: Customer,
    order: Mapping[str, Any],
    file: bytes,
    name: str = "bill.pdf",
    **form: str,
) -> httpx.Response:
    """A bill uploaded."""
    return await customer.api.post(
        f"{PORTS}/{order['id']}/documents",
        data={"kind": "bill", **form},
        files={"file": (name, file)},
    )


def numbers_of(order: Mapping[str, Any]) -> list[str]:
    return [entry["phoneNumber"] for entry in order["phoneNumbers"]]


async def day(customer: Customer, days_ago: int = 5) -> date:
    return SEATTLES.day_of(await now(customer.service)) - timedelta(days=days_ago)


async def readiness(
    customer: Customer, order: Mapping[str, Any], language: str = "en"
) -> dict[str, Any]:
    response = await customer.api.get(
        f"{PORTS}/{order['id']}/readiness", headers={"Accept-Language": language}
    )
    assert response.status_code == 200, response.text
    return dict(response.json())


async def results(customer: Customer, order: Mapping[str, Any]) -> dict[str, str]:
    compared = (await readiness(customer, order))["billComparison"]
    return {entry["field"]: entry["result"] for entry in compared}


async def signed(customer: Customer, order: Mapping[str, Any], name: str) -> None:
    response = await customer.api.post(
        f"{PORTS}/{order['id']}/loa/sign",
        json={"fullName": name, "jobTitle": "Owner", "consent": True},
    )
    assert response.status_code == 200, response.text


@pytest.mark.domain("E4", "E8")
async def test_a_bill_that_agrees_is_read_before_its_upload_is_answered(customer: Customer) -> None:
    order = await drafted(customer, 50, 51)
    issued_on = await day(customer)
    file = bill_for(ACCOUNT, numbers_of(order), issued_on)

    response = await upload(customer, order, file)

    assert response.status_code == 201, response.text
    assert response.json()["reading"] == "read"
    assert response.json()["issuedOn"] == issued_on.isoformat()
    assert set((await results(customer, order)).values()) == {"match"}
    await signed(customer, order, "Ada Example")
    assert (await readiness(customer, order))["ready"] is True
    sent = await act(customer, order, "submit")
    assert sent["status"] == "submitted"


@pytest.mark.domain("E8", "E11", "G")
@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("accountNumber", "8834-22191", "accountNumberMismatch"),
        ("billingTelephoneNumber", "+12065559001", "btnMismatch"),
        ("companyName", "Southwind Merchants", "companyNameMismatch"),
        ("authorizedName", "Eve Elsewhere", "accountNameMismatch"),
    ],
)
async def test_a_mismatch_rejects_the_submission_until_the_field_is_corrected(
    customer: Customer, field: str, value: str, code: str
) -> None:
    order = await drafted(customer, 50, **{field: value})
    file = bill_for(ACCOUNT, numbers_of(order), await day(customer), layout="headerTable")
    assert (await upload(customer, order, file)).status_code == 201
    await signed(customer, order, order["account"]["authorizedName"])
    assert (await results(customer, order))[field] == "mismatch"
    assert (await readiness(customer, order))["ready"] is False

    rejected = await act(customer, order, "submit")

    assert rejected["status"] == "rejected"
    assert [error["code"] for error in rejected["errors"]] == [code]
    assert rejected["errors"][0]["remedies"][0]["pointers"] == [f"/account/{field}"]
    assert ("rejected", "service") in await timeline(customer, order)
    await patch(customer, order, account={field: ACCOUNT[field]})
    assert (await results(customer, order))[field] == "match"
    await signed(customer, order, "Ada Example")
    assert (await act(customer, order, "submit"))["status"] == "submitted"


@pytest.mark.domain("E8")
async def test_a_mismatch_is_overridden_with_a_reason(customer: Customer) -> None:
    order = await drafted(customer, 50, companyName="Southwind Merchants")
    file = bill_for(ACCOUNT, numbers_of(order), await day(customer))
    assert (await upload(customer, order, file)).status_code == 201
    await signed(customer, order, "Ada Example")
    assert (await readiness(customer, order))["ready"] is False
    override = {"field": "companyName", "reason": "The bill has the name before the merger."}
    await patch(customer, order, billOverrides=[override])
    found = await readiness(customer, order)
    assert found["ready"] is True
    company = next(entry for entry in found["billComparison"] if entry["field"] == "companyName")
    assert (company["result"], company["overridden"]) == ("mismatch", True)
    assert (await act(customer, order, "submit"))["status"] == "submitted"


@pytest.mark.domain("E8", "E11", "G")
async def test_what_the_carrier_refused_is_corrected_whatever_the_bill_says(
    customer: Customer,
) -> None:
    order = await drafted(customer, 1)
    file = bill_for(ACCOUNT, numbers_of(order), await day(customer))
    assert (await upload(customer, order, file)).status_code == 201
    await signed(customer, order, "Ada Example")
    await act(customer, order, "submit")
    rejected = await settled(customer, order, "rejected")
    assert [error["code"] for error in rejected["errors"]] == ["accountNumberMismatch"]
    await patch(customer, order, account={"accountNumber": "8834-22191"})
    await signed(customer, order, "Ada Example")

    found = await readiness(customer, order)

    assert found["ready"] is True
    compared = {entry["field"]: entry for entry in found["billComparison"]}
    number, company = compared["accountNumber"], compared["companyName"]
    assert (number["result"], number["overridden"]) == ("mismatch", True)
    assert (company["result"], company["overridden"]) == ("match", False)
    assert (await act(customer, order, "submit"))["status"] == "submitted"


@pytest.mark.domain("E8", "E11")
async def test_a_new_bill_resolves_a_mismatch(customer: Customer) -> None:
    order = await drafted(customer, 50)
    wrong = bill_for(
        {**ACCOUNT, "accountNumber": "1111-99999"}, numbers_of(order), await day(customer)
    )
    assert (await upload(customer, order, wrong)).status_code == 201
    await signed(customer, order, "Ada Example")
    assert (await act(customer, order, "submit"))["status"] == "rejected"
    right = bill_for(ACCOUNT, numbers_of(order), await day(customer), layout="twoColumns")
    assert (await upload(customer, order, right)).status_code == 201
    assert (await results(customer, order))["accountNumber"] == "match"
    assert (await act(customer, order, "submit"))["status"] == "submitted"


@pytest.mark.domain("E8")
async def test_an_address_that_differs_only_warns(customer: Customer) -> None:
    order = await drafted(customer, 50)
    other = ACCOUNT["serviceAddress"] | {"address1": "12 Old Mill Road", "postalCode": "98104"}  # type: ignore[operator]
    file = bill_for({**ACCOUNT, "serviceAddress": other}, numbers_of(order), await day(customer))
    assert (await upload(customer, order, file)).status_code == 201
    await signed(customer, order, "Ada Example")
    assert (await results(customer, order))["serviceAddress"] == "mismatch"
    assert (await act(customer, order, "submit"))["status"] == "submitted"


@pytest.mark.domain("E4")
async def test_a_bill_is_refused_for_its_own_date(customer: Customer) -> None:
    order = await drafted(customer, 50)
    for days_ago, code in ((31, "billTooOld"), (-1, "billInFuture")):
        file = bill_for(ACCOUNT, numbers_of(order), await day(customer, days_ago))
        refused = await upload(customer, order, file)
        assert refused.status_code == 422
        assert [violation["code"] for violation in refused.json()["violations"]] == [code]


@pytest.mark.domain("E4")
async def test_a_bill_without_a_date_asks_for_it(customer: Customer) -> None:
    from fpdf import FPDF  # noqa: PLC0415 - only here

    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica")
    pdf.text(20, 20, "Account number: 8834-22190")
    file = bytes(pdf.output())
    order = await drafted(customer, 50)
    refused = await upload(customer, order, file)
    assert refused.status_code == 422
    assert [one["code"] for one in refused.json()["violations"]] == ["billDateUnknown"]
    taken = await upload(customer, order, file, issuedOn=(await day(customer)).isoformat())
    assert taken.status_code == 201
    found = await results(customer, order)
    assert (found["accountNumber"], found["companyName"], found["billDate"]) == (
        "match",
        "notFound",
        "notFound",
    )


@pytest.mark.domain("E4", "E8")
@pytest.mark.skipif(is_ocr_there(), reason="here tesseract is installed, and pictures are read")
async def test_a_picture_without_tesseract_is_taken_with_its_date_and_says_that_it_was_not_read(
    customer: Customer,
) -> None:
    order = await drafted(customer, 50)
    issued_on = await day(customer)
    picture = png_of(bill_for(ACCOUNT, numbers_of(order), issued_on))
    refused = await upload(customer, order, picture, "bill.png")
    assert [one["code"] for one in refused.json()["violations"]] == ["billDateUnknown"]
    taken = await upload(customer, order, picture, "bill.png", issuedOn=issued_on.isoformat())
    assert taken.status_code == 201, taken.text
    assert taken.json()["reading"] == "noOcr"
    assert set((await results(customer, order)).values()) == {"lowConfidence"}
    async with httpx.AsyncClient() as client:
        ready = await client.get(f"{customer.service.url}/readyz")
    assert ready.json()["checks"]["ocr"] == "absent"


@pytest.mark.domain("E8")
async def test_a_polish_bill_is_compared_and_explained_in_polish(customer: Customer) -> None:
    warsaw = await in_warsaw(customer.service)
    order = await draft(warsaw, *fresh_polish(50))
    account = {**POLISH_ACCOUNT, "companyName": "Młyn Jaskółka sp. z o.o."}
    order = await patch(warsaw, order, portType="full", account=account)
    file = bill_for(
        {**account, "accountNumber": "K/001122/33"},
        numbers_of(order),
        await day(warsaw),
        language="pl",
        layout="vatInvoice",
    )
    assert (await upload(warsaw, order, file)).status_code == 201
    found = (await readiness(warsaw, order, "pl"))["billComparison"]
    by_field = {entry["field"]: entry for entry in found}
    assert by_field["companyName"]["result"] == "match"
    assert by_field["accountNumber"]["result"] == "mismatch"
    assert "rachunk" in by_field["accountNumber"]["detail"]


async def test_no_answer_has_the_account_number_of_a_bill(customer: Customer) -> None:
    order = await drafted(customer, 50)
    secret = "7766-55443-22"
    file = bill_for({**ACCOUNT, "accountNumber": secret}, numbers_of(order), await day(customer))
    assert (await upload(customer, order, file)).status_code == 201
    for path in ("", "/readiness", "/documents"):
        answer = await customer.api.get(f"{PORTS}/{order['id']}{path}")
        assert answer.status_code == 200
        assert secret not in answer.text
        assert secret.replace("-", "") not in answer.text


@pytest.mark.domain("E8", "E12")
async def test_the_orders_of_a_split_are_compared_with_the_bill_too(customer: Customer) -> None:
    order = await drafted(customer, 50, 51)
    numbers = numbers_of(order)
    file = bill_for(ACCOUNT, numbers, await day(customer))
    assert (await upload(customer, order, file)).status_code == 201
    response = await customer.api.post(
        f"{PORTS}/{order['id']}/split",
        json={
            "phoneNumbers": [
                {"phoneNumber": number, "billingTelephoneNumber": number} for number in numbers
            ]
        },
    )
    assert response.status_code == 200, response.text
    for child in response.json()["orders"]:
        found = await results(customer, child)
        assert (found["accountNumber"], found["phoneNumbers"]) == ("match", "match")
        # Each has its own billing number now, and the bill says another.
        assert found["billingTelephoneNumber"] == "mismatch"


async def test_a_deleted_bill_is_compared_no_more(customer: Customer) -> None:
    order = await drafted(customer, 50)
    file = bill_for(ACCOUNT, numbers_of(order), await day(customer))
    document = (await upload(customer, order, file)).json()
    assert await results(customer, order) != {}
    path = f"{PORTS}/{order['id']}/documents/{document['id']}"
    assert (await customer.api.delete(path)).status_code == 204
    assert await results(customer, order) == {}

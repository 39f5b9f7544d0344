"""The desk of PTS: review, rejection, dates, completion in part, documents, portability."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.core.database import EVERYTHING
from tests.conftest import Customer, Service
from tests.ports.porting import (
    CASES,
    DESK,
    PORTS,
    SEATTLES,
    P,
    act,
    advance,
    answered,
    bill,
    desk,
    draft,
    fresh,
    leave_open,
    now,
    read,
    ready,
    settled,
    sign,
    submitted,
    upload,
)


@pytest.mark.domain("E8", "F")
async def test_what_the_bill_leaves_open_waits_for_support(customer: Customer) -> None:
    order = await ready(customer, *fresh(50))
    await leave_open(customer, order)

    sent = await act(customer, order, "submit")

    assert (sent["status"], sent["stage"], sent["nextActor"]) == ("pending", "review", "support")
    support = await customer.caller("support")
    accepted = await desk(support, order, "accept")
    assert (accepted.status_code, accepted.json()["status"]) == (200, "submitted")
    assert (await desk(support, order, "accept")).status_code == 409


@pytest.mark.domain("E8", "G")
async def test_what_the_bill_says_otherwise_is_rejected_before_it_leaves(
    customer: Customer,
) -> None:
    order = await ready(customer, *fresh(50))
    await upload(customer, order, "bill", await bill(customer, order, companyName="Southwind"))
    readiness = (await customer.api.get(f"{PORTS}/{order['id']}/readiness")).json()
    assert readiness["ready"] is False
    results = {each["field"]: each["result"] for each in readiness["billComparison"]}
    assert [field for field, result in results.items() if result == "mismatch"] == ["companyName"]

    sent = await act(customer, order, "submit")

    assert [error["code"] for error in sent["errors"]] == ["companyNameMismatch"]
    assert sent["status"] == "rejected"
    again = await customer.api.post(f"{PORTS}/{order['id']}/submit")
    assert {v["code"] for v in again.json()["violations"]} == {"remedyOutstanding"}
    override = [{"field": "companyName", "reason": "The name before the merger."}]
    await customer.api.patch(f"{PORTS}/{order['id']}", json={"billOverrides": override})
    accepted = await act(customer, order, "submit")
    assert (accepted["status"], accepted["errors"]) == ("submitted", [])


@pytest.mark.domain("E13", "F", "G")
async def test_support_rejects_with_errors_numbers_and_notes(customer: Customer) -> None:
    numbers = fresh(50, 51)
    order = await submitted(customer, *numbers)
    support = await customer.caller("support")
    errors = [
        {"code": "tnMismatch", "phoneNumbers": numbers[:1], "note": "Not his."},
        {"code": "7542", "note": "The carrier's own words."},
    ]

    rejected = await desk(support, order, "reject", errors=errors)

    assert rejected.status_code == 200, rejected.text
    found = [(e["code"], e["phoneNumbers"], e["note"]) for e in rejected.json()["errors"]]
    assert found == [
        ("tnMismatch", numbers[:1], "Not his."),
        ("unknown", [], "The carrier's own words."),
    ]
    entries = (await customer.api.get(f"{P}/orders/{order['id']}/timeline")).json()["items"]
    assert entries[-1]["errors"] == ["tnMismatch", "7542"]
    stranger = await desk(
        support, order, "reject", errors=[{"code": "tnMismatch", "phoneNumbers": ["+12065550199"]}]
    )
    assert stranger.status_code == 422


@pytest.mark.domain("E11", "F", "G")
async def test_a_rejected_port_waits_for_support_that_was_asked(customer: Customer) -> None:
    order = await submitted(customer, *fresh(8))
    await settled(customer, order, "rejected")
    wish = {"need": "rejection", "orderId": order["id"], "subject": "Why?", "message": "Why?"}
    case = (await customer.api.post(CASES, json=wish)).json()

    asked = await read(customer, order)

    assert (asked["stage"], asked["nextActor"]) == ("withSupport", "support")
    early = await customer.api.post(f"{PORTS}/{order['id']}/submit")
    assert [v["code"] for v in early.json()["violations"]] == ["remedyOutstanding"]
    support = await customer.caller("support")
    queue = (await support.get(f"{P}/support/queue", params={"type": "port"})).json()
    assert order["id"] in [entry["id"] for entry in queue["items"]]
    await support.post(f"{CASES}/{case['id']}/comments", json={"message": "Again."})
    answer = await read(customer, order)
    assert (answer["stage"], answer["nextActor"]) == (None, "customer")
    await act(customer, order, "submit")


@pytest.mark.domain("E7", "E13")
async def test_support_sets_and_changes_the_foc_date(customer: Customer) -> None:
    order = await submitted(customer, *fresh(50))
    support = await customer.caller("support")
    today = SEATTLES.day_of(await now(customer.service))
    early = SEATTLES.business_day_after(today, 1)
    saturday = today + timedelta(days=(5 - today.weekday()) % 7 or 7)
    for day in (saturday, today, today + timedelta(days=31)):
        refused = await desk(support, order, "foc", date=day.isoformat())
        assert refused.status_code == 422
        assert refused.json()["violations"][0]["code"] == "focDateNotAllowed"

    dated = await desk(support, order, "foc", date=early.isoformat())

    assert (dated.status_code, dated.json()["status"]) == (200, "focReceived")
    later = SEATTLES.business_day_after(early, 2)
    changed = await desk(support, order, "foc", date=later.isoformat(), message="As asked.")
    assert changed.json()["focDate"] == later.isoformat()
    await advance(customer, days=14)
    done = await settled(customer, order, "completed")
    assert done["focDate"] == later.isoformat()


@pytest.mark.domain("E11", "F")
async def test_a_port_completes_in_part_and_the_rest_is_taken_out(
    customer: Customer, service: Service
) -> None:
    numbers = fresh(50, 51, 52)
    order = await submitted(customer, *numbers)
    support = await customer.caller("support")
    early = await desk(support, order, "complete", phoneNumbers=numbers[:1])
    assert early.status_code == 409
    await answered(customer)
    await settled(customer, order, "focReceived")

    part = await desk(support, order, "complete", phoneNumbers=numbers[:1])

    assert (part.json()["status"], part.json()["stage"]) == ("focReceived", "completedInPart")
    assert [entry["status"] for entry in part.json()["phoneNumbers"]] == [
        "active",
        "pending",
        "pending",
    ]
    done = await act(customer, order, "removeNumbers", phoneNumbers=numbers[1:])
    assert done["status"] == "completed"
    assert [entry["status"] for entry in done["phoneNumbers"]] == ["active", "removed", "removed"]
    async with service.database.read(EVERYTHING) as session:
        left = await session.scalar(
            text("select count(*) from ported_numbers where order_id = :id"), {"id": order["id"]}
        )
    assert left == 0
    await draft(customer, *numbers[1:])


async def test_support_completes_all_at_once(customer: Customer) -> None:
    order = await submitted(customer, *fresh(50, 51))
    await answered(customer)
    support = await customer.caller("support")
    done = await support.post(f"{DESK}/{order['id']}/complete")
    assert (done.status_code, done.json()["status"]) == (200, "completed")


@pytest.mark.domain("E13")
async def test_the_silent_carrier_answers_when_expedited(customer: Customer) -> None:
    order = await submitted(customer, *fresh(20))
    await advance(customer, days=20)
    await settled(customer, order, "submitted")
    support = await customer.caller("support")

    expedited = await desk(support, order, "expedite")

    assert expedited.status_code == 200, expedited.text
    await settled(customer, order, "focReceived")
    assert (await desk(support, order, "expedite")).status_code == 409
    await advance(customer, days=14)
    await settled(customer, order, "completed")


@pytest.mark.domain("E6", "F")
async def test_a_review_waits_for_the_document_support_asked_for(customer: Customer) -> None:
    order = await ready(customer, *fresh(50))
    await leave_open(customer, order)
    await act(customer, order, "submit")
    support = await customer.caller("support")

    asked = await desk(support, order, "requestDocument", kind="csr", message="The CSR, please.")

    assert asked.status_code == 200, asked.text
    waiting = asked.json()
    assert (waiting["stage"], waiting["nextActor"]) == ("awaitingDocument", "customer")
    assert waiting["requestedDocuments"] == ["csr"]
    cases = await customer.api.get(CASES, params={"orderId": order["id"]})
    assert cases.json()["items"][0]["comments"][-1]["message"] == "The CSR, please."
    await upload(customer, order, "csr")
    back = await read(customer, order)
    assert (back["stage"], back["requestedDocuments"]) == ("review", [])
    await desk(support, order, "accept")
    await settled(customer, order, "submitted")


@pytest.mark.domain("E2")
async def test_pts_reviews_what_seemed_not_portable(customer: Customer) -> None:
    good, bad = fresh(50)[0], "+12125550000"
    order = await ready(customer, good, bad)
    support = await customer.caller("support")

    fine = await desk(support, order, "setPortability", phoneNumbers=[bad], portable=True)

    assert fine.status_code == 200, fine.text
    assert [entry["portable"] for entry in fine.json()["phoneNumbers"]] == [True, True]
    readiness = (await customer.api.get(f"{PORTS}/{order['id']}/readiness")).json()
    loa = next(item for item in readiness["checklist"] if item["code"] == "loa")
    assert loa["status"] == "blocked"
    worse = await desk(
        support, order, "setPortability", phoneNumbers=[bad], portable=False, note="Inactive."
    )
    entry = next(n for n in worse.json()["phoneNumbers"] if n["phoneNumber"] == bad)
    assert (entry["portable"], entry["notPortableReason"]) == (False, "reviewedByPts")


@pytest.mark.domain("E2", "E5")
async def test_a_review_whose_numbers_change_waits_for_another_loa(customer: Customer) -> None:
    good, bad = fresh(50)[0], "+19175550000"
    order = await ready(customer, good, bad)
    await leave_open(customer, order)
    await act(customer, order, "submit")
    support = await customer.caller("support")

    fine = await desk(support, order, "setPortability", phoneNumbers=[bad], portable=True)

    assert (fine.json()["stage"], fine.json()["nextActor"]) == ("awaitingLoa", "customer")
    await sign(customer, order)
    assert (await read(customer, order))["stage"] == "review"
    await desk(support, order, "accept")
    await advance(customer, days=21)
    done = await settled(customer, order, "completed")
    assert [entry["status"] for entry in done["phoneNumbers"]] == ["active", "active"]


@pytest.mark.domain("E2")
async def test_what_cannot_move_stays_behind_and_the_rest_goes_on(customer: Customer) -> None:
    good, bad = fresh(50)[0], "+16465550000"
    order = await submitted(customer, good, bad)
    await advance(customer, days=21)
    done = await settled(customer, order, "completed")
    states = {entry["phoneNumber"]: entry["status"] for entry in done["phoneNumbers"]}
    assert states == {good: "active", bad: "failed"}


async def test_the_desk_is_supports_alone(customer: Customer) -> None:
    order = await draft(customer, *fresh(50))
    for action in ("accept", "confirmCancel", "declineCancel", "expedite"):
        assert (await customer.api.post(f"{DESK}/{order['id']}/{action}")).status_code == 403

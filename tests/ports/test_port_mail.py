"""What people are told by mail about ports: each change once, at both addresses."""

from __future__ import annotations

from datetime import date, timedelta
from email.message import EmailMessage

import pytest
from babel.dates import format_date

from tests.conftest import Customer, Service
from tests.notifications.mailbox import Mailbox, speak, text_of
from tests.ports.porting import (
    ACCOUNT,
    POLISH_ACCOUNT,
    act,
    advance,
    desk,
    draft,
    fresh,
    fresh_polish,
    in_warsaw,
    patch,
    ready,
    settled,
    sign,
    submitted,
    timeline,
    upload,
)

CONTACT = "ada@northwind.example"
EXTRA = "ports@northwind.example"
MISSING = "The letter of authorisation is missing"
REMINDER = "the letter of authorisation is missing"


@pytest.fixture
def mailbox(service: Service) -> Mailbox:
    return Mailbox(service)


def titles(mails: list[EmailMessage]) -> list[str]:
    """What the subjects say after order and location."""
    return [mail["Subject"].rpartition(": ")[2] for mail in mails]


@pytest.mark.domain("E7")
@pytest.mark.parametrize(
    ("language", "told", "numbers"),
    [
        (
            "en_US",
            ["The port is on its way", "The date of the port", "The port is completed"],
            "2 numbers: …",
        ),
        (
            "pl_PL",
            [
                "Przeniesienie jest w toku",
                "Termin przeniesienia",
                "Przeniesienie zostało zakończone",
            ],
            "2 numery: …",
        ),
    ],
)
async def test_a_port_is_told_of_from_its_submission_to_its_end(
    customer: Customer, mailbox: Mailbox, language: str, told: list[str], numbers: str
) -> None:
    await speak(customer, language)
    order = await submitted(customer, *fresh(50, 51), notificationEmail=EXTRA)
    await advance(customer, days=4)
    dated = await settled(customer, order, "focReceived", "completed")
    await advance(customer, days=10)
    await settled(customer, order, "completed")

    mails = await mailbox.settled(order)
    for address in (CONTACT, EXTRA):
        mine = [mail for mail in mails if mail["To"] == address]
        assert titles(mine) == told
        foc = format_date(date.fromisoformat(dated["focDate"]), "long", locale=language)
        assert f": {foc}\n" in text_of(mine[1])
        assert all(numbers in text_of(mail) for mail in mine)
    assert len({mail["Message-ID"] for mail in mails}) == len(mails) == 6


@pytest.mark.domain("E7")
async def test_the_extra_address_of_the_contact_itself_gets_one_mail(
    customer: Customer, mailbox: Mailbox
) -> None:
    order = await submitted(customer, *fresh(50), notificationEmail=CONTACT.upper())
    mails = await mailbox.settled(order)
    assert [mail["To"] for mail in mails] == [CONTACT]


@pytest.mark.domain("G")
@pytest.mark.parametrize(
    ("ending", "title", "remedy"),
    [
        (1, "Account number mismatch", "Correct the account number as the losing carrier has it"),
        (9, "Invalid PIN", "Enter the PIN that the losing carrier gave you."),
        (14, "Number mismatch", "Take the numbers concerned out of the order"),
    ],
)
async def test_a_rejection_is_told_with_its_errors_and_remedies(
    customer: Customer, mailbox: Mailbox, ending: int, title: str, remedy: str
) -> None:
    numbers = fresh(ending, 50)
    order = await submitted(customer, *numbers, notificationEmail=EXTRA)
    await advance(customer, days=4)
    await settled(customer, order, "rejected")

    mails = [mail for mail in await mailbox.settled(order) if "rejected" in mail["Subject"]]
    assert {mail["To"] for mail in mails} == {CONTACT, EXTRA}
    for mail in mails:
        written = text_of(mail)
        assert f"\n\n{title}\n" in written
        assert f"\nWhat you can do:\n- {remedy}" in written
        assert "What to do now: Put it right as said above" in written
        secrets = [*(number[1:] for number in numbers), ACCOUNT["accountNumber"], ACCOUNT["pin"]]
        for secret in (*secrets, "2065559000"):
            assert str(secret) not in str(mail)
            assert str(secret) not in written


@pytest.mark.domain("G")
async def test_a_rejection_is_told_in_polish(customer: Customer, mailbox: Mailbox) -> None:
    await speak(customer, "pl_PL")
    order = await submitted(customer, *fresh(1))
    await advance(customer, days=4)
    await settled(customer, order, "rejected")
    *_, mail = await mailbox.settled(order)
    assert titles([mail]) == ["Przeniesienie zostało odrzucone"]
    assert "\nCo można zrobić:\n- " in text_of(mail)
    assert "Co teraz zrobić: Popraw dane" in text_of(mail)


@pytest.mark.domain("E6")
async def test_a_missing_letter_is_told_and_called_to_mind_on_days_2_5_and_10(
    service: Service, mailbox: Mailbox
) -> None:
    customer = await in_warsaw(service)
    order = await draft(customer, *fresh_polish(50))
    await patch(customer, order, portType="full", account=POLISH_ACCOUNT, notificationEmail=EXTRA)
    await upload(customer, order, "bill")
    sent = await act(customer, order, "submit")
    assert sent["stage"] == "awaitingLoa", sent
    assert titles(await mailbox.settled(order)) == [MISSING] * 2

    reminded, day = [], 0
    for until in (1, 2, 4, 5, 9, 10, 30):
        await advance(customer, days=until - day, minutes=1 if day == 0 else 0)
        day = until
        mails = (await mailbox.settled(order))[2:]
        assert titles(mails) == [REMINDER] * len(mails)
        reminded.append([mail["To"] for mail in mails])

    assert [len(addresses) for addresses in reminded] == [0, 2, 2, 4, 4, 6, 6]
    assert sorted(reminded[-1]) == [CONTACT] * 3 + [EXTRA] * 3
    events = [event for event, _ in await timeline(customer, order)]
    assert events.count("loaReminded") == 3
    await upload(customer, order, "bill")
    await upload(customer, order, "loa")
    told = titles((await mailbox.settled(order))[8:])
    assert told == ["The port is on its way"] * 2


async def test_a_letter_that_came_is_not_called_to_mind(service: Service, mailbox: Mailbox) -> None:
    customer = await in_warsaw(service)
    order = await draft(customer, *fresh_polish(50))
    await patch(customer, order, portType="full", account=POLISH_ACCOUNT)
    await upload(customer, order, "bill")
    await act(customer, order, "submit")
    await advance(customer, days=2, minutes=1)
    await upload(customer, order, "loa")
    await advance(customer, days=10)
    assert titles(await mailbox.settled(order)).count(REMINDER) == 1


@pytest.mark.domain("E13")
async def test_what_the_desk_does_is_told_without_its_words(
    customer: Customer, mailbox: Mailbox
) -> None:
    support = await customer.caller("support")
    order = await submitted(customer, *fresh(50))
    await advance(customer, days=2)
    dated = await settled(customer, order, "focReceived")
    later = date.fromisoformat(dated["focDate"]) + timedelta(days=7)
    changed = await desk(
        support, order, "foc", date=later.isoformat(), message="Account 8834-22190 says so."
    )
    assert changed.status_code == 200, changed.text
    await act(customer, order, "cancel")
    assert (await desk(support, order, "declineCancel")).status_code == 200
    await act(customer, order, "cancel")
    assert (await desk(support, order, "confirmCancel")).status_code == 200

    mails = await mailbox.settled(order)
    assert titles(mails) == [
        "The port is on its way",
        "The date of the port",
        "The date of the port has changed",
        "The port goes on",
        "The port is cancelled",
    ]
    day = format_date(later, "long", locale="en")
    assert [f"FOC date: {day}\n" in text_of(mail) for mail in mails[2:]] == [
        True,
        True,
        False,
    ]
    assert not any("8834-22190" in str(mail) for mail in mails)


@pytest.mark.domain("E6")
async def test_a_document_asked_for_and_a_draft_given_up_are_told(
    customer: Customer, mailbox: Mailbox
) -> None:
    order = await ready(customer, *fresh(50))
    support = await customer.caller("support")
    asked = await desk(
        support, order, "requestDocument", kind="csr", message="Please, the record 8834-22190."
    )
    assert asked.status_code == 200, asked.text
    await act(customer, order, "cancel")
    mails = await mailbox.settled(order)
    assert titles(mails) == ["A document is needed", "The port is cancelled"]
    assert "8834-22190" not in str(mails[0])


async def test_putting_a_rejected_port_right_is_not_told_as_another_rejection(
    customer: Customer, mailbox: Mailbox
) -> None:
    order = await submitted(customer, *fresh(1))
    await settled(customer, order, "rejected")
    before = titles(await mailbox.settled(order))
    await patch(customer, order, account={"accountNumber": "8834-22191"})
    await upload(customer, order, "bill")
    await sign(customer, order)
    after = titles(await mailbox.settled(order))
    assert before[-1] == "The port is rejected"
    assert after[len(before) :] == ["The letter of authorisation is void"]

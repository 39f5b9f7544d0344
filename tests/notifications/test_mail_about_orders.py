"""What the people of an organisation are told by mail about its orders of new numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.core.database import EVERYTHING
from app.core.texts import Language
from app.domains.notifications.letters import NUMBERS_SHOWN, endings
from app.domains.notifications.models import Notification, NotificationStatus
from app.domains.notifications.service import notify
from app.domains.orders.models import OrderHistory
from app.integrations.mail.folder import FolderMailer
from app.integrations.mail.port import Message
from app.jobs.queue import Retry
from tests.api.test_assisted_orders import asked, desk, fresh_polish, in_warsaw
from tests.conftest import Customer, Service
from tests.notifications.mailbox import Mailbox, contact, speak, text_of, until_idle

Stock = Callable[..., Any]
CONTACT = "ada@northwind.example"


@pytest.fixture
def mailbox(service: Service) -> Mailbox:
    return Mailbox(service)


async def ordered(customer: Customer, *numbers: str) -> dict[str, Any]:
    response = await customer.order(*numbers)
    assert response.status_code == 201, response.text
    return dict(response.json())


async def notifications_of(service: Service, order: dict[str, Any]) -> list[Notification]:
    """What was noted about an order, the oldest first."""
    async with service.database.read(EVERYTHING) as session:
        rows = await session.scalars(
            select(Notification)
            .join(OrderHistory, OrderHistory.id == Notification.history_id)
            .where(OrderHistory.order_id == UUID(order["id"]))
            .order_by(Notification.history_id)
        )
        return list(rows)


async def test_the_contact_is_told_of_delivery_and_of_the_terms(
    customer: Customer, stock: Stock, mailbox: Mailbox
) -> None:
    numbers = await stock(3)
    order = await ordered(customer, *numbers)
    [mail] = await mailbox.settled(order)

    assert mail["To"] == CONTACT
    assert mail["From"] == "Cisco PSTN <pstn@localhost>"
    assert mail["Subject"].endswith(": Accept the terms of service")
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "en")
    written = text_of(mail)
    assert f"3 numbers: …{numbers[0][-4:]}, …{numbers[1][-4:]}, …{numbers[2][-4:]}\n" in written
    assert "What to do now: An administrator of the customer has to accept" in written
    assert not any(number[1:] in str(mail) for number in numbers)

    await customer.accept_terms()
    before, after = await mailbox.settled(order)
    assert before["Message-ID"] == mail["Message-ID"] != after["Message-ID"]
    assert after["Subject"].endswith(": The numbers are active")


async def test_where_the_terms_are_accepted_one_mail_tells_all(
    customer: Customer, stock: Stock, mailbox: Mailbox
) -> None:
    await customer.accept_terms()
    order = await ordered(customer, *await stock(1))
    [mail] = await mailbox.settled(order)
    assert mail["Subject"].endswith(": The numbers are active")
    assert "What to do now" not in text_of(mail)


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 numer: …"), (2, "2 numery: …"), (5, "5 numerów: …")]
)
async def test_polish_people_read_polish(
    customer: Customer, stock: Stock, mailbox: Mailbox, count: int, words: str
) -> None:
    await speak(customer, "pl_PL", name="Biuro Łódź")
    order = await ordered(customer, *await stock(count))
    [mail] = await mailbox.settled(order)

    assert mail["Content-Language"] == "pl"
    assert mail["Subject"] == (
        f"{order['orderNumber']}, Biuro Łódź: Zaakceptuj warunki korzystania z usługi"
    )
    written = text_of(mail)
    assert written.startswith("Dzień dobry,\n\nNumery z zamówienia zostały dostarczone.")
    assert f"\nZamówienie: {order['orderNumber']}\nLokalizacja: Biuro Łódź\n" in written
    assert f"\n{words}" in written


@pytest.mark.parametrize("language", ["de_DE", "en-GB", "en"])
async def test_english_is_written_where_the_language_is_not_spoken(
    customer: Customer, stock: Stock, mailbox: Mailbox, language: str
) -> None:
    await speak(customer, language)
    order = await ordered(customer, *await stock(1))
    [mail] = await mailbox.settled(order)
    assert mail["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en_US",
            ["The carrier refused the order", "What you can do:\n- Order again with other numbers"],
        ),
        ("pl_PL", ["Operator odrzucił zamówienie", "Co można zrobić:\n- "]),
    ],
)
async def test_an_error_is_told_with_its_remedies(
    customer: Customer, stock: Stock, mailbox: Mailbox, language: str, words: list[str]
) -> None:
    await speak(customer, language)
    numbers = (await stock(31))[30:]
    order = await ordered(customer, *numbers)
    [mail] = await mailbox.settled(order)

    written = text_of(mail)
    assert all(part in written for part in words), written
    assert f"…{numbers[0][-4:]}\n" in written
    assert numbers[0][1:] not in str(mail)


async def test_an_assisted_order_is_told_of_at_each_step_without_what_was_said(
    service: Service, mailbox: Mailbox
) -> None:
    customer = await in_warsaw(service)
    order = await asked(customer)
    support = await customer.caller("support")
    await desk(support, order, "requireAction", message="What is PIN 4711 of account 123456?")
    [asking] = await mailbox.settled(order)
    assert asking["Subject"].endswith(": Your answer is needed")
    assert "support case" in text_of(asking)
    assert not any(secret in str(asking) for secret in ("4711", "123456"))

    cases = await customer.api.get("/telephony/pstn/supportCases", params={"orderId": order["id"]})
    [case] = cases.json()["items"]
    answer = await customer.api.post(
        f"/telephony/pstn/supportCases/{case['id']}/comments", json={"message": "It is known."}
    )
    assert answer.status_code == 201, answer.text
    assert len(await mailbox.settled(order)) == 1

    await desk(support, order, "fulfil", phoneNumbers=fresh_polish(2))
    _, done = await mailbox.settled(order)
    assert done["Subject"].endswith(": The numbers are active")


@pytest.mark.parametrize(
    ("action", "title"), [("fail", "The order failed"), ("cancel", "The order is cancelled")]
)
async def test_what_support_ends_is_told(
    service: Service, mailbox: Mailbox, action: str, title: str
) -> None:
    customer = await in_warsaw(service)
    order = await asked(customer)
    await desk(await customer.caller("support"), order, action, message="There are none.")
    [mail] = await mailbox.settled(order)
    assert mail["Subject"].endswith(f": {title}")
    assert "There are none." not in text_of(mail)


async def test_what_the_customer_cancels_is_told(service: Service, mailbox: Mailbox) -> None:
    customer = await in_warsaw(service)
    order = await asked(customer)
    cancelled = await customer.api.post(f"/telephony/pstn/orders/{order['id']}/cancel")
    assert cancelled.status_code == 200, cancelled.text
    [mail] = await mailbox.settled(order)
    assert mail["Subject"].endswith(": The order is cancelled")


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\u202e", "\u2066"])
async def test_a_name_makes_no_header(
    customer: Customer, stock: Stock, mailbox: Mailbox, end: str
) -> None:
    await speak(customer, "en_US", name=f"Office{end}Bcc: eve@evil.example{end}X: y")
    order = await ordered(customer, *await stock(1))
    [mail] = await mailbox.settled(order)
    assert mail["Bcc"] is None
    assert mail["X"] is None
    assert "Office Bcc: eve@evil.example X: y:" in mail["Subject"]
    assert "Location: Office Bcc: eve@evil.example X: y\n" in text_of(mail)


@pytest.mark.parametrize(
    "address",
    [
        "ada,eve@evil.example",
        "<ada@northwind.example>",
        "ada@northwind.example,evil.example",
        "ada@northwind.example>",
        "ąda@northwind.example",
    ],
)
async def test_an_address_that_takes_no_mail_is_noted_and_the_order_goes_on(
    customer: Customer, stock: Stock, service: Service, mailbox: Mailbox, address: str
) -> None:
    await contact(customer, email=address)
    order = await ordered(customer, *await stock(1))
    assert await mailbox.settled(order) == []
    [noted] = await notifications_of(service, order)
    assert (noted.status, noted.recipient) == (NotificationStatus.refused, address)
    assert noted.settled_at
    shown = (await customer.api.get(f"/telephony/pstn/orders/{order['id']}")).json()
    assert shown["status"] == "provisioned"


async def test_while_mail_is_down_it_waits_and_then_goes_out_once(
    customer: Customer, stock: Stock, service: Service, mailbox: Mailbox
) -> None:
    numbers = await stock(1)
    await until_idle(service)
    mailbox.folder.mkdir(exist_ok=True)
    aside = mailbox.folder.rename(mailbox.folder.with_suffix(".aside"))
    mailbox.folder.write_text("in the way")
    try:
        order = await ordered(customer, *numbers)
        await customer.api.ended(order["id"])
        noted: list[Notification] = []
        async with asyncio.timeout(10):
            while not noted:
                noted = await notifications_of(service, order)
        assert [each.status for each in noted] == [NotificationStatus.waiting]
    finally:
        mailbox.folder.unlink()
        aside.rename(mailbox.folder)
    [mail] = await mailbox.settled(order)
    assert mail["Subject"].endswith(": Accept the terms of service")
    [noted_after] = await notifications_of(service, order)
    assert noted_after.status == NotificationStatus.sent


class Counting(FolderMailer):
    """A folder that counts what is sent; told to, it dies once a mail is out."""

    def __init__(self, service: Service, *, dies: bool = False) -> None:
        super().__init__(Mailbox(service).folder, "Cisco PSTN <pstn@localhost>")
        self.sent: list[UUID] = []
        self.dies = dies

    async def send(self, message: Message) -> None:
        await super().send(message)
        self.sent.append(message.id)
        if self.dies:
            raise KilledError


class KilledError(BaseException):
    """The process is gone."""


async def run_again(
    service: Service, mailer: FolderMailer, customer: Customer, order: dict[str, Any]
) -> None:
    """The job of the newest line of an order's history."""
    async with service.database.read(EVERYTHING) as session:
        newest = await session.scalar(
            select(OrderHistory.id)
            .where(OrderHistory.order_id == UUID(order["id"]))
            .order_by(OrderHistory.id.desc())
            .limit(1)
        )
    assert newest is not None
    await notify(
        service.database, mailer, UUID(customer.organization_id), UUID(order["id"]), newest
    )


async def test_a_job_done_twice_is_one_mail(
    customer: Customer, stock: Stock, service: Service, mailbox: Mailbox
) -> None:
    order = await ordered(customer, *await stock(1))
    await mailbox.settled(order)
    [file] = mailbox.files_about(order)
    before = file.stat().st_mtime_ns
    # Whom it was for is settled, too: a new contact gets no mail about what is past.
    await contact(customer, email="new@northwind.example")

    mailer = Counting(service)
    await run_again(service, mailer, customer, order)

    assert mailer.sent == []
    assert [file.stat().st_mtime_ns for file in mailbox.files_about(order)] == [before]


async def test_a_kill_between_sending_and_noting_sends_the_very_same_mail_again(
    customer: Customer, stock: Stock, service: Service, mailbox: Mailbox
) -> None:
    order = await ordered(customer, *await stock(1))
    await mailbox.settled(order)
    [file] = mailbox.files_about(order)
    content = file.read_bytes()
    # As before the first try: nothing was noted.
    async with service.database.write(EVERYTHING) as session:
        for row in await notifications_of(service, order):
            await session.delete(
                await session.get_one(Notification, (row.history_id, row.recipient))
            )
    file.unlink()

    dying = Counting(service, dies=True)
    with pytest.raises(KilledError):
        await run_again(service, dying, customer, order)
    [noted] = await notifications_of(service, order)
    assert noted.status == NotificationStatus.waiting
    [first] = mailbox.files_about(order)
    sent = first.read_bytes()
    await speak(customer, "pl_PL", name="Another name")

    mailer = Counting(service)
    await run_again(service, mailer, customer, order)
    await run_again(service, mailer, customer, order)

    assert mailer.sent == dying.sent
    [again] = mailbox.files_about(order)
    assert (again.name, again.read_bytes()) == (file.name, sent)
    assert _without_date(sent) == _without_date(content)
    [noted] = await notifications_of(service, order)
    assert noted.status == NotificationStatus.sent


def _without_date(content: bytes) -> list[bytes]:
    return [line for line in content.splitlines() if not line.startswith(b"Date:")]


async def test_a_mailer_that_is_down_is_a_wish_for_another_try(
    customer: Customer, stock: Stock, service: Service, mailbox: Mailbox
) -> None:
    order = await ordered(customer, *await stock(1))
    await mailbox.settled(order)
    async with service.database.write(EVERYTHING) as session:
        for row in await notifications_of(service, order):
            known = await session.get_one(Notification, (row.history_id, row.recipient))
            known.status = NotificationStatus.waiting
    nowhere = FolderMailer(service.home / "secret.key" / "mail", "pstn@localhost")
    with pytest.raises(Retry):
        await run_again(service, nowhere, customer, order)
    [noted] = await notifications_of(service, order)
    assert noted.status == NotificationStatus.waiting


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        (Language.en, "… and 1 more", "… and 2 more"),
        (Language.pl, "… i jeszcze 1 numer", "… i jeszcze 2 numery"),
    ],
)
def test_of_many_numbers_the_first_are_shown(language: Language, one: str, two: str) -> None:
    for more, words in ((1, one), (2, two)):
        shown = endings(range(12_062_676_000, 12_062_676_000 + NUMBERS_SHOWN + more), language)
        assert shown.count("…") == NUMBERS_SHOWN
        assert shown.endswith("…6019" + words.removeprefix("…"))

"""Port orders on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.core.texts import Language, text
from app.core.validation import (
    CodeText,
    CountryCode,
    Day,
    Email,
    Entries,
    Flag,
    Line,
    LineText,
    Many,
    NumberText,
    Prose,
    ProseText,
    RequestSchema,
    Schema,
    Total,
    form,
)
from app.domains.numbering.models import NumberState
from app.domains.numbering.schemas import PhoneNumberText
from app.domains.orders.kinds import DocumentKind, ErrorType
from app.domains.orders.models import Order
from app.domains.orders.schemas import EXAMPLE_ID, OrderView, RemedyView
from app.domains.port_orders.models import PortDocument, PortFieldChange, PortType, RemainingNumbers
from app.domains.port_orders.policy import bill_comparison
from app.domains.port_orders.policy.document import Document
from app.domains.port_orders.policy.readiness import (
    BillField,
    BillResult,
    Comparison,
    ItemStatus,
    LoaState,
)
from app.integrations.documents.reading import ReadingOutcome

MOST_NUMBERS = 1000

PortNumbers = Annotated[
    list[PhoneNumberText],
    Field(min_length=1, max_length=MOST_NUMBERS, examples=[["+12065550123", "+12065550124"]]),
]
AccountNumber = Annotated[
    str,
    Field(
        pattern=form(
            r"^[A-Za-z0-9](?:[A-Za-z0-9 ./_-]{0,38}[A-Za-z0-9])?$",
            text(
                "An account number has 1 to 40 letters (A to Z) and digits, between them also"
                " spaces and . / _ -"
            ),
        ),
        max_length=40,
    ),
]
Pin = Annotated[
    str,
    Field(
        pattern=form(
            r"^[A-Za-z0-9]{1,20}$", text("A PIN has 1 to 20 letters (A to Z) and digits.")
        ),
        max_length=20,
    ),
]
TimeOfDay = Annotated[
    str,
    Field(
        pattern=form(
            "^([01][0-9]|2[0-3]):[0-5][0-9]$",
            text("A time of day from 00:00 to 23:59 is needed, like 09:30."),
        )
    ),
]


class PortNumbersChoice(RequestSchema):
    """Numbers of a port, or to be ported."""

    phone_numbers: PortNumbers = Field(description="E.164, each once.")


class Portability(Schema):
    """Whether a number can move to Cisco PSTN (domain.md E2)."""

    phone_number: NumberText = Field(description="As sent.", examples=["+12065550123"])
    portable: bool = Field(description="Whether it can.", examples=[True])
    reason: CodeText | None = Field(
        description="The code of why not: `invalidPhoneNumber`, `tollFreeNotSupported`,"
        " `countryNotSupported`, `numberAlreadyOwned`,"
        " `numberInAnotherPort`, `inInventory`, `notPortable`.",
        examples=[None],
    )


class PortabilityChecks(Schema):
    """The answer of a portability check."""

    phone_numbers: Many[Portability] = Field(description="In the order sent.")


class ServiceAddress(RequestSchema):
    """Where the numbers are used, as the losing carrier has it (domain.md E3)."""

    address1: Line | None = Field(
        None, description="House number and street.", examples=["400 Broad Street"]
    )
    address2: Line | None = Field(None, description="Floor, suite.", examples=["Suite 1200"])
    city: Line | None = Field(None, description="City.", examples=["Seattle"])
    state: Annotated[str, Field(min_length=1, max_length=8)] | None = Field(
        None, description="State or province, as its code.", examples=["WA"]
    )
    postal_code: Annotated[str, Field(min_length=1, max_length=16)] | None = Field(
        None, description="Postal code.", examples=["98109"]
    )
    country: CountryCode | None = Field(
        None, description="ISO 3166-1 alpha-2 code.", examples=["US"]
    )


class Account(RequestSchema):
    """The account with the losing carrier, as on its bill (domain.md E3)."""

    carrier_name: Line | None = Field(
        None, description="The losing carrier.", examples=["Old Carrier Inc."]
    )
    account_number: AccountNumber | None = Field(
        None, description="Its account number.", examples=["8834-22190"]
    )
    billing_telephone_number: PhoneNumberText | None = Field(
        None, description="Billing telephone number (BTN), E.164.", examples=["+12065550100"]
    )
    authorized_name: Line | None = Field(
        None, description="Who may authorise a port.", examples=["Ada Example"]
    )
    company_name: Line | None = Field(
        None, description="The company.", examples=["Northwind Traders"]
    )
    pin: Pin | None = Field(None, description="PIN or password, if any.", examples=["4711"])
    service_address: ServiceAddress | None = Field(None, description="Where the numbers are used.")


class BillOverride(RequestSchema):
    """A difference between bill and order that is right as it is."""

    field: BillField = Field(description="The field.", examples=["companyName"])
    reason: Prose = Field(
        description="Why.", examples=["The bill still has the name before the merger."]
    )


class PortOrderPatch(RequestSchema):
    """A merge patch (RFC 7396): absent stays, null goes."""

    port_type: PortType | None = Field(
        None, description="Whether all numbers of the account move.", examples=["full"]
    )
    account: Account | None = Field(None, description="The account with the losing carrier.")
    new_billing_telephone_number: PhoneNumberText | None = Field(
        None,
        description="The BTN of what a partial port leaves behind, when the BTN itself moves.",
        examples=[None],
    )
    remaining_numbers_action: RemainingNumbers | None = Field(
        None, description="What becomes of what a partial port leaves behind.", examples=[None]
    )
    requested_completion_date: Day | None = Field(
        None, description="The wished date; readiness lists those allowed.", examples=[None]
    )
    requested_completion_time: TimeOfDay | None = Field(
        None, description="The wished time of day at the location.", examples=["09:30"]
    )
    notification_email: Email | None = Field(
        None, description="A further address for status mail.", examples=["it@northwind.example"]
    )
    additional_information: dict[Annotated[str, Field(max_length=40)], Line | None] | None = Field(
        None,
        description="What carriers of the country ask for beyond, by the names of"
        " `GET /v1/telephony/pstn/countries`.",
        examples=[{}],
    )
    bill_overrides: Annotated[list[BillOverride], Field(max_length=20)] | None = Field(
        None, description="Differences between bill and order that are right as they are."
    )

    def to_patch(self) -> Document:
        """The patch as JSON; only what was sent."""
        return self.model_dump(by_alias=True, mode="json", exclude_unset=True)


class PortOrderView(OrderView):
    """A port order: what every order has, and the document that PATCH changes.

    Account number and PIN are masked.
    """

    port_type: PortType | None = Field(
        None, description="Whether all numbers of the account move.", examples=["full"]
    )
    account: AccountView | None = Field(None, description="The account with the losing carrier.")
    new_billing_telephone_number: NumberText | None = Field(
        None, description="The BTN of what stays behind.", examples=[None]
    )
    remaining_numbers_action: RemainingNumbers | None = Field(
        None, description="What becomes of what stays behind.", examples=[None]
    )
    requested_completion_date: Day | None = Field(
        None, description="The wished date.", examples=[None]
    )
    requested_completion_time: CodeText | None = Field(
        None, description="The wished time of day at the location.", examples=["09:30"]
    )
    notification_email: LineText | None = Field(
        None, description="A further address for status mail.", examples=["it@northwind.example"]
    )
    additional_information: dict[str, Any] = Field(
        description="What carriers of the country ask for beyond.", examples=[{}]
    )
    bill_overrides: Entries[BillOverride] = Field(
        description="Differences between bill and order that are right as they are."
    )
    requested_documents: Entries[DocumentKind] = Field(
        description="What support asked for and is not there yet.", examples=[[]]
    )
    loa: LoaState = Field(
        description="The letter of authorisation: `missing`, `valid`, or `void` since numbers or"
        " account data changed.",
        examples=["valid"],
    )

    @classmethod
    def of_port(
        cls,
        order: Order,
        document: Document,
        requested_documents: list[str],
        loa: LoaState,
        states: Mapping[int, NumberState],
        language: Language,
    ) -> PortOrderView:
        """`document` with its secrets masked."""
        shared = OrderView.of(order, states, language).model_dump(by_alias=True)
        return cls.model_validate(
            {
                "additionalInformation": {},
                "billOverrides": [],
                **shared,
                **document,
                "requestedDocuments": requested_documents,
                "loa": loa,
            }
        )


class AccountView(Schema):
    """The account with the losing carrier, its secrets masked."""

    carrier_name: LineText | None = Field(
        None, description="The losing carrier.", examples=["Old Carrier Inc."]
    )
    account_number: LineText | None = Field(
        None, description="Its last characters.", examples=["••••2190"]
    )
    billing_telephone_number: NumberText | None = Field(
        None, description="Billing telephone number (BTN).", examples=["+12065550100"]
    )
    authorized_name: LineText | None = Field(
        None, description="Who may authorise a port.", examples=["Ada Example"]
    )
    company_name: LineText | None = Field(
        None, description="The company.", examples=["Northwind Traders"]
    )
    pin: LineText | None = Field(None, description="Whether there is one.", examples=["••••"])
    service_address: ServiceAddress | None = Field(None, description="Where the numbers are used.")


class ChecklistItem(Schema):
    """Something that a port needs before it can be submitted."""

    code: CodeText = Field(description="Its stable code.", examples=["accountNumber"])
    pointer: LineText = Field(
        description="Where it belongs in the order.", examples=["/account/accountNumber"]
    )
    status: ItemStatus = Field(
        description="`done`, `missing`, or `blocked`: there, but not as it should be.",
        examples=["missing"],
    )
    detail: ProseText | None = Field(
        description="What to do; null when done.", examples=["This field is needed."]
    )


class ComparisonView(Schema):
    """A field as entered, compared with the bill (domain.md E8)."""

    field: BillField = Field(description="The field.", examples=["accountNumber"])
    result: BillResult = Field(description="What came out.", examples=["match"])
    page: Total | None = Field(None, description="Where on the bill.", examples=[1])
    snippet: ProseText | None = Field(
        None, description="What stands there, masked.", examples=["Account number ••••2190"]
    )
    overridden: bool = Field(description="Whether it is right as it is.", examples=[False])
    detail: ProseText = Field(
        description="What it means, and what to do.", examples=["The bill says the same."]
    )

    @classmethod
    def of(cls, comparison: Comparison, overridden: bool, language: Language) -> ComparisonView:
        return cls(
            detail=bill_comparison.advice(comparison).to(language),
            field=comparison.field,
            result=comparison.result,
            page=comparison.page,
            snippet=comparison.snippet,
            overridden=overridden,
        )


class SplitGroup(Schema):
    """Numbers under one billing number."""

    billing_telephone_number: NumberText = Field(
        description="Their BTN.", examples=["+12065550100"]
    )
    phone_numbers: Many[NumberText] = Field(description="The numbers.", examples=[["+12065550123"]])


class Readiness(Schema):
    """What a port still needs, field by field."""

    ready: bool = Field(
        description="Whether it can be submitted and would be accepted.", examples=[False]
    )
    checklist: Entries[ChecklistItem] = Field(description="Everything a port needs.")
    bill_comparison: Entries[ComparisonView] = Field(
        description="The order compared with its bill; empty without one that was read."
    )
    split_preview: Entries[SplitGroup] = Field(
        description="What a split starts from: the numbers that move, all under the BTN of the"
        " account; empty until that is told. A split names the BTN of each.",
    )
    allowed_completion_dates: Entries[date] = Field(
        description="What may be wished for.", examples=[["2026-11-30"]]
    )


class FieldChangeView(Schema):
    """A field that was changed (domain.md E11)."""

    at: datetime = Field(description="When.", examples=["2026-11-22T10:00:00Z"])
    by: LineText = Field(description="The credential's name.", examples=["Ada Example"])
    pointer: LineText = Field(description="The field.", examples=["/account/accountNumber"])
    before: Any = Field(description="Before; secrets are masked.", examples=["••••2190"])
    after: Any = Field(description="After; secrets are masked.", examples=["••••2191"])

    @classmethod
    def of(cls, change: PortFieldChange) -> FieldChangeView:
        return cls(
            at=change.at,
            by=change.by,
            pointer=change.pointer,
            before=change.before,
            after=change.after,
        )


class FieldChanges(Schema):
    """The history of the fields of a port."""

    items: Many[FieldChangeView] = Field(description="The oldest first.")


class SplitNumber(RequestSchema):
    """A number and the account's number it is billed to."""

    phone_number: PhoneNumberText = Field(description="E.164.", examples=["+12065550123"])
    billing_telephone_number: PhoneNumberText = Field(
        description="Its BTN, E.164.", examples=["+12065550100"]
    )


class PortOrderSplit(RequestSchema):
    """The BTN of every number of the order; each BTN becomes an order."""

    phone_numbers: Annotated[list[SplitNumber], Field(min_length=1, max_length=MOST_NUMBERS)] = (
        Field(description="Every number of the order, each once.")
    )


class SplitOrders(Schema):
    """What a split made."""

    orders: Entries[PortOrderView] = Field(description="One for each BTN.")


class PortErrorView(Schema):
    """An error a port can have, and what to do about it (domain.md G)."""

    code: CodeText = Field(description="Its stable code.", examples=["accountNumberMismatch"])
    title: LineText = Field(description="In short.", examples=["Account number mismatch"])
    detail: ProseText = Field(description="For people.", examples=["The account number is not …"])
    remedies: Entries[RemedyView] = Field(description="The one advised first.")

    @classmethod
    def of(cls, kind: ErrorType, language: Language) -> PortErrorView:
        return cls(
            code=kind.code,
            title=kind.title.to(language),
            detail=kind.detail.to(language),
            remedies=[RemedyView.of(remedy, [], language) for remedy in kind.remedies],
        )


class PortErrors(Schema):
    """Every error a port can have."""

    items: Entries[PortErrorView] = Field(description="In the order of the guide.")


class RaisedError(RequestSchema):
    """Something wrong with a port, as support tells it."""

    code: Annotated[str, Field(min_length=1, max_length=60)] = Field(
        description="A code of `GET /v1/telephony/pstn/portErrors`; any other is `unknown`.",
        examples=["accountNumberMismatch"],
    )
    phone_numbers: PortNumbers | None = Field(
        None, description="Numbers concerned.", examples=[None]
    )
    note: Prose | None = Field(
        None, description="What the customer should know.", examples=["It ends in 2191."]
    )


class Rejection(RequestSchema):
    """Why a port cannot go on as it is."""

    errors: Annotated[list[RaisedError], Field(min_length=1, max_length=40)] = Field(
        description="What is wrong."
    )


class FocDate(RequestSchema):
    """The date the losing carrier committed itself to."""

    day: Day = Field(alias="date", description="A business day to come.", examples=["2026-11-30"])
    message: Prose | None = Field(None, description="Why that day.", examples=[None])


class Completion(RequestSchema):
    """What is completed."""

    phone_numbers: PortNumbers | None = Field(
        None, description="Only these numbers; all of them when absent.", examples=[None]
    )


class DocumentRequest(RequestSchema):
    """A document that support needs."""

    kind: DocumentKind = Field(description="Which.", examples=["csr"])
    message: Prose = Field(
        description="Why; it is written in the order's support case.",
        examples=["Please send the customer service record."],
    )


class PortabilityVerdict(RequestSchema):
    """What support found out about numbers (domain.md E2)."""

    phone_numbers: PortNumbers = Field(description="Numbers of the order.")
    portable: Flag = Field(description="Whether they can move.", examples=[True])
    note: Prose | None = Field(None, description="Why.", examples=[None])


class SignatureView(Schema):
    """Who signed a letter of authorisation here."""

    full_name: LineText = Field(description="Who signed.", examples=["Ada Example"])
    job_title: LineText = Field(description="In what capacity.", examples=["Owner"])
    fingerprint: CodeText = Field(
        description="SHA-256 of what was signed; it stands in the letter.", examples=["9f2c…"]
    )


class DocumentView(Schema):
    """A paper of a port."""

    id: UUID = Field(description="The document.", examples=[EXAMPLE_ID])
    kind: DocumentKind = Field(description="What it is.", examples=["bill"])
    media_type: CodeText = Field(
        description="By its content: `application/pdf` or `image/png`.",
        examples=["application/pdf"],
    )
    pages: Total = Field(description="How many pages it has.", examples=[3])
    size: Total = Field(description="Bytes.", examples=[183204])
    sha256: CodeText = Field(description="SHA-256 of the file, in hexadecimal.", examples=["4be1…"])
    issued_on: date | None = Field(description="When a bill was issued.", examples=["2026-11-02"])
    reading: ReadingOutcome | None = Field(
        description="How reading a bill ended: `read`; `noOcr`, it is a picture and this service"
        " has no tesseract to recognise its text; `failed`, it took too long.",
        examples=["read"],
    )
    signature: SignatureView | None = Field(description="Who signed it here.", examples=[None])
    uploaded_at: datetime = Field(description="When.", examples=["2026-11-22T09:00:00Z"])
    uploaded_by: LineText = Field(description="By which credential.", examples=["Ada Example"])
    superseded_at: datetime | None = Field(
        description="Since when a newer one of its kind counts.", examples=[None]
    )
    voided_at: datetime | None = Field(
        description="Since when a letter of authorisation is void: numbers or account changed.",
        examples=[None],
    )

    @classmethod
    def of(cls, document: PortDocument) -> DocumentView:
        return cls(
            id=document.id,
            kind=DocumentKind(document.kind),
            media_type=document.media_type,
            pages=document.pages,
            size=document.size,
            sha256=document.sha256,
            issued_on=document.issued_on,
            reading=ReadingOutcome(document.reading_outcome) if document.reading_outcome else None,
            signature=SignatureView.model_validate(document.signature)
            if document.signature
            else None,
            uploaded_at=document.uploaded_at,
            uploaded_by=document.uploaded_by,
            superseded_at=document.superseded_at,
            voided_at=document.voided_at,
        )


class Documents(Schema):
    """The papers of a port."""

    items: Many[DocumentView] = Field(description="The oldest first, superseded ones too.")


class LoaSigning(RequestSchema):
    """Signing the letter of authorisation (domain.md E5)."""

    full_name: Line = Field(
        description="As in `account.authorizedName`, case and spaces aside.",
        examples=["Ada Example"],
    )
    job_title: Line = Field(description="In what capacity.", examples=["Owner"])
    consent: Literal[True] = Field(
        description="That this is a signature, and that it is meant.", examples=[True]
    )


PortOrderView.model_rebuild()

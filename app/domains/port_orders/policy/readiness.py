"""What a port needs before it can be submitted, item by item (domain.md E3 to E10). Pure.

`checklist` judges; a violation of submission is an item that is not done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.core.texts import Text, text
from app.domains.orders.kinds import DocumentKind, Remedy, RemedyAction
from app.domains.orders.lifecycle import Actor
from app.domains.port_orders.errors import SIGN_LOA, UPLOAD_BILL, UPLOAD_LOA, update
from app.domains.port_orders.models import PortType, RemainingNumbers
from app.domains.port_orders.policy import editing
from app.domains.port_orders.policy.document import Document, value_at
from app.policy.violation import Violation
from app.telephony.country import Country, Process

BILL_VALID_FOR = timedelta(days=30)


class ItemStatus(StrEnum):
    """How far an item of the checklist is."""

    done = "done"
    missing = "missing"
    blocked = "blocked"


class LoaState(StrEnum):
    """The letter of authorisation: signed or uploaded, void since something changed, or none."""

    valid = "valid"
    void = "void"
    missing = "missing"


class BillField(StrEnum):
    """What is compared with the bill (domain.md E8)."""

    account_number = "accountNumber"
    billing_telephone_number = "billingTelephoneNumber"
    authorized_name = "authorizedName"
    company_name = "companyName"
    service_address = "serviceAddress"
    phone_numbers = "phoneNumbers"
    bill_date = "billDate"


class BillResult(StrEnum):
    """What a comparison came to."""

    match = "match"
    mismatch = "mismatch"
    not_found = "notFound"
    low_confidence = "lowConfidence"


MISMATCH_ERRORS: Mapping[BillField, str] = {
    BillField.account_number: "accountNumberMismatch",
    BillField.billing_telephone_number: "btnMismatch",
    BillField.authorized_name: "accountNameMismatch",
    BillField.company_name: "companyNameMismatch",
}
"""The fields whose difference from the bill rejects a submission, and the error of each."""
REFUSED_FIELDS: Mapping[str, BillField] = {
    **{code: field for field, code in MISMATCH_ERRORS.items()},
    "accountNumberRequired": BillField.account_number,
}
"""The field that the losing carrier refuses with an error; its record outranks the bill."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field as entered compared with the bill; `snippet` is masked."""

    field: BillField
    result: BillResult
    page: int | None = None
    snippet: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """The newest document of a kind; `issued_on` of a bill, as told or read."""

    uploaded_at: datetime
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class LoaFact:
    """How far the letter of authorisation is; `since` is when it was signed or uploaded."""

    state: LoaState
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PortFacts:
    """What the rules look at; `today` is the day at the location."""

    document: Document
    country: Country
    today: date
    completion_dates: Sequence[date]
    portable: Sequence[int]
    """The numbers that would be sent."""
    documents: Mapping[DocumentKind, DocumentFact]
    requested_documents: Sequence[str]
    loa: LoaFact
    bill_comparison: Sequence[Comparison]
    outranked: frozenset[BillField] = frozenset()
    """Fields about which the bill has no say: the losing carrier or a split said otherwise."""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the checklist; one that is not done says the code and words of its refusal."""

    code: str
    pointer: str
    status: ItemStatus = ItemStatus.done
    refusal: str = "validationFailed"
    detail: Text | None = None
    remedies: tuple[Remedy, ...] = ()

    @property
    def violation(self) -> Violation:
        """The refusal of a submission, with what can be done about it."""
        assert self.detail is not None  # noqa: S101 - what is not done says why
        is_field = not self.pointer.startswith(("/documents/", "/phoneNumbers"))
        remedies = (update(self.detail, self.pointer),) if is_field else self.remedies
        return Violation(self.refusal, self.pointer, self.detail, remedies=remedies)


REQUIRED = (
    "/portType",
    "/account/carrierName",
    "/account/accountNumber",
    "/account/billingTelephoneNumber",
    "/account/authorizedName",
    "/account/companyName",
    "/account/serviceAddress/address1",
    "/account/serviceAddress/city",
    "/account/serviceAddress/country",
)
NEEDED = text("This field is needed.")
ASKED_FOR = text("Support asked for this document; upload it.")


def fields_are_there(facts: PortFacts) -> Iterator[Item]:
    """E3, E6, E10: the account as on the bill, and what the country asks for."""
    pointers = [*REQUIRED]
    if facts.country.state_required:
        pointers.append("/account/serviceAddress/state")
    if facts.country.postal_code_required:
        pointers.append("/account/serviceAddress/postalCode")
    pointers += [
        f"/additionalInformation/{need.name}"
        for need in facts.country.port_requirements
        if need.required
    ]
    for pointer in pointers:
        code = pointer.rpartition("/")[2]
        if value_at(facts.document, pointer) is not None:
            yield Item(code, pointer)
        else:
            yield Item(code, pointer, ItemStatus.missing, detail=NEEDED)


def some_number_is_portable(facts: PortFacts) -> Iterator[Item]:
    """E2: what cannot move stays out; something has to be left."""
    if facts.portable:
        yield Item("phoneNumbers", "/phoneNumbers")
        return
    yield Item(
        "phoneNumbers",
        "/phoneNumbers",
        ItemStatus.blocked,
        detail=text("None of the numbers can move; wait for PTS, or cancel the order."),
    )


def partial_port_is_whole(facts: PortFacts) -> Iterator[Item]:
    """E10: a partial port says what becomes of the rest; if the BTN moves, the rest has another."""
    action = facts.document.get("remainingNumbersAction")
    new = facts.document.get("newBillingTelephoneNumber")
    if facts.document.get("portType") != PortType.partial:
        return
    numbers = {f"+{number}" for number in facts.portable}
    btn = value_at(facts.document, "/account/billingTelephoneNumber")
    pointer = "/remainingNumbersAction"
    if action is None:
        yield Item(
            "remainingNumbersAction",
            pointer,
            ItemStatus.missing,
            detail=text("A partial port says what becomes of the other numbers."),
        )
    else:
        yield Item("remainingNumbersAction", pointer)
    if btn not in numbers or action == RemainingNumbers.disconnect:
        return
    pointer = "/newBillingTelephoneNumber"
    if new is None:
        yield Item(
            "newBillingTelephoneNumber",
            pointer,
            ItemStatus.missing,
            "newBtnRequired",
            text("The billing number moves; name the one that the other numbers get."),
        )
    elif new == btn or new in numbers:
        yield Item(
            "newBillingTelephoneNumber",
            pointer,
            ItemStatus.blocked,
            "newBtnRequired",
            text("The new billing number is one that stays: not the old one, and none that moves."),
        )
    else:
        yield Item("newBillingTelephoneNumber", pointer)


def date_can_be_kept(facts: PortFacts) -> Iterator[Item]:
    """E7: a date wished for is still allowed."""
    wished = facts.document.get("requestedCompletionDate")
    if wished is None:
        return
    if date.fromisoformat(wished) in facts.completion_dates:
        yield Item("requestedCompletionDate", "/requestedCompletionDate")
        return
    refused = editing.date_not_allowed(facts.completion_dates)
    yield Item(
        "requestedCompletionDate",
        refused.pointer,
        ItemStatus.blocked,
        refused.code,
        refused.detail,
    )


def bill_is_there(facts: PortFacts) -> Iterator[Item]:
    """E4: a bill of the last 30 days."""
    bill = facts.documents.get(DocumentKind.bill)
    status, refusal, detail = ItemStatus.blocked, "", NEEDED
    if bill is None:
        status, refusal = ItemStatus.missing, "billMissing"
        detail = text("Upload a bill of the losing carrier, issued within the last 30 days.")
    elif bill.issued_on is None:
        refusal = "billDateUnknown"
        detail = text("The date of the bill could not be read; upload it again with issuedOn.")
    elif bill.issued_on > facts.today:
        refusal = "billInFuture"
        detail = text("The bill is dated in the future; upload one that was issued.")
    elif bill.issued_on < facts.today - BILL_VALID_FOR:
        refusal = "billTooOld"
        detail = text("The bill is older than 30 days; upload a newer one.")
    else:
        yield Item("bill", "/documents/bill")
        return
    yield Item("bill", "/documents/bill", status, refusal, detail, (UPLOAD_BILL,))


def loa_is_there(facts: PortFacts) -> Iterator[Item]:
    """E5, E6: signed here; in assisted countries uploaded, and that may come later."""
    is_assisted = facts.country.process is Process.ASSISTED
    remedies = (UPLOAD_LOA,) if is_assisted else (SIGN_LOA,)
    match facts.loa.state:
        case LoaState.valid:
            yield Item("loa", "/documents/loa")
        case LoaState.missing:
            yield Item(
                "loa",
                "/documents/loa",
                ItemStatus.missing,
                "loaMissing",
                text("The letter of authorisation is not there yet."),
                remedies,
            )
        case LoaState.void:
            yield Item(
                "loa",
                "/documents/loa",
                ItemStatus.blocked,
                "loaVoid",
                text(
                    "Numbers or account data changed since; the letter of authorisation is needed"
                    " again."
                ),
                remedies,
            )


def requested_documents_are_there(facts: PortFacts) -> Iterator[Item]:
    """E6: what support asked for."""
    for kind in facts.requested_documents:
        upload = Remedy(
            RemedyAction.upload_document,
            Actor.customer,
            ASKED_FOR,
            document_kind=DocumentKind(kind),
        )
        yield Item(
            kind,
            f"/documents/{kind}",
            ItemStatus.missing,
            detail=ASKED_FOR,
            remedies=(upload,),
        )


RULES: tuple[Callable[[PortFacts], Iterator[Item]], ...] = (
    some_number_is_portable,
    fields_are_there,
    partial_port_is_whole,
    date_can_be_kept,
    bill_is_there,
    loa_is_there,
    requested_documents_are_there,
)


def checklist(facts: PortFacts) -> list[Item]:
    """Everything the port needs."""
    return [item for rule in RULES for item in rule(facts)]


def is_left_for_later(item: Item, country: Country) -> bool:
    """Whether the port may be submitted all the same: an assisted one waits for its LOA."""
    return item.code == "loa" and country.process is Process.ASSISTED


def violations(facts: PortFacts) -> list[Violation]:
    """Every reason why the port cannot be submitted."""
    return [
        item.violation
        for item in checklist(facts)
        if item.status is not ItemStatus.done and not is_left_for_later(item, facts.country)
    ]


def overridden(document: Document) -> set[str]:
    """The fields whose difference from the bill is right as it is."""
    return {override["field"] for override in document.get("billOverrides", [])}


def right_as_it_is(facts: PortFacts) -> set[str]:
    """The fields of which a difference from the bill does not matter (E8, E11)."""
    return overridden(facts.document) | facts.outranked


def mismatches(facts: PortFacts) -> list[str]:
    """The errors that the bill tells of, of what was not overridden (E8)."""
    right = right_as_it_is(facts)
    return [
        MISMATCH_ERRORS[comparison.field]
        for comparison in facts.bill_comparison
        if comparison.result is BillResult.mismatch
        and comparison.field in MISMATCH_ERRORS
        and comparison.field not in right
    ]


def has_objection(facts: PortFacts) -> bool:
    """Whether a person has to review the port: the bill was not read well enough (E8)."""
    right = right_as_it_is(facts)
    return any(
        comparison.result in (BillResult.not_found, BillResult.low_confidence)
        and comparison.field in MISMATCH_ERRORS
        and comparison.field not in right
        for comparison in facts.bill_comparison
    )

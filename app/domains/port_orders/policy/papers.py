"""Which papers of a port are taken, and who may sign its letter (domain.md E4 to E6). Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.core.texts import text
from app.domains.orders.kinds import DocumentKind
from app.domains.port_orders.policy.document import Document, value_at
from app.domains.port_orders.policy.readiness import BILL_VALID_FOR, NEEDED
from app.policy.violation import Violation
from app.telephony.country import Country, Process

REMINDERS = (timedelta(days=2), timedelta(days=5), timedelta(days=10))
"""When, after an order began to wait for its LOA, somebody is reminded of it (E6)."""


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """An upload; `issued_on` as told, or read from a bill; `today` is the day at the location."""

    kind: DocumentKind
    issued_on: date | None
    country: Country
    today: date


def bill_has_a_date(facts: PaperFacts) -> Iterator[Violation]:
    """E4: when a bill was issued is told, or can be read."""
    if facts.kind is DocumentKind.bill and facts.issued_on is None:
        yield Violation(
            "billDateUnknown",
            "/issuedOn",
            text("The date of the bill could not be read; send it as issuedOn."),
        )


def bill_was_issued(facts: PaperFacts) -> Iterator[Violation]:
    """E4: not in the future."""
    if _is_bill(facts) and facts.issued_on > facts.today:  # type: ignore[operator]
        yield Violation(
            "billInFuture",
            "/issuedOn",
            text("The bill is dated in the future; upload one that was issued."),
        )


def bill_is_recent(facts: PaperFacts) -> Iterator[Violation]:
    """E4: of the last 30 days."""
    if _is_bill(facts) and facts.issued_on < facts.today - BILL_VALID_FOR:  # type: ignore[operator]
        yield Violation(
            "billTooOld",
            "/issuedOn",
            text("The bill is older than 30 days; upload a newer one."),
        )


def _is_bill(facts: PaperFacts) -> bool:
    return facts.kind is DocumentKind.bill and facts.issued_on is not None


def loa_is_uploaded_where_it_is(facts: PaperFacts) -> Iterator[Violation]:
    """E5, E6: signed in the product, or uploaded, by the country's process."""
    if facts.kind is DocumentKind.loa and facts.country.process is Process.SELF_SERVICE:
        yield Violation(
            "useSelfServiceOrder",
            "/kind",
            text("In this country the letter of authorisation is signed here, by loa/sign."),
        )


UPLOAD_RULES: tuple[Callable[[PaperFacts], Iterator[Violation]], ...] = (
    loa_is_uploaded_where_it_is,
    bill_has_a_date,
    bill_was_issued,
    bill_is_recent,
)


def check_upload(facts: PaperFacts) -> list[Violation]:
    """Every reason why the paper is not taken."""
    return [violation for rule in UPLOAD_RULES for violation in rule(facts)]


@dataclass(frozen=True, slots=True)
class SigningFacts:
    """Who wants to sign, and what the letter would say."""

    full_name: str
    document: Document
    country: Country
    phone_numbers: Sequence[int]


WRITTEN = (
    "/account/carrierName",
    "/account/billingTelephoneNumber",
    "/account/authorizedName",
    "/account/companyName",
    "/account/serviceAddress/address1",
    "/account/serviceAddress/city",
)
"""What stands in the letter."""


def country_signs_here(facts: SigningFacts) -> Iterator[Violation]:
    """E6: in assisted countries the country's own form is signed and uploaded."""
    if facts.country.process is Process.ASSISTED:
        yield Violation(
            "useAssistedOrder",
            "",
            text("In this country a signed letter of authorisation is uploaded as a document."),
        )


def letter_is_whole(facts: SigningFacts) -> Iterator[Violation]:
    """E5: the letter names the account and every number."""
    for pointer in WRITTEN:
        if value_at(facts.document, pointer) is None:
            yield Violation("validationFailed", pointer, NEEDED)
    if not facts.phone_numbers:
        yield Violation(
            "validationFailed",
            "/phoneNumbers",
            text("None of the numbers can move; wait for PTS, or cancel the order."),
        )


def signer_is_authorized(facts: SigningFacts) -> Iterator[Violation]:
    """E5: the account's authorised person signs."""
    authorized = value_at(facts.document, "/account/authorizedName")
    if authorized is not None and _key(authorized) != _key(facts.full_name):
        yield Violation(
            "loaSignerMismatch",
            "/fullName",
            text("The account's authorised person signs; the order names somebody else."),
        )


def _key(name: str) -> str:
    """A name without case and spaces."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


SIGNING_RULES: tuple[Callable[[SigningFacts], Iterator[Violation]], ...] = (
    country_signs_here,
    letter_is_whole,
    signer_is_authorized,
)


def check_signing(facts: SigningFacts) -> list[Violation]:
    """Every reason why the letter cannot be signed."""
    return [violation for rule in SIGNING_RULES for violation in rule(facts)]


def next_reminder(since: datetime, after: datetime) -> datetime | None:
    """When somebody is reminded next of an LOA awaited since then; `None` after the last time."""
    return next((since + days for days in REMINDERS if since + days > after), None)

"""Gathering what the rules of a port look at; how ready it is."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.database import ReadSession
from app.core.sealing import KeyRing
from app.core.texts import Language
from app.domains.locations import service as locations
from app.domains.orders import service as orders
from app.domains.orders.lifecycle import Actor
from app.domains.port_orders.policy import readiness
from app.domains.port_orders.policy.document import Document, value_at
from app.domains.port_orders.policy.readiness import (
    REFUSED_FIELDS,
    BillField,
    ItemStatus,
    PortFacts,
)
from app.domains.port_orders.policy.remedies import Raised, RemedyFacts, outstanding
from app.domains.port_orders.schemas import (
    ChecklistItem,
    ComparisonView,
    Readiness,
    SplitGroup,
)
from app.domains.port_orders.service import form as forms
from app.domains.port_orders.service import paperwork
from app.domains.port_orders.service.drafting import Port
from app.domains.port_orders.service.editing import calendar_of, country_of
from app.domains.support_cases import service as support_cases
from app.policy.violation import Violation


async def facts_of(session: ReadSession, keys: KeyRing, port: Port) -> PortFacts:
    """What the rules look at, as it is now."""
    location = await locations.get(session, port.order.location_id)
    calendar = calendar_of(location)
    document = forms.document_of(port.form, keys)
    return PortFacts(
        document=document,
        country=country_of(location),
        today=calendar.day_of(session.now),
        completion_dates=calendar.completion_dates(session.now),
        portable=port.portable,
        documents=await paperwork.documents_of(session, port.order),
        requested_documents=port.form.requested_documents,
        loa=await paperwork.loa_of(session, port.order),
        bill_comparison=await paperwork.bill_comparison_of(session, keys, port, document),
        outranked=await _outranked(session, port),
    )


async def _outranked(session: ReadSession, port: Port) -> frozenset[BillField]:
    """What the carrier refused, here or before a split, is corrected by the field alone (E11).

    A split names the billing number of each order, while their bill names one for all.
    """
    split_from = port.form.split_from
    order_ids = [port.order.id, *([split_from] if split_from else [])]
    codes = await orders.errors_told(session, order_ids, (Actor.carrier, Actor.support))
    fields = {REFUSED_FIELDS[code] for code in codes if code in REFUSED_FIELDS}
    return frozenset(fields | ({BillField.billing_telephone_number} if split_from else set()))


async def remedies_outstanding(
    session: ReadSession, keys: KeyRing, port: Port, facts: PortFacts
) -> list[Violation]:
    """What was wrong at the last submission, and about which nothing was done."""
    submitted, numbers = forms.submitted(port.form, keys)
    return outstanding(
        [Raised(error.code, error.phone_numbers, error.raised_at) for error in port.order.errors],
        RemedyFacts(
            port=facts,
            submitted=submitted,
            submitted_numbers=numbers,
            last_answer=await support_cases.last_answer(session, port.order.id),
            has_left=port.form.sent == port.form.submissions,
        ),
    )


async def read(session: ReadSession, keys: KeyRing, port: Port, language: Language) -> Readiness:
    """How ready a port is, item by item."""
    facts = await facts_of(session, keys, port)
    items = readiness.checklist(facts)
    unremedied = await remedies_outstanding(session, keys, port, facts)
    right = readiness.right_as_it_is(facts)
    return Readiness(
        ready=not (readiness.violations(facts) or readiness.mismatches(facts) or unremedied),
        checklist=[
            *(
                ChecklistItem(
                    code=item.code,
                    pointer=item.pointer,
                    status=item.status,
                    detail=item.detail.to(language) if item.detail else None,
                )
                for item in items
            ),
            *(
                ChecklistItem(
                    code=violation.code,
                    pointer=violation.pointer,
                    status=ItemStatus.blocked,
                    detail=violation.detail.to(language),
                )
                for violation in unremedied
            ),
        ],
        bill_comparison=[
            ComparisonView.of(comparison, comparison.field in right, language)
            for comparison in facts.bill_comparison
        ],
        split_preview=_groups(facts.document, facts.portable),
        allowed_completion_dates=list(facts.completion_dates),
    )


def _groups(document: Document, numbers: Sequence[int]) -> list[SplitGroup]:
    btn = value_at(document, "/account/billingTelephoneNumber")
    if btn is None or not numbers:
        return []
    return [
        SplitGroup(billing_telephone_number=btn, phone_numbers=[f"+{number}" for number in numbers])
    ]

"""The directory and support cases on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.core.texts import Language, Text
from app.core.validation import (
    Entries,
    Identifier,
    LineText,
    LongLine,
    Many,
    NumberText,
    Prose,
    ProseText,
    RequestSchema,
    Schema,
)
from app.domains.support_cases.directory import Contact, Desk, Need, Region
from app.domains.support_cases.lifecycle import CaseStatus, Side
from app.domains.support_cases.models import SupportCase, SupportCaseComment

CasePath = Annotated[Identifier, Path(alias="caseId", description="The support case.")]

EXAMPLE_ID = "019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a17"


class ContactPhone(Schema):
    """A telephone number of a desk."""

    region: Region = Field(description="For callers in.", examples=["EMEA"])
    phone_number: NumberText = Field(
        description="As one dials it there.", examples=["+44 129 366 10 20"]
    )


class ContactView(Schema):
    """A desk, what it is for, and how one reaches it (domain.md J1)."""

    desk: Desk = Field(description="Its code.", examples=["PHD"])
    name: LineText = Field(description="Its name.", examples=["Partner help desk (PHD)"])
    purpose: ProseText = Field(description="What it is for.", examples=["Questions of partners."])
    how: ProseText = Field(
        description="How one reaches it.", examples=["Open a support case here."]
    )
    needs: Entries[Need] = Field(
        description="What a case for it names as its need.", examples=[["loaForm"]]
    )
    email: LineText | None = Field(
        None, description="Its mail address.", examples=["webexcalling-phd@cisco.com"]
    )
    phones: Entries[ContactPhone] = Field(description="Its telephone numbers.")
    url: LineText | None = Field(None, description="Its page.", examples=[None])

    @classmethod
    def of(cls, contact: Contact, region: Region | None, language: Language) -> ContactView:
        return cls(
            desk=contact.desk,
            name=contact.name.to(language),
            purpose=contact.purpose.to(language),
            how=contact.how.to(language),
            needs=list(contact.needs),
            email=contact.email,
            phones=[
                ContactPhone(region=where, phone_number=number)
                for where, number in contact.phones.items()
                if region in (None, where)
            ],
            url=contact.url,
        )


class Contacts(Schema):
    """Whom to turn to."""

    items: Entries[ContactView] = Field(description="The desks.")


class SupportCaseCreate(RequestSchema):
    """A case to be opened."""

    need: Need = Field(
        description="What help is wanted with; it chooses the desk.", examples=["reschedule"]
    )
    order_id: Identifier | None = Field(
        None,
        description="The order it is about.",
        examples=["019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a15"],
    )
    subject: LongLine = Field(description="In short.", examples=["A later date"])
    message: Prose = Field(
        description="What to tell the desk.", examples=["Please port on the 15th instead."]
    )


class CommentCreate(RequestSchema):
    """Something to write in a case."""

    message: Prose = Field(description="What to say.", examples=["The 16th would do as well."])


class CommentView(Schema):
    """What one side wrote."""

    at: datetime = Field(description="When.", examples=["2026-11-22T10:00:00Z"])
    by: LineText = Field(description="The credential's name.", examples=["Ada Example"])
    side: Side = Field(description="The side that speaks.", examples=["customer"])
    message: ProseText = Field(
        description="What was said.", examples=["Please port on the 15th instead."]
    )

    @classmethod
    def of(cls, comment: SupportCaseComment, language: Language) -> CommentView:
        return cls(
            at=comment.at,
            by=comment.by,
            side=Side(comment.side),
            message=_words(comment.message, language),
        )


class SupportCaseView(Schema):
    """A case: a thread that both sides see (domain.md J2)."""

    id: UUID = Field(description="Its id.", examples=[EXAMPLE_ID])
    org_id: UUID = Field(description="Its organisation.", examples=[EXAMPLE_ID])
    order_id: UUID | None = Field(description="The order it is about.", examples=[EXAMPLE_ID])
    need: Need = Field(description="What it is about.", examples=["reschedule"])
    desk: Desk = Field(description="The desk that helps.", examples=["PTS"])
    subject: LineText = Field(description="In short.", examples=["A later date"])
    status: CaseStatus = Field(
        description="`open`: support's turn; `answered`: the customer's; `closed`.",
        examples=["open"],
    )
    created_at: datetime = Field(description="When.", examples=["2026-11-22T10:00:00Z"])
    updated_at: datetime = Field(description="Last change.", examples=["2026-11-22T10:00:00Z"])
    comments: Many[CommentView] = Field(description="The oldest first.")

    @classmethod
    def of(cls, case: SupportCase, language: Language) -> SupportCaseView:
        return cls(
            id=case.id,
            org_id=case.org_id,
            order_id=case.order_id,
            need=Need(case.need),
            desk=Desk(case.desk),
            subject=_words(case.subject, language),
            status=CaseStatus(case.status),
            created_at=case.created_at,
            updated_at=case.updated_at,
            comments=[CommentView.of(comment, language) for comment in case.comments],
        )


def _words(said: str | Text, language: Language) -> str:
    return said.to(language) if isinstance(said, Text) else said


class SupportCases(Schema):
    """Support cases."""

    items: Entries[SupportCaseView] = Field(description="The newest first.")

"""Organisations, accounts, licences and limits on the wire."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.core.texts import Language
from app.core.validation import (
    CodeText,
    Count,
    Day,
    Entries,
    Flag,
    Identifier,
    LineText,
    LongLine,
    Moment,
    ProseText,
    RequestSchema,
    Schema,
    Total,
)
from app.domains.organizations.models import (
    Organization,
    OutboundCallingPlan,
    Partner,
    PlanSource,
    SubscriptionStatus,
    SubscriptionType,
)
from app.policy.limits import Limit

OrganizationPath = Annotated[Identifier, Path(alias="orgId", description="The organisation.")]

EXAMPLE_ID = "019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a10"


class OrganizationView(Schema):
    """An organisation with Webex's fields."""

    id: CodeText = Field(description="Its id.", examples=[EXAMPLE_ID])
    display_name: LineText = Field(description="Its name.", examples=["Northwind Traders"])
    created: datetime = Field(description="When it was made.", examples=["2026-11-22T10:00:00Z"])

    @classmethod
    def of(cls, organization: Organization) -> OrganizationView:
        return cls(
            id=str(organization.id),
            display_name=organization.display_name,
            created=organization.created_at,
        )


class Organizations(Schema):
    """The organisations the caller may see."""

    items: Entries[OrganizationView] = Field(description="By id.")


class SubscriptionCreate(RequestSchema):
    """What the organisation pays for."""

    type: SubscriptionType = Field(description="A trial or paid.", examples=["paid"])
    trial_ends_on: Day | None = Field(None, description="The last day of a trial.", examples=[None])


class PartnerCreate(RequestSchema):
    """The organisation's partner: a known one by id, or a new one."""

    id: Identifier | None = Field(None, description="A known partner.", examples=[None])
    name: LongLine | None = Field(None, description="Its name.", examples=["Contoso Voice"])
    var_authorized: Flag | None = Field(
        None, description="Whether it is an authorised Webex Calling VAR.", examples=[True]
    )
    pstn_addendum_accepted_at: Moment | None = Field(
        None, description="When it accepted the PSTN addendum.", examples=["2026-01-15T09:00:00Z"]
    )


class OutboundCallingPlanSchema(RequestSchema):
    """Outbound Calling Plan licences."""

    quantity: Count = Field(ge=1, le=1_000_000, description="Units.", examples=[25])
    source: PlanSource = Field(description="Where they were ordered.", examples=["ccw"])
    requested_service_date: Day | None = Field(
        None, description="From when (RSD) they were ordered.", examples=["2026-11-01"]
    )

    @classmethod
    def of(cls, plan: OutboundCallingPlan) -> OutboundCallingPlanSchema:
        return cls(
            quantity=plan.quantity,
            source=PlanSource(plan.source),
            requested_service_date=plan.requested_service_date,
        )


Plans = Annotated[list[OutboundCallingPlanSchema], Field(max_length=100)]


class OrganizationCreate(RequestSchema):
    """A new organisation."""

    display_name: LongLine = Field(description="Its name.", examples=["Northwind Traders"])
    subscription: SubscriptionCreate = Field(description="What it pays for.")
    partner: PartnerCreate = Field(description="Its partner.")
    outbound_calling_plans: Plans = Field(
        default_factory=list, description="Its Outbound Calling Plans."
    )


class PstnAccountPatch(RequestSchema):
    """Changes to an account; what is absent stays."""

    subscription: SubscriptionCreate | None = Field(None, description="What it pays for.")
    partner: PartnerCreate | None = Field(None, description="Its partner; absent members stay.")
    outbound_calling_plans: Plans | None = Field(
        None, description="All its Outbound Calling Plans, in the place of those before."
    )


class SubscriptionView(Schema):
    """What the organisation pays for."""

    type: SubscriptionType = Field(description="A trial or paid.", examples=["paid"])
    status: SubscriptionStatus = Field(description="Whether it lives.", examples=["active"])
    trial_ends_on: date | None = Field(description="The last day of a trial.", examples=[None])
    cancelled_at: datetime | None = Field(description="When it was cancelled.", examples=[None])
    restorable_until: datetime | None = Field(
        description="Until when a cancelled subscription can be restored; then it ends.",
        examples=[None],
    )


class PartnerView(Schema):
    """A partner."""

    id: UUID = Field(description="Its id.", examples=[EXAMPLE_ID])
    name: LineText = Field(description="Its name.", examples=["Contoso Voice"])
    var_authorized: bool = Field(
        description="Whether it is an authorised Webex Calling VAR.", examples=[True]
    )
    pstn_addendum_accepted_at: datetime | None = Field(
        description="When it accepted the PSTN addendum.", examples=["2026-01-15T09:00:00Z"]
    )

    @classmethod
    def of(cls, partner: Partner) -> PartnerView:
        return cls.model_validate(partner, from_attributes=True)


class PstnAccountView(Schema):
    """What decides whether an organisation may use Cisco PSTN (domain.md A2)."""

    org_id: UUID = Field(description="The organisation.", examples=[EXAMPLE_ID])
    subscription: SubscriptionView = Field(description="What it pays for.")
    partner: PartnerView = Field(description="Its partner.")
    outbound_calling_plans: Entries[OutboundCallingPlanSchema] = Field(
        description="Its Outbound Calling Plans."
    )

    @classmethod
    def of(cls, organization: Organization) -> PstnAccountView:
        return cls(
            org_id=organization.id,
            subscription=SubscriptionView(
                type=SubscriptionType(organization.subscription_type),
                status=SubscriptionStatus(organization.subscription_status),
                trial_ends_on=organization.trial_ends_on,
                cancelled_at=organization.cancelled_at,
                restorable_until=organization.ends_at,
            ),
            partner=PartnerView.of(organization.partner),
            outbound_calling_plans=[
                OutboundCallingPlanSchema.of(plan) for plan in organization.plans
            ],
        )


class LicenseView(Schema):
    """A licence with Webex's fields."""

    id: CodeText = Field(description="Its id.", examples=[EXAMPLE_ID])
    name: LineText = Field(
        description="Its name.", examples=["Webex Calling - Outbound Calling Plan"]
    )
    total_units: Total = Field(description="Units bought.", examples=[25])
    consumed_units: Total = Field(description="Units in use.", examples=[0])


class Licenses(Schema):
    """The organisation's licences."""

    items: Entries[LicenseView] = Field(description="One entry a kind of licence.")


class LimitView(Schema):
    """A limit in force (domain.md A8)."""

    name: CodeText = Field(description="Its name.", examples=["trialNumbers"])
    limit: Total | None = Field(
        description="Its value; null where it does not apply.", examples=[10]
    )
    used: Total | None = Field(
        description="How much is used; null where nothing is counted over time.", examples=[4]
    )
    remaining: Total | None = Field(description="How much is left.", examples=[6])
    reason: ProseText = Field(
        description="Why there is a limit.", examples=["A trial has this many new numbers at most."]
    )

    @classmethod
    def of(cls, limit: Limit, language: Language) -> LimitView:
        return cls(
            name=limit.name,
            limit=limit.value,
            used=limit.used,
            remaining=limit.remaining,
            reason=limit.reason.to(language),
        )


class Limits(Schema):
    """Every limit of the organisation."""

    items: Entries[LimitView] = Field(description="One entry a limit.")


class LimitChange(RequestSchema):
    """An organisation's own value of a limit."""

    limit: Count | None = Field(
        ge=0, le=1_000_000, description="The value; null for the default again.", examples=[20]
    )

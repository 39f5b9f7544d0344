"""What one does with organisations: make them, change their account, set their limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.core.database import ReadSession, WriteSession
from app.core.errors import INVALID_TRANSITION, NotFound, Problem
from app.core.http import check_if_match
from app.core.identifiers import new_id
from app.core.texts import text
from app.domains.organizations import repository
from app.domains.organizations.models import (
    Organization,
    OutboundCallingPlan,
    Partner,
    SubscriptionStatus,
    SubscriptionType,
)
from app.domains.organizations.policy import RESTORABLE_FOR, AccountFacts
from app.domains.organizations.schemas import (
    OrganizationCreate,
    OutboundCallingPlanSchema,
    PartnerCreate,
    PstnAccountPatch,
    SubscriptionCreate,
)
from app.policy.limits import LimitName
from app.policy.violation import Violation, refuse


async def get(session: ReadSession, organization_id: UUID) -> Organization:
    """An organisation with partner and plans. Raises 404."""
    found = await repository.get(session, organization_id)
    if found is None:
        raise NotFound
    return found


async def get_locked(session: WriteSession, organization_id: UUID) -> Organization:
    """The same, locked until the transaction ends. Raises 404."""
    found = await repository.get_locked(session, organization_id)
    if found is None:
        raise NotFound
    return found


def account_facts(organization: Organization) -> AccountFacts:
    """What the rules of the account look at."""
    return AccountFacts(
        subscription_type=SubscriptionType(organization.subscription_type),
        subscription_status=SubscriptionStatus(organization.subscription_status),
        var_authorized=organization.partner.var_authorized,
        addendum_accepted=organization.partner.pstn_addendum_accepted_at is not None,
        units=sum(plan.quantity for plan in organization.plans),
    )


async def create(
    session: WriteSession, wish: OrganizationCreate, *, organization_id: UUID | None = None
) -> Organization:
    """A new organisation. Raises 404 for an unknown partner, 422 for a partner without a name."""
    organization = Organization(
        id=organization_id or new_id(),
        display_name=wish.display_name,
        partner_id=(await _partner(session, wish.partner)).id,
        subscription_status=SubscriptionStatus.active,
        created_at=session.now,
    )
    _subscribe(organization, wish.subscription)
    session.add(organization)
    await session.flush()
    session.add_all(_plans(organization, wish.outbound_calling_plans))
    await session.flush()
    return await get(session, organization.id)


async def change_account(
    session: WriteSession, organization_id: UUID, patch: PstnAccountPatch, if_match: str | None
) -> Organization:
    """Change what the patch names. Raises 404, 412, 422."""
    organization = await get_locked(session, organization_id)
    check_if_match(if_match, organization.version)
    if patch.subscription is not None:
        _subscribe(organization, patch.subscription)
    if patch.partner is not None:
        wish = patch.partner
        if wish.id is not None and wish.id != organization.partner_id:
            organization.partner_id = (await _partner(session, wish)).id
        else:
            _change_partner(organization.partner, wish)
    if patch.outbound_calling_plans is not None:
        await repository.replace_plans(
            session, organization, _plans(organization, patch.outbound_calling_plans)
        )
    organization.version += 1
    await session.flush()
    await session.refresh(organization, ["partner"])
    return organization


def _subscribe(organization: Organization, wish: SubscriptionCreate) -> None:
    if wish.type is SubscriptionType.paid and wish.trial_ends_on is not None:
        refuse(
            [
                Violation(
                    "validationFailed",
                    "/subscription/trialEndsOn",
                    text("Only a trial has a last day."),
                )
            ]
        )
    organization.subscription_type = wish.type
    organization.trial_ends_on = wish.trial_ends_on


async def _partner(session: WriteSession, wish: PartnerCreate) -> Partner:
    if wish.id is not None:
        known = await repository.get_partner(session, wish.id)
        if known is None:
            raise NotFound(text("There is no partner with this id."))
        return known
    if wish.name is None:
        refuse(
            [
                Violation(
                    "validationFailed",
                    "/partner/name",
                    text("Name the partner, or give the id of a known one."),
                )
            ]
        )
    accepted: datetime | None = wish.pstn_addendum_accepted_at
    partner = Partner(
        id=new_id(),
        name=wish.name,
        var_authorized=bool(wish.var_authorized),
        pstn_addendum_accepted_at=accepted,
    )
    session.add(partner)
    await session.flush()
    return partner


def _change_partner(partner: Partner, wish: PartnerCreate) -> None:
    for name in wish.model_fields_set - {"id"}:
        value = getattr(wish, name)
        if value is not None or name == "pstn_addendum_accepted_at":
            setattr(partner, name, value)


def _plans(
    organization: Organization, plans: list[OutboundCallingPlanSchema]
) -> list[OutboundCallingPlan]:
    return [
        OutboundCallingPlan(
            id=new_id(),
            org_id=organization.id,
            quantity=plan.quantity,
            source=plan.source,
            requested_service_date=plan.requested_service_date,
        )
        for plan in plans
    ]


async def limit_overrides(session: ReadSession, organization_id: UUID) -> Mapping[str, int]:
    """The organisation's own limits, by name."""
    return await repository.limit_overrides(session, organization_id)


async def set_limit(
    session: WriteSession, organization_id: UUID, name: LimitName, value: int | None
) -> Organization:
    """Give an organisation its own limit, or the default again (domain.md A8). Raises 404."""
    organization = await get_locked(session, organization_id)
    await repository.set_limit(session, organization.id, name, value)
    return organization


async def cancel_subscription(
    session: WriteSession, organization_id: UUID, if_match: str | None
) -> Organization:
    """Cancel the subscription; it can be restored for a while (domain.md H4).

    Raises 404, 412, 409 `invalidTransition` when it is cancelled already.
    """
    organization = await get_locked(session, organization_id)
    check_if_match(if_match, organization.version)
    if organization.subscription_status != SubscriptionStatus.active:
        raise Problem(INVALID_TRANSITION, text("The subscription is cancelled already."))
    organization.subscription_status = SubscriptionStatus.cancelled
    organization.cancelled_at = session.now
    restorable_for = RESTORABLE_FOR[SubscriptionType(organization.subscription_type)]
    organization.ends_at = session.now + restorable_for
    organization.version += 1
    await session.flush()
    return organization


async def restore_subscription(
    session: WriteSession, organization_id: UUID, if_match: str | None
) -> Organization:
    """Let a cancelled subscription live on (domain.md H4).

    Raises 404, 412, 409 `invalidTransition` when it is not cancelled, or the time is over.
    """
    organization = await get_locked(session, organization_id)
    check_if_match(if_match, organization.version)
    if (
        organization.subscription_status != SubscriptionStatus.cancelled
        or organization.ends_at is None
        or organization.ends_at <= session.now
    ):
        raise Problem(
            INVALID_TRANSITION,
            text("Only a cancelled subscription can be restored, and only before it ends."),
        )
    organization.subscription_status = SubscriptionStatus.active
    organization.cancelled_at = organization.ends_at = None
    organization.version += 1
    await session.flush()
    return organization


next_end = repository.NEXT_END


async def end_next(session: WriteSession) -> Organization | None:
    """End a subscription whose time to be restored is over; its organisation, locked."""
    organization = await repository.lock_ending(session, session.now)
    if organization is not None:
        organization.subscription_status = SubscriptionStatus.ended
        organization.version += 1
        await session.flush()
    return organization


def has_ended(organization: Organization) -> bool:
    """Whether the subscription has ended for good."""
    return organization.subscription_status == SubscriptionStatus.ended

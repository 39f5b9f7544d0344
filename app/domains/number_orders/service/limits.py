"""The limits of an organisation, with what is used of them (domain.md A6 to A8)."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.database import ReadSession
from app.domains.number_orders import repository
from app.domains.number_orders.lifecycle import ASSISTED
from app.domains.numbering.service import owning
from app.domains.orders import service as orders
from app.domains.organizations import service as organizations
from app.domains.organizations.models import Organization, SubscriptionType
from app.policy.limits import Limit, LimitName, limit


async def limits_of(session: ReadSession, organization: Organization) -> Mapping[LimitName, Limit]:
    """The limits in force of numbers, which orders and reservations are judged by."""
    overrides = await organizations.limit_overrides(session, organization.id)
    is_trial = organization.subscription_type == SubscriptionType.trial
    used = 0
    if is_trial:
        # An assisted order has no numbers yet, and counts by what it asks for.
        used = await owning.count_for_trial(session, organization.id)
        used += await orders.quantity_asked(session, organization.id, ASSISTED)
    held = await owning.count_reserved(session, organization.id)
    return {
        LimitName.numbers_per_order: limit(LimitName.numbers_per_order, overrides, used=None),
        LimitName.trial_numbers: limit(
            LimitName.trial_numbers, overrides, used=used, applies=is_trial
        ),
        LimitName.held_numbers: limit(LimitName.held_numbers, overrides, used=held),
    }


async def all_limits_of(
    session: ReadSession, organization: Organization
) -> Mapping[LimitName, Limit]:
    """Every limit in force."""
    overrides = await organizations.limit_overrides(session, organization.id)
    webhooks = await repository.count_webhooks(session, organization.id)
    return {
        **await limits_of(session, organization),
        LimitName.webhooks: limit(LimitName.webhooks, overrides, used=webhooks),
    }

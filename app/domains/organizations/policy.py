"""Whether an organisation may use Cisco PSTN at all (domain.md A2). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from app.core.texts import text
from app.domains.organizations.models import SubscriptionStatus, SubscriptionType
from app.policy.violation import Violation

RESTORABLE_FOR = {
    SubscriptionType.paid: timedelta(days=30),
    SubscriptionType.trial: timedelta(days=15),
}
"""How long a cancelled subscription can be restored (H4)."""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What the rules look at; `units` are those of all Outbound Calling Plans."""

    subscription_type: SubscriptionType
    subscription_status: SubscriptionStatus
    var_authorized: bool
    addendum_accepted: bool
    units: int


def subscription_is_active(account: AccountFacts) -> Iterator[Violation]:
    """H4: nothing new under a subscription that was cancelled, or has ended."""
    if account.subscription_status is not SubscriptionStatus.active:
        yield Violation(
            "subscriptionCancelled",
            "",
            text("The subscription is cancelled; restore it first, while that is possible."),
        )


def partner_is_authorized(account: AccountFacts) -> Iterator[Violation]:
    """The partner is an authorised Webex Calling VAR."""
    if not account.var_authorized:
        yield Violation(
            "partnerNotAuthorized",
            "",
            text("Your partner is no authorised Webex Calling VAR; it has to become one."),
        )


def addendum_is_accepted(account: AccountFacts) -> Iterator[Violation]:
    """The partner accepted the PSTN addendum."""
    if not account.addendum_accepted:
        yield Violation(
            "addendumNotAccepted",
            "",
            text("Your partner has not accepted the PSTN addendum; ask it to accept it in CCW."),
        )


def has_outbound_calling_plan(account: AccountFacts) -> Iterator[Violation]:
    """There is an Outbound Calling Plan; a trial needs none."""
    if account.subscription_type is SubscriptionType.paid and account.units < 1:
        yield Violation(
            "outboundCallingPlanRequired",
            "",
            text("At least one Outbound Calling Plan is needed; order one in CCW."),
        )


RULES: tuple[Callable[[AccountFacts], Iterator[Violation]], ...] = (
    subscription_is_active,
    partner_is_authorized,
    addendum_is_accepted,
    has_outbound_calling_plan,
)


def check(account: AccountFacts) -> list[Violation]:
    """Every reason why the organisation may not use Cisco PSTN."""
    return [violation for rule in RULES for violation in rule(account)]

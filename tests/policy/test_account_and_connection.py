"""The rules of accounts and connections (domain.md A2 to A4, B1 to B3), as pure functions."""

from __future__ import annotations

import itertools
from dataclasses import fields, replace

import pytest

from app.domains.locations import policy as connections
from app.domains.locations.policy import ConnectFacts
from app.domains.organizations import policy as accounts
from app.domains.organizations.models import SubscriptionStatus, SubscriptionType
from app.domains.organizations.policy import AccountFacts
from app.policy.violation import Violation

GOOD_ACCOUNT = AccountFacts(SubscriptionType.paid, SubscriptionStatus.active, True, True, 1)
GOOD_CONNECTION = ConnectFacts(
    country_is_supported=True,
    has_other_connection=False,
    has_contact=True,
    billing_number_is_valid=True,
    disclaimer_is_accepted=True,
    has_emergency_address=True,
)
BROKEN_BY = {
    "country_is_supported": ("countryNotSupported", ""),
    "has_other_connection": ("locationAlreadyConnected", ""),
    "has_contact": ("validationFailed", "/contact"),
    "billing_number_is_valid": ("invalidPhoneNumber", "/contact/billingTelephoneNumber"),
    "disclaimer_is_accepted": ("disclaimerNotAccepted", "/emergencyDisclaimer"),
    "has_emergency_address": ("emergencyAddressInvalid", "/emergencyAddress"),
}


def told(violations: list[Violation]) -> list[tuple[str, str]]:
    return [(violation.code, violation.pointer) for violation in violations]


def test_a_good_account_breaks_no_rule() -> None:
    assert accounts.check(GOOD_ACCOUNT) == []


@pytest.mark.domain("A2")
@pytest.mark.parametrize("subscription", SubscriptionType)
@pytest.mark.parametrize("var", [True, False])
@pytest.mark.parametrize("addendum", [True, False])
@pytest.mark.parametrize("units", [0, 1, 25])
def test_an_account_breaks_each_rule_by_itself(
    subscription: SubscriptionType, var: bool, addendum: bool, units: int
) -> None:
    expected = []
    if not var:
        expected.append(("partnerNotAuthorized", ""))
    if not addendum:
        expected.append(("addendumNotAccepted", ""))
    if subscription is SubscriptionType.paid and units == 0:
        expected.append(("outboundCallingPlanRequired", ""))

    assert (
        told(
            accounts.check(
                AccountFacts(subscription, SubscriptionStatus.active, var, addendum, units)
            )
        )
        == expected
    )


def test_a_good_connection_breaks_no_rule() -> None:
    assert connections.check(GOOD_CONNECTION) == []


@pytest.mark.domain("A3", "A4", "B1", "B2", "B3")
def test_a_connection_breaks_every_combination_of_rules_at_once() -> None:
    assert {field.name for field in fields(ConnectFacts)} == BROKEN_BY.keys()

    for count in range(len(BROKEN_BY) + 1):
        for names in itertools.combinations(BROKEN_BY, count):
            facts = GOOD_CONNECTION
            for name in names:
                facts = replace(facts, **{name: not getattr(GOOD_CONNECTION, name)})
            assert told(connections.check(facts)) == [BROKEN_BY[name] for name in names]

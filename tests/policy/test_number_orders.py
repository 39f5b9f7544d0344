"""The rules of orders of new numbers (domain.md A5 to A7, C1 to C3), as pure functions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domains.number_orders import policy
from app.domains.number_orders.policy import Criteria, OrderFacts
from app.policy.limits import Limit, LimitName, limit
from app.policy.violation import Violation
from app.telephony.country import Country, all_countries, get_country

US = get_country("US")
GB = get_country("GB")
PER_ORDER = limit(LimitName.numbers_per_order, {}, used=None)
NO_TRIAL = limit(LimitName.trial_numbers, {}, used=0, applies=False)
NUMBERS = ["+12062000000", "+12062000001", "+12062000002"]


def facts_of(*numbers: str, country: Country | None = US, quantity: int = 0) -> OrderFacts:
    """An order that no rule but those of its numbers can be against."""
    return OrderFacts(
        is_on_cisco_pstn=True,
        country=country,
        quantity=quantity or len(numbers),
        per_order=PER_ORDER,
        trial=NO_TRIAL,
        phone_numbers=numbers,
    )


def trial_with(used: int, value: int = 10) -> Limit:
    return limit(LimitName.trial_numbers, {LimitName.trial_numbers: value}, used=used)


def told(violations: list[Violation]) -> list[tuple[str, str]]:
    return [(violation.code, violation.pointer) for violation in violations]


def test_a_good_order_breaks_no_rule() -> None:
    assert policy.check(facts_of(*NUMBERS)) == []


@pytest.mark.domain("A3", "C1")
@pytest.mark.parametrize("country", all_countries(), ids=lambda country: country.code)
@pytest.mark.parametrize("is_on_cisco_pstn", [True, False])
def test_a_location_is_ready_on_cisco_pstn_where_one_orders_oneself(
    country: Country, is_on_cisco_pstn: bool
) -> None:
    expected = [] if is_on_cisco_pstn else [("pstnNotEnabled", "")]
    if country.code not in ("US", "CA"):
        expected.append(("useAssistedOrder", "/type"))
    facts = replace(facts_of(country=country, quantity=1), is_on_cisco_pstn=is_on_cisco_pstn)

    assert told(policy.check(facts)) == expected


@pytest.mark.domain("A3")
@pytest.mark.parametrize("is_on_cisco_pstn", [True, False])
def test_a_country_without_cisco_pstn_is_the_only_thing_told_of_a_location(
    is_on_cisco_pstn: bool,
) -> None:
    facts = replace(facts_of(*NUMBERS, country=None), is_on_cisco_pstn=is_on_cisco_pstn)

    assert told(policy.check(facts)) == [("countryNotSupported", "")]


@pytest.mark.domain("A6")
@pytest.mark.parametrize(("quantity", "is_refused"), [(1, False), (100, False), (101, True)])
def test_an_order_takes_a_hundred_numbers(quantity: int, is_refused: bool) -> None:
    by_quantity = policy.check(facts_of(quantity=quantity))
    numbers = [f"+1206200{index:04}" for index in range(quantity)]
    by_name = policy.check(facts_of(*numbers))

    assert told(by_quantity) == ([("orderLimitExceeded", "/quantity")] if is_refused else [])
    assert told(by_name) == ([("orderLimitExceeded", "/phoneNumbers")] if is_refused else [])
    for violation in by_quantity + by_name:
        assert (violation.limit, violation.used, violation.remaining) == (100, 0, 100)


@pytest.mark.domain("A7")
@given(used=st.integers(0, 30), wanted=st.integers(1, 99), value=st.integers(0, 20))
def test_a_trial_has_so_many_numbers_in_all(used: int, wanted: int, value: int) -> None:
    facts = replace(facts_of(quantity=wanted), trial=trial_with(used, value))

    violations = policy.check(facts)

    if used + wanted <= value:
        assert violations == []
    else:
        assert told(violations) == [("trialNumberLimitExceeded", "/quantity")]
        assert violations[0].limit == value
        assert violations[0].used == used
        assert violations[0].remaining == max(value - used, 0)


@pytest.mark.domain("A6", "A7")
def test_both_limits_can_be_broken_at_once() -> None:
    facts = replace(facts_of(quantity=101), trial=trial_with(3))

    assert told(policy.check(facts)) == [
        ("orderLimitExceeded", "/quantity"),
        ("trialNumberLimitExceeded", "/quantity"),
    ]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("", "invalidPhoneNumber"),
        ("12062000000", "invalidPhoneNumber"),
        ("+1206200000", "invalidPhoneNumber"),
        ("+1 206 200 0000", "invalidPhoneNumber"),
        ("\u0000", "invalidPhoneNumber"),
        ("+18005550100", "tollFreeNotSupported"),
        ("+18885550100", "tollFreeNotSupported"),
        ("+448081570123", "tollFreeNotSupported"),
        ("+80012345678", "tollFreeNotSupported"),
        ("+14165550100", "phoneNumberWrongCountry"),
        ("+442079460958", "phoneNumberWrongCountry"),
    ],
)
def test_a_number_that_cannot_be_ordered_is_pointed_at(given: str, code: str) -> None:
    (violation,) = policy.check(facts_of(NUMBERS[0], given, NUMBERS[1]))

    assert (violation.code, violation.pointer) == (code, "/phoneNumbers/1")
    assert violation.phone_number == (None if code == "invalidPhoneNumber" else given)


def test_a_number_comes_once_and_each_further_time_is_pointed_at() -> None:
    numbers = [NUMBERS[0], NUMBERS[1], NUMBERS[0], NUMBERS[0], "x", "x", "+18005550100"]

    assert told(policy.check(facts_of(*numbers, "+18005550100"))) == [
        ("duplicatePhoneNumber", "/phoneNumbers/2"),
        ("duplicatePhoneNumber", "/phoneNumbers/3"),
        ("invalidPhoneNumber", "/phoneNumbers/4"),
        ("invalidPhoneNumber", "/phoneNumbers/5"),
        ("tollFreeNotSupported", "/phoneNumbers/6"),
        ("duplicatePhoneNumber", "/phoneNumbers/7"),
    ]


def test_everything_wrong_is_told_at_once() -> None:
    facts = OrderFacts(
        is_on_cisco_pstn=False,
        country=GB,
        quantity=101,
        per_order=PER_ORDER,
        trial=trial_with(10),
        phone_numbers=["x", NUMBERS[0]],
    )

    assert told(policy.check(facts)) == [
        ("pstnNotEnabled", ""),
        ("useAssistedOrder", "/type"),
        ("orderLimitExceeded", "/phoneNumbers"),
        ("trialNumberLimitExceeded", "/phoneNumbers"),
        ("invalidPhoneNumber", "/phoneNumbers/0"),
        ("phoneNumberWrongCountry", "/phoneNumbers/1"),
    ]


@pytest.mark.parametrize(
    ("criteria", "pointers"),
    [
        (Criteria("WA", None, None, None), []),
        (Criteria("WA", "206", "267", "Seattle"), []),
        (Criteria("ZZ", None, None, None), ["/criteria/state"]),
        (Criteria("wa", None, None, None), ["/criteria/state"]),
        (Criteria("", None, None, None), ["/criteria/state"]),
        (Criteria("QC", None, None, None), ["/criteria/state"]),
        (Criteria("WA", None, "267", None), ["/criteria/prefix"]),
        (Criteria("ZZ", None, "267", "x"), ["/criteria/state", "/criteria/prefix"]),
    ],
)
def test_criteria_make_sense(criteria: Criteria, pointers: list[str]) -> None:
    violations = policy.check(replace(facts_of(quantity=1), criteria=criteria))

    assert told(violations) == [("validationFailed", pointer) for pointer in pointers]

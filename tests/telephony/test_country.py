"""The country data: complete, consistent, and agreeing with the number plan's own metadata."""

import re
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from app.telephony.country import (
    Country,
    Process,
    all_countries,
    area_codes_of_state,
    get_country,
    state_of_area_code,
)
from app.telephony.phone_number import NumberType, PhoneNumber

every_country = pytest.mark.parametrize("country", all_countries(), ids=lambda c: c.code)


def _country(code: str) -> Country:
    country = get_country(code)
    assert country is not None
    return country


@pytest.mark.domain("A3")
def test_the_default_countries_and_their_process() -> None:
    process = {country.code: country.process for country in all_countries()}

    assert {code for code, p in process.items() if p is Process.SELF_SERVICE} == {"US", "CA"}
    assert {code for code, p in process.items() if p is Process.ASSISTED} == {
        *("GB", "FR", "DE", "ES", "IT", "NL", "BE", "IE", "PL")
    }


@pytest.mark.domain("A3")
@pytest.mark.parametrize("code", ["", "us", "USA", "PR", "JP", "\x00"])
def test_a_country_that_is_not_supported_is_none(code: str) -> None:
    assert get_country(code) is None


@every_country
def test_the_calling_code_is_the_countrys(country: Country) -> None:
    assert phonenumbers.country_code_for_region(country.code) == country.calling_code


@every_country
def test_the_time_zones_exist(country: Country) -> None:
    assert [ZoneInfo(name).key for name in country.time_zones] == list(country.time_zones)
    assert country.time_zones


@every_country
def test_the_postal_code_example_is_as_the_country_writes_it(country: Country) -> None:
    example = country.postal_code_example

    assert re.match(country.postal_code_pattern, example)
    assert country.written_postal_code(example) == example
    assert not country.has_postal_code_form(f"{example}\n")
    assert not country.has_postal_code_form(f"x{example}")


@every_country
def test_a_postal_code_is_recognised_without_separator_and_in_lower_case(country: Country) -> None:
    bare = country.postal_code_example.replace(" ", "").replace("-", "").lower()

    assert country.written_postal_code(bare) == country.postal_code_example


@pytest.mark.parametrize(
    ("code", "text", "written"),
    [
        ("US", "981011234", "98101-1234"),
        ("US", "98101 1234", "98101-1234"),
        ("US", "9810", None),
        ("US", "９８１０１", None),
        ("CA", "D6B 1A1", None),
        ("GB", "m11ae", "M1 1AE"),
        ("GB", "w1a0ax", "W1A 0AX"),
        ("GB", "cr26xh", "CR2 6XH"),
        ("GB", "dn551pt", "DN55 1PT"),
        ("GB", "sw1a 1aa", "SW1A 1AA"),
        ("GB", "12345", None),
        ("NL", "1011 SS", None),
        ("IE", "d6wxy00", "D6W XY00"),
        ("DE", "00123", None),
        ("ES", "53001", None),
        ("PL", "", None),
    ],
)
def test_postal_codes_are_written_as_the_country_does(
    code: str, text: str, written: str | None
) -> None:
    assert _country(code).written_postal_code(text) == written


@pytest.mark.domain("A3", "D1")
def test_assisted_countries_offer_local_and_national_numbers() -> None:
    for country in all_countries():
        wanted = {NumberType.LOCAL}
        if country.process is Process.ASSISTED:
            wanted.add(NumberType.NATIONAL)
        assert set(country.number_types) == wanted


def test_self_service_countries_have_states_and_require_one() -> None:
    assert len(_country("US").states) == 51
    assert len(_country("CA").states) == 13
    for country in all_countries():
        assert country.state_required == bool(country.states)


@pytest.mark.parametrize(
    ("country", "text", "code"),
    [
        ("US", "WA", "WA"),
        ("US", "wa", "WA"),
        ("US", "Washington", "WA"),
        ("US", " new   york ", "NY"),
        ("CA", "Québec", "QC"),
        ("CA", "WA", None),
        ("US", "", None),
        ("PL", "mazowieckie", None),
    ],
)
def test_a_state_is_found_by_code_or_name(country: str, text: str, code: str | None) -> None:
    state = _country(country).state_named(text)

    assert (state and state.code) == code


@pytest.mark.parametrize(
    ("postal_code", "states"),
    [
        ("98101", ["WA"]),
        ("10001-0001", ["NY"]),
        ("00501", ["NY"]),
        ("02108", ["MA"]),
        ("02903", ["RI"]),
        ("05544", ["MA"]),
        ("05401", ["VT"]),
        ("06390", ["CT", "NY"]),
        ("20001", ["DC"]),
        ("20101", ["VA"]),
        ("20850", ["MD"]),
        ("30303", ["GA"]),
        ("39901", ["GA"]),
        ("39201", ["MS"]),
        ("41011", ["KY"]),
        ("73301", ["TX"]),
        ("73101", ["OK"]),
        ("79901", ["TX"]),
        ("88510", ["TX"]),
        ("88901", ["NV"]),
        ("87501", ["NM"]),
        ("83001", ["WY"]),
        ("83702", ["ID"]),
        ("96813", ["HI"]),
        ("99501", ["AK"]),
        ("99201", ["WA"]),
        ("00901", []),
        ("09001", []),
    ],
)
def test_zip_codes_lead_to_their_state(postal_code: str, states: list[str]) -> None:
    found = _country("US").states_of_postal_code(postal_code)

    assert [state.code for state in found] == states


@pytest.mark.parametrize(
    ("postal_code", "states"),
    [
        ("V6B 1A1", ["BC"]),
        ("M5V 2T6", ["ON"]),
        ("K1A 0B1", ["ON"]),
        ("H2Y 1C6", ["QC"]),
        ("J8X 2J6", ["QC"]),
        ("X1A 2N2", ["NT", "NU"]),
        ("Y1A 1A1", ["YT"]),
        ("A1C 5M9", ["NL"]),
    ],
)
def test_the_first_letter_leads_to_the_province(postal_code: str, states: list[str]) -> None:
    found = _country("CA").states_of_postal_code(postal_code)

    assert [state.code for state in found] == states


def test_a_zip_prefix_has_one_state_except_for_known_enclaves() -> None:
    shared = {
        f"{prefix:03}"
        for prefix in range(1000)
        if len(_country("US").states_of_postal_code(f"{prefix:03}00")) > 1
    }

    assert shared == set()


@pytest.mark.parametrize(
    ("area_code", "state"),
    [
        ("206", ("US", "WA")),
        ("212", ("US", "NY")),
        ("621", ("US", "TX")),
        ("771", ("US", "DC")),
        ("416", ("CA", "ON")),
        ("257", ("CA", "BC")),
        ("902", ("CA", "NS")),
        ("867", ("CA", "NT")),
        ("787", None),
        ("800", None),
        ("555", None),
        ("600", None),
        ("", None),
    ],
)
def test_an_area_code_leads_to_its_state(area_code: str, state: tuple[str, str] | None) -> None:
    assert state_of_area_code(area_code) == state


def test_every_state_has_area_codes_and_each_leads_back_to_its_country() -> None:
    for country in (_country("US"), _country("CA")):
        for state in country.states:
            codes = area_codes_of_state(country.code, state.code)
            assert codes
            assert list(codes) == sorted(set(codes))
            assert {found[0] for code in codes if (found := state_of_area_code(code))} == {
                country.code
            }


def test_a_shared_area_code_is_listed_by_every_province_it_serves() -> None:
    assert "902" in area_codes_of_state("CA", "PE")
    assert "867" in area_codes_of_state("CA", "NU")
    assert area_codes_of_state("PL", "") == ()


def test_the_area_codes_agree_with_the_number_plans_metadata() -> None:
    # Kinds of local numbers only: 500, 600, 900 and the like belong to no state.
    not_local = {
        area_code
        for area_code in map(str, range(200, 1000))
        if (number := PhoneNumber(int(f"1{area_code}2345678"))).country in {"US", "CA"}
        and number.number_type is NumberType.LOCAL
        and (state_of_area_code(area_code) or (None,))[0] != number.country
    }

    assert not_local <= {"600", "622", "633"}


@every_country
def test_port_requirements_are_named_in_camel_case_and_described(country: Country) -> None:
    names = [field.name for field in country.port_requirements]

    assert len(names) == len(set(names))
    for field in country.port_requirements:
        assert re.fullmatch(r"[a-z][A-Za-z]*", field.name)
        assert field.description


def test_a_french_port_needs_the_rio() -> None:
    assert [field.name for field in _country("FR").port_requirements] == ["rio"]

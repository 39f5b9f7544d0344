"""The address rules: what is valid, what is at fault, and what is offered instead."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.integrations.address_validation.port import (
    AddressFault,
    AddressMeta,
    AddressValidation,
    AddressValidator,
)
from app.integrations.address_validation.rules import RuleBasedAddressValidator
from app.telephony.address import Address

pytestmark = pytest.mark.domain("B3")

SEATTLE = Address("410 Terry Ave N", None, "Seattle", "WA", "98109", "US")
VALID = {
    "US": SEATTLE,
    "CA": Address("555 W Hastings St", "Suite 1200", "Vancouver", "BC", "V6B 1A1", "CA"),
    "GB": Address("Rose Cottage, Aldersgate Street", None, "London", None, "EC1A 1BB", "GB"),
    "FR": Address("12 rue de Rivoli", None, "Paris", None, "75001", "FR"),
    "DE": Address("Invalidenstraße 117", None, "Berlin", None, "10115", "DE"),
    "ES": Address("Calle Mayor, 5", None, "Madrid", None, "28001", "ES"),
    "IT": Address("Via del Corso 1", None, "Roma", None, "00118", "IT"),
    "NL": Address("Damrak 70", None, "Amsterdam", None, "1011 AB", "NL"),
    "BE": Address("Rue Neuve 1", None, "Bruxelles", None, "1000", "BE"),
    "IE": Address("1 Grand Canal Square", None, "Dublin", None, "", "IE"),
    "PL": Address("ul. Świętokrzyska 31/33", "p. 4", "Warszawa", None, "00-950", "PL"),
}


async def _validate(address: Address) -> AddressValidation:
    validator: AddressValidator = RuleBasedAddressValidator()
    return await validator.validate(address)


def _faults(validation: AddressValidation) -> set[tuple[str, str]]:
    return {(fault.code, fault.field) for fault in validation.faults}


@pytest.mark.parametrize("address", VALID.values(), ids=VALID.keys())
async def test_an_address_as_its_country_writes_it_is_valid(address: Address) -> None:
    validation = await _validate(address)

    assert validation.is_valid
    assert validation.faults == ()
    assert validation.candidate is None


async def test_a_zip_plus_four_is_valid() -> None:
    assert (await _validate(replace(SEATTLE, postal_code="98101-1234"))).is_valid


@pytest.mark.parametrize("state", ["wa", "Washington", "washington", " WASHINGTON "])
async def test_a_state_spelt_otherwise_is_offered_as_its_code(state: str) -> None:
    validation = await _validate(replace(SEATTLE, state=state))

    assert not validation.is_valid
    assert _faults(validation) == {("stateNotStandard", "state")}
    assert validation.candidate == SEATTLE


@pytest.mark.parametrize(
    ("country", "given", "offered"),
    [
        ("US", "981091234", "98109-1234"),
        ("CA", "v6b1a1", "V6B 1A1"),
        ("CA", "V6B-1A1", "V6B 1A1"),
        ("GB", "ec1a1bb", "EC1A 1BB"),
        ("PL", "00950", "00-950"),
        ("NL", "1011ab", "1011 AB"),
        ("IE", "d02af30", "D02 AF30"),
    ],
)
async def test_a_postal_code_written_otherwise_is_offered_in_form(
    country: str, given: str, offered: str
) -> None:
    validation = await _validate(replace(VALID[country], postal_code=given))

    assert _faults(validation) == {("postalCodeNotStandard", "postalCode")}
    assert validation.candidate == replace(VALID[country], postal_code=offered)


@pytest.mark.parametrize("country", ["us", "United States", "UNITED STATES", "Stany Zjednoczone"])
async def test_a_country_written_otherwise_is_offered_as_its_code(country: str) -> None:
    validation = await _validate(replace(SEATTLE, country=country))

    assert _faults(validation) == {("countryNotStandard", "country")}
    assert validation.candidate == SEATTLE


async def test_superfluous_spaces_are_taken_out_of_the_candidate_only() -> None:
    validation = await _validate(replace(SEATTLE, address1=" 410  Terry Ave N", city="Seattle "))

    assert _faults(validation) == {("spacesNotStandard", "address1"), ("spacesNotStandard", "city")}
    assert validation.candidate == SEATTLE


async def test_a_missing_state_is_offered_where_the_zip_code_tells_it() -> None:
    validation = await _validate(replace(SEATTLE, state=None))

    assert _faults(validation) == {("stateRequired", "state")}
    assert validation.candidate == SEATTLE


async def test_a_misspelt_state_is_offered_where_the_zip_code_tells_it() -> None:
    validation = await _validate(replace(SEATTLE, state="Washingtn"))

    assert _faults(validation) == {("stateUnknown", "state")}
    assert validation.candidate == SEATTLE


async def test_a_missing_state_is_not_guessed_between_two() -> None:
    yellowknife = Address("4807 52 St", None, "Yellowknife", None, "X1A 3T5", "CA")
    validation = await _validate(yellowknife)

    assert _faults(validation) == {("stateRequired", "state")}
    assert validation.candidate is None


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        (replace(SEATTLE, address1="  "), ("streetAddressRequired", "address1")),
        (replace(SEATTLE, address1="---"), ("streetAddressInvalid", "address1")),
        (replace(SEATTLE, address1="Terry Ave N"), ("houseNumberRequired", "address1")),
        (replace(SEATTLE, address1="P.O. Box 12"), ("postOfficeBoxNotAllowed", "address1")),
        (replace(SEATTLE, city=""), ("cityRequired", "city")),
        (replace(SEATTLE, city="123"), ("cityInvalid", "city")),
        (replace(SEATTLE, postal_code=""), ("postalCodeRequired", "postalCode")),
        (replace(SEATTLE, postal_code="ABCDE"), ("postalCodeInvalid", "postalCode")),
        (replace(SEATTLE, postal_code="97201"), ("postalCodeNotInState", "postalCode")),
        (replace(SEATTLE, postal_code="00901"), ("postalCodeNotInState", "postalCode")),
        (replace(VALID["CA"], state="ON"), ("postalCodeNotInState", "postalCode")),
        (replace(SEATTLE, state="BC", postal_code=""), ("stateUnknown", "state")),
        (replace(SEATTLE, country=""), ("countryRequired", "country")),
        (replace(SEATTLE, country="JP"), ("countryNotSupported", "country")),
    ],
)
async def test_a_fault_without_correction_has_no_candidate(
    address: Address, fault: tuple[str, str]
) -> None:
    validation = await _validate(address)

    assert fault in _faults(validation)
    assert validation.candidate is None


async def test_every_fault_is_told_at_once_and_in_the_order_of_the_form() -> None:
    validation = await _validate(Address("", "\x00", "", "xx", "1", "US"))

    assert [(fault.code, fault.field) for fault in validation.faults] == [
        ("streetAddressRequired", "address1"),
        ("charactersNotAllowed", "address2"),
        ("cityRequired", "city"),
        ("stateUnknown", "state"),
        ("postalCodeInvalid", "postalCode"),
    ]


async def test_a_correction_beside_another_fault_is_told_but_not_offered() -> None:
    validation = await _validate(replace(SEATTLE, state="wa", city=""))

    assert _faults(validation) == {("stateNotStandard", "state"), ("cityRequired", "city")}
    assert validation.candidate is None


@pytest.mark.parametrize("bad", ["\x00", "\n", "\t", "\x7f", "\u202e", "\u2028", "\ud800"])
@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("address1", "address1"),
        ("address2", "address2"),
        ("city", "city"),
        ("state", "state"),
        ("postal_code", "postalCode"),
        ("country", "country"),
    ],
)
async def test_a_control_character_is_the_only_fault_of_its_field(
    name: str, field: str, bad: str
) -> None:
    text = f"{getattr(SEATTLE, name) or ''}{bad}"
    validation = await _validate(replace(SEATTLE, **{name: text}))

    assert _faults(validation) == {("charactersNotAllowed", field)}
    assert validation.candidate is None


async def test_a_text_too_long_is_a_fault_with_its_limit() -> None:
    validation = await _validate(replace(SEATTLE, address1="1" * 101, city="x" * 1_000_000))

    assert validation.faults == (
        AddressFault("tooLong", "address1", 100),
        AddressFault("tooLong", "city", 64),
    )


@pytest.mark.parametrize(
    ("address", "house_number", "street_name"),
    [
        (SEATTLE, "410", "Terry Ave N"),
        (VALID["PL"], "31/33", "ul. Świętokrzyska"),
        (VALID["ES"], "5", "Calle Mayor"),
        (replace(SEATTLE, address1="123 N Main St"), "123", "N Main St"),
        (replace(VALID["DE"], address1="Hauptstr. 12 a"), "12 a", "Hauptstr."),
        (VALID["GB"], None, "Rose Cottage, Aldersgate Street"),
    ],
)
async def test_the_street_line_is_told_in_its_parts(
    address: Address, house_number: str | None, street_name: str
) -> None:
    assert (await _validate(address)).meta == AddressMeta(house_number, street_name)


_text = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", " 1  Main St", "PO Box 1", "wa", "WA", "Oregon", "v6b1a1", "00950", "98101 ", "us"]
    ),
)


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.one_of(
        st.builds(Address, _text, st.none() | _text, _text, st.none() | _text, _text, _text),
        st.builds(
            lambda address, state, postal_code: replace(
                address, state=state, postal_code=postal_code
            ),
            st.sampled_from(list(VALID.values())),
            st.none() | _text,
            _text,
        ),
    )
)
async def test_any_address_is_judged_and_a_candidate_is_itself_valid(address: Address) -> None:
    validation = await _validate(address)

    if validation.candidate is not None:
        assert not validation.is_valid
        assert validation.candidate != address
        assert (await _validate(validation.candidate)).is_valid

"""What a phone number is and tells: the strict form, its country, type and parts."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.telephony.phone_number import InvalidPhoneNumber, NumberType, PhoneNumber

north_american = st.builds(
    lambda area, prefix, line: f"+1{area}{prefix}{line:04}",
    st.sampled_from(("206", "212", "416", "604", "787", "867", "621")),
    st.integers(200, 999),
    st.integers(0, 9999),
)


def test_a_number_is_read_and_written_in_e164() -> None:
    number = PhoneNumber.parse("+12065550123")

    assert number.value == 12065550123
    assert number.e164 == "+12065550123"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "12065550123",
        "2065550123",
        "+1 206 555 0123",
        "+1-206-555-0123",
        " +12065550123",
        "+12065550123\n",
        "+12065550123;ext=1",
        "++12065550123",
        "tel:+12065550123",
        "+1206555012",
        "+120655501234",
        "+1206555",
        "+12065550",
        "+02065550123",
        "+99912345678",
        "+٤٤٧٤٠٠١٢٣٤٥٦",
        "+１２０６５５５０１２３",
        "+1234567890123456",
        "+1\x002065550123",
    ],
)
def test_anything_but_a_possible_e164_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidPhoneNumber):
        PhoneNumber.parse(text)


def test_a_seven_digit_number_without_area_code_is_refused() -> None:
    with pytest.raises(InvalidPhoneNumber):
        PhoneNumber.parse("+15550123")


@pytest.mark.parametrize("text", ["+112065550123", "+4402079460000", "+330123456789"])
def test_a_trunk_prefix_after_the_country_code_is_refused(text: str) -> None:
    with pytest.raises(InvalidPhoneNumber):
        PhoneNumber.parse(text)


def test_a_megabyte_of_digits_is_refused_and_no_message_repeats_the_input() -> None:
    with pytest.raises(InvalidPhoneNumber) as refused:
        PhoneNumber.parse("+" + "7" * 1_000_000)

    assert "7" not in str(refused.value)


# No deadline: the first number of a plan loads its metadata.
@settings(deadline=None)
@given(st.one_of(st.text(), st.from_regex(r"\+[0-9]{5,16}", fullmatch=True)))
def test_any_text_is_a_number_that_reads_back_or_is_refused(text: str) -> None:
    try:
        number = PhoneNumber.parse(text)
    except InvalidPhoneNumber:
        return
    assert number.e164 == text
    assert PhoneNumber.parse(number.e164) == number
    assert text.endswith(number.national)
    assert number.is_valid == phonenumbers.is_valid_number(phonenumbers.parse(text))


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("+12065551234", "US"),
        ("+12065550123", "US"),
        ("+14165551234", "CA"),
        ("+16045551234", "CA"),
        ("+17875551234", "PR"),
        ("+442079460000", "GB"),
        ("+441534123456", "JE"),
        ("+48221234567", "PL"),
        ("+390612345678", "IT"),
        ("+18005551234", "US"),
        ("+80012345678", None),
        ("+12225551234", None),
    ],
)
def test_the_country_is_that_of_the_number_plan(text: str, country: str | None) -> None:
    assert PhoneNumber.parse(text).country == country


@pytest.mark.parametrize("line", ["0100", "0123", "0199", "1234", "9999"])
def test_numbers_of_prefix_555_are_valid_local_numbers(line: str) -> None:
    number = PhoneNumber.parse(f"+1206555{line}")

    assert number.is_valid
    assert number.number_type is NumberType.LOCAL
    assert number.prefix == "555"


@pytest.mark.domain("A5")
@pytest.mark.parametrize("code", [800, 822, 833, 844, 855, 866, 877, 888])
def test_toll_free_area_codes_of_north_america_are_recognised(code: int) -> None:
    assert PhoneNumber.parse(f"+1{code}5550123").is_toll_free


@pytest.mark.domain("A5")
@pytest.mark.parametrize("text", ["+80012345678", "+448001111111", "+33800123456", "+48800123456"])
def test_toll_free_numbers_of_other_plans_are_recognised(text: str) -> None:
    assert PhoneNumber.parse(text).is_toll_free


@pytest.mark.parametrize("text", ["+12065550123", "+18015550123", "+18085550123", "+442079460000"])
def test_geographic_numbers_are_not_toll_free(text: str) -> None:
    assert not PhoneNumber.parse(text).is_toll_free


@pytest.mark.parametrize(
    ("text", "number_type"),
    [
        ("+442079460000", NumberType.LOCAL),
        ("+443031231234", NumberType.NATIONAL),
        ("+33912345678", NumberType.NATIONAL),
        ("+447400123456", NumberType.MOBILE),
        ("+19005551234", NumberType.PREMIUM_RATE),
        ("+15005551234", NumberType.OTHER),
        ("+12225551234", NumberType.OTHER),
    ],
)
def test_the_type_tells_what_a_number_is_for(text: str, number_type: NumberType) -> None:
    assert PhoneNumber.parse(text).number_type is number_type


def test_a_possible_number_of_no_plan_parses_and_is_not_valid() -> None:
    assert not PhoneNumber.parse("+12225551234").is_valid


# No deadline: the first number of a plan loads its metadata.
@settings(deadline=None)
@given(north_american)
def test_a_north_american_number_is_area_code_prefix_and_line(text: str) -> None:
    number = PhoneNumber.parse(text)

    assert f"+1{number.area_code}{number.prefix}{text[-4:]}" == text
    assert number.thousand * 1000 + int(text[-3:]) == number.value


def test_elsewhere_there_is_no_area_code_and_leading_zeros_stay() -> None:
    number = PhoneNumber.parse("+390612345678")

    assert number.area_code is None
    assert number.prefix is None
    assert number.national == "0612345678"


# No deadline: the first number of a plan loads its metadata.
@settings(deadline=None)
@given(st.one_of(north_american, st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)))
def test_the_masked_form_hides_at_least_half_of_the_national_number(text: str) -> None:
    try:
        number = PhoneNumber.parse(text)
    except InvalidPhoneNumber:
        return
    shown = number.masked.split("***")[1]

    assert number.e164.endswith(shown)
    assert 1 <= len(shown) <= min(4, len(number.national) // 2)


def test_the_masked_form_is_country_code_and_last_four() -> None:
    assert PhoneNumber.parse("+12065550123").masked == "+1***0123"


def test_numbers_sort_by_value() -> None:
    numbers = [PhoneNumber.parse("+12065550124"), PhoneNumber.parse("+12065550123")]

    assert [number.e164[-1] for number in sorted(numbers)] == ["3", "4"]


def test_a_value_that_is_no_number_says_so_when_asked() -> None:
    with pytest.raises(InvalidPhoneNumber):
        _ = PhoneNumber(12).country

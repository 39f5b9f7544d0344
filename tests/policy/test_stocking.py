"""Which lines of a file may be put in stock, as pure functions; the codes are in the import's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domains.numbering.bitmaps import SIZE, mask_of, numbers_of
from app.domains.numbering.policy.stocking import (
    HEADER,
    REFUSALS,
    Range,
    Refused,
    SeenRanges,
    is_header,
    understand,
)

FIRST = 12062000000


def line(first: str = f"+{FIRST}", last: str = f"+{FIRST + 9}", **changes: str) -> bytes:
    columns = {
        "country": "US",
        "state": "WA",
        "city": "Seattle",
        "rateCenter": "SEATTLE",
        "numberType": "local",
        "firstNumber": first,
        "lastNumber": last,
    }
    return ",".join((columns | changes).values()).encode()


def test_a_good_line_is_understood() -> None:
    found = understand(7, line())

    assert found == Range(7, "US", "WA", "Seattle", "SEATTLE", "local", FIRST, FIRST + 9)
    assert found.place == ("US", "WA", "Seattle", "SEATTLE", "local")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (line() + b" " * 2000, "lineTooLong"),
        (b"\xff", "notUtf8"),
        (b"", "wrongColumnCount"),
        (line() + b",", "wrongColumnCount"),
        (line(country="XX"), "countryNotSupported"),
        (line(state="XX"), "stateUnknown"),
        (line(city=""), "placeInvalid"),
        (line(rateCenter=""), "placeInvalid"),
        (line(rateCenter="x" * 101), "placeInvalid"),
        (line(city="a\u2028b"), "placeInvalid"),
        (line(numberType=""), "numberTypeUnknown"),
        (line(numberType="premiumRate"), "numberTypeUnknown"),
        (line("+18005550100", "+18005550100"), "tollFreeNotSupported"),
        (line("", ""), "invalidPhoneNumber"),
        (line("+1206", "+1206"), "invalidPhoneNumber"),
        (line("+12061000000", "+12061000001"), "invalidPhoneNumber"),
        (line("+14165550100", "+14165550100"), "phoneNumberWrongCountry"),
        (line(f"+{FIRST + 1}", f"+{FIRST}"), "rangeReversed"),
        (line(f"+{FIRST}", f"+{FIRST + 100_000}"), "rangeTooLarge"),
        # Good at both ends, and not in between: 800 lies between 798 and 801.
        (line("+17999999000", "+18000000999"), "invalidPhoneNumber"),
        (line("+12069999000", "+12070000999"), "invalidPhoneNumber"),
    ],
)
def test_a_bad_line_is_refused_by_a_code_that_has_a_text(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        understand(2, content)

    assert str(refusal.value) == code
    assert code in REFUSALS


def verdict(content: bytes) -> str | None:
    """The code of a line's refusal, if it is refused."""
    try:
        found = understand(2, content)
    except Refused as refusal:
        return str(refusal)
    assert found.first <= found.last
    return None


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8")))
def test_whatever_a_line_holds_it_is_a_range_or_a_refusal(content: bytes) -> None:
    assert verdict(content) in {None, *REFUSALS}


COLUMN = st.sampled_from(
    ["US", "WA", "Seattle", "local", f"+{FIRST}", f"+{FIRST + 9}", "", " ", '"', "GB", "\u0000"]
)


@given(columns=st.lists(COLUMN | st.text(max_size=8), min_size=7, max_size=7))
def test_whatever_the_columns_hold_a_line_is_a_range_or_a_refusal(columns: list[str]) -> None:
    assert verdict(",".join(columns).encode()) in {None, *REFUSALS}


@given(offset=st.integers(0, 5000), length=st.integers(1, 5000))
def test_the_parts_of_a_range_are_its_numbers(offset: int, length: int) -> None:
    first = FIRST + offset
    found = Range(2, "US", "WA", "x", "x", "local", first, first + length - 1)

    numbers = [number for block, mask in found.parts() for number in numbers_of(block, mask)]

    assert numbers == list(range(first, first + length))
    assert all(mask.bit_length() <= SIZE for _, mask in found.parts())
    blocks = [block for block, _ in found.parts()]
    assert blocks == sorted(set(blocks))


RANGES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 8)).map(lambda r: (r[0], r[0] + r[1])), max_size=25
)


@given(ranges=RANGES)
def test_a_range_is_remembered_unless_it_overlaps_one_that_is(
    ranges: list[tuple[int, int]],
) -> None:
    seen, taken = SeenRanges(), set[int]()

    for first, last in ranges:
        numbers = set(range(first, last + 1))
        assert seen.add(first, last) is not bool(numbers & taken)
        if not numbers & taken:
            taken |= numbers

    assert mask_of(taken) == mask_of(
        number
        for first, last in zip(seen.firsts, seen.lasts, strict=True)
        for number in range(first, last + 1)
    )


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (",".join(HEADER).encode(), True),
        (b"\xef\xbb\xbf" + ",".join(HEADER).encode() + b"\r\n", True),
        (('"' + '","'.join(HEADER) + '"').encode(), True),
        (b"", False),
        (b"\xff", False),
        (b"\xef\xbb\xbf", False),
        (",".join(HEADER[:-1]).encode(), False),
        (",".join(HEADER).upper().encode(), False),
        (", ".join(HEADER).encode(), False),
        (b"\xef\xbb\xbf" * 2 + ",".join(HEADER).encode(), False),
    ],
)
def test_a_header_has_the_seven_columns_in_their_order(content: bytes, is_one: bool) -> None:
    assert is_header(content) is is_one

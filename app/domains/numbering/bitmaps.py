"""Bitmaps of a thousands-block as whole numbers: bit i stands for the number ending in i. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.types import TypeDecorator

SIZE = 1000


class Bitmap(TypeDecorator[int]):
    """`bit(1000)` in PostgreSQL, an `int` in Python."""

    impl = BIT(SIZE)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> object:  # noqa: ARG002
        return None if value is None else f"{value:0{SIZE}b}"[::-1]

    def process_result_value(self, value: object, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else int(str(value)[::-1], 2)


def mask_of(numbers: Iterable[int]) -> int:
    """The bitmap with the bits of these numbers of one thousands-block."""
    mask = 0
    for number in numbers:
        mask |= 1 << (number % SIZE)
    return mask


def mask_of_range(first: int, last: int) -> int:
    """The bitmap of the numbers from `first` to `last` of one thousands-block."""
    return ((1 << (last - first + 1)) - 1) << (first % SIZE)


def numbers_of(block_id: int, bitmap: int) -> Iterator[int]:
    """The numbers whose bits are set, ascending."""
    base = block_id * SIZE
    while bitmap:
        lowest = bitmap & -bitmap
        yield base + lowest.bit_length() - 1
        bitmap ^= lowest


def by_block(numbers: Iterable[int]) -> dict[int, int]:
    """Numbers as bitmaps by thousands-block, in ascending order: the order rows are locked in."""
    blocks: dict[int, int] = {}
    for number in sorted(numbers):
        blocks[number // SIZE] = blocks.get(number // SIZE, 0) | 1 << number % SIZE
    return blocks


@lru_cache(maxsize=4096)
def mask_containing(digits: str) -> int:
    """The numbers whose last three digits contain these."""
    return mask_of(i for i in range(SIZE) if digits in f"{i:03}")


@lru_cache(maxsize=4096)
def mask_starting(digits: str) -> int:
    """The numbers whose last three digits start with these."""
    return mask_of(i for i in range(SIZE) if f"{i:03}".startswith(digits))


def runs_of(bitmap: int) -> Iterator[tuple[int, int]]:
    """The runs of set bits as first position and length, ascending."""
    position = 0
    while bitmap:
        gap = (bitmap & -bitmap).bit_length() - 1
        bitmap >>= gap
        position += gap
        length = (~bitmap & (bitmap + 1)).bit_length() - 1
        yield position, length
        bitmap >>= length
        position += length


def leading_run(bitmap: int) -> int:
    """How many numbers from the first on are set without a gap."""
    return (~bitmap & (bitmap + 1)).bit_length() - 1


def longest_run(bitmap: int, following: int) -> int:
    """The longest run that starts in a bitmap, counted on into the one that follows."""
    longest = 0
    for position, length in runs_of(bitmap):
        reaches_end = position + length == SIZE
        longest = max(longest, length + (leading_run(following) if reaches_end else 0))
    return longest

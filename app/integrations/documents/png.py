"""PNG, chunk by chunk as RFC 2083 has it, without ever holding the picture. See `check`."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.integrations.documents.reasons import Reason, Refused

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MAX_PIXELS: Final = 40_000_000
"""A sheet of A4 at 600 dots an inch has 35 million."""
MAX_SIDE: Final = 20_000
MAX_TEXT: Final = 1 << 20
MAX_PROFILE: Final = 4 << 20
MAX_ANCILLARY: Final = 1 << 20
PIECE: Final = 1 << 16
# Samples a pixel, and the bits a sample may have, by colour type.
COLOURS: Final = {
    0: (1, (1, 2, 4, 8, 16)),
    2: (3, (8, 16)),
    3: (1, (1, 2, 4, 8)),
    4: (2, (8, 16)),
    6: (4, (8, 16)),
}
# First column and row, and the steps, of the seven passes of an interlaced picture.
ADAM7: Final = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)
LAST_FILTER: Final = 4
NEVER: Final = 1 << 62
ANIMATION: Final = frozenset({b"acTL", b"fcTL", b"fdAT"})
CRITICAL: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk with its content."""

    kind: bytes
    data: bytes

    @property
    def is_critical(self) -> bool:
        return self.kind[:1].isupper()


def check(data: bytes) -> None:
    """Raise `Refused` unless this is one whole picture, and nothing besides it."""
    chunks = list(_chunks(data))
    kinds = [chunk.kind for chunk in chunks]
    header = _Header.of(chunks[0])
    _check_order(kinds, header)
    if ANIMATION.intersection(kinds):
        raise Refused(Reason.animated)
    ancillary = [chunk for chunk in chunks if not chunk.is_critical]
    if sum(len(chunk.data) for chunk in ancillary) > MAX_ANCILLARY:
        raise Refused(Reason.too_complex)
    for chunk in ancillary:
        _check_compressed_text(chunk)
    _check_palette([chunk.data for chunk in chunks if chunk.kind == b"PLTE"], header)
    _check_picture([chunk.data for chunk in chunks if chunk.kind == b"IDAT"], header)


def _chunks(data: bytes) -> Iterator[Chunk]:
    position = len(SIGNATURE)
    while True:
        head = data[position : position + 8]
        if len(head) < 8:
            raise Refused(Reason.truncated)
        length, kind = struct.unpack(">I4s", head)
        if not re.fullmatch(rb"[A-Za-z]{4}", kind) or length > 0x7FFF_FFFF:
            raise Refused(Reason.damaged)
        body = data[position + 8 : position + 8 + length]
        check_sum = data[position + 8 + length : position + 12 + length]
        if len(check_sum) < 4:
            raise Refused(Reason.truncated)
        if int.from_bytes(check_sum) != zlib.crc32(kind + body):
            raise Refused(Reason.damaged)
        yield Chunk(kind, body)
        position += 12 + length
        if kind == b"IEND":
            break
    if position != len(data):
        raise Refused(Reason.trailing_data)


@dataclass(frozen=True, slots=True)
class _Header:
    """Width and height in pixels; `bits` a pixel."""

    width: int
    height: int
    colour: int
    depth: int
    is_interlaced: bool

    @classmethod
    def of(cls, chunk: Chunk) -> _Header:
        if chunk.kind != b"IHDR" or len(chunk.data) != 13:
            raise Refused(Reason.damaged)
        width, height, depth, colour, compression, filtering, interlace = struct.unpack(
            ">IIBBBBB", chunk.data
        )
        is_known = depth in COLOURS.get(colour, (0, ()))[1]
        if not (width and height and is_known) or compression or filtering or interlace > 1:
            raise Refused(Reason.damaged)
        if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
            raise Refused(Reason.picture_too_large)
        return cls(width, height, colour, depth, bool(interlace))

    def passes(self) -> Iterator[tuple[int, int]]:
        """How many rows, and of how many bytes with their filter, each pass of the picture has."""
        steps = ADAM7 if self.is_interlaced else ((0, 0, 1, 1),)
        bits = COLOURS[self.colour][0] * self.depth
        for column, row, step_x, step_y in steps:
            across = -(-(self.width - column) // step_x)
            down = -(-(self.height - row) // step_y)
            if across > 0 and down > 0:
                yield down, 1 + -(-across * bits // 8)


def _check_order(kinds: list[bytes], header: _Header) -> None:
    unknown = any(kind[:1].isupper() and kind not in CRITICAL for kind in kinds)
    pictures = [position for position, kind in enumerate(kinds) if kind == b"IDAT"]
    palettes = kinds.count(b"PLTE")
    needs_palette = header.colour == 3
    if (
        unknown
        or kinds.count(b"IHDR") != 1
        or not pictures
        or pictures[-1] - pictures[0] + 1 != len(pictures)
        or palettes > 1
        or (needs_palette and not palettes)
        or (palettes and (header.colour in (0, 4) or kinds.index(b"PLTE") > pictures[0]))
    ):
        raise Refused(Reason.damaged)


def _check_palette(palettes: list[bytes], header: _Header) -> None:
    for palette in palettes:
        if not palette or len(palette) % 3 or len(palette) // 3 > 1 << min(header.depth, 8):
            raise Refused(Reason.damaged)


def _check_compressed_text(chunk: Chunk) -> None:
    """What unpacks to more than anybody writes about a picture is a bomb."""
    match chunk.kind:
        case b"zTXt" | b"iCCP":
            _, _, packed = chunk.data.partition(b"\0")
            packed = packed[1:]
        case b"iTXt":
            _, _, rest = chunk.data.partition(b"\0")
            if rest[:1] != b"\1":
                return
            packed = rest[2:].split(b"\0", 2)[-1]
        case _:
            return
    most = MAX_PROFILE if chunk.kind == b"iCCP" else MAX_TEXT
    try:
        unpacked = zlib.decompressobj().decompress(packed, most + 1)
    except zlib.error:
        raise Refused(Reason.damaged) from None
    if len(unpacked) > most:
        raise Refused(Reason.decompression_bomb)


def _check_picture(packed: list[bytes], header: _Header) -> None:
    """The picture has the bytes its header tells, no fewer and no more."""
    rows = _filter_positions(header)
    next_row = next(rows, NEVER)
    unpacked = 0
    expected = sum(down * width for down, width in header.passes())
    machine = zlib.decompressobj()
    for chunk in packed:
        left = chunk
        while left and not machine.eof:
            try:
                piece = machine.decompress(left, PIECE)
            except zlib.error:
                raise Refused(Reason.damaged) from None
            left = machine.unconsumed_tail
            if unpacked + len(piece) > expected:
                raise Refused(Reason.decompression_bomb)
            while next_row < unpacked + len(piece):
                if piece[next_row - unpacked] > LAST_FILTER:
                    raise Refused(Reason.damaged)
                next_row = next(rows, NEVER)
            unpacked += len(piece)
        if machine.unused_data or (machine.eof and left):
            raise Refused(Reason.trailing_data)
    if unpacked < expected or not machine.eof:
        raise Refused(Reason.truncated)


def _filter_positions(header: _Header) -> Iterator[int]:
    """Where in the unpacked picture each row begins, with the byte that names its filter."""
    position = 0
    for down, width in header.passes():
        for _ in range(down):
            yield position
            position += width

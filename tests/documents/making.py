"""Writers of PDF and PNG that know no rules, so that every one of them can be broken."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
TEXT = b"BT /F1 12 Tf 72 720 Td (Account 12-345) Tj ET"
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object's body."""
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def packed(data: bytes, entries: bytes = b"") -> bytes:
    """The same, with Flate."""
    return stream(zlib.compress(data, 9), entries + b" /Filter /FlateDecode")


def zeros(count: int) -> bytes:
    """That many zero bytes, packed, without holding them."""
    machine = zlib.compressobj(9)
    block = bytes(1 << 20)
    parts = [machine.compress(block) for _ in range(count >> 20)]
    return b"".join([*parts, machine.flush()])


def pdf(
    *extra: bytes,
    catalog: bytes = b"",
    page: bytes = b"",
    pages: bytes | None = None,
    content: bytes | None = None,
    box: bytes = b"[0 0 612 792]",
    resources: bytes = b"/Font << /F1 5 0 R >>",
    header: bytes = HEADER,
    trailer: bytes = b"",
) -> bytes:
    """A PDF of one page; `extra` are further objects, from number 6 on."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        pages or b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R /Resources << %s >> %s >>"
        % (box, resources, page),
        content or stream(TEXT),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *extra,
    ]
    return written(objects, header, trailer)


def written(objects: Sequence[bytes], header: bytes = HEADER, trailer: bytes = b"") -> bytes:
    """Objects numbered from 1, their table and their trailer; the first is the catalogue."""
    out = bytearray(header)
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (len(objects) + 1, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def with_cross_reference_stream(objects: Sequence[bytes], within: bytes = b"") -> bytes:
    """The same of PDF 1.5: objects in an object stream, and the table in a stream as well.

    `within` replaces the packed content of the object stream.
    """
    heads, bodies = [], b""
    for number, body in enumerate(objects, 1):
        heads.append(b"%d %d" % (number, len(bodies)))
        bodies += body + b"\n"
    first = b" ".join(heads) + b"\n"
    entries = b"/Type /ObjStm /N %d /First %d" % (len(objects), len(first))
    holder, table = len(objects) + 1, len(objects) + 2
    out = bytearray(HEADER)
    at_holder = len(out)
    held = (
        stream(within, entries + b" /Filter /FlateDecode")
        if within
        else packed(first + bodies, entries)
    )
    out += b"%d 0 obj\n%s\nendobj\n" % (holder, held)
    at_table = len(out)
    rows = [struct.pack(">BIH", 0, 0, 65535)]
    rows += [struct.pack(">BIH", 2, holder, index) for index in range(len(objects))]
    rows += [struct.pack(">BIH", 1, at_holder, 0), struct.pack(">BIH", 1, at_table, 0)]
    out += b"%d 0 obj\n%s\nendobj\n" % (
        table,
        packed(b"".join(rows), b"/Type /XRef /W [1 4 2] /Root 1 0 R /Size %d" % (table + 1)),
    )
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % at_table)


def updated(original: bytes, number: int, body: bytes, trailer: bytes = b"") -> bytes:
    """An incremental update, which replaces one object."""
    before = int(original.rpartition(b"startxref\n")[2].split(b"\n")[0])
    out = bytearray(original)
    offset = len(out)
    out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n%d 1\n%010d 00000 n \n" % (number, offset)
    size = max(number + 1, original.count(b" obj\n") + 1)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Prev %d %s >>\n" % (size, before, trailer)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    """A chunk with its check sum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(
    width: int = 40, height: int = 30, depth: int = 8, colour: int = 2, rest: bytes = b"\0\0\0"
) -> bytes:
    """The chunk IHDR; `rest` is compression, filter and interlace."""
    return chunk(b"IHDR", struct.pack(">IIBB", width, height, depth, colour) + rest)


def rows(width: int = 40, height: int = 30, bits: int = 24, filtered: int = 0) -> bytes:
    """Unpacked rows with their filter byte."""
    across = -(-width * bits // 8)
    noise = bytes(column * 37 % 251 for column in range(across))
    return (bytes([filtered]) + noise) * height


def png(
    *before: bytes,
    head: bytes | None = None,
    data: bytes | None = None,
    after: Sequence[bytes] = (),
    end: bytes | None = None,
) -> bytes:
    """A PNG; `before` and `after` are chunks around its picture, `data` the packed picture."""
    picture = zlib.compress(rows()) if data is None else data
    return b"".join(
        [
            SIGNATURE,
            header() if head is None else head,
            *before,
            chunk(b"IDAT", picture),
            *after,
            chunk(b"IEND") if end is None else end,
        ]
    )

"""Documents that people really send: each with its name, media type and pages."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import fpdf
import pikepdf
from PIL import Image, PngImagePlugin

from tests.documents.making import (
    HEADER,
    TEXT,
    chunk,
    header,
    packed,
    pdf,
    png,
    rows,
    stream,
    updated,
    with_cross_reference_stream,
    written,
)

Make = Callable[[], bytes]
Named = Iterator[tuple[str, Make, str, int]]
PDF, PNG = "application/pdf", "image/png"


def good() -> dict[str, tuple[Make, str, int]]:
    """Every good file by its name."""
    found: dict[str, tuple[Make, str, int]] = {}
    for family in (_plain, _features, _packings, _programs, _pictures, _saved_pictures):
        for name, make, media_type, pages in family():
            assert name not in found
            found[name] = (make, media_type, pages)
    return found


def _plain() -> Named:
    yield "one page", pdf, PDF, 1
    for version in (b"1.0", b"1.3", b"1.4", b"1.5", b"1.6", b"2.0"):
        yield f"PDF {version.decode()}", partial(pdf, header=b"%%PDF-%s\n" % version), PDF, 1
    yield "no comment in its second line", partial(pdf, header=b"%PDF-1.7\n"), PDF, 1
    yield "lines that end as on Windows", lambda: pdf(header=b"%PDF-1.7\r\n%\xe2\xe3\r\n"), PDF, 1
    yield "no line end at its end", lambda: pdf()[:-1], PDF, 1
    yield "two line ends at its end", lambda: pdf() + b"\r\n", PDF, 1
    yield (
        "its program's call in a comment",
        partial(pdf, header=HEADER + b"%%Invocation: gs -dSAFER -dNOPAUSE -sDEVICE=pdfwrite\n"),
        PDF,
        1,
    )
    for count in (2, 12, 50):
        yield f"{count} pages", partial(_many, count), PDF, count
    yield "an update", lambda: updated(pdf(), 4, stream(TEXT)), PDF, 1
    yield "two updates", lambda: updated(updated(pdf(), 4, stream(TEXT)), 4, stream(b"")), PDF, 1
    yield (
        "objects in a stream",
        lambda: with_cross_reference_stream(
            [
                b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
            ]
        ),
        PDF,
        1,
    )
    yield "a page tree of two levels", _two_levels, PDF, 2


def _features() -> Named:
    yield "opens at a page", partial(pdf, catalog=b"/OpenAction [3 0 R /Fit]"), PDF, 1
    yield (
        "jumps to a page on opening",
        partial(pdf, catalog=b"/OpenAction << /S /GoTo /D [3 0 R /FitH 700] >>"),
        PDF,
        1,
    )
    for name, address in (
        ("to the web", b"https://bills.example/pay?id=1"),
        ("to mail", b"mailto:billing@carrier.example"),
        ("to a telephone", b"tel:+12065550100"),
        ("without a scheme", b"www.carrier.example/bill"),
    ):
        yield (
            f"a link {name}",
            partial(
                pdf,
                page=b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9]"
                b" /A << /S /URI /URI (%s) >> >>]" % address,
            ),
            PDF,
            1,
        )
    yield (
        "a link to the next page",
        partial(
            pdf,
            page=b"/Annots [<< /Subtype /Link /Rect [0 0 9 9] /A << /S /Named /N /NextPage >> >>]",
        ),
        PDF,
        1,
    )
    yield (
        "a note",
        partial(pdf, page=b"/Annots [<< /Subtype /Text /Rect [0 0 9 9] /Contents (paid) >>]"),
        PDF,
        1,
    )
    yield (
        "a form filled in",
        partial(
            pdf,
            b"<< /FT /Tx /T (name) /V (Ada Example) /Subtype /Widget /Rect [0 0 9 9] >>",
            catalog=b"/AcroForm << /Fields [6 0 R] /DA (/F1 12 Tf) >>",
            page=b"/Annots [6 0 R]",
        ),
        PDF,
        1,
    )
    yield (
        "a digital signature",
        partial(
            pdf,
            b"<< /FT /Sig /T (s) /Subtype /Widget /Rect [0 0 0 0] /V << /Type /Sig"
            b" /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /Contents <00> >> >>",
            catalog=b"/AcroForm << /Fields [6 0 R] /SigFlags 3 >>",
        ),
        PDF,
        1,
    )
    yield (
        "an outline",
        partial(
            pdf,
            b"<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>",
            b"<< /Title (Charges) /Parent 6 0 R /Dest [3 0 R /Fit] >>",
            catalog=b"/Outlines 6 0 R",
        ),
        PDF,
        1,
    )
    yield (
        "layers",
        partial(
            pdf,
            b"<< /Type /OCG /Name (a) >>",
            catalog=b"/OCProperties << /OCGs [6 0 R] /D << /Order [6 0 R] >> >>",
        ),
        PDF,
        1,
    )
    yield (
        "a structure for readers",
        partial(
            pdf,
            b"<< /Type /StructTreeRoot /K 7 0 R >>",
            b"<< /Type /StructElem /S /Document /P 6 0 R >>",
            catalog=b"/StructTreeRoot 6 0 R /MarkInfo << /Marked true >> /Lang (pl-PL)",
        ),
        PDF,
        1,
    )
    yield (
        "metadata",
        partial(
            pdf,
            stream(b"<x:xmpmeta/>", b"/Type /Metadata /Subtype /XML"),
            catalog=b"/Metadata 6 0 R",
        ),
        PDF,
        1,
    )
    yield (
        "page labels and an intent",
        partial(
            pdf,
            catalog=b"/PageLabels << /Nums [0 << /S /D >>] >>"
            b" /OutputIntents [<< /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) >>]",
        ),
        PDF,
        1,
    )
    yield (
        "resources with odd names",
        partial(
            pdf,
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
            resources=b"/Font << /F1 5 0 R /AA 6 0 R /JS 6 0 R >>",
        ),
        PDF,
        1,
    )
    yield "a logo drawn on it", _logo, PDF, 1
    yield "a turned page", partial(pdf, page=b"/Rotate 90"), PDF, 1
    yield "A0", partial(pdf, box=b"[0 0 2384 3370]"), PDF, 1


def _packings() -> Named:
    yield "Flate", partial(pdf, content=packed(TEXT)), PDF, 1
    yield (
        "ASCII 85",
        partial(pdf, content=stream(b'6=FqH3@"QV~>', b"/Filter /ASCII85Decode")),
        PDF,
        1,
    )
    yield (
        "hexadecimal",
        partial(pdf, content=stream(TEXT.hex().encode() + b">", b"/Filter /ASCIIHexDecode")),
        PDF,
        1,
    )
    yield (
        "hexadecimal of Flate",
        partial(
            pdf,
            content=stream(
                zlib.compress(TEXT).hex().encode() + b">",
                b"/Filter [/ASCIIHexDecode /FlateDecode]",
            ),
        ),
        PDF,
        1,
    )
    yield (
        "runs",
        partial(pdf, content=stream(b"\x01q \x01Q \x80", b"/Filter /RunLengthDecode")),
        (PDF),
        1,
    )
    yield (
        "a predictor",
        partial(
            pdf,
            stream(
                zlib.compress((b"\2" + bytes(30)) * 10),
                b"/Subtype /Image /Width 10 /Height 10 /BitsPerComponent 8 /ColorSpace /DeviceRGB"
                b" /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 3 /Columns 10 >>",
            ),
        ),
        PDF,
        1,
    )
    for kind in ("JPEG", "JPEG2000"):
        yield f"a {kind} scan", partial(_scan, kind, b""), PDF, 1
    yield "a packed JPEG scan", partial(_scan, "JPEG", b"/FlateDecode"), PDF, 1
    yield (
        "a fax",
        partial(
            pdf,
            stream(
                b"\x00\x10\x01",
                b"/Subtype /Image /Width 1728 /Height 2200 /BitsPerComponent 1"
                b" /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 1728 >>",
            ),
        ),
        PDF,
        1,
    )


def _programs() -> Named:
    for name, options in (
        ("plainly", {}),
        ("linearised", {"linearize": True}),
        ("packed", {"object_stream_mode": pikepdf.ObjectStreamMode.generate}),
        ("unpacked", {"object_stream_mode": pikepdf.ObjectStreamMode.disable}),
    ):
        yield f"saved by qpdf, {name}", partial(_saved, options), PDF, 1
    yield "made by fpdf2", _made_by_fpdf, PDF, 1
    yield "made by Pillow", partial(_pillow, "PDF"), PDF, 1
    yield "made by Pillow, in black and white", partial(_pillow, "PDF", "1"), PDF, 1


def _pictures() -> Named:
    yield "PNG", png, PNG, 1
    for depth, colour, bits in (
        (1, 0, 1),
        (8, 0, 8),
        (16, 0, 16),
        (16, 2, 48),
        (8, 4, 16),
        (8, 6, 32),
        (16, 6, 64),
    ):
        yield (
            f"PNG of colour {colour}, {depth} bits",
            partial(png, head=header(40, 30, depth, colour), data=zlib.compress(rows(bits=bits))),
            PNG,
            1,
        )
    yield (
        "PNG with a palette",
        partial(
            png,
            chunk(b"PLTE", bytes(6)),
            head=header(40, 30, 1, 3),
            data=zlib.compress(rows(bits=1)),
        ),
        PNG,
        1,
    )
    yield (
        "PNG with texts",
        partial(
            png,
            chunk(b"tEXt", b"Author\0Ada Example"),
            chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"scanned " * 1000)),
            chunk(b"iTXt", b"Title\0\0\0pl\0\0" + "rachunek za październik".encode()),
        ),
        PNG,
        1,
    )
    yield "PNG with text at its end", partial(png, after=[chunk(b"tEXt", b"a\0b")]), PNG, 1
    yield "PNG with what a camera tells", partial(png, chunk(b"eXIf", b"MM\0*" + bytes(40))), PNG, 1
    yield (
        "PNG with a size on paper",
        partial(
            png, chunk(b"pHYs", struct.pack(">IIB", 11811, 11811, 1)), chunk(b"tIME", bytes(7))
        ),
        PNG,
        1,
    )
    yield "PNG with a chunk of its maker", partial(png, chunk(b"iDOT", bytes(28))), PNG, 1
    yield (
        "PNG of one pixel",
        partial(png, head=header(1, 1, 8, 0), data=zlib.compress(b"\0\xff")),
        PNG,
        1,
    )
    yield (
        "PNG, interlaced, of one pixel",
        partial(png, head=header(1, 1, 8, 0, b"\0\0\1"), data=zlib.compress(b"\0\xff")),
        PNG,
        1,
    )
    # Passes of 5, 5, 5, 8, 10, 16 and 18 bytes for 6 by 5 grey pixels, each row with its filter.
    yield (
        "PNG, interlaced",
        partial(png, head=header(6, 5, 8, 0, b"\0\0\1"), data=zlib.compress(_interlaced(6, 5))),
        PNG,
        1,
    )
    yield "PNG in many chunks", _many_chunks, PNG, 1
    yield (
        "PNG of a sheet at 600 dots",
        partial(png, head=header(4960, 7016, 1, 0), data=zlib.compress(bytes(621 * 7016))),
        PNG,
        1,
    )


def _saved_pictures() -> Named:
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        yield f"PNG saved by Pillow: {mode}", partial(_pillow, "PNG", mode), PNG, 1
    yield "PNG saved by Pillow with texts", _pillow_with_texts, PNG, 1


def _many(count: int) -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + count))
    return written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
            *[page] * count,
        ]
    )


def _two_levels() -> bytes:
    page = b"<< /Type /Page /Parent 3 0 R >>"
    return written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 2 /MediaBox [0 0 595 842] >>",
            b"<< /Type /Pages /Parent 2 0 R /Kids [4 0 R 5 0 R] /Count 2 >>",
            page,
            page,
        ]
    )


def _logo() -> bytes:
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]"
    return pdf(
        stream(b"/B Do /B Do", form + b" /Resources << /XObject << /B 7 0 R >> >>"),
        stream(b"0 0 1 1 re f", form),
        content=stream(b"q /A Do Q"),
        resources=b"/XObject << /A 6 0 R >>",
    )


def _scan(kind: str, before: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(out, kind)
    codec = {"JPEG": b"/DCTDecode", "JPEG2000": b"/JPXDecode"}[kind]
    data = zlib.compress(out.getvalue()) if before else out.getvalue()
    return pdf(
        stream(
            data,
            b"/Type /XObject /Subtype /Image /Width 400 /Height 300 /BitsPerComponent 8"
            b" /ColorSpace /DeviceRGB /Filter [%s %s]" % (before, codec),
        )
    )


def _saved(options: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(out, **options)
    return out.getvalue()


def _made_by_fpdf() -> bytes:
    document = fpdf.FPDF()
    document.set_title("Bill")
    document.add_page()
    document.set_font("helvetica", size=12)
    document.cell(text="Account 12-345", link="https://carrier.example")
    return bytes(document.output())


def _pillow(kind: str, mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (120, 80), 1).save(out, kind)
    return out.getvalue()


def _pillow_with_texts() -> bytes:
    out = io.BytesIO()
    told = PngImagePlugin.PngInfo()
    told.add_text("Title", "bill " * 500, zip=True)
    told.add_itxt("Subject", "październik", "pl", "Temat", zip=True)
    Image.new("RGB", (120, 80)).save(out, "PNG", pnginfo=told, dpi=(300, 300))
    return out.getvalue()


def _interlaced(width: int, height: int) -> bytes:
    """Unpacked passes of a grey picture, from the drawing of Adam7 rather than from its numbers."""
    odd = ["77777777", "56565656", "77777777"]
    pattern = ["16462646", *odd, "36463646", *odd]
    out = b""
    for number in "1234567":
        for y in range(height):
            across = sum(pattern[y % 8][x % 8] == number for x in range(width))
            out += b"\0" + bytes(across) if across else b""
    return out


def _many_chunks() -> bytes:
    data = zlib.compress(rows())
    pieces = [data[at : at + 10] for at in range(0, len(data), 10)]
    return png(data=pieces[0], after=[chunk(b"IDAT", piece) for piece in pieces[1:]])

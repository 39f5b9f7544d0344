"""Files that nobody should have to open: each with its name and the reason it is refused for."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial

import pikepdf

from app.integrations.documents.reasons import Reason
from tests.documents.making import (
    HEADER,
    SIGNATURE,
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
    zeros,
)

Make = Callable[[], bytes]
SCRIPT = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
FILE = stream(b"MZ", b"/Type /EmbeddedFile")
SPECIFICATION = b"<< /Type /Filespec /F (a.exe) /EF << /F 6 0 R >> >>"


def hostile() -> dict[str, tuple[Make, Reason]]:
    """Every hostile file by its name."""
    found: dict[str, tuple[Make, Reason]] = {}
    for family in (
        _no_documents,
        _scripts,
        _actions,
        _attachments,
        _active,
        _protected,
        _broken,
        _joined,
        _bombs,
        _pictures,
    ):
        for name, make, reason in family():
            assert name not in found
            found[name] = (make, reason)
    return found


Named = Iterator[tuple[str, Make, Reason]]


def _no_documents() -> Named:
    yield "empty", lambda: b"", Reason.empty
    yield "text", lambda: b"Account number 12-345\n", Reason.not_pdf_or_png
    yield "html", lambda: b"<html><script>alert(1)</script></html>", Reason.not_pdf_or_png
    yield "svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", Reason.not_pdf_or_png
    yield "jpeg", lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(50), Reason.not_pdf_or_png
    yield "gif", lambda: b"GIF89a" + bytes(50), Reason.not_pdf_or_png
    yield "program", lambda: b"MZ" + bytes(500), Reason.not_pdf_or_png
    yield "zip", _zip, Reason.not_pdf_or_png
    yield "postscript", lambda: b"%!PS-Adobe-3.0\nshowpage\n", Reason.not_pdf_or_png
    yield "PNG in a PDF's first bytes", lambda: b"%PDF-" + png(), Reason.damaged


def _scripts() -> Named:
    run = Reason.scripts
    yield "script on opening", lambda: pdf(SCRIPT, catalog=b"/OpenAction 6 0 R"), run
    yield "script on opening, direct", lambda: pdf(catalog=b"/OpenAction " + SCRIPT), run
    yield (
        "script by name",
        lambda: pdf(SCRIPT, catalog=b"/Names << /JavaScript << /Names [(a) 6 0 R] >> >>"),
        run,
    )
    yield (
        "script in an annotation",
        lambda: pdf(
            SCRIPT, page=b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A 6 0 R >>]"
        ),
        run,
    )
    yield (
        "script with its name escaped",
        lambda: pdf(
            b"<< /#53 /Java#53cript /J#53 (app.alert\\(1\\)) >>", catalog=b"/OpenAction 6 0 R"
        ),
        run,
    )
    yield (
        "script in a stream",
        lambda: pdf(
            stream(b"app.alert(1)"), b"<< /S /JavaScript /JS 6 0 R >>", catalog=b"/OpenAction 7 0 R"
        ),
        run,
    )
    yield (
        "script after a jump",
        lambda: pdf(
            SCRIPT, b"<< /S /GoTo /D [3 0 R /Fit] /Next 6 0 R >>", catalog=b"/OpenAction 7 0 R"
        ),
        run,
    )
    yield (
        "script in an object stream",
        lambda: with_cross_reference_stream([*_objects(b"/OpenAction 4 0 R"), SCRIPT]),
        run,
    )
    yield "script nothing refers to", lambda: pdf(SCRIPT), run
    yield (
        "script in an update",
        lambda: updated(pdf(), 1, b"<< /Type /Catalog /Pages 2 0 R /OpenAction %s >>" % SCRIPT),
        run,
    )
    yield (
        "script in a field",
        lambda: pdf(
            b"<< /FT /Tx /T (a) /AA << /K %s >> >>" % SCRIPT,
            catalog=b"/AcroForm << /Fields [6 0 R] >>",
        ),
        Reason.actions,
    )
    yield (
        "script within an outline",
        lambda: pdf(
            b"<< /Type /Outlines /First 7 0 R /Last 7 0 R /Count 1 >>",
            b"<< /Title (a) /Parent 6 0 R /A %s >>" % SCRIPT,
            catalog=b"/Outlines 6 0 R",
        ),
        run,
    )
    yield (
        "script that calls itself part of the structure",
        lambda: pdf(b"<< /Type /StructElem /S /JavaScript /JS (1) >>"),
        run,
    )
    yield (
        "script as an address",
        lambda: pdf(b"<< /S /URI /URI (javascript:alert\\(1\\)) >>", catalog=b"/X 6 0 R"),
        run,
    )
    yield (
        "script as an address with blanks",
        lambda: pdf(b"<< /S /URI /URI ( java\\nscript:alert\\(1\\)) >>", catalog=b"/X 6 0 R"),
        run,
    )
    yield (
        "script in a font's matrix",
        lambda: pdf(
            b"<< /Type /Font /Subtype /Type1 /BaseFont /A /FontMatrix [(0\\); alert\\(1)] >>"
        ),
        run,
    )
    yield (
        "script in a rendition",
        lambda: pdf(b"<< /S /Rendition /OP 0 /JS (app.alert\\(1\\)) >>"),
        Reason.active_content,
    )


def _actions() -> Named:
    run = Reason.actions
    yield (
        "launch on opening",
        lambda: pdf(catalog=b"/OpenAction << /S /Launch /Win << /F (cmd.exe) >> >>"),
        run,
    )
    yield (
        "launch in an annotation",
        lambda: pdf(
            page=b"/Annots [<< /Subtype /Link /Rect [0 0 9 9] /A << /S /Launch /F (a) >> >>]"
        ),
        run,
    )
    yield "page action", lambda: pdf(page=b"/AA << /O << /S /Named /N /Print >> >>"), run
    yield (
        "document action",
        lambda: pdf(catalog=b"/AA << /WC << /S /URI /URI (http://a) >> >>"),
        run,
    )
    yield (
        "form sent away",
        lambda: pdf(b"<< /S /SubmitForm /F << /FS /URL /F (http://a.example) >> >>"),
        run,
    )
    yield (
        "form sent on opening",
        lambda: pdf(catalog=b"/OpenAction << /S /SubmitForm /F (http://a.example) >>"),
        run,
    )
    yield (
        "address on opening",
        lambda: pdf(catalog=b"/OpenAction << /S /URI /URI (http://a.example) >>"),
        run,
    )
    yield "data taken in", lambda: pdf(b"<< /S /ImportData /F (a.fdf) >>"), run
    yield (
        "another file opened",
        lambda: pdf(b"<< /S /GoToR /F (\\\\\\\\host\\\\share\\\\a.pdf) /D [0 /Fit] >>"),
        run,
    )
    yield "address of a file", lambda: pdf(b"<< /S /URI /URI (file:///etc/passwd) >>"), run
    yield "address of a share", lambda: pdf(b"<< /S /URI /URI (\\\\\\\\host\\\\a) >>"), run
    yield "printing on opening", lambda: pdf(catalog=b"/OpenAction << /S /Named /N /Print >>"), run


def _attachments() -> Named:
    run = Reason.embedded_files
    yield (
        "embedded file",
        lambda: pdf(
            FILE,
            SPECIFICATION,
            catalog=b"/Names << /EmbeddedFiles << /Names [(a) 7 0 R] >> >>",
        ),
        run,
    )
    yield (
        "attached to a page",
        lambda: pdf(
            FILE,
            SPECIFICATION,
            page=b"/Annots [<< /Subtype /FileAttachment /Rect [0 0 9 9] /FS 7 0 R >>]",
        ),
        run,
    )
    yield "associated file", lambda: pdf(FILE, SPECIFICATION, catalog=b"/AF [7 0 R]"), run
    yield (
        "embedded file without a type",
        lambda: pdf(stream(b"MZ"), SPECIFICATION, catalog=b"/AF [7 0 R]"),
        run,
    )
    yield "portfolio", lambda: pdf(catalog=b"/Collection << /View /T >>"), run
    yield "embedded file opened", lambda: pdf(b"<< /S /GoToE /T << /R /C /N (a) >> >>"), run
    yield (
        "XFA form",
        lambda: pdf(stream(b"<xdp:xdp/>"), catalog=b"/AcroForm << /Fields [] /XFA 6 0 R >>"),
        Reason.xfa,
    )
    yield (
        "XFA form in parts",
        lambda: pdf(
            stream(b"<xdp:xdp>"), catalog=b"/AcroForm << /Fields [] /XFA [(preamble) 6 0 R] >>"
        ),
        Reason.xfa,
    )
    yield "page drawn by XFA", lambda: pdf(catalog=b"/NeedsRendering true"), Reason.xfa


def _active() -> Named:
    run = Reason.active_content
    for name, what in (
        ("rich media", b"/RichMedia"),
        ("film", b"/Movie"),
        ("sound", b"/Sound"),
        ("screen", b"/Screen"),
        ("3D", b"/3D"),
    ):
        yield (
            f"annotation: {name}",
            partial(pdf, page=b"/Annots [<< /Type /Annot /Subtype %s /Rect [0 0 9 9] >>]" % what),
            run,
        )
    yield "film played", lambda: pdf(b"<< /S /Movie /T (a) >>"), run
    yield "PostScript", lambda: pdf(stream(b"showpage", b"/Type /XObject /Subtype /PS")), run
    away = Reason.external_content
    yield "content from a file", lambda: pdf(stream(b"", b"/F (/etc/passwd)")), away
    yield (
        "content from an address",
        lambda: pdf(content=stream(b"", b"/F << /FS /URL /F (http://a.example/x) >>")),
        away,
    )
    yield (
        "form from another file",
        lambda: pdf(
            stream(
                b"", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Ref << /F (a.pdf) /Page 0 >>"
            )
        ),
        away,
    )


def _protected() -> Named:
    for name, encryption in (
        ("password to open it", pikepdf.Encryption(user="user", owner="owner", R=6)),
        ("password to change it", pikepdf.Encryption(user="", owner="owner", R=6)),
        ("RC4", pikepdf.Encryption(user="user", owner="owner", R=3, aes=False, metadata=False)),
        ("RC4, to change it", pikepdf.Encryption(owner="o", R=3, aes=False, metadata=False)),
    ):
        yield f"encrypted: {name}", partial(_encrypted, encryption), Reason.encrypted


def _broken() -> Named:
    cut, bad = Reason.truncated, Reason.damaged
    yield "cut in half", lambda: pdf()[: len(pdf()) // 2], cut
    yield "cut before its end", lambda: pdf()[:-7], cut
    yield "only its first line", lambda: HEADER, bad
    yield "update cut", lambda: updated(pdf(), 4, stream(TEXT))[:-30], cut
    yield "no table", lambda: pdf().replace(b"\nxref\n", b"\nxxxx\n"), bad
    yield "table somewhere else", lambda: pdf().replace(b"startxref\n", b"startxref\n9"), bad
    yield "objects moved", lambda: pdf().replace(b"/Count 1", b"/Count    1", 1), bad
    yield "no catalogue", lambda: pdf().replace(b"/Root 1 0 R", b"/Rxxt 1 0 R"), bad
    yield "catalogue that is a number", lambda: written([b"42"]), bad
    yield "no page tree", lambda: written([b"<< /Type /Catalog >>"]), bad
    yield (
        "page tree that is its own child",
        lambda: pdf(pages=b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
        bad,
    )
    yield "no pages", lambda: pdf(pages=b"<< /Type /Pages /Kids [] /Count 0 >>"), Reason.no_pages
    yield (
        "key given twice",
        lambda: pdf(catalog=b"/PageLayout /OneColumn /PageLayout /SinglePage"),
        bad,
    )
    yield (
        "stream of another length",
        lambda: pdf(content=b"<< /Length 9999 >>\nstream\n%s\nendstream" % TEXT),
        bad,
    )
    yield (
        "packed stream that is not",
        lambda: pdf(content=stream(b"no Flate at all", b"/Filter /FlateDecode")),
        bad,
    )
    yield "filter nobody knows", lambda: pdf(content=stream(TEXT, b"/Filter /Magic")), bad
    yield "version nobody knows", lambda: pdf(header=b"%PDF-9.9\n"), bad
    yield (
        "page as wide as a field",
        lambda: pdf(page=b"/MediaBox [0 0 1000000 1000000]"),
        Reason.page_too_large,
    )
    yield (
        "page larger than a wall",
        lambda: pdf(box=b"[0 0 9e9 9]"),
        bad,
    )  # no number of PDF
    yield "page of a thousand feet", lambda: pdf(page=b"/UserUnit 9999"), Reason.page_too_large


def _joined() -> Named:
    front, back, both = Reason.leading_data, Reason.trailing_data, Reason.polyglot
    yield "program before a PDF", lambda: b"MZ" + bytes(200) + pdf(), front
    yield "picture before a PDF", lambda: b"GIF89a" + bytes(100) + pdf(), front
    yield "blank before a PDF", lambda: b"\n" + pdf(), front
    yield "web page before a PDF", lambda: b"<html><!--" + pdf() + b"-->", front
    yield "text before a PNG", lambda: b"hello" + png(), front
    yield "web page after a PDF", lambda: pdf() + b"<script>alert(1)</script>", back
    yield "program after a PDF", lambda: pdf() + b"MZ" + bytes(5000), back
    yield "ZIP after a PDF", lambda: pdf() + _zip(), both
    yield "ZIP after a PDF, and its end", lambda: pdf() + _zip() + b"\n%%EOF\n", both
    yield "ZIP within a PDF", lambda: pdf(stream(_zip())), both
    yield "RAR within a PDF", lambda: pdf(stream(b"Rar!\x1a\x07\x00" + bytes(20))), both
    yield "TAR that is a PDF", _tar, both
    yield (
        "web page in a PDF's first line",
        lambda: pdf(header=b"%PDF-1.7 <script>alert(1)</script>\n"),
        Reason.damaged,
    )
    yield (
        "web page before the first object",
        lambda: pdf(header=b"%PDF-1.7\n<script>alert(1)</script>\n"),
        Reason.damaged,
    )
    yield "PDF after a PNG", lambda: png() + pdf(), both
    yield "ZIP after a PNG", lambda: png() + _zip(), both
    yield "ZIP in a PNG's text", lambda: png(after=[chunk(b"tEXt", b"a\0" + _zip())]), both
    yield "bytes after a PNG", lambda: png() + b"\0", back
    yield "script after a PNG", lambda: png() + b"<?php system('id'); ?>", back
    yield "PDF in a PNG's text", lambda: png(chunk(b"tEXt", b"a\0" + pdf())), both
    yield "data after a PNG's picture", lambda: png(data=zlib.compress(rows()) + b"MZ..."), back


def _bombs() -> Named:
    bomb = Reason.decompression_bomb
    yield (
        "page of 300 MB",
        lambda: pdf(content=stream(zeros(300 << 20), b"/Filter /FlateDecode")),
        bomb,
    )
    yield (
        "packed twice",
        lambda: pdf(
            content=stream(zlib.compress(zeros(200 << 20)), b"/Filter [/FlateDecode /FlateDecode]")
        ),
        bomb,
    )
    yield (
        "picture of 300 MB",
        lambda: pdf(
            stream(
                zeros(300 << 20),
                b"/Type /XObject /Subtype /Image /Width 10 /Height 10 /ColorSpace /DeviceGray"
                b" /BitsPerComponent 8 /Filter /FlateDecode",
            )
        ),
        bomb,
    )
    yield (
        "many streams of 100 MB",
        lambda: pdf(*[stream(zeros(100 << 20), b"/Filter /FlateDecode")] * 8),
        bomb,
    )
    yield (
        "packed before its codec",
        lambda: pdf(stream(zeros(300 << 20), b"/Subtype /Image /Filter [/FlateDecode /DCTDecode]")),
        bomb,
    )
    yield (
        "runs of a gigabyte",
        lambda: pdf(content=stream(b"\x81\0" * (2 << 20), b"/Filter /RunLengthDecode")),
        bomb,
    )
    yield (
        "object stream of 300 MB",
        lambda: with_cross_reference_stream(_objects(), zeros(300 << 20)),
        Reason.damaged,
    )
    yield (
        "thirty filters",
        lambda: pdf(content=stream(b"", b"/Filter [%s]" % (b"/ASCIIHexDecode " * 30))),
        Reason.damaged,
    )
    yield "forms that draw forms", _laughs, bomb
    yield (
        "form that draws itself",
        lambda: pdf(
            stream(
                b"/A Do /A Do",
                b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]"
                b" /Resources << /XObject << /A 6 0 R >> >>",
            ),
            content=stream(b"/A Do"),
            resources=b"/XObject << /A 6 0 R >>",
        ),
        bomb,
    )
    yield (
        "picture of 900 million pixels",
        lambda: pdf(packed(b"", b"/Subtype /Image /Width 30000 /Height 30000 /BitsPerComponent 1")),
        Reason.picture_too_large,
    )
    yield "60,000 objects", lambda: pdf(*[b"null"] * 60_000), Reason.too_complex
    yield "two million numbers", lambda: pdf(b"[%s]" % (b"1 " * 2_000_000)), Reason.too_complex
    yield "nested a thousand deep", lambda: pdf(b"[" * 1000 + b"]" * 1000), Reason.damaged
    yield (
        "51 pages",
        lambda: pdf(pages=b"<< /Type /Pages /Kids [%s] /Count 51 >>" % (b"3 0 R " * 51)),
        Reason.too_many_pages,
    )
    yield (
        "a million pages",
        lambda: pdf(pages=b"<< /Type /Pages /Kids [%s] /Count 1 >>" % (b"3 0 R " * 900_000)),
        Reason.damaged,
    )
    yield "page tree without end", _deep_tree, Reason.damaged


def _pictures() -> Named:
    bad, cut, bomb = Reason.damaged, Reason.truncated, Reason.decompression_bomb
    yield (
        "PNG of 30000 by 30000",
        lambda: png(head=header(30_000, 30_000, 1, 0), data=zeros(30_000 * 3751)),
        Reason.picture_too_large,
    )
    yield (
        "PNG of two thousand million by one",
        lambda: png(head=header(0x7FFFFFFF, 1)),
        Reason.picture_too_large,
    )
    yield "PNG of no width", lambda: png(head=header(0, 30)), bad
    yield "PNG with more rows than told", lambda: png(data=zlib.compress(rows(height=31))), bomb
    yield "PNG that unpacks to 300 MB", lambda: png(data=zeros(300 << 20)), bomb
    yield "PNG with fewer rows than told", lambda: png(data=zlib.compress(rows(height=29))), cut
    yield "PNG text of 50 MB", lambda: png(chunk(b"zTXt", b"a\0\0" + zeros(50 << 20))), bomb
    yield "PNG profile of 50 MB", lambda: png(chunk(b"iCCP", b"a\0\0" + zeros(50 << 20))), bomb
    yield (
        "PNG world text of 50 MB",
        lambda: png(chunk(b"iTXt", b"a\0\1\0en\0a\0" + zeros(50 << 20))),
        bomb,
    )
    yield (
        "PNG text of 2 MB",
        lambda: png(chunk(b"tEXt", b"a\0" + b"x" * (2 << 20))),
        (Reason.too_complex),
    )
    yield "PNG cut in half", lambda: png()[: len(png()) // 2], cut
    yield "PNG without its end", lambda: png(end=b""), cut
    yield "only a signature", lambda: SIGNATURE, cut
    yield "PNG with a wrong check sum", lambda: png()[:-1] + b"\0", bad
    yield "PNG without a picture", lambda: SIGNATURE + header() + chunk(b"IEND"), bad
    yield "PNG without a header", lambda: png(head=b""), bad
    yield "PNG with two headers", lambda: png(header()), bad
    yield "PNG with a chunk nobody knows", lambda: png(chunk(b"EVIL", b"x")), bad
    yield "PNG with a chunk of no name", lambda: png(chunk(b"a\0bc", b"x")), bad
    yield "PNG with a chunk of 4 GB", lambda: png(struct.pack(">I", 0xFFFFFFFF) + b"tEXt"), bad
    yield "PNG with colours nobody knows", lambda: png(head=header(depth=3)), bad
    yield (
        "PNG with palette missing",
        lambda: png(head=header(colour=3), data=zlib.compress(rows(bits=8))),
        bad,
    )
    yield (
        "PNG with a palette too long",
        lambda: png(
            chunk(b"PLTE", bytes(3 * 3)),
            head=header(40, 30, 1, 3),
            data=zlib.compress(rows(bits=1)),
        ),
        bad,
    )
    yield (
        "PNG picture in two places",
        lambda: png(after=[chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", b"")]),
        bad,
    )
    yield "PNG not packed", lambda: png(data=b"no Flate at all"), bad
    yield "PNG with a filter nobody knows", lambda: png(data=zlib.compress(rows(filtered=9))), bad
    yield "PNG packed otherwise", lambda: png(head=header(rest=b"\1\0\0")), bad
    yield (
        "PNG that moves",
        lambda: png(chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", bytes(26))),
        Reason.animated,
    )


def _objects(catalog: bytes = b"") -> list[bytes]:
    """Catalogue, page tree and page."""
    return [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>",
    ]


def _encrypted(encryption: pikepdf.Encryption) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(out, encryption=encryption)
    return out.getvalue()


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.html", "<script>alert(1)</script>")
    return out.getvalue()


def _tar() -> bytes:
    """An archive whose first name is the beginning of a PDF."""
    out = io.BytesIO()
    body = pdf()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo("%PDF-1.7\n")
        entry.size = len(body)
        archive.addfile(entry, io.BytesIO(body))
    return out.getvalue() + b"\n%%EOF\n"


def _laughs() -> bytes:
    """Ten forms, each drawing the next ten times."""
    entries = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]"
    forms = [
        stream(b"/A Do " * 10, entries + b" /Resources << /XObject << /A %d 0 R >> >>" % following)
        for following in range(7, 16)
    ]
    return pdf(
        *forms,
        stream(b"0 0 1 1 re f", entries),
        content=stream(b"/#41 Do"),
        resources=b"/XObject << /A 6 0 R >>",
    )


def _deep_tree() -> bytes:
    nodes = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (6 + n + 1) for n in range(200)]
    return pdf(*nodes, b"null", pages=b"<< /Type /Pages /Kids [6 0 R] /Count 1 >>")

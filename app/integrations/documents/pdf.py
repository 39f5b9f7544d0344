"""PDF, every object and stream of it, read strictly: nothing is mended. See `check`.

A file that one program mends so and another otherwise shows different things to different
people; whoever has such a bill can print it to a new PDF.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, ObjectType, Stream, String

from app.integrations.documents.reasons import MAX_PAGES, Reason, Refused

MAX_OBJECTS: Final = 50_000
MAX_ITEMS: Final = 1_000_000
MAX_PAGE_SIDE: Final = 14_400
"""In points: 200 inches, what PDF 1.7 allows."""
MAX_PIXELS: Final = 40_000_000
MAX_STREAM: Final = 128 << 20
MAX_UNPACKED: Final = 512 << 20
MAX_FILTERS: Final = 4
MAX_WARNINGS: Final = 100
MAX_TREE_DEPTH: Final = 50
CONTAINERS: Final = {ObjectType.array, ObjectType.dictionary, ObjectType.stream}
MAX_FORMS_DRAWN: Final = 100_000
"""Forms drawn for a page, each of which may draw others in turn."""

BEGINNING: Final = re.compile(
    rb"%PDF-(?:1\.[0-7]|2\.0)(?:[ \t]*[\r\n]+)(?:%[^\r\n]{0,2000}[\r\n]+|\s){0,100}\d+ \d+ obj\b"
)
WHITESPACE: Final = b"\0\t\n\f\r "
# What many programs write, and all read alike.
HARMLESS: Final = re.compile(
    "Resources is missing|MediaBox is undefined|reported number of objects|extraneous whitespace"
)
LEVEL: Final = pikepdf.StreamDecodeLevel.specialized
# Filters whose output is again bytes, and not a picture.
PLAIN_FILTERS: Final = {
    "/FlateDecode",
    "/Fl",
    "/LZWDecode",
    "/LZW",
    "/ASCII85Decode",
    "/A85",
    "/ASCIIHexDecode",
    "/AHx",
    "/RunLengthDecode",
    "/RL",
}
PICTURE_FILTERS: Final = {
    "/DCTDecode",
    "/DCT",
    "/JPXDecode",
    "/JBIG2Decode",
    "/CCITTFaxDecode",
    "/CCF",
}
ACTIONS: Final = {
    "/JavaScript": Reason.scripts,
    "/Launch": Reason.actions,
    "/SubmitForm": Reason.actions,
    "/ImportData": Reason.actions,
    "/GoToR": Reason.actions,
    "/GoToE": Reason.embedded_files,
    "/Rendition": Reason.active_content,
    "/Movie": Reason.active_content,
    "/Sound": Reason.active_content,
    "/RichMediaExecute": Reason.active_content,
    "/GoTo3DView": Reason.active_content,
}
CONTENTS: Final = {
    "/FileAttachment": Reason.embedded_files,
    "/EmbeddedFile": Reason.embedded_files,
    "/RichMedia": Reason.active_content,
    "/Movie": Reason.active_content,
    "/Sound": Reason.active_content,
    "/Screen": Reason.active_content,
    "/3D": Reason.active_content,
    "/U3D": Reason.active_content,
    "/PRC": Reason.active_content,
    "/PS": Reason.active_content,
}
# Events to which additional actions answer: pages, documents, annotations and fields.
TRIGGER: Final = re.compile(r"/(?:E|X|D|U|Fo|Bl|P[OCVI]|O|C|K|F|V|W[CSP]|D[SP])")
FILE_NAMES: Final = ("/F", "/UF", "/DOS", "/Mac", "/Unix")
SCHEME: Final = re.compile(r"[\s\x00-\x1f]*([a-z][a-z0-9+.\-\s]*):", re.IGNORECASE)
HARMLESS_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
DRAWN: Final = re.compile(rb"/([^\x00-\x20/<>\[\]()%{}]+)[\x00-\x20]+Do\b")
ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")


def check(data: bytes) -> int:
    """How many pages a sound document has; raises `Refused`."""
    _check_ends(data)
    pikepdf.settings.set_qpdf_limits(
        parser_max_nesting=100,
        parser_max_container_size=MAX_ITEMS,
        max_stream_filters=MAX_FILTERS,
        flate_max_memory=MAX_STREAM,
        run_length_max_memory=MAX_STREAM,
        png_max_memory=MAX_STREAM,
        tiff_max_memory=MAX_STREAM,
        doc_max_warnings=MAX_WARNINGS,
    )
    try:
        with pikepdf.open(
            io.BytesIO(data), attempt_recovery=False, inherit_page_attributes=False
        ) as document:
            return _check_document(document)
    except pikepdf.PasswordError:
        raise Refused(Reason.encrypted) from None
    except MemoryError:
        raise Refused(Reason.memory_limit) from None
    except (
        pikepdf.PdfError,
        RuntimeError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
    ) as e:
        raise _fault(str(e)) from None


def _fault(told: str) -> Refused:
    """qpdf tells what it found in words alone."""
    if "bad_alloc" in told:
        return Refused(Reason.memory_limit)
    if "memory limit" in told:
        return Refused(Reason.decompression_bomb)
    return Refused(Reason.no_pages if "no pages found" in told else Reason.damaged)


def _check_ends(data: bytes) -> None:
    if not BEGINNING.match(data):
        raise Refused(Reason.damaged)
    _, mark, after = data.rpartition(b"%%EOF")
    if not mark or re.match(rb"\s*\d+ \d+ obj\b", after):
        raise Refused(Reason.truncated)
    if after.strip(WHITESPACE):
        raise Refused(Reason.trailing_data)


def _check_document(document: pikepdf.Pdf) -> int:
    if document.is_encrypted:
        raise Refused(Reason.encrypted)
    if len(document.objects) > MAX_OBJECTS:
        raise Refused(Reason.too_complex)
    _check_page_tree(document.Root)
    _check_root(document.Root)
    for item in _everything(document):
        if isinstance(item, Stream):
            _check_external(item)
            _check_dictionary(item.stream_dict)
        else:
            _check_dictionary(item)
    _check_streams(document)
    for page in document.pages:
        _check_page_size(page)
        _Drawing().check(page)
    warnings = [told for told in map(str, document.get_warnings()) if not HARMLESS.search(told)]
    if warnings:
        raise _fault(" ".join(warnings))
    return len(document.pages)


def _check_page_tree(root: Any) -> None:
    """Count the leaves ourselves: the tree may tell another number, or have no end."""
    waiting: list[tuple[Any, int]] = [(root.Pages, 0)]
    pages = 0
    while waiting:
        node, depth = waiting.pop()
        if not isinstance(node, Dictionary) or depth > MAX_TREE_DEPTH:
            raise Refused(Reason.damaged)
        kids = node.get("/Kids")
        if kids is None:
            pages += 1
        elif not isinstance(kids, Array):
            raise Refused(Reason.damaged)
        elif pages + len(waiting) + len(kids) > MAX_PAGES:
            raise Refused(Reason.too_many_pages)
        else:
            waiting += [(kid, depth + 1) for kid in kids]


def _check_page_size(page: pikepdf.Page) -> None:
    unit = float(page.obj.get("/UserUnit", 1))
    left, bottom, right, top = (float(side) for side in page.mediabox)
    if not 0 < max(abs(right - left), abs(top - bottom)) * unit <= MAX_PAGE_SIDE:
        raise Refused(Reason.page_too_large)


def _check_root(root: Any) -> None:
    """What a reader does by itself, and what a document brings along."""
    opening = root.get("/OpenAction")
    if isinstance(opening, Dictionary) and opening.get("/S") != Name.GoTo:
        is_script = opening.get("/S") == Name.JavaScript
        raise Refused(Reason.scripts if is_script else Reason.actions)
    form = root.get("/AcroForm")
    if isinstance(form, Dictionary) and "/XFA" in form:
        raise Refused(Reason.xfa)
    if root.get("/NeedsRendering"):
        raise Refused(Reason.xfa)
    if "/Collection" in root:
        raise Refused(Reason.embedded_files)
    names = root.get("/Names")
    if isinstance(names, Dictionary):
        if "/JavaScript" in names:
            raise Refused(Reason.scripts)
        if "/EmbeddedFiles" in names:
            raise Refused(Reason.embedded_files)


def _everything(document: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary and stream, those that nothing refers to and those within others too."""
    seen = 0
    waiting: list[Any] = [document.trailer]
    for item in document.objects:
        waiting.append(item)
        while waiting:
            one = waiting.pop()
            if isinstance(one, Stream):
                yield one
                inside: Any = list(one.stream_dict.as_dict().values())
            elif isinstance(one, Dictionary):
                yield one
                inside = list(one.as_dict().values())
            elif isinstance(one, Array):
                inside = one.as_list()
            else:
                continue
            seen += 1 + len(inside)
            if seen > MAX_ITEMS:
                raise Refused(Reason.too_complex)
            waiting += [
                part
                for part in inside
                if isinstance(part, pikepdf.Object)
                and part._type_code in CONTAINERS
                and not part.is_indirect
            ]


def _check_dictionary(item: Any) -> None:
    action = item.get("/S")
    if isinstance(action, Name) and str(action) in ACTIONS:
        raise Refused(ACTIONS[str(action)])
    for key in ("/Type", "/Subtype"):
        what = item.get(key)
        if isinstance(what, Name) and str(what) in CONTENTS:
            raise Refused(CONTENTS[str(what)])
    script = item.get("/JS")
    if isinstance(script, String) or (isinstance(script, Stream) and "/Subtype" not in script):
        raise Refused(Reason.scripts)
    if isinstance(item.get("/JavaScript"), Dictionary):
        raise Refused(Reason.scripts)
    automatic = item.get("/AA")
    if isinstance(automatic, Dictionary) and any(map(TRIGGER.fullmatch, automatic.keys())):
        raise Refused(Reason.actions)
    files = item.get("/EF")
    if isinstance(files, Dictionary) and any(name in files for name in FILE_NAMES):
        raise Refused(Reason.embedded_files)
    _check_address(item.get("/URI"))
    matrix = item.get("/FontMatrix")
    # Some readers build a program out of it.
    if isinstance(matrix, Array) and any(isinstance(one, pikepdf.Object) for one in matrix):
        raise Refused(Reason.scripts)


def _check_address(address: Any) -> None:
    """A link leads to the web, to mail or to a telephone."""
    if not isinstance(address, String):
        return
    text = str(address)
    scheme = SCHEME.match(text)
    if scheme is None:
        if text.lstrip().startswith("\\\\"):
            raise Refused(Reason.actions)
        return
    name = re.sub(r"\s", "", scheme[1]).lower()
    if name not in HARMLESS_SCHEMES:
        raise Refused(Reason.scripts if name.endswith("script") else Reason.actions)


def _check_external(stream: Stream) -> None:
    """A stream is in the file itself, and its form is no other program's."""
    if "/F" in stream or "/FFilter" in stream or "/OPI" in stream:
        raise Refused(Reason.external_content)
    if isinstance(stream.get("/Ref"), Dictionary):
        raise Refused(Reason.external_content)
    if stream.get("/Subtype2") == Name.PS:
        raise Refused(Reason.active_content)


def _check_streams(document: pikepdf.Pdf) -> None:
    unpacked = 0
    for item in document.objects:
        if not isinstance(item, Stream):
            continue
        if item.get("/Subtype") == Name.Image:
            _check_picture_size(item)
        unpacked += _unpacked_size(document, item)
        if unpacked > MAX_UNPACKED:
            raise Refused(Reason.decompression_bomb)


def _check_picture_size(picture: Stream) -> None:
    width, height = int(picture.get("/Width", 0)), int(picture.get("/Height", 0))
    if width * height > MAX_PIXELS:
        raise Refused(Reason.picture_too_large)


def _unpacked_size(document: pikepdf.Pdf, stream: Stream) -> int:
    """How many bytes a stream has before any codec of pictures gets it."""
    filters = [str(name) for name in _listed(stream.get("/Filter"))]
    if any(name not in PLAIN_FILTERS | PICTURE_FILTERS for name in filters):
        raise Refused(Reason.damaged)
    plain = [name for name in filters if name in PLAIN_FILTERS]
    if plain == filters:
        return len(memoryview(stream.get_stream_buffer(LEVEL)))
    if filters[len(plain) :] != filters[-1:]:
        raise Refused(Reason.damaged)  # a picture is packed by its codec first
    parameters = _listed(stream.get("/DecodeParms"))[: len(plain)]
    wrapped = Stream(
        document,
        stream.read_raw_bytes(),
        Filter=Array([Name(name) for name in plain]),
        **({"DecodeParms": Array(parameters)} if parameters else {}),
    )
    return len(memoryview(wrapped.get_stream_buffer(LEVEL)))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, Array) else [value]


class _Drawing:
    """How much a page draws: forms that draw forms that draw forms grow without any packing."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[int, int], int] = {}

    def check(self, page: pikepdf.Page) -> None:
        """Raise `Refused` for more than anybody would wait for."""
        streams = _listed(page.obj.get("/Contents"))
        content = b"\n".join(one.read_bytes(LEVEL) for one in streams if isinstance(one, Stream))
        self._count(content, page.resources, 0)

    def _count(self, content: bytes, resources: Any, depth: int) -> int:
        objects = resources.get("/XObject") if isinstance(resources, Dictionary) else None
        if not isinstance(objects, Dictionary):
            return 0
        total = 0
        for written, times in Counter(DRAWN.findall(content)).items():
            name = ESCAPED.sub(lambda match: bytes.fromhex(match[1].decode()), written)
            form = objects.get("/" + name.decode("utf-8", "replace"))
            if isinstance(form, Stream) and form.get("/Subtype") == Name.Form:
                total += times * (1 + self._form(form, resources, depth + 1))
            if total > MAX_FORMS_DRAWN:
                raise Refused(Reason.decompression_bomb)
        return total

    def _form(self, form: Stream, resources: Any, depth: int) -> int:
        if depth > MAX_TREE_DEPTH:
            raise Refused(Reason.decompression_bomb)
        if form.objgen not in self._drawn:
            self._drawn[form.objgen] = self._count(
                form.read_bytes(LEVEL), form.get("/Resources", resources), depth
            )
        return self._drawn[form.objgen]

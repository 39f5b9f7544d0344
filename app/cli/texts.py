"""Keeps the catalogues of translations in step with the texts that `app` marks.

`python -m app.cli.texts` brings them up to the source, see `update`; with `--check` it only says
what is wrong, see `faults`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import IO, Annotated

import typer
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from app.core.texts import CATALOGUES, Language

SOURCE = Path(__file__).parents[1]
MARKERS = "app.core.texts"
ARGUMENTS = {"text": (1,), "plural_text": (1, 2)}
"""The functions that mark, with the positions of the arguments that are messages."""

TRANSLATED = [language for language in Language if language is not Language.en]
PLACEHOLDER = re.compile(r"%\((\w+)\)s")

# Babel's own header has dates and its version, which would change the file at every run.
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""

Marked = tuple[int, str, list[str | None], list[str]]


def extract_marked(
    file: IO[bytes],
    keywords: Container[str] = ARGUMENTS,
    comment_tags: object = (),  # noqa: ARG001 - the form of Babel's extraction methods
    options: object = None,  # noqa: ARG001 - as above
) -> Iterator[Marked]:
    """Every call of a marking function in a module, as line, function, messages, comments.

    Other functions of the same name are not meant. A message that is no literal, or empty, is
    `None`; Babel passes over it.
    """
    for line, function, messages in _marking_calls(file.read()):
        if function in keywords:
            yield line, function, list(messages), []


@cache
def _marking_calls(content: bytes) -> tuple[tuple[int, str, tuple[str | None, ...]], ...]:
    """The calls in a module, as line, function, messages; a module is looked at several times."""
    if MARKERS.rpartition(".")[2].encode() not in content:
        return ()  # most modules mark nothing; reading those takes longest
    tree = ast.parse(content)
    names = _names_of_markers(tree)
    return tuple(
        (node.lineno, function, tuple(map(_literal, node.args[: len(ARGUMENTS[function])])))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and (function := names.get(ast.unparse(node.func)))
    )


def _names_of_markers(tree: ast.Module) -> dict[str, str]:
    """What a module calls the marking functions."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == MARKERS:
            names |= {a.asname or a.name: a.name for a in node.names if a.name in ARGUMENTS}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            package = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            for alias in node.names:
                if package + alias.name == MARKERS:
                    module = alias.asname or alias.name
                    names |= {f"{module}.{function}": function for function in ARGUMENTS}
    return names


def _literal(argument: ast.expr) -> str | None:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value or None
    return None


def marked(source: Path, language: Language) -> Catalog:
    """The messages of the source, untranslated."""
    catalogue = Catalog(locale=language)
    for path in _modules(source):
        with path.open("rb") as file:
            for _, message, _, _ in extract(extract_marked, file, ARGUMENTS):
                catalogue.add(message)
    return catalogue


def _modules(source: Path) -> list[Path]:
    return sorted(source.rglob("*.py"))


def _path(catalogues: Path, language: Language) -> Path:
    return catalogues / language / "LC_MESSAGES" / "messages.po"


def _read(path: Path, language: Language) -> Catalog:
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def update(source: Path, catalogues: Path) -> None:
    """Write each catalogue anew: messages of the source only, with the translations there are."""
    for language in TRANSLATED:
        path = _path(catalogues, language)
        catalogue, kept = marked(source, language), _read(path, language)
        for message in _messages(catalogue):
            known = kept.get(message.id)
            if known is not None and known.id == message.id:
                message.string = known.string
                message.flags |= known.flags & {"fuzzy"}
                message.user_comments = known.user_comments
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_written(catalogue, language))


def _written(catalogue: Catalog, language: Language) -> bytes:
    header = HEADER.format(language=language, plural_forms=catalogue.plural_forms)
    body = BytesIO()
    write_po(body, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
    return header.encode() + body.getvalue().strip() + b"\n"


def faults(source: Path, catalogues: Path) -> list[str]:
    """Everything for which somebody would read English, or nothing, instead of a translation."""
    found = list(_unreadable_calls(source))
    for language in TRANSLATED:
        wanted = marked(source, language)
        kept = _read(_path(catalogues, language), language)
        found += [f"{language}: {fault}" for fault in _faults_between(wanted, kept)]
    return found


def _unreadable_calls(source: Path) -> Iterator[str]:
    for path in _modules(source):
        with path.open("rb") as file:
            for line, function, messages, _ in extract_marked(file):
                if None in messages:
                    yield f"{path}:{line}: {function}() needs its message as a literal"


def _faults_between(wanted: Catalog, kept: Catalog) -> Iterator[str]:
    if kept.plural_forms != wanted.plural_forms:
        yield f"wrong plural forms in the header: {kept.plural_forms}"
    for message in _messages(wanted):
        known = kept.get(message.id)
        if known is None or known.id != message.id:
            yield f"missing: {_singular(message)}"
        else:
            yield from (f"{fault}: {_singular(message)}" for fault in _faults_of(known))
    for message in [*_messages(kept), *kept.obsolete.values()]:
        known = wanted.get(message.id)
        if known is None or known.id != message.id:
            yield f"stale: {_singular(message)}"


def _faults_of(message: Message) -> Iterator[str]:
    translations = _forms(message.string)
    if message.fuzzy:
        yield "fuzzy"
    if not any(translations):
        yield "untranslated"
    elif not all(translations):
        yield "plural form missing"
    sources = _forms(message.id)
    for index, translation in enumerate(translations):
        source = sources[min(index, len(sources) - 1)]
        if translation and not _same_placeholders(source, translation):
            yield f'other placeholders in "{translation}"'


def _same_placeholders(source: str, translation: str) -> bool:
    has_new_percent = _has_lone_percent(translation) and not _has_lone_percent(source)
    return not has_new_percent and (
        set(PLACEHOLDER.findall(source)) == set(PLACEHOLDER.findall(translation))
    )


def _has_lone_percent(template: str) -> bool:
    return "%" in PLACEHOLDER.sub("", template).replace("%%", "")


def _forms(message: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (message or "",) if isinstance(message, str | None) else tuple(message)


def _singular(message: Message) -> str:
    return _forms(message.id)[0]


def main(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail on a fault.")] = False,
) -> None:
    """Bring the catalogues of translations up to the texts that the source marks."""
    if not check:
        update(SOURCE, CATALOGUES)
        return
    found = faults(SOURCE, CATALOGUES)
    for fault in found:
        typer.echo(fault, err=True)
    if found:
        typer.echo(f"{len(found)} faults: run make texts, then translate", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)

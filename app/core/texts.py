"""Texts meant for people, in English and Polish: marked with `text`, written by `Text.to`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent / "locales"


class Language(StrEnum):
    """A language the service speaks; English is the language of the source."""

    en = "en"
    pl = "pl"


@dataclass(frozen=True, slots=True)
class Text:
    """A message with its parameters, not yet in any language.

    A parameter may itself be a `Text`; it is written in the same language.
    """

    message: str
    plural: str | None = None
    count: int = 1
    parameters: Mapping[str, object] = field(default_factory=dict)

    def to(self, language: Language) -> str:
        """The text as people of that language read it."""
        catalogue = _catalogue(language)
        if self.plural is None:
            template = catalogue.gettext(self.message)
        else:
            template = catalogue.ngettext(self.message, self.plural, self.count)
        if not self.parameters:
            return template
        return template % {
            name: value.to(language) if isinstance(value, Text) else value
            for name, value in self.parameters.items()
        }


def text(message: str, /, **parameters: object) -> Text:
    """Mark a message for translation; `%(name)s` takes a parameter."""
    return Text(message, parameters=parameters)


def plural_text(singular: str, plural: str, count: int, /, **parameters: object) -> Text:
    """Mark a message with a plural form; `%(count)s` is the count."""
    return Text(singular, plural, count, {"count": count, **parameters})


@cache
def _catalogue(language: Language) -> NullTranslations:
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def negotiate(accept_language: str | None) -> Language:
    """The language to answer in, by RFC 9110; English where nothing fits.

    A header we cannot read is no reason to refuse: it counts as absent.
    """
    if not accept_language or len(accept_language) > 1000:
        return Language.en
    preferred: list[tuple[float, int, Language]] = []
    refused: set[Language] = set()
    for position, item in enumerate(accept_language.split(",")):
        tag, _, rest = item.strip().partition(";")
        quality = _quality(rest)
        for language in Language:
            if tag.strip().lower().split("-")[0] not in (language.value, "*"):
                continue
            if quality == 0:
                refused.add(language)
            else:
                # A language named outweighs the same weight on "*".
                preferred.append((-quality, position, language))
    for _, _, language in sorted(preferred):
        if language not in refused:
            return language
    return Language.en


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0

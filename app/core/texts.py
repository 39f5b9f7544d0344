"""Texts meant for people, in English and Polish: marked with `text`, written by `Text.to`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parent / "locales"
WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


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

    def to_json(self) -> dict[str, object]:
        """The text as it is kept where it is read in a language not known yet; see `from_json`."""
        kept: dict[str, object] = {
            "message": self.message,
            "parameters": {
                name: value.to_json() if isinstance(value, Text) else str(value)
                for name, value in self.parameters.items()
            },
        }
        return kept if self.plural is None else kept | {"plural": self.plural, "count": self.count}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Text:
        """A text that was kept; a message that nobody translates any more is English for all."""
        return cls(
            kept["message"],
            kept.get("plural"),
            kept.get("count", 1),
            {
                name: cls.from_json(value) if isinstance(value, dict) else value
                for name, value in kept["parameters"].items()
            },
        )


def text(message: str, /, **parameters: object) -> Text:
    """Mark a message for translation; `%(name)s` takes a parameter."""
    return Text(message, parameters=parameters)


def plural_text(singular: str, plural: str, count: int, /, **parameters: object) -> Text:
    """Mark a message with a plural form; `%(count)s` is the count."""
    return Text(singular, plural, count, {"count": count, **parameters})


def lines(*texts: Text) -> Text:
    """Texts below each other as one."""
    parameters = {f"line{index}": line for index, line in enumerate(texts)}
    return Text("\n".join(f"%({name})s" for name in parameters), parameters=parameters)


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

    A header we cannot read is no reason to refuse: it counts as absent, and so does a part of it.
    """
    if not accept_language or len(accept_language) > 1000:
        return Language.en
    # The best weight of each range, with the earlier place where weights are equal.
    weights: dict[str, tuple[float, int]] = {}
    for position, item in enumerate(accept_language.split(",")):
        tag, _, parameters = item.partition(";")
        quality = _quality(parameters)
        if quality is not None:
            spoken = tag.strip().lower().split("-")[0]
            weights[spoken] = max(weights.get(spoken, (0.0, 0)), (quality, -position))

    def preference(language: Language) -> tuple[float, bool, int]:
        # "*" stands for what is not named (RFC 4647, 3.3.1), and yields to a name of its weight.
        quality, place = weights.get(language, weights.get("*", (0.0, 0)))
        return (quality, language in weights, place)

    best = max(Language, key=preference)
    return best if preference(best)[0] > 0 else Language.en


def _quality(parameters: str) -> float | None:
    """The weight of a range, 1 unless it says otherwise; `None` when it is none."""
    if not parameters.strip():
        return 1.0
    weight = WEIGHT.fullmatch(parameters.strip())
    return float(weight[1]) if weight else None

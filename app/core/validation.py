"""Field errors from pydantic's, in our words and without the input; and the base of schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from app.core.errors import FieldError, NotFound
from app.core.texts import Text, text


def _told_in_full(schema: dict[str, Any]) -> None:
    """In an answer every field is there; what has no value is null."""
    schema["required"] = list(schema.get("properties", ()))


class Schema(BaseModel):
    """An answer, or a part of one: camelCase on the wire."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        json_schema_extra=_told_in_full,
    )


SPARSE = ConfigDict(json_schema_extra=None)
"""Of an answer that leaves out what has no value."""


class RequestSchema(Schema):
    """A request, or a part of one: a field it does not know is refused."""

    model_config = ConfigDict(extra="forbid") | SPARSE


class WebexRequestSchema(Schema):
    """A request of Webex's own API: a field it does not know is ignored."""

    model_config = ConfigDict(extra="ignore") | SPARSE


FORMS: dict[str, Text] = {}
"""What is told of a text that has not the form of a pattern."""


def form(pattern: str, told: Text) -> str:
    """The pattern of a field, and what to tell whoever misses it."""
    FORMS[pattern] = told
    return pattern


def _printable(value: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise PydanticCustomError("control_characters", "control characters")
    return value


def _trimmed(value: object) -> object:
    return value.strip(" ") if isinstance(value, str) else value


# The bounds stand next to str: after a validator they would count "entries".
Line = Annotated[
    str, Field(min_length=1, max_length=100), BeforeValidator(_trimmed), AfterValidator(_printable)
]
"""One line of text, 1 to 100 characters, none of them a control character."""

LongLine = Annotated[
    str, Field(min_length=1, max_length=256), BeforeValidator(_trimmed), AfterValidator(_printable)
]
"""One line of text, 1 to 256 characters."""


Count = Annotated[int, Field(strict=True)]
"""A whole number written as one: not "5", not 5.0, not true."""


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _prose(value: str) -> str:
    _printable(value.replace("\r\n", "\n").replace("\n", "").replace("\t", ""))
    return value


Prose = Annotated[
    str, Field(min_length=1, max_length=4000), BeforeValidator(_stripped), AfterValidator(_prose)
]
"""Text of several lines, 1 to 4000 characters."""

Email = Annotated[
    str,
    Field(
        max_length=254,
        pattern=form(
            r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$",
            text("An e-mail address like ada@northwind.example is needed."),
        ),
        examples=["a@b.example"],
    ),
    AfterValidator(_printable),
]
"""An e-mail address in form; whether it takes mail only mail can tell."""

CountryCode = Annotated[
    str,
    Field(
        pattern=form(
            "^[A-Z]{2}$",
            text("The code of a country is needed, two capital letters like US."),
        )
    ),
]
"""ISO 3166-1 alpha-2."""


def _storable(value: datetime) -> datetime:
    if not 1900 <= value.year <= 2200:
        raise PydanticCustomError("time_out_of_range", "out of range")
    return value


def _written_day(value: object) -> object:
    # Pydantic takes 0 and "0" for 1970-01-01.
    if isinstance(value, str) and not WRITTEN_DAY.fullmatch(value):
        raise PydanticCustomError("date_parsing", "no date")
    if not isinstance(value, str | date):
        raise PydanticCustomError("date_type", "no date")
    return value


def _written_time(value: object) -> object:
    if isinstance(value, str) and not WRITTEN_TIME.match(value):
        raise PydanticCustomError("datetime_parsing", "no time")
    if not isinstance(value, str | datetime):
        raise PydanticCustomError("datetime_type", "no time")
    return value


WRITTEN_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
WRITTEN_TIME = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T", re.IGNORECASE)

Day = Annotated[date, BeforeValidator(_written_day)]
"""A date written as one: not a number of seconds, not a time."""

Moment = Annotated[AwareDatetime, BeforeValidator(_written_time), AfterValidator(_storable)]
"""A time with its zone, of a year that somebody may mean."""

Flag = Annotated[bool, Field(strict=True)]
"""true or false: not "yes", not 1."""


def _no_number(value: object) -> object:
    # Python takes 0 for false.
    if not isinstance(value, bool):
        raise PydanticCustomError("bool_type", "no flag")
    return value


Never = Annotated[Literal[False], BeforeValidator(_no_number)]
"""false, where true would make no sense."""


def _identifier(value: object) -> UUID:
    """An id that is none cannot be anybody's: 404, like any other unknown id."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value)) if len(str(value)) == 36 else _unknown()
    except ValueError:
        raise NotFound from None


def _unknown() -> UUID:
    raise NotFound


Identifier = Annotated[
    UUID,
    BeforeValidator(_identifier),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 36,
            "examples": ["019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a10"],
        }
    ),
]
"""An id in a path or a query; opaque to callers."""


@dataclass(frozen=True)
class Promise:
    """What the document says of a value in answers, which is so without being judged again."""

    keyword: str
    value: int

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), self.keyword: self.value}


T = TypeVar("T")

CodeText = Annotated[str, Promise("maxLength", 64)]
"""A stable code, an id, a kind: for programs."""

NumberText = Annotated[str, Promise("maxLength", 32)]
"""A telephone number: E.164, or as it was sent."""

LineText = Annotated[str, Promise("maxLength", 256)]
"""A name, a title, a pointer to a field we know."""

ProseText = Annotated[str, Promise("maxLength", 2**20)]
"""Sentences for people; they may list what a request named."""

EchoText = Annotated[str, Promise("maxLength", 2**20)]
"""A part of the request, of its path or the names of its members."""

Total = Annotated[int, Promise("minimum", 0), Promise("maximum", 2**31 - 1)]
"""How many, how much."""

Serial = Annotated[int, Promise("minimum", 0), Promise("maximum", 2**53 - 1)]
"""A place in an order, as far as JavaScript counts."""

Entries = Annotated[list[T], Promise("maxItems", 1000)]
"""A page, or one of the service's own tables."""

Many = Annotated[list[T], Promise("maxItems", 1_000_000)]
"""What an order holds, or what happened to it: as long as it is."""

MESSAGES: dict[str, Text] = {
    "missing": text("This field is needed."),
    "extra_forbidden": text("This field is not known here."),
    "string_too_long": text("At most %(max_length)s characters."),
    "string_too_short": text("%(min_length)s or more characters are needed."),
    "string_type": text("A string is needed."),
    "string_unicode": text("The text is not valid Unicode."),
    "string_pattern_mismatch": text("The text has not the form that is needed."),
    "control_characters": text("Control characters are not taken."),
    "int_type": text("A whole number is needed."),
    "int_parsing": text("A whole number is needed."),
    "int_from_float": text("A whole number is needed."),
    "int_parsing_size": text("The number is too large."),
    "bool_type": text("true or false is needed."),
    "bool_parsing": text("true or false is needed."),
    "float_type": text("A number is needed."),
    "float_parsing": text("A number is needed."),
    "finite_number": text("A finite number is needed."),
    "greater_than_equal": text("Not less than %(ge)s."),
    "less_than_equal": text("Not more than %(le)s."),
    "greater_than": text("More than %(gt)s."),
    "less_than": text("Less than %(lt)s."),
    "list_type": text("A list is needed."),
    "too_long": text("At most %(max_length)s entries."),
    "too_short": text("%(min_length)s or more entries are needed."),
    "dict_type": text("An object is needed."),
    "model_type": text("An object is needed."),
    "model_attributes_type": text("An object is needed."),
    "enum": text("One of: %(expected)s."),
    "literal_error": text("One of: %(expected)s."),
    "union_tag_invalid": text("One of: %(expected_tags)s."),
    "union_tag_not_found": text("The field %(discriminator)s is needed."),
    "date_parsing": text("A date like 2026-11-30 is needed."),
    "date_type": text("A date like 2026-11-30 is needed."),
    "date_from_datetime_parsing": text("A date like 2026-11-30 is needed."),
    "date_from_datetime_inexact": text("A date like 2026-11-30 is needed."),
    "datetime_parsing": text("A time like 2026-11-30T12:00:00Z is needed."),
    "datetime_type": text("A time like 2026-11-30T12:00:00Z is needed."),
    "datetime_from_date_parsing": text("A time like 2026-11-30T12:00:00Z is needed."),
    "time_out_of_range": text("The year has to be between 1900 and 2200."),
    "time_zone": text("This is no time zone; write one like Europe/Warsaw."),
    "timezone_aware": text("The time needs its zone, like 2026-11-30T12:00:00Z."),
    "value_error": text("The value has not the form that is needed."),
}


QUOTED = re.compile("'([^']*)'")


UNSTORABLE = text("The text has a NUL character, or half of a surrogate pair.")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def unstorable(content: object, pointer: str = "") -> Iterator[str]:
    """Pointers to the texts, names of members included, that no database can hold."""
    if isinstance(content, str):
        if "\0" in content or LONE_SURROGATE.search(content):
            yield pointer
    elif isinstance(content, list):
        for index, entry in enumerate(content):
            yield from unstorable(entry, f"{pointer}/{index}")
    elif isinstance(content, dict):
        for name, entry in content.items():
            if any(unstorable(name)):
                yield pointer
            else:
                yield from unstorable(entry, f"{pointer}/{_escape(name)}")


def is_deeper_than(content: object, levels: int) -> bool:
    """Whether lists and objects are nested in each other more often than that."""
    level = [content]
    for _ in range(levels + 1):
        level = [
            entry
            for outer in level
            if isinstance(outer, list | dict)
            for entry in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def is_malformed(error: RequestValidationError) -> bool:
    """Whether the body could not be read at all."""
    return any(item["type"] == "json_invalid" for item in error.errors())


def field_errors(error: RequestValidationError) -> list[FieldError]:
    """Every fault, each with a pointer into the request and no part of the input."""
    found = []
    # A body that a dependency reads as well is judged twice.
    faults = {(item["loc"], item["type"]): item for item in error.errors()}
    for item in faults.values():
        context = {
            name: value
            for name, value in item.get("ctx", {}).items()
            if isinstance(value, str | int | float)
        }
        if "expected" in context:
            # Pydantic writes "'a', 'b' or 'c'", English in every language, or Python's True.
            expected = str(context["expected"])
            context["expected"] = ", ".join(QUOTED.findall(expected)) or expected.lower()
        kind = item["type"]
        message = MESSAGES.get(kind, MESSAGES["value_error"])
        if kind == "string_pattern_mismatch":
            message = FORMS.get(str(context.get("pattern")), message)
        pointer = pointer_to(item["loc"], error.body)
        if kind in ("union_tag_invalid", "union_tag_not_found"):
            pointer += "/" + str(context.get("discriminator", "")).strip("'")
        found.append(FieldError(pointer, Text(message.message, parameters=context)))
    return found


def pointer_to(location: Sequence[str | int], body: Any) -> str:
    """A pydantic location as a JSON Pointer; the tag of a union, which no body has, is left out."""
    source, *rest = location
    if source != "body":
        return "".join(f"/{_escape(part)}" for part in rest)
    if isinstance(body, dict) and len(rest) > 1 and body.get("type") == rest[0]:
        rest = rest[1:]
    return "".join(f"/{_escape(part)}" for part in rest)


def _escape(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")

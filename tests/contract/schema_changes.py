"""What one schema allows beyond another: starts at `Comparison.faults`.

Compared is in one direction only. A request may not be allowed less than before: the old schema is
held against the new one. An answer may not be allowed more: the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Any

Json = dict[str, Any]


class Side(StrEnum):
    """Who says it: the client, or we."""

    request = "request"
    answer = "answer"

    @property
    def other(self) -> Side:
        return Side.answer if self is Side.request else Side.request


EXCESSES: Mapping[str, tuple[str, str]] = {
    "type": ("A type of value is no longer taken.", "A type of value comes that did not."),
    "null": ("null is no longer taken.", "null comes where it did not."),
    "value": ("A value is no longer taken.", "A value comes that was not among those told."),
    "upper-bound": ("Less is taken than before.", "More comes than before."),
    "lower-bound": ("More has to be sent than before.", "Less comes than before."),
    "pattern": ("A text has to have another form.", "A text comes in another form."),
    "format": ("A text has to have another format.", "A text comes in another format."),
    "multiple": ("A number has to be a multiple.", "A number need no longer be a multiple."),
    "unique": ("Entries have to differ.", "Entries need no longer differ."),
    "required": ("A member has to be sent that had not.", "A member may be missing."),
    "member": ("A member is no longer known.", "A member is gone."),
    "further-members": ("Further members are refused.", "Further members come."),
    "choice": ("A form is no longer taken.", "A form comes that did not."),
    "discriminator": ("Forms are told apart by another member.",) * 2,
    "default": ("What is left out stands for something else.",) * 2,
    "keyword": ("A restriction changed that nothing here understands.",) * 2,
}
"""In a request, and in an answer: how it looks to a client that knows the old schema only."""

NOTES = frozenset(
    ("title", "description", "example", "examples", "deprecated", "$comment", "discriminator")
)
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UNDERSTOOD = NOTES | {
    *UPPER,
    *LOWER,
    *("type", "enum", "const", "pattern", "format", "multipleOf", "uniqueItems", "default"),
    *("properties", "required", "additionalProperties", "items", "anyOf", "oneOf", "allOf", "$ref"),
}
REFERRING = {"$ref", "anyOf", "oneOf", "allOf", "items", "properties", "additionalProperties"}
TYPES: Mapping[type, frozenset[str]] = {
    str: frozenset({"string"}),
    bool: frozenset({"boolean"}),
    int: frozenset({"integer", "number"}),
    float: frozenset({"number"}),
    type(None): frozenset({"null"}),
    list: frozenset({"array"}),
    dict: frozenset({"object"}),
}


@dataclass(frozen=True)
class Excess:
    """Something that a schema allows and another does not."""

    kind: str
    where: str
    detail: str


def followed(document: Json, part: Json) -> Json:
    """A part of a document behind its references; what stands beside one counts too."""
    while "$ref" in part:
        found: Json = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")]
        part = found | {name: value for name, value in part.items() if name != "$ref"}
    return part


def forms(document: Json, schema: Json) -> list[Json]:
    """The schemas without choices, of one type at most, that a schema stands for."""
    schema = followed(document, schema)
    own = {name: value for name, value in schema.items() if name not in NOTES}
    choices = [[part] for part in own.pop("allOf", [])]
    choices += [own.pop(word) for word in ("anyOf", "oneOf") if word in own]
    types = own.get("type")
    found = [own | {"type": name} for name in types] if isinstance(types, list) else [own]
    for alternatives in choices:
        others = [form for choice in alternatives for form in forms(document, choice)]
        found = [other | one | _members(other, one) for one in found for other in others]
    return found


def _members(one: Json, other: Json) -> Json:
    """The members of two schemas that hold together."""
    joined: Json = {}
    if "properties" in one or "properties" in other:
        joined["properties"] = one.get("properties", {}) | other.get("properties", {})
    if "required" in one or "required" in other:
        joined["required"] = [*one.get("required", []), *other.get("required", [])]
    return joined


def values(form: Json) -> list[Any] | None:
    """All that a form can be, where it is enumerated."""
    return [form["const"]] if "const" in form else form.get("enum")


def takes(form: Json, value: Any) -> bool:
    """Whether a form allows a single value, as far as types and bounds say."""
    known = values(form)
    if known is not None:
        return value in known
    if "type" in form and form["type"] not in TYPES[type(value)]:
        return False
    if isinstance(value, str):
        is_like = re.search(form["pattern"], value) if "pattern" in form else True
        return bool(is_like) and (
            form.get("minLength", 0) <= len(value) <= form.get("maxLength", len(value))
        )
    if isinstance(value, int | float):
        return bool(form.get("minimum", value) <= value <= form.get("maximum", value))
    return True


@dataclass
class Comparison:
    """The schemas of two documents on one side of the conversation."""

    side: Side
    old: Json
    new: Json
    _known: dict[tuple[str, str], list[Excess]] = field(default_factory=dict)

    def faults(self, old: Json, new: Json, where: str) -> list[Excess]:
        """What is wrong with the new schema in the place of the old one."""
        allowed, given = (new, old) if self.side is Side.request else (old, new)
        return self.excess(allowed, given, where)

    def excess(self, allowed: Json, given: Json, where: str) -> list[Excess]:
        """What the given schema allows and the other does not; the same schemas only once."""
        if allowed == given and not allowed.keys() & REFERRING:
            return []
        if any(schema.keys() - NOTES != {"$ref"} for schema in (allowed, given)):
            return list(self._excess(allowed, given, where))
        pair = (allowed["$ref"], given["$ref"])
        if pair not in self._known:
            self._known[pair] = []  # one that refers to itself
            name = pair[0].rpartition("/")[2]
            self._known[pair] = list(self._excess(allowed, given, f"{name} ({self.side})"))
        return self._known[pair]

    def _excess(self, allowed: Json, given: Json, where: str) -> Iterator[Excess]:
        here, there = self._documents
        whole_allowed, whole_given = followed(here, allowed), followed(there, given)
        yield from self._notes(whole_allowed, whole_given, where)
        choices = forms(here, whole_allowed)
        for form in forms(there, whole_given):
            yield from self._beyond_all(choices, form, where)

    @property
    def _documents(self) -> tuple[Json, Json]:
        """Those of the allowed and of the given schema."""
        return (self.new, self.old) if self.side is Side.request else (self.old, self.new)

    def _notes(self, allowed: Json, given: Json, where: str) -> Iterator[Excess]:
        """What says nothing of what is allowed, and yet is relied upon."""
        tags = [schema.get("discriminator", {}).get("propertyName") for schema in (allowed, given)]
        if tags[0] != tags[1]:
            yield Excess("discriminator", where, f"{tags[0]}, {tags[1]}")
        if self.side is Side.request and allowed.get("default") != given.get("default"):
            yield Excess("default", where, f"{given.get('default')}, now {allowed.get('default')}")

    def _beyond_all(self, choices: list[Json], form: Json, where: str) -> Iterator[Excess]:
        """What a form allows beyond every choice, said of the one that comes nearest."""
        found = [(list(self._beyond(choice, form, where)), choice) for choice in choices]
        if any(not excesses for excesses, _ in found):
            return
        kin = [excesses for excesses, choice in found if _is_kin(choice, form)]
        if form.get("type") == "null":
            yield Excess("null", where, "null")
        elif kin:
            yield from min(kin, key=len)
        elif len(found) == 1:
            yield from found[0][0]
        else:
            yield Excess("choice", where, str(form.get("type", "anything")))

    def _beyond(self, allowed: Json, given: Json, where: str) -> Iterator[Excess]:
        """What one form allows beyond another."""
        enumerated, known = values(given), values(allowed)
        if enumerated is not None:
            for value in enumerated:
                if not takes(allowed, value):
                    yield Excess("value", where, repr(value))
            return
        if known is not None:
            yield Excess("value", where, f"others than {known}")
            return
        types = [form.get("type", "anything") for form in (allowed, given)]
        if types[0] not in (types[1], "anything") and types != ["number", "integer"]:
            yield Excess("type", where, types[1])
            return
        yield from chain(
            _beyond_bounds(allowed, given, where),
            _beyond_form(allowed, given, where),
            self._beyond_members(allowed, given, where),
        )
        if "items" in allowed:
            yield from self.excess(allowed["items"], given.get("items", {}), f"{where}[]")

    def _beyond_members(self, allowed: Json, given: Json, where: str) -> Iterator[Excess]:
        known, sent = allowed.get("properties", {}), given.get("properties", {})
        for name in sorted({*allowed.get("required", [])} - {*given.get("required", [])}):
            yield Excess("required", f"{where}.{name}", "not always there")
        for name in sorted(known.keys() & sent.keys()):
            yield from self.excess(known[name], sent[name], f"{where}.{name}")
        before, after = (sent, known) if self.side is Side.request else (known, sent)
        for name in sorted(before.keys() - after.keys()):
            yield Excess("member", f"{where}.{name}", name)
        others, further = (form.get("additionalProperties", True) for form in (allowed, given))
        if others is False and self.side is Side.answer:
            for name in sorted(sent.keys() - known.keys()):
                yield Excess("further-members", f"{where}.{name}", name)
        if others is False and further is not False:
            yield Excess("further-members", where, "any")
        elif isinstance(others, dict) and further is not False:
            rest = further if isinstance(further, dict) else {}
            yield from self.excess(others, rest, f"{where}.*")


def _is_kin(choice: Json, form: Json) -> bool:
    """Whether two forms are meant for the same: of one type, and objects of one kind."""
    tags = [
        {name: values(told) for name, told in one.get("properties", {}).items() if "const" in told}
        for one in (choice, form)
    ]
    same = all(tags[1].get(name, value) == value for name, value in tags[0].items())
    return same and choice.get("type") == form.get("type")


def _beyond_bounds(allowed: Json, given: Json, where: str) -> Iterator[Excess]:
    for word in UPPER:
        if word in allowed and given.get(word, float("inf")) > allowed[word]:
            yield Excess("upper-bound", where, f"{word} {given.get(word)}, {allowed[word]}")
    for word in LOWER:
        nothing = 0 if word.startswith("min") and word != "minimum" else float("-inf")
        if word in allowed and given.get(word, nothing) < allowed[word]:
            yield Excess("lower-bound", where, f"{word} {given.get(word)}, {allowed[word]}")


def _beyond_form(allowed: Json, given: Json, where: str) -> Iterator[Excess]:
    for word in ("pattern", "format"):
        if word in allowed and given.get(word) != allowed[word]:
            yield Excess(word, where, f"{given.get(word)}, {allowed[word]}")
    multiple = allowed.get("multipleOf")
    if multiple and given.get("multipleOf", multiple / 2) % multiple:
        yield Excess("multiple", where, str(multiple))
    if allowed.get("uniqueItems") and not given.get("uniqueItems"):
        yield Excess("unique", where, "entries")
    for word in sorted((allowed.keys() | given.keys()) - UNDERSTOOD):
        if not word.startswith("x-") and allowed.get(word) != given.get(word):
            yield Excess("keyword", where, word)

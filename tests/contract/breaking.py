"""What clients of the last release would stumble over in the document as it is now.

Starts at `changes`. A schema is compared in one direction only, by `Comparison.excess`: what one
allows beyond another. A request may not be allowed less than before, an answer not more; what we
send by webhook is an answer in this sense. `python -m tests.contract.breaking` fails on any that
`openapi/accepted.toml` does not name with its reason, and on a reason for nothing.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any

Json = dict[str, Any]

OPENAPI = Path(__file__).parents[2] / "openapi"
METHODS = ("get", "put", "post", "delete", "patch")


class Side(StrEnum):
    """Who says it: the client, or we."""

    request = "request"
    answer = "answer"

    @property
    def other(self) -> Side:
        return Side.answer if self is Side.request else Side.request


@dataclass(frozen=True)
class Rule:
    """Something that must not happen to the document."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Change:
    """A change that breaks a rule."""

    rule: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.where}: {self.detail} [{self.rule}: {RULES[self.rule].sentence}]"


# What one schema allows beyond another, seen from a client that knows only the old document.
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

RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("server-removed", "The service is no longer found where it was."),
        Rule("security-scheme-changed", "Callers have to prove who they are in another way."),
        Rule("security-added", "An operation asks for a proof that it did not ask for."),
        Rule("operation-removed", "An operation is gone, or has another path or method."),
        Rule("operation-renamed", "Generated clients name their functions by the operationId."),
        Rule("operation-moved", "Generated clients keep their functions by the first tag."),
        Rule("parameter-removed", "A parameter is no longer known, and refused."),
        Rule("parameter-added", "A parameter has to be sent that there was not."),
        Rule("parameter-required", "A parameter has to be sent that could be left out."),
        Rule("parameter-written-differently", "A list or an object is written in another way."),
        Rule("body-removed", "A body is no longer taken."),
        Rule("body-added", "A body has to be sent where there was none."),
        Rule("body-required", "A body has to be sent that could be left out."),
        Rule("body-media-type-removed", "A body is no longer taken in this form."),
        Rule("status-removed", "A success has another status."),
        Rule("answer-media-type-removed", "An answer no longer comes in this form."),
        Rule("header-removed", "A header of an answer is gone, or may be missing."),
        Rule("webhook-removed", "An event is no longer sent."),
        *(
            Rule(f"{side}-{kind}", sentence)
            for kind, sentences in EXCESSES.items()
            for side, sentence in zip(Side, sentences, strict=True)
        ),
    )
}

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
PROOF = ("type", "scheme", "in", "name", "flows", "openIdConnectUrl")
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

    def changes(self, old: Json, new: Json, where: str) -> Iterator[Change]:
        """What is wrong with the new schema in the place of the old one."""
        allowed, given = (new, old) if self.side is Side.request else (old, new)
        for excess in self.excess(allowed, given, where):
            yield Change(f"{self.side}-{excess.kind}", excess.where, excess.detail)

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


# --- Operations ---------------------------------------------------------------------------------


def changes(old: Json, new: Json) -> list[Change]:
    """Everything that breaks a rule, each once."""
    return list(dict.fromkeys(_Documents(old, new).changes()))


class _Documents:
    """Two documents with the same operations, as one hopes."""

    def __init__(self, old: Json, new: Json) -> None:
        self.old, self.new = old, new
        self.sides = {side: Comparison(side, old, new) for side in Side}

    def changes(self) -> Iterator[Change]:
        urls = [{server["url"] for server in d.get("servers", [])} for d in (self.old, self.new)]
        for url in sorted(urls[0] - urls[1]):
            yield Change("server-removed", "servers", url)
        schemes = [d.get("components", {}).get("securitySchemes", {}) for d in (self.old, self.new)]
        for name, scheme in schemes[0].items():
            now = schemes[1].get(name, {})
            if any(scheme.get(word) != now.get(word) for word in PROOF):
                yield Change("security-scheme-changed", f"securitySchemes.{name}", str(now))
        for group, rule in (("paths", "operation-removed"), ("webhooks", "webhook-removed")):
            there = dict(_operations(self.new, group))
            for where, operation in _operations(self.old, group):
                if where not in there:
                    yield Change(rule, where, str(operation.get("operationId")))
                elif group == "paths":
                    yield from self._operation(operation, there[where], where)
                else:
                    yield from self._exchange(operation, there[where], where, sent_by_us=True)

    def _operation(self, old: Json, new: Json, where: str) -> Iterator[Change]:
        if old.get("operationId") != new.get("operationId"):
            yield Change("operation-renamed", where, f"now {new.get('operationId')}")
        if old.get("tags", [])[:1] != new.get("tags", [])[:1]:
            yield Change("operation-moved", where, f"now {new.get('tags')}")
        before, after = _proofs(self.old, old), _proofs(self.new, new)
        if not _is_enough(before, after):
            yield Change("security-added", where, str(after))
        yield from self._exchange(old, new, where, sent_by_us=False)

    def _exchange(self, old: Json, new: Json, where: str, *, sent_by_us: bool) -> Iterator[Change]:
        asking = Side.answer if sent_by_us else Side.request
        yield from self._parameters(old, new, where, asking)
        yield from self._body(old, new, where, asking)
        yield from self._answers(old, new, where, asking.other)

    def _parameters(self, old: Json, new: Json, where: str, side: Side) -> Iterator[Change]:
        before = _parameters(self.old, old)
        after = _parameters(self.new, new)
        for key, parameter in before.items():
            at = f"{where} {key[1]} in {key[0]}"
            if key not in after:
                yield Change("parameter-removed", at, key[1])
                continue
            now = after[key]
            if side is Side.request and now.get("required") and not parameter.get("required"):
                yield Change("parameter-required", at, key[1])
            for word in ("style", "explode", "allowReserved"):
                if parameter.get(word) != now.get(word):
                    yield Change("parameter-written-differently", at, word)
            yield from _sayable(
                self.sides[side].changes(parameter.get("schema", {}), now.get("schema", {}), at)
            )
        for key in after.keys() - before.keys():
            if side is Side.request and after[key].get("required"):
                yield Change("parameter-added", f"{where} {key[1]} in {key[0]}", key[1])

    def _body(self, old: Json, new: Json, where: str, side: Side) -> Iterator[Change]:
        before, after = (
            followed(document, operation["requestBody"]) if "requestBody" in operation else None
            for document, operation in ((self.old, old), (self.new, new))
        )
        at = f"{where} body"
        if before is None:
            if after is not None and after.get("required"):
                yield Change("body-added", at, "required")
            return
        if after is None:
            yield Change("body-removed", at, "all of it")
            return
        if after.get("required") and not before.get("required"):
            yield Change("body-required", at, "required")
        yield from self._contents(before, after, at, side, "body-media-type-removed")

    def _answers(self, old: Json, new: Json, where: str, side: Side) -> Iterator[Change]:
        for status, told in old.get("responses", {}).items():
            at = f"{where} {status}"
            if status not in new.get("responses", {}):
                if status < "4":
                    yield Change("status-removed", at, status)
                continue
            before = followed(self.old, told)
            after = followed(self.new, new["responses"][status])
            yield from self._contents(before, after, at, side, "answer-media-type-removed")
            yield from self._headers(before, after, at, side)

    def _contents(
        self, old: Json, new: Json, where: str, side: Side, removed: str
    ) -> Iterator[Change]:
        after = new.get("content", {})
        for media_type, content in old.get("content", {}).items():
            if media_type not in after:
                yield Change(removed, where, media_type)
                continue
            found = self.sides[side].changes(
                content.get("schema", {}), after[media_type].get("schema", {}), where
            )
            yield from found if media_type.endswith("json") else _sayable(found)

    def _headers(self, old: Json, new: Json, where: str, side: Side) -> Iterator[Change]:
        after = {
            name.lower(): followed(self.new, told) for name, told in new.get("headers", {}).items()
        }
        for name, told in old.get("headers", {}).items():
            before, now = followed(self.old, told), after.get(name.lower())
            if now is None or (before.get("required") and not now.get("required")):
                yield Change("header-removed", where, name)
            else:
                yield from self.sides[side].changes(
                    before.get("schema", {}), now.get("schema", {}), f"{where} {name}"
                )


def _sayable(found: Iterator[Change]) -> Iterator[Change]:
    """What can be said in a query, a header or a form: nothing there is null."""
    return (change for change in found if change.rule != "request-null")


def _operations(document: Json, group: str) -> Iterator[tuple[str, Json]]:
    for path, told in document.get(group, {}).items():
        item = followed(document, told)
        for method in METHODS:
            if method in item:
                shared = item.get("parameters", [])
                operation = item[method]
                yield (
                    f"{method.upper()} {path}",
                    operation | {"parameters": [*shared, *operation.get("parameters", [])]},
                )


def _parameters(document: Json, operation: Json) -> dict[tuple[str, str], Json]:
    """Those of an operation by place and name; the names of headers are in any case."""
    found = {}
    for parameter in operation["parameters"]:
        told = followed(document, parameter)
        name = told["name"].lower() if told["in"] == "header" else told["name"]
        found[told["in"], name] = told
    return found


def _proofs(document: Json, operation: Json) -> list[Json]:
    """The ways to prove who calls, each enough; one of nothing where nobody is asked."""
    told = operation["security"] if "security" in operation else document.get("security")
    return list(told or [{}])


def _is_enough(before: list[Json], after: list[Json]) -> bool:
    """Whether each way that was enough to call an operation still is."""
    return all(
        any(
            all(name in way and {*scopes} <= {*way[name]} for name, scopes in asked.items())
            for asked in after
        )
        for way in before
    )


def last_release(folder: Path = OPENAPI / "releases") -> Path:
    """The document of the newest release."""

    def version(file: Path) -> list[int]:
        return [int(part) for part in file.stem.split(".")]

    return max(folder.glob("*.json"), key=version)


# --- What is accepted ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Acceptance:
    """Changes that break a rule and are meant, each named; good until the next release."""

    release: str
    reasons: Mapping[Change, str]

    @classmethod
    def read(cls, file: Path) -> Acceptance:
        """From a file like `openapi/accepted.toml`. Raises `KeyError` without a reason."""
        told = tomllib.loads(file.read_text())
        return cls(
            told["release"],
            {
                Change(entry["rule"], place, entry["detail"]): entry["reason"]
                for entry in told.get("accepted", [])
                for place in entry["places"]
            },
        )

    def faults(self, release: str, found: list[Change]) -> list[str]:
        """The changes it does not name, and what it names in vain."""
        named = self.reasons if release == self.release else {}
        return [
            *(str(change) for change in found if change not in named),
            *(
                f"openapi/accepted.toml: since {release} there is no such change: {change}"
                for change in self.reasons
                if change not in named or change not in found
            ),
        ]


def main() -> int:
    """Compare the document with that of the last release."""
    release = last_release()
    old, new = (json.loads(file.read_text()) for file in (release, OPENAPI / "openapi.json"))
    found = Acceptance.read(OPENAPI / "accepted.toml").faults(release.stem, changes(old, new))
    for fault in found:
        print(fault)
    print(f"{len(found)} changes break clients of {release.stem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

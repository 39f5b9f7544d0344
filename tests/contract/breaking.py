"""What clients of the last release would stumble over in the document as it is now.

Starts at `changes`; schemas are compared by `schema_changes`. What we send by webhook is an answer
in this sense. `python -m tests.contract.breaking` fails on any change that `openapi/accepted.toml`
does not name with its reason, and on a reason for nothing.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.contract.schema_changes import EXCESSES, Comparison, Json, Side, followed

OPENAPI = Path(__file__).parents[2] / "openapi"
PROOF = ("type", "scheme", "in", "name", "flows", "openIdConnectUrl")
METHODS = ("get", "put", "post", "delete", "patch")


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
                self._schemas(side, parameter.get("schema", {}), now.get("schema", {}), at)
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
            found = self._schemas(
                side, content.get("schema", {}), after[media_type].get("schema", {}), where
            )
            yield from found if media_type.endswith("json") else _sayable(found)

    def _schemas(self, side: Side, old: Json, new: Json, where: str) -> Iterator[Change]:
        for excess in self.sides[side].faults(old, new, where):
            yield Change(f"{side}-{excess.kind}", excess.where, excess.detail)

    def _headers(self, old: Json, new: Json, where: str, side: Side) -> Iterator[Change]:
        after = {
            name.lower(): followed(self.new, told) for name, told in new.get("headers", {}).items()
        }
        for name, told in old.get("headers", {}).items():
            before, now = followed(self.old, told), after.get(name.lower())
            if now is None or (before.get("required") and not now.get("required")):
                yield Change("header-removed", where, name)
            else:
                yield from self._schemas(
                    side, before.get("schema", {}), now.get("schema", {}), f"{where} {name}"
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

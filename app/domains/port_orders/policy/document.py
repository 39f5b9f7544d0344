"""The document of a port order that PATCH changes, as JSON: patched, compared, looked into. Pure.

It has the members of `PortOrderPatch`; what is not there is absent, never null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Document = dict[str, Any]

SECRETS = frozenset({"/account/accountNumber", "/account/pin"})


def patched(document: Mapping[str, Any], patch: Mapping[str, Any]) -> Document:
    """The document after a merge patch (RFC 7396)."""
    result = dict(document)
    for name, value in patch.items():
        if isinstance(value, Mapping):
            inner = result.get(name)
            result[name] = patched(inner if isinstance(inner, Mapping) else {}, value)
        elif value is None:
            result.pop(name, None)
        else:
            result[name] = value
    return result


def value_at(document: Mapping[str, Any], pointer: str) -> Any:
    """What is at a pointer; `None` where nothing is."""
    value: Any = document
    for name in pointer.split("/")[1:]:
        value = value.get(name.replace("~1", "/").replace("~0", "~"))
        if not isinstance(value, Mapping):
            return value
    return value


def differences(before: Document, after: Document, at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """The fields that differ: pointer, value before, value after."""
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        pointer = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
        if isinstance(old, dict) or isinstance(new, dict):
            yield from differences(old or {}, new or {}, pointer)
        elif old != new:
            yield pointer, old, new

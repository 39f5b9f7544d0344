"""Whether an answer of the running service keeps to the published document: `faults`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from tests.contract.breaking import OPENAPI
from tests.contract.schema_changes import Json, followed

PLACEHOLDER = re.compile(r"\{[^}]+\}")


@cache
def published() -> Json:
    """The document as it is committed."""
    document: Json = json.loads((OPENAPI / "openapi.json").read_text())
    return document


@cache
def _templates() -> list[tuple[re.Pattern[str], Json]]:
    """Paths without placeholders first: another's id may be anything."""
    paths = sorted(published()["paths"].items(), key=lambda path: path[0].count("{"))
    return [(re.compile(PLACEHOLDER.sub("[^/]+", path)), item) for path, item in paths]


@cache
def _validator(schema: str) -> jsonschema_rs.Validator:
    components = {"components": published()["components"]}
    return jsonschema_rs.validator_for(json.loads(schema) | components)


def _operation(request: httpx.Request) -> Json | None:
    for pattern, item in _templates():
        if pattern.fullmatch(request.url.path):
            found: Json | None = item.get(request.method.lower())
            return found
    return None


def faults(response: httpx.Response) -> Iterator[str]:
    """What the document does not say of an answer, or says otherwise."""
    operation = _operation(response.request)
    if operation is None:
        return
    told: Json | None = operation["responses"].get(str(response.status_code))
    if told is None:
        yield f"{operation['operationId']}: {response.status_code} is not told"
        return
    where = f"{operation['operationId']} {response.status_code}"
    headers: dict[str, Any] = told.get("headers", {})
    for name, header in headers.items():
        if followed(published(), header).get("required") and name not in response.headers:
            yield f"{where}: {name} is missing"
    for name in ("ETag", "Link", "Location", "Retry-After"):
        if name in response.headers and name not in headers:
            yield f"{where}: {name} is not told"
    media_type = response.headers.get("Content-Type", "").partition(";")[0]
    contents = told.get("content", {})
    if response.content and media_type not in contents:
        yield f"{where}: {media_type} is not told"
    elif "json" in media_type and response.content:
        validator = _validator(json.dumps(contents[media_type]["schema"]))
        for error in validator.iter_errors(response.json()):
            yield f"{where}: {'/'.join(map(str, error.instance_path))}: {error.message}"

"""What `openapi/openapi.json` promises in every operation and field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from app.api import ROUTERS
from app.core.errors import ProblemType
from app.core.openapi import ProblemView, operation_id
from app.core.settings import Settings
from app.main import create_app
from tests.contract.schema_changes import forms

DOCUMENT = Path(__file__).parents[2] / "openapi" / "openapi.json"
PUBLISHED = json.loads(DOCUMENT.read_text())
REFUSED_NUMBERS = {"$ref": "#/components/schemas/NumberErrors"}
"""In a list: Webex's own form, beside a problem."""
METHODS = ("get", "put", "post", "delete", "patch")


def operations() -> Iterator[dict[str, Any]]:
    """Every operation of the published document."""
    for item in PUBLISHED["paths"].values():
        yield from (item[method] for method in METHODS if method in item)


def test_the_committed_document_is_the_one_the_code_makes() -> None:
    assert create_app(Settings()).openapi() == PUBLISHED


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation["operationId"])
def test_an_operation_tells_all_one_needs(operation: dict[str, Any]) -> None:
    assert re.fullmatch("[a-z]+[A-Za-z]+", operation["operationId"])
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    assert operation["security"]
    assert {"401", "403", "404", "429", "500", "503"} <= set(operation["responses"])
    for parameter in operation.get("parameters", []):
        assert parameter["description"], parameter["name"]
    for status, response in operation["responses"].items():
        for media_type, content in response.get("content", {}).items():
            assert "example" in content or "examples" in content, status
            if int(status) >= 400 and content["schema"].get("items") != REFUSED_NUMBERS:
                assert media_type == "application/problem+json"
                shown = TypeAdapter(ProblemView).validate_python(content["example"])
                assert ProblemType.known[shown.code].status == shown.status == int(status)
    for content in operation.get("requestBody", {}).get("content", {}).values():
        assert "example" in content or "examples" in content


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for operation in operations()]
    assert len(ids) == len(set(ids))


def test_every_field_is_described() -> None:
    missing = [
        f"{name}.{field}"
        for name, schema in PUBLISHED["components"]["schemas"].items()
        for field, definition in schema.get("properties", {}).items()
        if not definition.get("description")
    ]
    assert missing == []


def test_no_schema_of_fastapis_own_errors_is_left() -> None:
    assert "HTTPValidationError" not in json.dumps(PUBLISHED)


def nullable_promises(schema: dict[str, Any], where: str, seen: set[int]) -> Iterator[str]:
    """Members that are said to be always there, and may be null."""
    for form in forms(PUBLISHED, schema):
        for name, member in form.get("properties", {}).items():
            if id(member) in seen:
                continue
            seen.add(id(member))
            may_be_null = {"type": "null"} in forms(PUBLISHED, member)
            if name in form.get("required", []) and may_be_null:
                yield f"{where}.{name}"
            yield from nullable_promises(member, f"{where}.{name}", seen)
        if "items" in form:
            yield from nullable_promises(form["items"], f"{where}[]", seen)


def test_what_an_answer_leaves_out_is_not_promised() -> None:
    sparse = {
        operation_id(route)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and route.response_model_exclude_none
    }
    broken = [
        fault
        for operation in operations()
        if operation["operationId"] in sparse
        for status in operation["responses"].keys() & {"200", "201"}
        for content in operation["responses"][status]["content"].values()
        for fault in nullable_promises(content["schema"], operation["operationId"], set())
    ]
    assert sparse
    assert broken == []

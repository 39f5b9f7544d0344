"""What `openapi/openapi.json` promises in every operation and field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.core.errors import ProblemType
from app.core.openapi import ProblemView
from app.core.settings import Settings
from app.main import create_app

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

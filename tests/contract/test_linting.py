"""The ruleset of `openapi/redocly.yaml`: each rule refuses a document that breaks it.

One run of the linter over all of them: Node takes longer to start than to read them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

Json = dict[str, Any]

OPENAPI = Path(__file__).parents[2] / "openapi"
NODE = Path(__file__).parents[2] / ".venv" / "bin" / "node"
LINTER = OPENAPI / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
CONFIGURED = re.compile(r"^  ([a-z]+(?:[-/A-Za-z]+)*):", re.MULTILINE)

USUAL = {
    "400": "malformedRequest",
    "401": "unauthorized",
    "403": "forbidden",
    "404": "notFound",
    "409": "invalidTransition",
    "412": "preconditionFailed",
    "413": "payloadTooLarge",
    "415": "unsupportedMediaType",
    "422": "validationFailed",
    "429": "tooManyRequests",
    "500": "internalError",
    "503": "serviceUnavailable",
}
NAME = {"type": "string", "maxLength": 10, "description": "Its name.", "examples": ["Ada"]}
COUNT = {"type": "integer", "minimum": 0, "maximum": 9, "examples": [1]}
HEADER = {"schema": {"type": "string", "maxLength": 99}}


def refusal(status: str, code: str) -> Json:
    example = {"code": code, "status": int(status)}
    schema = {"$ref": "#/components/schemas/ProblemView"}
    return {
        "description": "No.",
        "content": {"application/problem+json": {"schema": schema, "example": example}},
        **({"headers": {"Retry-After": HEADER}} if status in ("429", "503") else {}),
    }


def operation(name: str, *, answers: Json, parameters: tuple[Json, ...] = (), **more: Any) -> Json:
    """An operation as it should be; all its refusals are those of any."""
    return {
        "operationId": name,
        "summary": "Do it",
        "description": "It is done.",
        "tags": ["Things"],
        "security": [{"bearer": []}],
        "parameters": list(parameters),
        "responses": answers | {status: refusal(status, code) for status, code in USUAL.items()},
        **more,
    }


def parameter(place: str, name: str, schema: Json) -> Json:
    required = {"required": True} if place == "path" else {}
    return {"in": place, "name": name, "description": "One.", "schema": schema, **required}


def content(schema: str, example: Json) -> Json:
    return {
        "application/json": {
            "schema": {"$ref": f"#/components/schemas/{schema}"},
            "example": example,
        }
    }


def answer(body: Json, **headers: Json) -> Json:
    return {"description": "Yes.", "content": body, "headers": headers}


THING = content("ThingView", {"name": "Ada", "count": 1})
WISH = content("ThingCreate", {"name": "Ada"})
ID = parameter("path", "thingId", {"type": "string", "format": "uuid"})
KEY = parameter("header", "Idempotency-Key", NAME)
IF_MATCH = parameter("header", "if-match", NAME)
REFUSED_BY_NUMBER = {
    "application/json": {
        "schema": {
            "type": "array",
            "maxItems": 9,
            "items": {"$ref": "#/components/schemas/NumberErrors"},
        },
        "example": [],
    }
}
CURSOR = parameter("query", "cursor", NAME)
FILE = {"application/pdf": {"schema": {"type": "string", "format": "binary"}, "example": "…"}}


EVENT = {
    "operationId": "onThing",
    "summary": "There is a thing",
    "description": "It is new.",
    "tags": ["Things"],
    "security": [],
    "parameters": [
        parameter("header", f"webhook-{name}", NAME) for name in ("id", "timestamp", "signature")
    ],
    "requestBody": {"content": THING},
    "responses": {status: {"description": "So."} for status in ("204", "410")},
}
GOOD: Json = {
    "openapi": "3.1.0",
    "info": {
        "title": "Things",
        "version": "1",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "tags": [{"name": "Things", "description": "All of them."}],
    "paths": {
        "/things": {
            "get": operation(
                "listThings",
                parameters=(CURSOR,),
                answers={"200": answer(content("Things", {"items": []}), Link=HEADER)},
            ),
            "post": operation(
                "createThing",
                parameters=(KEY,),
                requestBody={"content": WISH},
                answers={"201": answer(THING, Location=HEADER)},
            ),
        },
        "/things/{thingId}": {
            "get": operation(
                "getThing", parameters=(ID,), answers={"200": answer(THING, ETag=HEADER)}
            ),
            "patch": operation(
                "updateThing",
                parameters=(ID, IF_MATCH),
                requestBody={"content": WISH},
                answers={"200": answer(THING, ETag=HEADER)},
            ),
        },
        "/things/{thingId}/content": {
            "get": operation("downloadThing", parameters=(ID,), answers={"200": answer(FILE)})
        },
        "/people": {
            "post": operation(
                "createPerson",
                parameters=(KEY,),
                requestBody={"content": content("PersonCreate", {"name": "Ada"})},
                answers={"201": answer(THING, Location=HEADER)},
                **{"x-webex": True},
            )
        },
    },
    "webhooks": {"thing": {"post": EVENT}},
    "components": {
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "ProblemView": {
                "type": "object",
                "properties": {
                    "code": NAME | {"maxLength": 99},
                    "status": {"enum": [*map(int, USUAL)]},
                },
            },
            "ThingView": {
                "type": "object",
                "properties": {"name": NAME, "count": COUNT},
                "required": ["name"],
            },
            "Things": {
                "type": "object",
                "properties": {
                    "items": {
                        "type": "array",
                        "maxItems": 9,
                        "items": {"$ref": "#/components/schemas/ThingView"},
                    }
                },
            },
            "ThingCreate": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "name": NAME,
                    "area": {"type": "string", "pattern": "^[0-9]{3}$"},
                },
            },
            "NumberErrors": {"type": "object"},
            "PersonCreate": {"type": "object", "properties": {"name": NAME}},
        },
    },
}
"""A small document that keeps all rules."""
# Webex refuses some things in its own form.
GOOD["paths"]["/people"]["post"]["responses"]["400"]["content"] |= REFUSED_BY_NUMBER

Change = Callable[[Json], None]
GET, PATCH = ("paths", "/things/{thingId}", "get"), ("paths", "/things/{thingId}", "patch")
LIST, CREATE = ("paths", "/things", "get"), ("paths", "/things", "post")
CONTENT = ("paths", "/things/{thingId}/content", "get", "responses", "200", "content")
FILES = (*CONTENT, "application/pdf")
PERSONS = ("paths", "/people", "post")
SENT = ("webhooks", "thing", "post")
SCHEMAS = ("components", "schemas")
PERSON = {"$ref": "#/components/schemas/PersonCreate"}
LINK = (*LIST, "responses", "200", "headers", "Link")
VIEW = (*SCHEMAS, "ThingView", "properties")
JSON, PROBLEM = ("content", "application/json"), ("content", "application/problem+json")


def put(path: tuple[str | int, ...], value: object) -> Change:
    """Have that at this place."""

    def change(document: Any) -> None:
        *outer, last = path
        for step in outer:
            document = document[step]
        document[last] = deepcopy(value)

    return change


def drop(*path: str | int) -> Change:
    """Have nothing at this place."""

    def change(document: Any) -> None:
        *outer, last = path
        for step in outer:
            document = document[step]
        del document[last]

    return change


BROKEN: list[tuple[str, Change]] = [
    ("struct", put(("info", "title"), 1)),
    ("no-unresolved-refs", put((*VIEW, "count"), {"$ref": "#/components/schemas/Nothing"})),
    ("no-unused-components", put((*SCHEMAS, "Forgotten"), {"type": "object"})),
    ("no-identical-paths", put(("paths", "/things/{id}"), {})),
    ("path-parameters-defined", put((*GET, "parameters"), [])),
    ("operation-parameters-unique", put((*PATCH, "parameters"), [ID, IF_MATCH, IF_MATCH])),
    ("no-enum-type-mismatch", put((*VIEW, "count"), {"type": "integer", "enum": ["one"]})),
    ("no-schema-type-mismatch", put((*VIEW, "count"), {"type": "object", "items": {}})),
    ("no-invalid-schema-examples", put((*VIEW, "count", "examples"), ["one"])),
    ("no-invalid-parameter-examples", put((*LIST, "parameters", 0, "example"), 5)),
    ("no-invalid-media-type-examples", drop(*GET, "responses", "200", *JSON, "example", "name")),
    ("no-invalid-media-type-examples", put((*CREATE, "requestBody", *JSON, "example", "x"), 1)),
    ("no-required-schema-properties-undefined", put((*SCHEMAS, "Things", "required"), ["x"])),
    ("security-defined", drop(*GET, "security")),
    ("info-license", drop("info", "license")),
    ("operation-operationId", drop(*GET, "operationId")),
    ("operation-operationId-unique", put((*GET, "operationId"), "listThings")),
    ("operation-summary", drop(*GET, "summary")),
    ("operation-description", drop(*GET, "description")),
    ("operation-tag-defined", put((*GET, "tags"), ["Others"])),
    ("parameter-description", drop(*LIST, "parameters", 0, "description")),
    ("rule/operation-id-is-camel-case", put((*GET, "operationId"), "get_thing")),
    ("rule/operation-has-tags", drop(*GET, "tags")),
    ("pstn/example", drop(*GET, "responses", "200", *JSON, "example")),
    ("pstn/example", drop(*CREATE, "requestBody", *JSON, "example")),
    *(
        ("pstn/refusals", drop(*where, "responses", status))
        for where, statuses in (
            (GET, ("401", "403", "404", "429", "500", "503")),
            (LIST, ("400", "422")),
            (CREATE, ("400", "409", "413", "415", "422")),
            (PATCH, ("412",)),
        )
        for status in statuses
    ),
    ("pstn/problem", put((*GET, "responses", "404", *JSON), THING["application/json"])),
    ("pstn/problem", drop(*GET, "responses", "404", "content")),
    ("pstn/problem", put((*GET, "responses", "404", *PROBLEM, "schema"), NAME)),
    ("pstn/problem", put((*GET, "responses", "404", *PROBLEM, "example", "status"), 403)),
    ("pstn/problem", put((*GET, "responses", "404", *PROBLEM, "example", "code"), "forbidden")),
    ("pstn/problem", put((*GET, "responses", "400", *JSON), REFUSED_BY_NUMBER["application/json"])),
    ("pstn/problem", put((*PERSONS, "responses", "400", *JSON), THING["application/json"])),
    ("pstn/problem", drop(*PERSONS, "responses", "400", *PROBLEM)),
    ("pstn/no-schema-of-the-framework", put((*SCHEMAS, "HTTPValidationError"), {})),
    ("pstn/no-schema-of-the-framework", put((*SCHEMAS, "ThingView-Input"), {})),
    ("pstn/bounded", drop(*VIEW, "name", "maxLength")),
    ("pstn/bounded", drop(*VIEW, "count", "minimum")),
    ("pstn/bounded", drop(*VIEW, "count", "maximum")),
    ("pstn/bounded", drop(*SCHEMAS, "Things", "properties", "items", "maxItems")),
    ("pstn/bounded", put((*VIEW, "count"), {"anyOf": [{"type": "string"}, {"type": "null"}]})),
    ("pstn/bounded", put((*VIEW, "count"), {"type": ["string", "null"]})),
    ("pstn/bounded", drop(*LIST, "parameters", 0, "schema", "maxLength")),
    (
        "pstn/bounded",
        put((*LINK, "schema"), {"type": "string"}),
    ),
    *(
        ("pstn/bounded", put((*SCHEMAS, "ThingCreate", "properties", "area", "pattern"), pattern))
        for pattern in ("[0-9]{3}", "^[0-9]+$", "^a.*$", "^[0-9]{3,}$", "^a$|b")
    ),
    ("pstn/unknown-members", drop(*SCHEMAS, "ThingCreate", "additionalProperties")),
    ("pstn/unknown-members", put((*SCHEMAS, "PersonCreate", "additionalProperties"), False)),
    (
        "pstn/unknown-members",
        put(
            (*SCHEMAS, "ThingCreate", "properties", "by"),
            {"$ref": "#/components/schemas/PersonCreate"},
        ),
    ),
    ("pstn/idempotency-key", put((*CREATE, "parameters"), [])),
    ("pstn/etag", put((*PATCH, "responses", "200", "headers"), {})),
    ("pstn/etag", put((*GET, "responses", "200", "headers"), {})),
    ("pstn/link", put((*LIST, "responses", "200", "headers"), {})),
    ("pstn/headers", put((*CREATE, "responses", "201", "headers"), {})),
    ("pstn/headers", put((*GET, "responses", "429", "headers"), {})),
    ("pstn/headers", put((*GET, "responses", "503", "headers"), {})),
    (
        "pstn/file",
        put((*FILES, "schema"), NAME),
    ),
    ("pstn/webhook", put(("webhooks", "thing"), {"get": EVENT})),
    *(("pstn/webhook", drop(*SENT, "parameters", index)) for index in range(3)),
    *(("pstn/webhook", drop(*SENT, "responses", status)) for status in ("204", "410")),
    ("pstn/webhook", drop(*SENT, "requestBody")),
    ("pstn/example", drop(*SENT, "requestBody", *JSON, "example")),
    ("operation-description", drop(*SENT, "description")),
    ("pstn/file", put((*VIEW, "name", "contentMediaType"), "application/octet-stream")),
]
"""A rule, and what breaks it; the other rules may object as well."""


def objections(folder: Path, documents: list[Json]) -> Iterator[set[str]]:
    """The rules that each of the documents breaks."""
    files = [folder / f"{index}.json" for index in range(len(documents))]
    for file, document in zip(files, documents, strict=True):
        file.write_text(json.dumps(document))
    run = subprocess.run(
        [NODE, LINTER, "lint", "--format", "json", "--config", OPENAPI / "redocly.yaml", *files],
        env=os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    reports, decoder = run.stdout.strip(), json.JSONDecoder()
    while reports:
        report, end = decoder.raw_decode(reports)
        yield {problem["ruleId"] for problem in report["problems"]}
        reports = reports[end:].strip()


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[set[str]]:
    """What the linter has against the good document, then against each broken one."""
    written = json.dumps(GOOD)
    documents = [json.loads(written) for _ in range(1 + len(BROKEN))]
    for document, (_, change) in zip(documents[1:], BROKEN, strict=True):
        change(document)
    return list(objections(tmp_path_factory.mktemp("documents"), documents))


def test_a_good_document_is_taken(judged: list[set[str]]) -> None:
    assert judged[0] == set()


def test_each_rule_refuses_what_it_is_for(judged: list[set[str]]) -> None:
    assert len(judged) == 1 + len(BROKEN)
    missed = [
        (index, rule, found)
        for index, ((rule, _), found) in enumerate(zip(BROKEN, judged[1:], strict=True))
        if rule not in found
    ]
    assert missed == []


def test_every_rule_is_tried() -> None:
    configured = set(CONFIGURED.findall((OPENAPI / "redocly.yaml").read_text()))
    assert configured == {rule for rule, _ in BROKEN}

"""The OpenAPI document: what FastAPI makes of the routes, told as `api.md` wants it.

Operation ids are the endpoints' names in camelCase; every operation names its refusals and headers,
those that follow from the conventions of `http.py` without being told; FastAPI's own 422, which
describes an answer this service never gives, is left out. `openapi/redocly.yaml` checks it all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import Field
from pydantic.alias_generators import to_camel

from app.core import idempotency, links
from app.core.errors import (
    IDEMPOTENCY_KEY_IN_FLIGHT,
    IDEMPOTENCY_KEY_REUSED,
    INTERNAL_ERROR,
    INVALID_CURSOR,
    INVALID_TRANSITION,
    MALFORMED_REQUEST,
    PAYLOAD_TOO_LARGE,
    PRECONDITION_FAILED,
    TOO_MANY_REQUESTS,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION_FAILED,
    ProblemType,
)
from app.core.http import BY_STATUS, PROBLEM_JSON
from app.core.texts import Language
from app.core.validation import (
    SPARSE,
    CodeText,
    EchoText,
    Entries,
    LineText,
    Many,
    NumberText,
    ProseText,
    Schema,
    Total,
)


class WebexError(Schema):
    """An error as Webex's clients read it."""

    description: ProseText = Field(description="What is wrong.", examples=["At most 100 entries."])


class ViolationView(Schema):
    """One of the things wrong with a request."""

    model_config = SPARSE

    code: CodeText = Field(description="Its stable code.", examples=["tollFreeNotSupported"])
    pointer: EchoText = Field(
        description="RFC 6901 pointer into the request body; a query parameter counts as a member"
        " of its root.",
        examples=["/phoneNumbers/0"],
    )
    detail: ProseText = Field(
        description="What is wrong and what to do, for people.",
        examples=["Toll-free numbers can be neither ordered nor ported; choose another number."],
    )
    phone_number: NumberText | None = Field(
        None, description="The number concerned.", examples=["+18005550123"]
    )
    limit: Total | None = Field(None, description="The limit broken.", examples=[10])
    used: Total | None = Field(None, description="How much of it is used.", examples=[8])
    remaining: Total | None = Field(None, description="How much is left.", examples=[2])
    candidate: dict[str, Any] | None = Field(
        None,
        description="A corrected value to send instead, if you agree to it.",
        examples=[{"state": "WA"}],
    )
    remedies: Entries[dict[str, Any]] | None = Field(
        None,
        description="What can be done about it, as with the errors of an order.",
        examples=[None],
    )


class ProblemView(Schema):
    """A refusal (RFC 9457) with our `code` and `violations`, and Webex's three members."""

    model_config = SPARSE

    type: LineText = Field(
        description="Where the kind of problem is described.",
        examples=["/docs/problems/policyViolation"],
    )
    title: LineText = Field(description="The kind of problem.", examples=["Rules forbid this"])
    status: Total = Field(description="The HTTP status.", examples=[422])
    detail: ProseText = Field(description="This problem.", examples=["Rules forbid this"])
    instance: EchoText = Field(
        description="The path called.", examples=["/v1/telephony/pstn/orders"]
    )
    code: CodeText = Field(description="Its stable code.", examples=["policyViolation"])
    violations: Many[ViolationView] = Field(description="Everything wrong, not the first only.")
    message: ProseText = Field(
        description="The title, for Webex clients.", examples=["Rules forbid this"]
    )
    errors: Many[WebexError] = Field(description="The details, for Webex clients.")
    tracking_id: LineText = Field(
        description="Name this to the support.",
        examples=["PSTN_5f0c9b0e-7d35-4b8e-9f3f-1d3b7f0b7f4e"],
    )
    lost: Many[NumberText] | None = Field(
        None, description="Of `numbersUnavailable`: what cannot be had.", examples=[None]
    )
    remaining: Many[NumberText] | None = Field(
        None, description="Of `numbersUnavailable`: what still can.", examples=[None]
    )
    substitutes: Many[dict[str, Any]] | None = Field(
        None,
        description="Of `numbersUnavailable`: others, each in the place of a lost one.",
        examples=[None],
    )
    reservation_id: UUID | None = Field(
        None,
        description="Of `numbersUnavailable`: what holds the substitutes.",
        examples=[None],
    )
    expires_at: datetime | None = Field(
        None, description="Of `numbersUnavailable`: until when.", examples=[None]
    )


def problems(*statuses: int, codes: tuple[ProblemType, ...] = ()) -> dict[int | str, Any]:
    """The refusals of an operation: 401, 403, 429 and 503, which all have, and these.

    `codes` are the problems of its own that an operation answers with.
    """
    by_status: dict[int, list[str]] = {}
    for kind in codes:
        by_status.setdefault(kind.status, []).append(kind.code)
    every = sorted({401, 403, 404, 429, 500, 503, *statuses, *by_status})
    return {status: _response(status, by_status.get(status, [])) for status in every}


DESCRIPTIONS = {
    400: "The request cannot be read.",
    401: "No valid token.",
    403: "The role may not do that.",
    404: "No such thing, or somebody else's.",
    405: "The path has no such method.",
    409: "Not possible in this state, or lost a race.",
    410: "It was there, and is gone.",
    412: "The resource has changed since it was read.",
    413: "The request is too large.",
    415: "The media type is not taken here.",
    422: "Fields without the form they should have, or rules broken.",
    429: "Too many requests; `Retry-After` says when to try again.",
    500: "A fault of the service.",
    503: "The service cannot answer just now; `Retry-After` says when to try again.",
}


USUAL = BY_STATUS | {
    kind.status: kind
    for kind in (
        INVALID_TRANSITION,
        PRECONDITION_FAILED,
        VALIDATION_FAILED,
        TOO_MANY_REQUESTS,
        INTERNAL_ERROR,
    )
}
"""What a status stands for where an operation has no code of its own."""

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Makes the request happen once: within 24 hours the same key and body get the"
    " first answer again.",
    "schema": {"type": "string", "pattern": idempotency.KEY.pattern, "maxLength": 255},
    "example": "8e03978e-40d5-43e8-bc93-6894a57f9324",
}
HEADERS = {
    "ETag": {
        "description": "The version of the resource, for `If-Match`.",
        "required": True,
        "schema": {"type": "string", "maxLength": 64, "examples": ['"3"']},
    },
    "Link": {
        "description": 'The next page, `<URL>; rel="next"`; absent on the last one.',
        "schema": {
            "type": "string",
            "maxLength": 2**16,
            "examples": ['<https://pstn.example/v1/locations?max=100&cursor=eyJ>; rel="next"'],
        },
    },
    "Location": {
        "description": "Where the new resource is.",
        "required": True,
        "schema": {
            "type": "string",
            "format": "uri",
            "maxLength": 2048,
            "examples": ["https://pstn.example/v1/locations/019ac1f0-6f3e-7c11-9d0a-3b6f0d9c2a14"],
        },
    },
    "RetryAfter": {
        "description": "After how many seconds to try again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0, "maximum": 86_400, "examples": [2]},
    },
}


def _header(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/headers/{name}"}


def _response(status: int, codes: list[str]) -> dict[str, Any]:
    description = DESCRIPTIONS[status]
    if codes:
        description += " Codes: " + ", ".join(f"`{code}`" for code in codes) + "."
    kind = ProblemType.known[codes[0]] if codes else USUAL[status]
    code, title = kind.code, kind.title.to(Language.en)
    return {
        "description": description,
        **({"headers": {"Retry-After": _header("RetryAfter")}} if status in (429, 503) else {}),
        "content": {
            PROBLEM_JSON: {
                "schema": {"$ref": "#/components/schemas/ProblemView"},
                "example": {
                    "type": f"/docs/problems/{code}",
                    "title": title,
                    "status": status,
                    "detail": title,
                    "instance": "/v1/people/me",
                    "code": code,
                    "violations": [],
                    "message": title,
                    "errors": [{"description": title}],
                    "trackingId": "PSTN_5f0c9b0e-7d35-4b8e-9f3f-1d3b7f0b7f4e",
                },
            }
        },
    }


def operation_id(route: APIRoute) -> str:
    """`search_available_numbers` as `searchAvailableNumbers`."""
    return to_camel(route.name)


def install(
    app: FastAPI, webhooks: dict[str, Any], schemas_of_webhooks: dict[str, dict[str, Any]]
) -> None:
    """Make `app.openapi()` answer with the document as it is published.

    `webhooks` are what the service sends, an operation each, with their schemas.
    """

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
                tags=app.openapi_tags,
                servers=[{"url": "/", "description": "Where this document was read."}],
                license_info=app.license_info,
                separate_input_output_schemas=False,
            )
            made["webhooks"] = webhooks
            made["components"]["schemas"] |= schemas_of_webhooks
            app.openapi_schema = _finished(made)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _finished(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for model in (ProblemView, ViolationView, WebexError):
        schemas[model.__name__] = model.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
        schemas[model.__name__].pop("$defs", None)
    _type_problems(schemas)
    document["components"] |= {"headers": HEADERS}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "{orgId}" in path:
                # The organisation is in the path; the guard's parameter would say it twice.
                operation["parameters"] = [
                    p for p in operation["parameters"] if (p["name"], p["in"]) != ("orgId", "query")
                ]
            for parameter in operation.get("parameters", []):
                parameter["schema"] = _never_null(parameter["schema"])
            _name_form(operation, schemas)
            stale = operation["responses"].get("422")
            if stale and "HTTPValidationError" in str(stale):
                del operation["responses"]["422"]
            _add_conventions(method, operation)
            for content in _contents(operation):
                _give_example(content, schemas)
    for schema in schemas.values():
        for field in schema.get("properties", {}).values():
            field.pop("title", None)  # its name again, in other letters
    for operations in document["webhooks"].values():
        for content in _contents(operations["post"]):
            _give_example(content, schemas)
    links.add(document)
    return document


def _type_problems(schemas: dict[str, Any]) -> None:
    """Name the codes there are, and refer to what slices above describe."""
    schemas["ProblemCode"] = {
        "title": "ProblemCode",
        "description": "The code of a problem.",
        "type": "string",
        "enum": sorted(ProblemType.known),
    }
    # A text beside the codes: clients shall bear a code that is newer than they are.
    code = schemas["ProblemView"]["properties"]["code"]
    code["anyOf"] = [
        _reference("ProblemCode"),
        {"type": code.pop("type"), "maxLength": code.pop("maxLength")},
    ]
    for schema, field, entry in (
        ("ViolationView", "remedies", "RemedyView"),
        ("ProblemView", "substitutes", "Substitution"),
    ):
        entries = schemas[schema]["properties"][field]["anyOf"][0]
        entries["items"] = _reference(entry)


def _reference(schema: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Of a parameter, or a field of a form: it is absent or has a value."""
    match schema:
        case {"anyOf": [only, {"type": "null"}], "title": _, **rest}:
            if rest.get("examples") == [None]:
                del rest["examples"]
            return {**only, **rest}
    return schema


def _name_form(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """The form of `addPortDocument` is `AddPortDocumentForm`, in generated clients too."""
    content = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
    if content is None:
        return
    form = schemas.pop(content["schema"]["$ref"].rpartition("/")[2])
    operation_id = operation["operationId"]
    name = f"{operation_id[0].upper()}{operation_id[1:]}Form"
    fields = {field: _never_null(schema) for field, schema in form["properties"].items()}
    schemas[name] = {
        **form,
        "title": name,
        "description": "A form with a file.",
        "properties": fields,
    }
    content["schema"] = _reference(name)


def _add_conventions(method: str, operation: dict[str, Any]) -> None:
    """What an operation takes and answers with because all of its form do."""
    parameters = operation.setdefault("parameters", [])
    names = {parameter["name"] for parameter in parameters}
    responses = operation["responses"]
    kinds: list[ProblemType] = []
    if "requestBody" in operation:
        kinds += [MALFORMED_REQUEST, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, VALIDATION_FAILED]
    if method == "post":
        parameters.append(IDEMPOTENCY_KEY)
        kinds += [IDEMPOTENCY_KEY_IN_FLIGHT, IDEMPOTENCY_KEY_REUSED]
    if any(parameter["in"] == "query" for parameter in parameters):
        kinds.append(VALIDATION_FAILED)
    if "if-match" in names:
        kinds.append(PRECONDITION_FAILED)
    if "cursor" in names:
        kinds.append(INVALID_CURSOR)
    for kind in kinds:
        responses.setdefault(str(kind.status), _response(kind.status, [kind.code]))
    if "200" in responses and names & {"cursor", "start"}:
        responses["200"].setdefault("headers", {})["Link"] = _header("Link")
    if "201" in responses:
        responses["201"].setdefault("headers", {})["Location"] = _header("Location")
    operation["responses"] = dict(sorted(responses.items()))


def _contents(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What an operation takes and answers, in each media type."""
    yield from operation.get("requestBody", {}).get("content", {}).values()
    for response in operation["responses"].values():
        yield from response.get("content", {}).values()


def _give_example(content: dict[str, Any], schemas: dict[str, Any]) -> None:
    """An example put together from those of the fields; of a choice, one for each."""
    schema = content.get("schema", {})
    if "example" in content or not schema:
        return
    choices = schema.get("discriminator", {}).get("mapping")
    if choices:
        content["examples"] = {
            name: {"value": _example({"$ref": reference}, schemas)}
            for name, reference in choices.items()
        }
    else:
        content["example"] = _example(schema, schemas)


def _example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    match schema:
        case {"examples": [first, *_]} | {"const": first} | {"default": first}:
            return first
        case {"$ref": reference}:
            return _example(schemas[reference.rpartition("/")[2]], schemas)
        case {"anyOf": [first, *_]}:
            return _example(first, schemas)
        case {"type": "array", "items": items}:
            return [_example(items, schemas)]
        case {"properties": fields}:
            return {name: _example(field, schemas) for name, field in fields.items()}
        case {"enum": [first, *_]}:
            return first
        case {"type": "string"}:
            return "…"
    return {}

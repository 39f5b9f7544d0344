"""What the OpenAPI document tells of messages: one entry a type of event, made of the catalogue."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import models_json_schema

from app.core.validation import Schema
from app.domains.events.catalogue import EVENTS
from app.domains.webhooks.schemas import EXAMPLE_ID, TEST, Message, Sequence, WebhookTest

Json = dict[str, Any]

HEADERS = (
    ("webhook-id", "The message's id, the same at each attempt.", EXAMPLE_ID, 36),
    ("webhook-timestamp", "When this attempt was made, in Unix seconds.", "1794996000", 20),
    (
        "webhook-signature",
        "HMAC-SHA256 of `id.timestamp.body` in base64 behind `v1,`; two of them, with a space"
        " between, while the secret changes.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        200,
    ),
)
DELIVERY = (
    " Verify the signature (Standard Webhooks) and answer 2xx within 15 seconds; anything else is"
    " tried again over three days. A message may come twice: know it by `webhook-id`."
)


def document() -> tuple[Json, dict[str, Json]]:
    """The section `webhooks`, and the schemas it refers to."""
    types: dict[str, type[Schema]] = {name.value: data for name, data in EVENTS.items()}
    types[TEST] = WebhookTest
    messages = {name: _message(name, data) for name, data in types.items()}
    references, definitions = models_json_schema(
        [(message, "serialization") for message in messages.values()],
        ref_template="#/components/schemas/{model}",
    )
    section = {
        name: {"post": _operation(name, types[name], references[message, "serialization"])}
        for name, message in messages.items()
    }
    return section, definitions["$defs"]


def _message(name: str, data: type[Schema]) -> type[BaseModel]:
    fields: Json = {
        "type": (Literal[name], Field(description="What happened.", examples=[name])),
        "data": (data, Field(description="What the event tells.")),
    }
    if name != TEST:
        fields["sequence"] = (
            Sequence,
            Field(
                description="Its place among the events of its organisation: 1, 2, 3, without gaps;"
                " messages may come in another order.",
                examples=[42],
            ),
        )
    return create_model(f"{data.__name__}Message", __base__=Message, __doc__=data.__doc__, **fields)


def _operation(name: str, data: type[Schema], message: Json) -> Json:
    described = data.__doc__ or name
    return {
        "operationId": f"on{data.__name__}",
        "tags": ["Webhooks"],
        "summary": described.partition("\n")[0].rstrip("."),
        "description": described + DELIVERY,
        "security": [],
        "parameters": [
            {
                "name": header,
                "in": "header",
                "required": True,
                "description": text,
                "schema": {"type": "string", "maxLength": longest, "examples": [example]},
            }
            for header, text, example, longest in HEADERS
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": message}}},
        "responses": {
            "204": {"description": "The message is taken; any 2xx says so."},
            "410": {"description": "Nothing more is wanted: the webhook is disabled."},
            "429": {"description": "Too many: nothing is sent for as long as `Retry-After` says."},
        },
    }

"""Every operation of the running service, requests that fit it, and somebody who owns one of each.

Starts at `operations`; what a new operation takes is read from `/openapi.json`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from sqlalchemy import text

from app.core.database import EVERYTHING
from tests.conftest import (
    CISCO_PSTN,
    HEADER,
    Api,
    Customer,
    Service,
    fresh_thousand,
    import_csv,
    make_customer,
    token_for,
)

Json = dict[str, Any]
Path = tuple[str | int, ...]
"""Where a value is in a body, member by member."""

NOBODYS_ID = "019ac1f0-0000-7000-8000-00000000dead"


@dataclass(frozen=True)
class Operation:
    """An operation as the document has it; `path` begins behind `/v1`."""

    id: str
    method: str
    path: str
    ids: tuple[str, ...]
    queries: tuple[str, ...]
    media_type: str | None
    schema: Json
    schemas: Json = field(repr=False)

    def url(self, ids: Mapping[str, str]) -> str:
        """The path with these ids; one that is missing fails, so that it is added to `Owner`."""
        path = self.path
        for name in self.ids:
            assert name in ids, f"{self.id}: tell tests/security/surface.py:Owner of {{{name}}}"
            path = path.replace(f"{{{name}}}", quote(ids[name], safe="+"))
        return path

    def resolved(self, schema: Json) -> Json:
        """A schema behind its reference."""
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def choices(self) -> list[Json]:
        """The forms the body may have; none without a body."""
        if self.media_type is None:
            return []
        schema = self.resolved(self.schema)
        return [self.resolved(choice) for choice in schema.get("oneOf", [schema])]

    def sample(self, schema: Json) -> Any:
        """A value of that form, of the examples in the document."""
        examples = schema.get("examples", [])
        schema = self.resolved(schema)
        for value in [*examples, *schema.get("examples", []), *schema.get("enum", [])]:
            if value is not None:
                return value
        match schema:
            case {"const": value}:
                return value
            case {"anyOf": [first, *_]} | {"oneOf": [first, *_]}:
                return self.sample(first)
            case {"type": "array", "items": items}:
                return [self.sample(items)]
            case {"properties": members}:
                required = schema.get("required", [])
                return {
                    name: self.sample(member)
                    for name, member in members.items()
                    if name in required or member.get("examples") != [None]
                }
        return {"integer": 1, "number": 1, "boolean": True}.get(schema.get("type", ""), "text")

    def places(self, schema: Json, types: set[str], at: Path = ()) -> Iterator[Path]:
        """Every place where a value of these types may stand."""
        schema = self.resolved(schema)
        if schema.get("type") in types or ("const" in schema and "string" in types):
            yield at
        for choice in schema.get("anyOf", []) + schema.get("oneOf", []):
            yield from self.places(choice, types, at)
        for name, member in schema.get("properties", {}).items():
            yield from self.places(member, types, (*at, name))
        if "items" in schema:
            yield from self.places(schema["items"], types, (*at, 0))

    def sending(self, body: Any) -> Json:
        """The body as httpx takes it, in the media type of the operation."""
        if self.media_type is None:
            return {}
        if self.media_type == "multipart/form-data":
            parts = {
                name: ("file.csv", str(value).encode(errors="replace"))
                for name, value in body.items()
            }
            return {"files": parts}
        headers = {"Content-Type": self.media_type}
        return {"content": json.dumps(body).encode(), "headers": headers}


async def operations(service: Service) -> list[Operation]:
    """Every operation of the running service."""
    async with httpx.AsyncClient() as client:
        document = (await client.get(f"{service.url}/openapi.json")).json()
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parameters = operation.get("parameters", [])
            content: Json = operation.get("requestBody", {}).get("content", {})
            media_type = next(iter(content), None)
            found.append(
                Operation(
                    id=operation["operationId"],
                    method=method.upper(),
                    path=path.removeprefix("/v1"),
                    ids=tuple(p["name"] for p in parameters if p["in"] == "path"),
                    queries=tuple(p["name"] for p in parameters if p["in"] == "query"),
                    media_type=media_type,
                    schema=content[media_type]["schema"] if media_type else {},
                    schemas=document["components"]["schemas"],
                )
            )
    return found


@dataclass
class Owner:
    """An organisation that has one of each: location, numbers, order, token, emergency address."""

    customer: Customer
    numbers: list[str]
    spare: list[str]
    """In stock, nobody's yet."""
    ids: dict[str, str]
    """By the names of path parameters."""
    order_number: str

    OF_NO_ORGANIZATION = frozenset({"importId", "name"})

    @property
    def secrets(self) -> set[str]:
        """What no other organisation may ever read."""
        own = {value for name, value in self.ids.items() if name not in self.OF_NO_ORGANIZATION}
        return own | {*self.numbers, self.order_number, self.customer.partner_id}

    def bodies(self, operation: Operation) -> list[Any]:
        """Bodies that the operation takes from this owner; of a choice, one of each form."""
        quantity = {"type": "quantity", "quantity": 1, "criteria": {"state": "WA"}}
        special: dict[str, list[Any]] = {
            "createAccessToken": [{"name": "script", "role": "readOnlyAdmin"}],
            "createOrganization": [
                {
                    "displayName": "Fabrikam",
                    "subscription": {"type": "paid"},
                    "partner": {"name": "Contoso Voice"},
                }
            ],
            "updatePstnAccount": [{"subscription": {"type": "paid"}}],
            "configureConnection": [CISCO_PSTN],
            "createNumberOrder": [{"type": "numbers", "phoneNumbers": self.spare[:1]}, quantity],
            "setMainNumber": [{"phoneNumber": self.numbers[0]}],
            "createInventoryImport": [{"file": HEADER}],
            "advanceClock": [{"seconds": 1}],
        }
        return special.get(operation.id) or [operation.sample(form) for form in operation.choices()]


def unhurried(api: Api) -> Api:
    """The same caller, which takes no connection that was idle for a second.

    The server ends one after five seconds, the very moment until which httpx would still take it.
    """
    limits = httpx.Limits(max_connections=None, keepalive_expiry=1)
    api._transport = httpx.AsyncHTTPTransport(limits=limits)
    return api


async def make_owner(service: Service) -> Owner:
    """Somebody who owns one of each."""
    customer = await make_customer(service)
    unhurried(customer.api)
    unhurried(customer.operator)
    await customer.accept_terms()
    first = fresh_thousand()
    line = f"US,WA,Seattle,SEATTLE,local,+{first},+{first + 9}\n"
    imported = await import_csv(customer.operator, HEADER + line)
    stock = [f"+{number}" for number in range(first, first + 10)]
    placed = await customer.order(*stock[:2])
    assert placed.status_code == 201, placed.text
    order = await customer.api.ended(placed.json()["id"])
    address = (await customer.api.get(f"{customer.location}/emergencyAddress")).json()
    made = await customer.api.post("/accessTokens", json={"name": "spare", "role": "customerAdmin"})
    ids = {
        "orgId": customer.organization_id,
        "locationId": customer.location_id,
        "addressId": address["id"],
        "orderId": order["id"],
        "tokenId": made.json()["id"],
        "importId": imported["id"],
        "name": "numbersPerOrder",
        "phoneNumber": stock[0],
    }
    return Owner(customer, stock[:2], stock[2:], ids, order["orderNumber"])


async def dead_tokens(owner: Owner) -> dict[str, str]:
    """Tokens that open nothing: made up, expired, revoked; as the header has them."""
    customer = owner.customer
    tokens: dict[str, str] = {}
    for name in ("expired", "revoked"):
        wish = (customer.operator, "customerAdmin", customer.organization_id, customer.partner_id)
        tokens[name] = await token_for(*wish)
        async with Api(customer.service.url, tokens[name]) as alive:
            token_id = (await alive.get("/people/me")).json()["id"]
        if name == "revoked":
            gone = await customer.operator.delete(f"/accessTokens/{token_id}")
            assert gone.status_code == 204
        else:
            await _expire(customer.service, token_id)
    alive_token = customer.api.headers["Authorization"].removeprefix("Bearer ")
    return {
        **{name: f"Bearer {token}" for name, token in tokens.items()},
        "garbage": "Bearer pstn_garbage",
        "foreign form": "Bearer eyJhbGciOiJub25lIn0.eyJyb2xlcyI6WyJvcGVyYXRvciJdfQ.",
        "empty": "Bearer",
        "too long": f"Bearer {alive_token}{'x' * 5000}",
        "cut off": f"Bearer {alive_token[:-1]}",
        "another scheme": f"Basic {alive_token}",
        "no scheme": alive_token,
    }


async def _expire(service: Service, token_id: str) -> None:
    async with service.database.write(EVERYTHING) as session:
        await session.execute(
            text("update access_tokens set expires_at = now() - interval '1s' where id = :id"),
            {"id": token_id},
        )

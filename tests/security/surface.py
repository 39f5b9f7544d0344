"""Every operation of the running service, requests that fit it, and somebody who owns one of each.

Starts at `OPERATIONS`: a new operation is a line there, which says who may call it. What it takes
is read from `/openapi.json`; the line tells only what the examples there cannot: a body that names
the owner's own rows, or a row of its own that the operation uses up (made by `make_owner`).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from sqlalchemy import text

from app.core.database import EVERYTHING
from tests.conftest import (
    CISCO_PSTN,
    HEADER,
    SEATTLE,
    Api,
    Customer,
    Service,
    fresh_thousand,
    import_csv,
    location_wish,
    make_customer,
    token_for,
)
from tests.documents.making import pdf, stream
from tests.papers.papers import SIGNATURE, sent
from tests.ports.porting import (
    ACCOUNT,
    SEATTLES,
    act,
    bill_date,
    draft,
    fresh,
    now,
    patch,
)
from tests.ports.porting import (
    DESK as PORT_DESK,
)

Json = dict[str, Any]
Path = tuple[str | int, ...]
"""Where a value is in a body, member by member."""

NOBODYS_ID = "019ac1f0-0000-7000-8000-00000000dead"


@dataclass(frozen=True)
class Operation:
    """An operation as the document has it; paths begin behind `/v1`, `path` has ids of `Owner`."""

    id: str
    method: str
    template: str
    """The path as the document has it."""
    path: str
    ids: tuple[str, ...]
    listed: Listed = field(repr=False)
    queries: Mapping[str, Json]
    """Query parameters by their names, with their schemas."""
    media_type: str | None
    schema: Json
    schemas: Json = field(repr=False)

    def url(self, ids: Mapping[str, str]) -> str:
        """The path with these ids; one that is missing fails, so that it is added to `Owner`."""
        path = self.path
        for name in self.ids:
            assert name in ids, f"{self.id}: make a {name} in make_owner of {__name__}"
            path = path.replace(f"{{{name}}}", quote(ids[name], safe="+"))
        return path

    @property
    def caller(self) -> str:
        """The role that tries it out: the customer's own administrator, if that one may."""
        return next(role for role in (CUSTOMER, OPERATOR, SUPPORT) if self.may(role))

    def may(self, role: str) -> bool:
        """Whether that role may call it."""
        return role in self.listed.roles

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

    def bounds(self, schema: Json, at: Path = ()) -> Iterator[tuple[Path, Any]]:
        """The least and the most that each place takes."""
        schema = self.resolved(schema)
        yield from ((at, schema[name]) for name in ("minimum", "maximum") if name in schema)
        if "maxLength" in schema:
            yield at, "x" * schema["maxLength"]
        if "maxItems" in schema:
            yield at, [self.sample(schema["items"])] * schema["maxItems"]
        for choice in schema.get("anyOf", []) + schema.get("oneOf", []):
            yield from self.bounds(choice, at)
        for name, member in schema.get("properties", {}).items():
            yield from self.bounds(member, (*at, name))
        if "items" in schema:
            yield from self.bounds(schema["items"], (*at, 0))

    def sending(self, body: Any) -> Json:
        """The body as httpx takes it, in the media type of the operation."""
        if self.media_type is None:
            return {}
        if self.media_type == "multipart/form-data":
            members = self.resolved(self.schema)["properties"]
            parts = {}
            for name, value in body.items():
                is_file = members.get(name, {}).get("format") == "binary"
                content = str(value).encode(errors="replace")
                parts[name] = ("file.csv" if is_file else None, content)
            return {"files": parts}
        headers = {"Content-Type": self.media_type}
        return {"content": json.dumps(body).encode(), "headers": headers}


async def documented(service: Service) -> Json:
    """The OpenAPI document of the running service."""
    async with httpx.AsyncClient() as client:
        return dict((await client.get(f"{service.url}/openapi.json")).json())


async def operations(service: Service) -> list[Operation]:
    """Every operation of the running service; one that is not listed fails a test of its own."""
    document = await documented(service)
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            listed = OPERATIONS.get(operation["operationId"])
            if listed is None:
                continue
            parameters = operation.get("parameters", [])
            content: Json = operation.get("requestBody", {}).get("content", {})
            media_type = next(iter(content), None)
            ids = [p["name"] for p in parameters if p["in"] == "path"]
            template = own_path = path.removeprefix("/v1")
            for name, row in listed.rows.items():
                own_path = own_path.replace(f"{{{name}}}", f"{{{row}}}")
            found.append(
                Operation(
                    id=operation["operationId"],
                    method=method.upper(),
                    template=template,
                    path=own_path,
                    ids=tuple(listed.rows.get(name, name) for name in ids),
                    listed=listed,
                    queries={p["name"]: p["schema"] for p in parameters if p["in"] == "query"},
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
    """By the names of path parameters, and of `rows` in `OPERATIONS`."""
    order_number: str
    polish: str
    """A number of Warsaw that support can find."""
    ports: dict[str, list[str]]
    """The numbers of the ports, by the names of their ids."""
    portable: list[str]
    """In no port, nobody's yet."""
    foc_date: str
    """A day that the losing carrier may commit itself to."""
    brought: list[str]
    """On another PSTN than Cisco's."""
    to_bring: list[str]
    """Of that PSTN, in no location yet."""

    OF_NO_ORGANIZATION = frozenset({"importId", "name"})

    @property
    def secrets(self) -> set[str]:
        """What no other organisation may ever read."""
        own = {value for name, value in self.ids.items() if name not in self.OF_NO_ORGANIZATION}
        return own | {*self.held, self.order_number, self.customer.partner_id}

    @property
    def held(self) -> list[str]:
        """Its own numbers, and those that it ports."""
        return [
            *self.numbers,
            *self.brought,
            *(number for port in self.ports.values() for number in port),
        ]

    def bodies(self, operation: Operation) -> list[Any]:
        """Bodies that the operation takes from this owner; of a choice, one of each form."""
        if operation.listed.bodies is not None:
            return operation.listed.bodies(self)
        return [operation.sample(form) for form in operation.choices()]


# --- What is to be told of an operation ---------------------------------------------------------

CUSTOMER, READ_ONLY, PARTNER = "customerAdmin", "readOnlyAdmin", "partnerAdmin"
SUPPORT, OPERATOR = "support", "operator"
EVERYBODY = frozenset({CUSTOMER, READ_ONLY, PARTNER, SUPPORT, OPERATOR})
ADMINS = frozenset({CUSTOMER, PARTNER})
WRITERS = ADMINS | {SUPPORT}
STAFF = frozenset({OPERATOR})
DESK = frozenset({SUPPORT})
WHO_PAYS = frozenset({CUSTOMER, OPERATOR})


@dataclass(frozen=True)
class Listed:
    """What the document does not tell of an operation."""

    roles: frozenset[str]
    """Who may call it, as api.md has it."""
    bodies: Callable[[Owner], list[Any]] | None = None
    """Bodies it takes, the first one with success, where the examples of the document do not do."""
    rows: Mapping[str, str] = field(default_factory=dict)
    """By the names of path parameters: which of `Owner.ids` it takes, when not that of the name."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Query parameters without which it is refused, or takes long."""
    takes_away: bool = False
    """Others would miss what it ends: called by the last test alone."""


def _stock_orders(owner: Owner, numbers: list[str]) -> list[Any]:
    return [
        {"type": "numbers", "phoneNumbers": numbers},
        {"type": "quantity", "quantity": 1, "criteria": {"state": "WA"}},
        {"type": "block", "firstNumber": owner.spare[10], "size": 10},
    ]


def _orders(owner: Owner) -> list[Any]:
    return [
        *_stock_orders(owner, owner.spare[:1]),
        {
            "type": "numbers",
            "phoneNumbers": owner.spare[:1],
            "reservationId": owner.ids["reservationId"],
        },
        ASSISTED,
    ]


def _organization(_owner: Owner) -> list[Any]:
    paid = {"type": "paid"}
    partner = {"name": "Contoso Voice"}
    return [{"displayName": "Fabrikam", "subscription": paid, "partner": partner}]


def _case(owner: Owner) -> list[Any]:
    asked = {"need": "reschedule", "subject": "Another day", "message": "Later."}
    return [{**asked, "orderId": owner.ids["orderId"]}, asked]


def _of_port(name: str) -> dict[str, str]:
    """The row of a port that has that name among `Owner.ids`."""
    return {"orderId": name}


def _numbers_of_port(name: str) -> Callable[[Owner], list[Any]]:
    """A body with a number of the port."""
    return lambda owner: [{"phoneNumbers": owner.ports[name][:1]}]


def _to_port(owner: Owner) -> list[Any]:
    return [{"phoneNumbers": owner.portable[:2]}]


def _patches(owner: Owner) -> list[Any]:
    wish = {"requestedCompletionDate": owner.foc_date, "notificationEmail": "it@northwind.example"}
    return [{"portType": "full", "account": ACCOUNT}, wish]


def _split(owner: Owner) -> list[Any]:
    numbers = owner.ports["portIdToSplit"]
    return [{"phoneNumbers": _with_billing_numbers(numbers)}]


def _with_billing_numbers(numbers: list[str], shared_by: int = 1) -> list[Json]:
    """Entries of a split: so many of the numbers, one after another, have one billing number."""
    return [
        {
            "phoneNumber": number,
            "billingTelephoneNumber": f"+120655590{index // shared_by:02}",
        }
        for index, number in enumerate(numbers)
    ]


def _rejection(owner: Owner) -> list[Any]:
    error = {"code": "tnMismatch", "phoneNumbers": owner.ports["portIdToReject"][:1]}
    return [{"errors": [error]}, {"errors": [{"code": "unknown", "note": "Ask the carrier."}]}]


def _portability(owner: Owner) -> list[Any]:
    return [{"phoneNumbers": owner.ports["portIdToJudge"][:1], "portable": False}]


PAPER = pdf(header=b"%PDF-1.7\n", content=stream(b"BT /F1 12 Tf 72 720 Td (Thank you) Tj ET"))
"""A document that says nothing, in characters that JSON has too."""
WEBHOOK = {
    "name": "Hooks",
    "targetUrl": "http://127.0.0.1:9/hooks",
    "events": ["document.voided"],
}
"""Nobody listens there, nothing leaves this machine, and there is hardly anything to tell."""
ASSISTED = {"type": "assisted", "quantity": 1, "numberType": "local", "details": "Together."}

OPERATIONS: Mapping[str, Listed] = {
    "getMe": Listed(EVERYBODY),
    "createAccessToken": Listed(WHO_PAYS, lambda _: [{"name": "script", "role": READ_ONLY}]),
    "listAccessTokens": Listed(WHO_PAYS),
    "revokeAccessToken": Listed(WHO_PAYS, takes_away=True),
    "listOrganizations": Listed(EVERYBODY),
    "createOrganization": Listed(STAFF, _organization),
    "getOrganization": Listed(EVERYBODY),
    "listLicenses": Listed(EVERYBODY),
    "getPstnAccount": Listed(EVERYBODY),
    "updatePstnAccount": Listed(STAFF, lambda _: [{"subscription": {"type": "paid"}}]),
    "cancelSubscription": Listed(WHO_PAYS, takes_away=True),
    "restoreSubscription": Listed(WHO_PAYS),
    "listEvents": Listed(EVERYBODY),
    "streamEvents": Listed(EVERYBODY, query={"maxSeconds": "0"}),
    "listLocations": Listed(EVERYBODY),
    "createLocation": Listed(ADMINS),
    "getLocation": Listed(EVERYBODY),
    "updateLocation": Listed(ADMINS),
    "deleteLocation": Listed(ADMINS, rows={"locationId": "emptyLocationId"}, takes_away=True),
    "listConnectionOptions": Listed(EVERYBODY),
    "getConnection": Listed(EVERYBODY),
    "configureConnection": Listed(
        ADMINS, lambda _: [CISCO_PSTN], rows={"locationId": "bareLocationId"}
    ),
    "getSetup": Listed(EVERYBODY),
    "setMainNumber": Listed(ADMINS, lambda owner: [{"phoneNumber": owner.numbers[0]}]),
    "lookupEmergencyAddress": Listed(EVERYBODY),
    "createEmergencyAddress": Listed(ADMINS),
    "getEmergencyAddress": Listed(EVERYBODY),
    "updateEmergencyAddress": Listed(ADMINS),
    "getNumberEmergencyAddress": Listed(EVERYBODY),
    "updateNumberEmergencyAddress": Listed(ADMINS, lambda _: [{"emergencyAddress": SEATTLE}, {}]),
    "listCountries": Listed(EVERYBODY),
    "searchAvailableNumbers": Listed(EVERYBODY, query={"state": "WA"}),
    "searchAvailableBlocks": Listed(EVERYBODY, query={"state": "WA", "size": "10"}),
    "createNumberOrder": Listed(ADMINS, _orders),
    "quoteNumberOrder": Listed(ADMINS | {READ_ONLY}, _orders),
    "cancelOrder": Listed(ADMINS, rows={"orderId": "orderIdToCancel"}),
    "createReservation": Listed(ADMINS, lambda owner: _stock_orders(owner, owner.spare[1:2])),
    "getReservation": Listed(EVERYBODY),
    "extendReservation": Listed(ADMINS),
    "deleteReservation": Listed(ADMINS, rows={"reservationId": "reservationIdToDelete"}),
    "getTermsOfService": Listed(EVERYBODY),
    "acceptTermsOfService": Listed(frozenset({CUSTOMER})),
    "listLimits": Listed(EVERYBODY),
    "setLimit": Listed(STAFF),
    "checkPortability": Listed(EVERYBODY, _to_port),
    "createPortOrder": Listed(ADMINS, _to_port),
    "getPortOrder": Listed(EVERYBODY, rows=_of_port("portId")),
    "updatePortOrder": Listed(ADMINS, _patches, rows=_of_port("portId")),
    "getPortReadiness": Listed(EVERYBODY, rows=_of_port("portId")),
    "listPortFieldChanges": Listed(EVERYBODY, rows=_of_port("portId")),
    "submitPortOrder": Listed(ADMINS, rows=_of_port("portIdToSubmit")),
    "cancelPortOrder": Listed(ADMINS, rows=_of_port("portIdToCancel")),
    "removePortNumbers": Listed(
        ADMINS, _numbers_of_port("portIdToThin"), rows=_of_port("portIdToThin")
    ),
    "splitPortOrder": Listed(ADMINS, _split, rows=_of_port("portIdToSplit")),
    "listPortErrors": Listed(EVERYBODY),
    "listPortDocuments": Listed(EVERYBODY, rows=_of_port("portId")),
    "addPortDocument": Listed(
        ADMINS,
        lambda _: [{"kind": "other", "file": PAPER.decode("ascii")}],
        rows=_of_port("portId"),
    ),
    "getPortDocument": Listed(EVERYBODY, rows=_of_port("portId")),
    "deletePortDocument": Listed(
        ADMINS, rows={**_of_port("portId"), "documentId": "documentIdToDelete"}
    ),
    "downloadPortDocument": Listed(EVERYBODY, rows=_of_port("portId")),
    "signLoa": Listed(frozenset({CUSTOMER}), lambda _: [SIGNATURE], rows=_of_port("portId")),
    "downloadLoa": Listed(EVERYBODY, rows=_of_port("portId")),
    "acceptPortOrder": Listed(DESK, rows=_of_port("portIdToAccept")),
    "rejectPortOrder": Listed(DESK, _rejection, rows=_of_port("portIdToReject")),
    "setFocDate": Listed(
        DESK, lambda owner: [{"date": owner.foc_date}], rows=_of_port("portIdToDate")
    ),
    "completePortOrder": Listed(
        DESK, _numbers_of_port("portIdToComplete"), rows=_of_port("portIdToComplete")
    ),
    "requestDocument": Listed(DESK, rows=_of_port("portIdToAskAbout")),
    "confirmPortCancel": Listed(DESK, rows=_of_port("portIdToConfirm")),
    "declinePortCancel": Listed(DESK, rows=_of_port("portIdToDecline")),
    "expeditePortOrder": Listed(DESK, rows=_of_port("portIdToExpedite")),
    "setPortability": Listed(DESK, _portability, rows=_of_port("portIdToJudge")),
    "listOrders": Listed(EVERYBODY),
    "getOrder": Listed(EVERYBODY),
    "getOrderTimeline": Listed(EVERYBODY),
    "listSupportQueue": Listed(DESK),
    "fulfilOrder": Listed(
        DESK,
        lambda owner: [{"phoneNumbers": [owner.polish]}],
        rows={"orderId": "orderIdToFulfil"},
    ),
    "requireOrderAction": Listed(DESK, rows={"orderId": "orderIdToAskAbout"}),
    "failOrder": Listed(DESK, rows={"orderId": "orderIdToFail"}),
    "cancelOrderBySupport": Listed(DESK, rows={"orderId": "orderIdToCancelBySupport"}),
    "listSupportContacts": Listed(EVERYBODY),
    "createSupportCase": Listed(WRITERS, _case),
    "listSupportCases": Listed(EVERYBODY),
    "getSupportCase": Listed(EVERYBODY),
    "createSupportCaseComment": Listed(WRITERS),
    "closeSupportCase": Listed(WRITERS, rows={"caseId": "caseIdToClose"}),
    "listNumbers": Listed(EVERYBODY),
    "listPstnNumbers": Listed(EVERYBODY),
    "validateNumbers": Listed(EVERYBODY),
    "addLocationNumbers": Listed(
        ADMINS,
        lambda owner: [{"phoneNumbers": owner.to_bring, "state": "INACTIVE"}],
        rows={"locationId": "premisesLocationId"},
    ),
    "changeLocationNumbers": Listed(
        ADMINS,
        lambda owner: [{"phoneNumbers": owner.brought, "action": "DEACTIVATE"}],
        rows={"locationId": "premisesLocationId"},
    ),
    "removeLocationNumbers": Listed(
        ADMINS,
        lambda owner: [{"phoneNumbers": owner.brought}],
        rows={"locationId": "premisesLocationId"},
    ),
    "releaseNumbers": Listed(
        ADMINS,
        lambda owner: [{"phoneNumbers": owner.numbers[1:2]}, {"blockId": owner.ids["blockId"]}],
    ),
    "restoreNumbers": Listed(
        ADMINS,
        lambda owner: [{"phoneNumbers": owner.numbers[2:3]}, {"blockId": owner.ids["blockId"]}],
    ),
    "createInventoryImport": Listed(STAFF, lambda _: [{"file": HEADER}]),
    "getInventoryImport": Listed(STAFF),
    "getInventorySummary": Listed(STAFF),
    "createWebhook": Listed(ADMINS, lambda _: [{**WEBHOOK, "name": "Another"}]),
    "listWebhooks": Listed(EVERYBODY),
    "getWebhook": Listed(EVERYBODY),
    "updateWebhook": Listed(ADMINS, lambda _: [{"name": "Renamed"}, WEBHOOK]),
    "deleteWebhook": Listed(ADMINS, rows={"webhookId": "webhookIdToDelete"}),
    "rotateWebhookSecret": Listed(ADMINS),
    "testWebhook": Listed(ADMINS),
    "listWebhookDeliveries": Listed(EVERYBODY),
    "getWebhookDelivery": Listed(EVERYBODY),
    "redeliverWebhookDelivery": Listed(ADMINS),
    "getClock": Listed(STAFF),
    "advanceClock": Listed(STAFF, lambda _: [{"seconds": 1}]),
    "getScript": Listed(STAFF),
}


# --- The owner ----------------------------------------------------------------------------------


def unhurried(api: Api) -> Api:
    """The same caller, which takes no connection that was idle for a second.

    The server ends one after five seconds, the very moment until which httpx would still take it.
    """
    limits = httpx.Limits(max_connections=None, keepalive_expiry=1)
    api._transport = httpx.AsyncHTTPTransport(limits=limits)
    return api


WARSAW = {"address1": "ul. Prosta 20", "city": "Warszawa", "postalCode": "00-850", "country": "PL"}

_hundreds = itertools.count()


async def _made(api: Api, path: str, body: Any) -> Json:
    response = await api.post(path, json=body)
    assert response.status_code in (200, 201), response.text
    return dict(response.json())


async def _bring(api: Api, location_id: str, numbers: list[str]) -> None:
    """Put a location on a Local Gateway, with these numbers."""
    path = f"/telephony/pstn/locations/{location_id}/connection"
    connected = await api.put(path, json={"premiseRouteType": "TRUNK", "premiseRouteId": "trunk"})
    assert connected.status_code == 204, connected.text
    path = f"/telephony/config/locations/{location_id}/numbers"
    added = await api.post(path, json={"phoneNumbers": numbers})
    assert added.status_code == 201, added.text


async def _assisted_orders(customer: Customer, *names: str) -> dict[str, str]:
    """A location in Warsaw and orders there, each of them for an operation that ends it."""
    wish = location_wish(WARSAW, "Europe/Warsaw")
    location_id = (await _made(customer.api, "/locations", wish))["id"]
    path = f"/telephony/pstn/locations/{location_id}"
    body = {**CISCO_PSTN, "emergencyAddress": WARSAW}
    connected = await customer.api.put(f"{path}/connection", json=body)
    assert connected.status_code == 200, connected.text
    made = [await _made(customer.api, f"{path}/numberOrders", ASSISTED) for _ in names]
    return {name: order["id"] for name, order in zip(names, made, strict=True)}


DRAFTS = ("portIdToCancel", "portIdToThin", "portIdToSplit", "portIdToJudge")
SIGNED = ("portId", "portIdToSubmit")
IN_REVIEW = ("portIdToAccept", "portIdToReject", "portIdToAskAbout")
SENT = (
    "portIdToDate",
    "portIdToComplete",
    "portIdToConfirm",
    "portIdToDecline",
    "portIdToExpedite",
)
PORTS_OF_OWNER = (*DRAFTS, *SIGNED, *IN_REVIEW, *SENT)


async def _ports(customer: Customer, support: Api, foc_date: str) -> dict[str, Json]:
    """Ports of two numbers, each as far as the operation needs it that is tried on it.

    They are made by splitting one; its bill says nothing, so what is submitted waits for support.
    """
    numbers = fresh(*range(50, 50 + 2 * len(PORTS_OF_OWNER)))
    whole = await draft(customer, *numbers)
    await patch(customer, whole, portType="full", account=ACCOUNT)
    issued_on = (await bill_date(customer)).isoformat()
    await sent(customer.api, whole, "bill", PAPER, issuedOn=issued_on)
    entries = _with_billing_numbers(numbers, shared_by=2)
    made = await act(customer, whole, "split", phoneNumbers=entries)
    ports = dict(zip(PORTS_OF_OWNER, made["orders"], strict=True))
    for name in (*SIGNED, *IN_REVIEW, *SENT):
        await act(customer, ports[name], "loa/sign", **SIGNATURE)
    for name in (*IN_REVIEW, *SENT):
        in_review = await act(customer, ports[name], "submit")
        assert in_review["stage"] == "review", in_review
    for name in SENT:
        await _made_at_desk(support, ports[name], "accept")
    for name in ("portIdToConfirm", "portIdToDecline"):
        await act(customer, ports[name], "cancel")
    await _made_at_desk(support, ports["portIdToComplete"], "foc", date=foc_date)
    return ports


async def _made_at_desk(support: Api, port: Json, action: str, **body: Any) -> None:
    await _made(support, f"{PORT_DESK}/{port['id']}/{action}", body or None)


async def make_owner(service: Service) -> Owner:
    """Somebody who owns one of each."""
    customer = await make_customer(service)
    api = unhurried(customer.api)
    unhurried(customer.operator)
    await customer.accept_terms()
    first = fresh_thousand()
    line = f"US,WA,Seattle,SEATTLE,local,+{first},+{first + 59}\n"
    imported = await import_csv(customer.operator, HEADER + line)
    stock = [f"+{number}" for number in range(first, first + 60)]
    numbers, spare = stock[:3] + stock[10:20], stock[20:]
    placed = await customer.order(*stock[:3])
    assert placed.status_code == 201, placed.text
    order = await api.ended(placed.json()["id"])
    block = {"type": "block", "firstNumber": stock[10], "size": 10}
    of_block = await _made(api, f"{customer.location}/numberOrders", block)
    assert (await api.ended(of_block["id"]))["status"] == "provisioned"
    await _made(api, "/telephony/pstn/numbers/release", {"phoneNumbers": numbers[2:3]})
    reservations = [
        await _made(
            api,
            f"{customer.location}/reservations",
            {"type": "numbers", "phoneNumbers": [stock[index]]},
        )
        for index in (5, 6)
    ]
    case = {"need": "billing", "subject": "A bill", "message": "Whose is it?"}
    cases = [await _made(api, "/telephony/pstn/supportCases", case) for _ in range(2)]
    locations = [await _made(api, "/locations", location_wish(SEATTLE)) for _ in range(3)]
    brought = [f"+1509555{next(_hundreds):04}" for _ in range(2)]
    await _bring(api, locations[2]["id"], brought[:1])
    address = (await api.get(f"{customer.location}/emergencyAddress")).json()
    token = await _made(api, "/accessTokens", {"name": "spare", "role": "customerAdmin"})
    assisted = await _assisted_orders(
        customer,
        "orderIdToFulfil",
        "orderIdToAskAbout",
        "orderIdToFail",
        "orderIdToCancelBySupport",
        "orderIdToCancel",
        "failedOrderId",
    )
    async with unhurried(await customer.caller(SUPPORT)) as support:
        failed = f"/telephony/pstn/support/orders/{assisted['failedOrderId']}/fail"
        await _made(support, failed, {"message": "There are none."})
        today = SEATTLES.day_of(await now(service))
        foc_date = SEATTLES.business_day_after(today, 5).isoformat()
        ports = await _ports(customer, support, foc_date)
    documents = [await sent(api, ports["portId"], kind, PAPER) for kind in ("csr", "other")]
    webhooks = [await _made(api, "/webhooks", WEBHOOK) for _ in range(2)]
    delivery = await _made(api, f"/webhooks/{webhooks[0]['id']}/test", None)
    limit = f"/organizations/{customer.organization_id}/limits/numbersPerOrder"
    changed = await customer.operator.put(limit, json={"limit": 200})
    assert changed.status_code == 200, changed.text
    ids = {
        "orgId": customer.organization_id,
        "locationId": customer.location_id,
        "bareLocationId": locations[0]["id"],
        "emptyLocationId": locations[1]["id"],
        "premisesLocationId": locations[2]["id"],
        "addressId": address["id"],
        "orderId": order["id"],
        **assisted,
        **{name: port["id"] for name, port in ports.items()},
        "documentId": documents[0]["id"],
        "documentIdToDelete": documents[1]["id"],
        "blockId": of_block["blockId"],
        "reservationId": reservations[0]["id"],
        "reservationIdToDelete": reservations[1]["id"],
        "caseId": cases[0]["id"],
        "caseIdToClose": cases[1]["id"],
        "tokenId": token["id"],
        "webhookId": webhooks[0]["id"],
        "webhookIdToDelete": webhooks[1]["id"],
        "deliveryId": delivery["id"],
        "importId": imported["id"],
        "name": "numbersPerOrder",
        "phoneNumber": stock[0],
    }
    polish = f"+{48_226_000_000 + next(_hundreds)}"
    ported = {
        name: [entry["phoneNumber"] for entry in port["phoneNumbers"]]
        for name, port in ports.items()
    }
    return Owner(
        customer,
        numbers,
        spare,
        ids,
        order["orderNumber"],
        polish,
        ports=ported,
        portable=fresh(50, 51),
        foc_date=foc_date,
        brought=brought[:1],
        to_bring=brought[1:],
    )


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

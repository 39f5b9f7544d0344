"""`tests.contract.breaking` on our document: what breaks clients is told, and nothing else is.

The breaking changes are those of oasdiff's list of checks that our document can suffer, by their
names there; ours beyond it are named in words.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract import breaking
from tests.contract.breaking import (
    OPENAPI,
    RULES,
    Acceptance,
    Change,
    changes,
    last_release,
)

Json = dict[str, Any]

ORDERS = "/v1/telephony/pstn/orders"
TEXT: Json = {"type": "string", "maxLength": 9}
NULL: Json = {"type": "null"}
EVENT = {
    "operationId": "orderProvisioned",
    "parameters": [{"in": "header", "name": "webhook-id", "schema": TEXT}],
    "requestBody": {
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OrderView"}}}
    },
    "responses": {"204": {"description": "Taken."}},
}


def without_examples(part: Json) -> Json:
    """Most of the document are examples, and none of them is compared."""
    return {name: value for name, value in part.items() if name not in ("example", "examples")}


PUBLISHED = (OPENAPI / "openapi.json").read_text()
WRITTEN = json.dumps(
    json.loads(PUBLISHED, object_hook=without_examples) | {"webhooks": {"tried": {"post": EVENT}}}
)
OLD = json.loads(WRITTEN)


class Document:
    """Our document, to be changed, with names for its parts."""

    def __init__(self) -> None:
        self.json: Json = json.loads(WRITTEN)

    @property
    def paths(self) -> Any:
        return self.json["paths"]

    def operation(self, name: str) -> Any:
        """An operation by its id."""
        [found] = [
            told
            for item in self.paths.values()
            for told in item.values()
            if told["operationId"] == name
        ]
        return found

    def parameter(self, operation: str, name: str) -> Any:
        """A parameter of an operation."""
        [found] = [p for p in self.operation(operation)["parameters"] if p["name"] == name]
        return found

    def asked(self, operation: str, name: str) -> Any:
        """The schema of a parameter of an operation."""
        return self.parameter(operation, name)["schema"]

    def answer(self, operation: str, status: int = 200) -> Any:
        """An answer of an operation."""
        return self.operation(operation)["responses"][str(status)]

    def schema(self, name: str) -> Any:
        """A schema by its name."""
        return self.json["components"]["schemas"][name]

    def member(self, schema: str, name: str) -> Any:
        """A member of a schema; where it may be null, what it is else."""
        found = self.schema(schema)["properties"][name]
        return found["anyOf"][0] if "anyOf" in found else found

    def members(self, schema: str) -> Any:
        """All members of a schema."""
        return self.schema(schema)["properties"]

    def body(self, operation: str) -> Any:
        """The JSON that an operation takes."""
        return self.operation(operation)["requestBody"]["content"]["application/json"]

    @property
    def event(self) -> Any:
        """The webhook of the tests."""
        return self.json["webhooks"]["tried"]["post"]


Mutation = Callable[[Document], object]

BREAKING: list[tuple[str, str, Mutation]] = [
    # --- operations
    ("api-path-removed-without-deprecation", "operation-removed", lambda d: d.paths.pop(ORDERS)),
    (
        "api-removed-without-deprecation",
        "operation-removed",
        lambda d: d.paths["/v1/accessTokens"].pop("post"),
    ),
    (
        "api-operation-id-removed",
        "operation-renamed",
        lambda d: d.operation("getOrder").update(operationId="readOrder"),
    ),
    ("api-tag-removed", "operation-moved", lambda d: d.operation("getOrder").update(tags=["X"])),
    (
        "api-security-added",
        "security-added",
        lambda d: d.operation("getOrder")["security"][0].update(another=[]),
    ),
    (
        "api-security-scope-added",
        "security-added",
        lambda d: d.operation("getOrder").update(security=[{"HTTPBearer": ["orders"]}]),
    ),
    (
        "api-security-component-type-changed",
        "security-scheme-changed",
        lambda d: d.json["components"]["securitySchemes"]["HTTPBearer"].update(scheme="basic"),
    ),
    ("the server moved", "server-removed", lambda d: d.json.update(servers=[{"url": "/api"}])),
    # --- parameters
    (
        "request-parameter-removed",
        "parameter-removed",
        lambda d: d.operation("listOrders")["parameters"].pop(0),
    ),
    (
        "new-required-request-parameter",
        "parameter-added",
        lambda d: d.operation("listOrders")["parameters"].append(
            {"in": "query", "name": "year", "required": True, "schema": TEXT}
        ),
    ),
    (
        "new-required-request-header-property",
        "parameter-added",
        lambda d: d.operation("listOrders")["parameters"].append(
            {"in": "header", "name": "X-Year", "required": True, "schema": TEXT}
        ),
    ),
    (
        "new-request-path-parameter",
        "operation-removed",
        lambda d: d.paths.update({ORDERS + "/{year}": d.paths.pop(ORDERS)}),
    ),
    (
        "request-parameter-became-required",
        "parameter-required",
        lambda d: d.parameter("listOrders", "cursor").update(required=True),
    ),
    (
        "request-parameter-moved",
        "parameter-removed",
        lambda d: d.parameter("listOrders", "cursor").update({"in": "header"}),
    ),
    (
        "request-parameter-style-changed",
        "parameter-written-differently",
        lambda d: d.parameter("listConnectionOptions", "serviceTypes").update(explode=False),
    ),
    (
        "request-parameter-type-changed",
        "request-type",
        lambda d: d.parameter("listOrders", "max").update(schema={"type": "boolean"}),
    ),
    (
        "request-parameter-max-decreased",
        "request-upper-bound",
        lambda d: d.asked("listOrders", "max").update(maximum=100),
    ),
    (
        "request-parameter-min-increased",
        "request-lower-bound",
        lambda d: d.asked("listOrders", "max").update(minimum=2),
    ),
    (
        "request-parameter-max-length-decreased",
        "request-upper-bound",
        lambda d: d.asked("cancelOrder", "Idempotency-Key").update(maxLength=36),
    ),
    (
        "request-parameter-min-length-increased",
        "request-lower-bound",
        lambda d: d.asked("cancelOrder", "Idempotency-Key").update(minLength=9),
    ),
    (
        "request-parameter-max-items-decreased",
        "request-upper-bound",
        lambda d: d.asked("listConnectionOptions", "serviceTypes").update(maxItems=2),
    ),
    (
        "request-parameter-max-length-set",
        "request-upper-bound",
        lambda d: d.asked("getOrder", "Accept-Language").update(maxLength=9),
    ),
    (
        "request-parameter-pattern-added",
        "request-pattern",
        lambda d: d.asked("listOrders", "cursor").update(pattern="^a"),
    ),
    (
        "request-parameter-pattern-changed",
        "request-pattern",
        lambda d: d.asked("cancelOrder", "Idempotency-Key").update(pattern="^[a-z]+$"),
    ),
    (
        "request-parameter-became-enum",
        "request-value",
        lambda d: d.asked("listOrders", "status").update(enum=["draft"]),
    ),
    (
        "request-parameter-default-value-changed",
        "request-default",
        lambda d: d.asked("listOrders", "max").update(default=10),
    ),
    (
        "request-parameter-default-value-removed",
        "request-default",
        lambda d: d.asked("listOrders", "max").pop("default"),
    ),
    # --- bodies of requests
    (
        "request-body-added-required",
        "body-added",
        lambda d: d.operation("cancelOrder").update(
            requestBody={"required": True, "content": {"application/json": {"schema": {}}}}
        ),
    ),
    (
        "request-body-became-required",
        "body-required",
        lambda d: d.operation("completePortOrder")["requestBody"].update(required=True),
    ),
    (
        "request-body-removed",
        "body-removed",
        lambda d: d.operation("createAccessToken").pop("requestBody"),
    ),
    (
        "request-body-media-type-removed",
        "body-media-type-removed",
        lambda d: d.operation("createAccessToken")["requestBody"].update(
            content={"application/xml": {"schema": {}}}
        ),
    ),
    (
        "request-body-one-of-removed",
        "request-choice",
        lambda d: d.body("createNumberOrder")["schema"]["oneOf"].pop(),
    ),
    (
        "request-body-discriminator-property-name-changed",
        "request-discriminator",
        lambda d: d.body("createNumberOrder")["schema"]["discriminator"].update(
            propertyName="kind"
        ),
    ),
    (
        "request-body-type-changed",
        "request-type",
        lambda d: d.body("createAccessToken").update(schema={"type": "array", "items": {}}),
    ),
    (
        "request-property-removed",
        "request-member",
        lambda d: d.members("AccessTokenCreate").pop("expiresInDays"),
    ),
    (
        "new-required-request-property",
        "request-required",
        lambda d: (
            d.members("AccessTokenCreate").update(purpose=TEXT),
            d.schema("AccessTokenCreate")["required"].append("purpose"),
        ),
    ),
    (
        "request-property-became-required",
        "request-required",
        lambda d: d.schema("AccessTokenCreate")["required"].append("orgId"),
    ),
    (
        "request-property-became-required in a choice",
        "request-required",
        lambda d: d.schema("NumbersOrderCreate")["required"].append("reservationId"),
    ),
    (
        "request-property-became-not-nullable",
        "request-null",
        lambda d: d.members("AccessTokenCreate")["orgId"]["anyOf"].pop(),
    ),
    (
        "request-property-became-enum",
        "request-value",
        lambda d: d.member("AccessTokenCreate", "name").update(enum=["script"]),
    ),
    (
        "request-property-enum-value-removed",
        "request-value",
        lambda d: d.schema("OnUnavailable")["enum"].remove("partial"),
    ),
    (
        "request-property-const-changed",
        "request-value",
        lambda d: d.member("LoaSigning", "consent").update(const=False),
    ),
    (
        "request-property-const-added",
        "request-value",
        lambda d: d.member("AccessTokenCreate", "name").update(const="script"),
    ),
    (
        "request-property-max-length-decreased",
        "request-upper-bound",
        lambda d: d.member("AccessTokenCreate", "name").update(maxLength=50),
    ),
    (
        "request-property-min-length-increased",
        "request-lower-bound",
        lambda d: d.member("AccessTokenCreate", "name").update(minLength=5),
    ),
    (
        "request-property-max-decreased",
        "request-upper-bound",
        lambda d: d.member("AccessTokenCreate", "expiresInDays").update(maximum=90),
    ),
    (
        "request-property-min-increased",
        "request-lower-bound",
        lambda d: d.member("AccessTokenCreate", "expiresInDays").update(minimum=30),
    ),
    (
        "request-property-exclusive-min-increased",
        "request-lower-bound",
        lambda d: d.member("ClockAdvance", "seconds").update(exclusiveMinimum=1),
    ),
    (
        "request-property-exclusive-max-set",
        "request-upper-bound",
        lambda d: d.member("ClockAdvance", "seconds").update(exclusiveMaximum=9),
    ),
    (
        "request-property-max-items-decreased",
        "request-upper-bound",
        lambda d: d.member("NumbersOrderCreate", "phoneNumbers").update(maxItems=100),
    ),
    (
        "request-property-min-items-increased",
        "request-lower-bound",
        lambda d: d.member("NumbersOrderCreate", "phoneNumbers").update(minItems=2),
    ),
    (
        "request-property-unique-items-set",
        "request-unique",
        lambda d: d.member("NumbersOrderCreate", "phoneNumbers").update(uniqueItems=True),
    ),
    (
        "request-property-multiple-of-set",
        "request-multiple",
        lambda d: d.member("AccessTokenCreate", "expiresInDays").update(multipleOf=30),
    ),
    (
        "request-property-pattern-added",
        "request-pattern",
        lambda d: d.member("AccessTokenCreate", "name").update(pattern="^[a-z]$"),
    ),
    (
        "request-property-pattern-changed",
        "request-pattern",
        lambda d: d.member("SearchCriteria", "areaCode").update(pattern="^2[0-9]{2}$"),
    ),
    (
        "request-property-format-changed",
        "request-format",
        lambda d: d.member("AccessTokenCreate", "orgId").update(format="uuid"),
    ),
    (
        "request-property-type-changed",
        "request-choice",
        lambda d: d.member("AccessTokenCreate", "expiresInDays").update(type="string"),
    ),
    (
        "request-property-list-of-types-narrowed",
        "request-type",
        lambda d: d.member("ClockAdvance", "seconds").update(type="integer"),
    ),
    (
        "request-property-default-value-changed",
        "request-default",
        lambda d: d.members("NumbersOrderCreate")["onUnavailable"].update(default="partial"),
    ),
    (
        "request-property-any-of-removed",
        "request-type",
        lambda d: d.member("PortOrderPatch", "additionalInformation").update(
            additionalProperties=NULL
        ),
    ),
    (
        "request-property-all-of-added",
        "request-required",
        lambda d: d.schema("AccessTokenCreate").update(allOf=[{"required": ["orgId"]}]),
    ),
    (
        "request-property-additional-properties-closed",
        "request-further-members",
        lambda d: d.schema("LocationWrite").update(additionalProperties=False),
    ),
    (
        "request-property-if-added",
        "request-keyword",
        lambda d: d.schema("AccessTokenCreate").update({"if": {"required": ["orgId"]}}),
    ),
    (
        "request-property-content-media-type-changed",
        "request-keyword",
        lambda d: d.member("AccessTokenCreate", "name").update(contentMediaType="text/html"),
    ),
    (
        "a member of a member that several requests share",
        "request-upper-bound",
        lambda d: d.member("ServiceAddress", "city").update(maxLength=9),
    ),
    # --- answers
    (
        "response-success-status-removed",
        "status-removed",
        lambda d: d.operation("createAccessToken")["responses"].update(
            {"202": d.operation("createAccessToken")["responses"].pop("201")}
        ),
    ),
    (
        "response-media-type-removed",
        "answer-media-type-removed",
        lambda d: d.answer("downloadLoa")["content"].pop("image/png"),
    ),
    (
        "response-body-removed",
        "answer-media-type-removed",
        lambda d: d.answer("getOrder").pop("content"),
    ),
    (
        "required-response-header-removed",
        "header-removed",
        lambda d: d.answer("getOrder")["headers"].pop("ETag"),
    ),
    (
        "optional-response-header-removed",
        "header-removed",
        lambda d: d.answer("listOrders")["headers"].pop("Link"),
    ),
    (
        "response-header-became-optional",
        "header-removed",
        lambda d: d.json["components"]["headers"]["ETag"].pop("required"),
    ),
    (
        "response-header-type-changed",
        "answer-type",
        lambda d: d.json["components"]["headers"]["RetryAfter"]["schema"].update(type="string"),
    ),
    (
        "response-required-property-removed",
        "answer-member",
        lambda d: d.members("LimitView").pop("reason"),
    ),
    (
        "response-optional-property-removed",
        "answer-member",
        lambda d: d.members("OrderView").pop("focDate"),
    ),
    (
        "response-property-became-optional",
        "answer-required",
        lambda d: d.schema("LimitView")["required"].remove("reason"),
    ),
    (
        "response-property-became-nullable",
        "answer-null",
        lambda d: d.members("LimitView").update(reason={"anyOf": [TEXT, NULL]}),
    ),
    (
        "response-property-type-changed",
        "answer-type",
        lambda d: d.member("LicenseView", "totalUnits").update(type="string"),
    ),
    (
        "response-property-type-generalized",
        "answer-type",
        lambda d: d.member("LicenseView", "totalUnits").update(type="number"),
    ),
    (
        "response-property-list-of-types-widened",
        "answer-type",
        lambda d: d.member("LimitView", "reason").update(type=["string", "integer"]),
    ),
    (
        "response-property-enum-value-added",
        "answer-value",
        lambda d: d.schema("Actor")["enum"].append("regulator"),
    ),
    (
        "response-property-enum-removed",
        "answer-value",
        lambda d: d.schema("Actor").pop("enum"),
    ),
    (
        "response-property-max-length-increased",
        "answer-upper-bound",
        lambda d: d.member("LimitView", "name").update(maxLength=99),
    ),
    (
        "response-property-max-length-unset",
        "answer-upper-bound",
        lambda d: d.member("LimitView", "name").pop("maxLength"),
    ),
    (
        "response-property-max-increased",
        "answer-upper-bound",
        lambda d: d.member("LicenseView", "totalUnits").update(maximum=2**63),
    ),
    (
        "response-property-min-decreased",
        "answer-lower-bound",
        lambda d: d.member("LicenseView", "totalUnits").update(minimum=-1),
    ),
    (
        "response-property-format-changed",
        "answer-format",
        lambda d: d.member("OrderView", "createdAt").update(format="date"),
    ),
    (
        "response-property-pattern-changed",
        "answer-pattern",
        lambda d: d.member("LocationAddress", "country").update(pattern="^[A-Z]{3}$"),
    ),
    (
        "response-property-one-of-added",
        "answer-choice",
        lambda d: d.members("OrderView").update(
            stage={"anyOf": [*d.members("OrderView")["stage"]["anyOf"], {"type": "object"}]}
        ),
    ),
    (
        "response-body-wrapped-in-one-of",
        "answer-type",
        lambda d: d.answer("getOrder")["content"]["application/json"].update(
            schema={"oneOf": [{"$ref": "#/components/schemas/OrderView"}, {"type": "array"}]}
        ),
    ),
    (
        "a member comes in an answer that was closed",
        "answer-further-members",
        lambda d: d.members("Person").update(nickname=TEXT),
    ),
    (
        "an answer that was closed is open",
        "answer-further-members",
        lambda d: d.schema("Person").pop("additionalProperties"),
    ),
    (
        "a member of a problem is gone",
        "answer-member",
        lambda d: d.members("ProblemView").pop("code"),
    ),
    # --- webhooks
    ("webhook-removed", "webhook-removed", lambda d: d.json["webhooks"].clear()),
    (
        "a webhook's body is another",
        "answer-member",
        lambda d: d.event["requestBody"]["content"]["application/json"].update(
            schema={"$ref": "#/components/schemas/LimitView"}
        ),
    ),
    ("a webhook's header is gone", "parameter-removed", lambda d: d.event["parameters"].clear()),
]

HARMLESS: list[tuple[str, Mutation]] = [
    ("nothing", lambda _: None),
    ("a description", lambda d: d.operation("getOrder").update(description="Read it.")),
    ("an example", lambda d: d.member("AccessTokenCreate", "name").update(examples=["Another"])),
    ("the title of a schema", lambda d: d.schema("OrderView").update(title="Order")),
    ("the version", lambda d: d.json["info"].update(version="9.9.9")),
    ("an operation more", lambda d: d.paths.update({"/v1/news": d.paths[ORDERS]})),
    ("an operation deprecated", lambda d: d.operation("getOrder").update(deprecated=True)),
    ("a further tag", lambda d: d.operation("getOrder")["tags"].append("Others")),
    ("a further server", lambda d: d.json["servers"].append({"url": "https://pstn.example"})),
    (
        "an optional parameter more",
        lambda d: d.operation("listOrders")["parameters"].append(
            {"in": "query", "name": "year", "schema": TEXT}
        ),
    ),
    ("parameters in another order", lambda d: d.operation("listOrders")["parameters"].reverse()),
    (
        "the name of a header in another case",
        lambda d: d.parameter("cancelOrder", "if-match").update(name="If-Match"),
    ),
    (
        "a parameter is optional",
        lambda d: d.parameter("getOrder", "orgId").update(required=False),
    ),
    (
        "an optional member of a request more",
        lambda d: d.members("AccessTokenCreate").update(purpose=TEXT),
    ),
    (
        "a member of a request is optional",
        lambda d: d.schema("AccessTokenCreate")["required"].remove("name"),
    ),
    (
        "a member of a request may be null",
        lambda d: d.members("AccessTokenCreate").update(
            name={"anyOf": [TEXT | {"maxLength": 100}, NULL]}
        ),
    ),
    (
        "a request may be longer",
        lambda d: d.member("AccessTokenCreate", "name").update(maxLength=500),
    ),
    (
        "a request may have any length",
        lambda d: d.member("AccessTokenCreate", "name").pop("maxLength"),
    ),
    (
        "a request may have more entries",
        lambda d: d.member("NumbersOrderCreate", "phoneNumbers").update(maxItems=10**6, minItems=0),
    ),
    ("a value more in a request", lambda d: d.schema("OnUnavailable")["enum"].append("wait")),
    (
        "a pattern of a request is gone",
        lambda d: d.member("SearchCriteria", "areaCode").pop("pattern"),
    ),
    (
        "a number where an integer was asked for",
        lambda d: d.member("AccessTokenCreate", "expiresInDays").update(type="number"),
    ),
    (
        "a body in a further form",
        lambda d: d.operation("createAccessToken")["requestBody"]["content"].update(
            {"application/xml": {"schema": {}}}
        ),
    ),
    (
        "a further choice in a request",
        lambda d: d.body("createNumberOrder")["schema"]["oneOf"].append({"type": "array"}),
    ),
    ("a member of an answer more", lambda d: d.members("LimitView").update(since=TEXT)),
    (
        "a member of an answer is always there",
        lambda d: d.schema("OrderView")["required"].append("focDate"),
    ),
    (
        "a member of an answer is never null",
        lambda d: d.members("LimitView").update(limit=d.member("LimitView", "limit")),
    ),
    ("an answer is shorter", lambda d: d.member("LimitView", "name").update(maxLength=9)),
    (
        "an answer has bounds",
        lambda d: d.member("OrderView", "request").update(maxProperties=9),
    ),
    ("an answer has fewer values", lambda d: d.schema("Actor")["enum"].pop()),
    (
        "an answer is one of some",
        lambda d: d.member("LimitView", "name").update(enum=["a"]),
    ),
    (
        "a refusal more",
        lambda d: d.operation("getOrder")["responses"].update({"418": {"description": "Tea."}}),
    ),
    ("a refusal is gone", lambda d: d.operation("getOrder")["responses"].pop("500")),
    (
        "an answer in a further form",
        lambda d: d.answer("getOrder")["content"].update({"text/csv": {"schema": TEXT}}),
    ),
    (
        "a header of an answer more",
        lambda d: d.answer("getOrder")["headers"].update({"X-Year": {"schema": TEXT}}),
    ),
    (
        "a schema by another name",
        lambda d: (
            d.json["components"]["schemas"].update(Bound=d.schema("LimitView")),
            d.members("Limits")["items"].update(items={"$ref": "#/components/schemas/Bound"}),
        ),
    ),
    (
        "a schema written out",
        lambda d: d.members("Limits")["items"].update(items=d.schema("LimitView")),
    ),
    (
        "null by a list of types",
        lambda d: d.members("OrderView").update(
            stage={"type": ["string", "null"], "maxLength": 64}
        ),
    ),
    ("an event more", lambda d: d.json["webhooks"].update({"order.failed": {"post": d.event}})),
    (
        "a way more to prove who calls",
        lambda d: d.operation("getOrder")["security"].append({"another": []}),
    ),
]


def told(mutation: Mutation) -> list[Change]:
    """What is said of a change."""
    document = Document()
    mutation(document)
    return changes(OLD, document.json)


@pytest.mark.parametrize(
    ("rule", "mutation"), [case[1:] for case in BREAKING], ids=[case[0] for case in BREAKING]
)
def test_what_breaks_clients_is_told(rule: str, mutation: Mutation) -> None:
    assert rule in {change.rule for change in told(mutation)}


@pytest.mark.parametrize(
    "mutation", [case[1] for case in HARMLESS], ids=[case[0] for case in HARMLESS]
)
def test_what_is_harmless_is_not(mutation: Mutation) -> None:
    assert told(mutation) == []


def test_a_null_that_nobody_could_send_is_not_missed() -> None:
    document = Document()
    status = document.parameter("listOrders", "status")
    for parent, name in (
        (status, "schema"),
        (document.members("AddPortDocumentForm"), "issuedOn"),
    ):
        parent[name] = {"anyOf": [parent[name], NULL]}
    assert changes(document.json, OLD) == []


def test_every_rule_is_tried() -> None:
    tried = {rule for _, rule, _ in BREAKING}
    # In answers no more than this differs from requests.
    by_side = {name for name in RULES if name.startswith("answer-") and name not in tried}
    assert {name.replace("answer-", "request-") for name in by_side} <= tried
    assert RULES.keys() - by_side - tried == set()


CHANGE = Change("operation-moved", "GET /v1/people/me", "now ['People']")
ACCEPTED = """
release = "1.0.0"
[[accepted]]
rule = "operation-moved"
detail = "now ['People']"
places = ["GET /v1/people/me"]
reason = "Nobody had found it."
"""


@pytest.fixture
def accepted(tmp_path: Path) -> Acceptance:
    """One change accepted, since 1.0.0."""
    file = tmp_path / "accepted.toml"
    file.write_text(ACCEPTED)
    return Acceptance.read(file)


def test_a_change_that_is_named_with_its_reason_is_accepted(accepted: Acceptance) -> None:
    assert accepted.faults("1.0.0", [CHANGE]) == []


@pytest.mark.parametrize(
    "other",
    [
        replace(CHANGE, rule="operation-renamed"),
        replace(CHANGE, where="GET /v1/licenses"),
        replace(CHANGE, detail="now None"),
    ],
)
def test_no_other_change_is(accepted: Acceptance, other: Change) -> None:
    assert accepted.faults("1.0.0", [CHANGE, other]) == [str(other)]


def test_a_reason_for_nothing_is_a_fault(accepted: Acceptance) -> None:
    [fault] = accepted.faults("1.0.0", [])
    assert "no such change" in fault


def test_a_release_ends_what_was_accepted_before(accepted: Acceptance) -> None:
    assert len(accepted.faults("2.0.0", [CHANGE])) == 2
    assert len(accepted.faults("2.0.0", [])) == 1


def test_nothing_is_accepted_without_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "accepted.toml"
    file.write_text(ACCEPTED.replace("reason", "# reason"))
    with pytest.raises(KeyError):
        Acceptance.read(file)


def test_clients_of_the_last_release_are_served(capsys: pytest.CaptureFixture[str]) -> None:
    assert breaking.main() == 0, capsys.readouterr().out


def test_the_last_release_is_that_of_the_highest_number(tmp_path: Path) -> None:
    for version in ("0.9.0", "0.10.0", "0.2.11"):
        (tmp_path / f"{version}.json").touch()
    assert last_release(tmp_path).stem == "0.10.0"

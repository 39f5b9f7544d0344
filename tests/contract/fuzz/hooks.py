"""What schemathesis cannot read in the OpenAPI document: who calls, with which rows, and what not.

Nothing here forgives an answer but `RULES`, which says operation by operation which rules may
refuse a request that has the form of the document.
"""

from __future__ import annotations

import atexit
import copy
import itertools
import json
import os
import re
from collections import Counter
from collections.abc import Callable
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path
from typing import Any
from zlib import crc32

import hypothesis
import schemathesis
from schemathesis import AuthContext, Case, HookContext, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import RejectedPositiveData

Json = dict[str, Any]
Request = Case[Any]

GROUND: Json = json.loads(Path(os.environ["PSTN_FUZZ_GROUND"]).read_text())
OPERATIONS: dict[str, Json] = GROUND["operations"]

ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
OF_THE_EXAMPLES = "019ac1f0-"
ROWS = ("phoneNumber", "phoneNumbers", "firstNumber", "reservationId", "orderId", "blockId")
"""Members of bodies that name something there is."""

# The search for more answers of 2xx, which schemathesis has Hypothesis do, breaks with an
# IndexError now and then, where a service answers otherwise the second time.
hypothesis.target = lambda observation, **_: observation


def operation_id(case: Request) -> str:
    """The operation that a request is for."""
    return str(case.operation.definition.raw["operationId"])


# --- Who calls ----------------------------------------------------------------------------------


@schemathesis.auth(refresh_interval=None)
class ByOperation:
    """The customer's administrator where that one may, else the operator or support."""

    def get(self, case: Request, _context: AuthContext) -> str:
        """The token for a request."""
        return str(OPERATIONS[operation_id(case)]["token"])

    def set(self, case: Request, data: str, _context: AuthContext) -> None:
        """Send it."""
        case.headers["Authorization"] = f"Bearer {data}"


# --- With which rows ----------------------------------------------------------------------------


@schemathesis.hook
def before_add_examples(context: HookContext, examples: list[Request]) -> None:
    """Beside the examples of the document: the bodies that this owner's operation takes."""
    if context.operation is None or not examples:
        return
    first = examples[0]
    for body in OPERATIONS[operation_id(first)]["bodies"]:
        example = first.derive(keep_auth=True)
        object.__setattr__(example, "_meta", copy.deepcopy(first.meta))
        example.body = copy.deepcopy(body)
        examples.append(example)


@schemathesis.hook
def before_call(_context: HookContext, case: Request, _kwargs: Json) -> None:
    """Name rows that exist in the place of most that do not, and keep what the run stands on."""
    if case.meta is None or operation_id(case) not in OPERATIONS:
        return
    known = OPERATIONS[operation_id(case)]
    if not case.meta.is_negative_at(ParameterLocation.PATH):
        for name, value in case.path_parameters.items():
            if not _is_row(value) and _is_changed(value):
                case.path_parameters[name] = known["path"][name]
        _keep(case, operation_id(case))
    if case.meta.generation.mode.is_positive:
        _make_fit(case, known)
    if "idempotency-key" in case.headers and not case.meta.is_negative_at(ParameterLocation.HEADER):
        case.headers["Idempotency-Key"] = _key_of(case)


def _make_fit(case: Request, known: Json) -> None:
    if _is_changed(case.headers.get("if-match")):
        case.headers.pop("if-match", None)  # the version of some row is a guess that fails
    if _is_changed(case.query.get("cursor")):
        case.query.pop("cursor", None)  # and so is a cursor
    if not any(_is_row(value) for value in case.query.values()):
        case.query.update(known["query"])
    if operation_id(case) == "createOrganization":
        case.query.pop("orgId", None)  # a new one lies within no other
    if "orgId" in case.query and not _is_row(case.query["orgId"]):
        case.query["orgId"] = GROUND["orgId"]
    if isinstance(case.body, dict):
        if _is_changed(case.body):
            _make_real(case, known["bodies"])
        if case.media_type == "application/json":
            case.body = _as_written(case.body)


def _is_row(value: object) -> bool:
    """Whether that is an id of this run, taken from an answer."""
    return bool(ID.fullmatch(str(value))) and not str(value).startswith(OF_THE_EXAMPLES)


def _is_changed(value: object) -> bool:
    """Three of four, always the same ones."""
    return crc32(repr(value).encode(errors="replace")) % 4 > 0


def _key_of(case: Request) -> str:
    """A key of its own for each request: the same again would be a repetition, or an error."""
    sent = (case.path_parameters, dict(case.query), dict(case.headers), case.body)
    return sha256(repr(sent).encode(errors="replace")).hexdigest()


CONTROL = re.compile("[\x00-\x1f\x7f]|^\\s+|\\s+$")


def _as_written(value: Any) -> Any:
    """As people write: without control characters and blanks around, whole numbers not as 5.0.

    No field of one line takes the first, which no schema says; tests/security sends them.
    """
    if isinstance(value, str):
        return CONTROL.sub(lambda found: "x" * len(found[0]), value)
    if isinstance(value, dict):
        return {name: _as_written(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_as_written(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


_ports = itertools.count(1000)


def _make_real(case: Request, templates: list[Json]) -> None:
    """Name rows there are; where later steps stand on an answer, send what is surely taken."""
    assert case.meta is not None
    if case.meta.phase.name is not TestPhase.STATEFUL or not templates:
        _name_rows(case.body, templates)
        return
    case.body = copy.deepcopy(
        templates[crc32(repr(case.body).encode(errors="replace")) % len(templates)]
    )
    if operation_id(case) == "createPortOrder":
        case.body["phoneNumbers"] = [f"+1857555{next(_ports)}"]  # a number is in one port at a time


def _name_rows(body: Any, templates: list[Json]) -> None:
    for template in templates:
        if template.get("type") == body.get("type"):
            for name in ROWS:
                if name in body and name in template and type(body[name]) is type(template[name]):
                    body[name] = copy.deepcopy(template[name])
            return


# --- And what not -------------------------------------------------------------------------------

APART = ("cancelSubscription", "restoreSubscription", "updatePstnAccount", "setLimit")
"""They end or bind an organisation: they get one that no other request is about."""
SECONDS = {str(seconds) for seconds in range(3601)}
NOBODY = "http://127.0.0.1:9/"


def _keep(case: Request, operation: str) -> None:
    """Not saw off the branch the run sits on: what it needs is not deleted, others' things are."""
    path = case.path_parameters
    if operation in APART:
        path["orgId"] = GROUND["apart"]
    elif operation == "revokeAccessToken" and path["tokenId"] in GROUND["kept"]:
        path["tokenId"] = OPERATIONS[operation]["path"]["tokenId"]
    elif operation == "deleteLocation" and path["locationId"] in GROUND["kept"]:
        path["locationId"] = OPERATIONS[operation]["path"]["locationId"]
    elif operation == "streamEvents":
        seconds = str(case.query.get("maxSeconds", ""))
        if seconds in ("", "null") or seconds in SECONDS:
            case.query["maxSeconds"] = 0  # what there is, and no waiting for more
    elif operation in ("createWebhook", "updateWebhook") and isinstance(case.body, dict):
        if str(case.body.get("targetUrl")).startswith("http"):
            case.body["targetUrl"] = NOBODY  # no machine outside is called
    elif operation == "advanceClock" and isinstance(case.body, dict):
        # Seconds only: in an hour every reservation of the run would be over.
        ahead = case.body.get("seconds")
        if isinstance(ahead, int | float) and 10 < ahead <= 366 * 86_400:
            case.body["seconds"] = ahead % 10 + 1


# --- What was called ------------------------------------------------------------------------------

_tally: Counter[tuple[str, str, str]] = Counter()


@schemathesis.hook
def after_call(_context: HookContext, case: Request, response: Response) -> None:
    """Count, by phase, operation and the first digit of the status."""
    if case.meta is not None:
        key = (case.meta.phase.name.value, operation_id(case), f"{response.status_code // 100}xx")
        _tally[key] += 1


@atexit.register
def _tell() -> None:
    rows = [[*key, count] for key, count in sorted(_tally.items())]
    Path(os.environ["PSTN_FUZZ_GROUND"]).with_name("tally.json").write_text(json.dumps(rows))


# --- Rules that no schema can say ---------------------------------------------------------------

IN_STOCK = {
    "pstnNotEnabled",
    "useAssistedOrder",
    "useSelfServiceOrder",
    "searchTooWide",
    "validationFailed /prefix",  # in an area code only
    "validationFailed /state",  # of the country
}
ADDRESS = {"emergencyAddressInvalid"}
NUMBERS = {"invalidPhoneNumber", "duplicatePhoneNumber", "phoneNumberWrongCountry"}
OF_ORDER = {
    *NUMBERS,
    "numberNotInOrder",
    "validationFailed /phoneNumbers",  # some numbers, or all of an order that needs them
}
ORDER = {
    *IN_STOCK,
    *NUMBERS,
    "orderLimitExceeded",
    "reservationLimitExceeded",
    "validationFailed /criteria/state",  # of the country
    "invalidBlockSize",
    "validationFailed /criteria/prefix",  # in an area code only
    "validationFailed /numberType",  # as the country has them
}
EVENTS = {"unknownEventType", "webhookTargetNotAllowed", "validationFailed /events*"}
WEBEX = "a list of errors in Webex's own form"
RULES: dict[str, set[str]] = {
    "createAccessToken": {"validationFailed /partnerId", "validationFailed /orgId"},
    # The organisation of a caller without one: the document has `orgId` for everybody.
    "createOrganization": {
        "validationFailed /orgId",
        "validationFailed /subscription/trialEndsOn",
        "validationFailed /partner/*",  # its name, and years that nobody means
    },
    "updatePstnAccount": {
        "validationFailed /subscription/trialEndsOn",
        "validationFailed /partner/*",
    },
    "createInventoryImport": {"inventoryHeaderInvalid", "validationFailed "},
    # The names of all time zones would be a third of the document.
    "createLocation": {"validationFailed /timeZone"},
    "updateLocation": {"validationFailed /timeZone"},
    "addLocationNumbers": {WEBEX},
    "changeLocationNumbers": {WEBEX},
    "removeLocationNumbers": {WEBEX},
    "listNumbers": {"malformedRequest"},  # filters that exclude each other
    "createWebhook": EVENTS,
    "updateWebhook": EVENTS,
    "listEvents": EVENTS,
    "streamEvents": EVENTS,
    "searchAvailableNumbers": IN_STOCK,
    "searchAvailableBlocks": {*IN_STOCK, "invalidBlockSize"},
    "createNumberOrder": ORDER,
    "quoteNumberOrder": ORDER,
    "createReservation": ORDER,
    "createEmergencyAddress": ADDRESS,
    "updateEmergencyAddress": ADDRESS,
    # A body with other members only is a misspelt one.
    "updateNumberEmergencyAddress": {*ADDRESS, "validationFailed "},
    "acceptTermsOfService": {"validationFailed /version"},
    "releaseNumbers": {*NUMBERS, "validationFailed "},  # numbers or a block, one of the two
    "restoreNumbers": {*NUMBERS, "validationFailed "},
    "setMainNumber": {*NUMBERS, "numberNotActive"},
    "configureConnection": {
        *ADDRESS,
        *NUMBERS,
        "disclaimerNotAccepted",
        "locationAlreadyConnected",
        "validationFailed /id",  # of an option that the location has
        "validationFailed /contact",  # needed for Cisco PSTN only
        "validationFailed /emergencyDisclaimer",
        "validationFailed /emergencyAddress",
    },
    "createPortOrder": {*NUMBERS, "pstnNotEnabled"},
    "signLoa": {"loaSignerMismatch", "validationFailed /account*"},
    "setFocDate": {"focDateNotAllowed"},
    "fulfilOrder": {*OF_ORDER, "validationFailed /phoneNumbers"},
    "updatePortOrder": {
        *NUMBERS,
        "loaVoid",
        "validationFailed /additionalInformation",
        "focDateNotAllowed",
    },
    "splitPortOrder": {*OF_ORDER, "newBtnRequired"},
    "submitPortOrder": {
        "loaVoid",
        "billDateUnknown",
        "billTooOld",
        "billInFuture",
        "billMissing",
        "loaMissing",
        "remedyOutstanding",
        "validationFailed /account*",
        "validationFailed /portType",
    },
    # A form with a field too many.
    "addPortDocument": {"unsupportedDocument", "validationFailed "},
    "removePortNumbers": OF_ORDER,
    "completePortOrder": OF_ORDER,
    "rejectPortOrder": OF_ORDER,
    "setPortability": OF_ORDER,
}
"""By operation: codes of violations that may refuse a request which has the right form; one about
a form counts with its pointer only."""

BY_PARAMETER = {
    "cursor": "invalidCursor",
    "last-event-id": "invalidCursor",
    "if-match": "preconditionFailed",
}
"""What may refuse any request with these parameters, which only an earlier answer can tell."""


@schemathesis.hook
def filter_failure(
    _context: HookContext, failure: Failure, case: Request, response: Response
) -> bool:
    """A request of the right form is taken, or refused by a rule listed for its operation."""
    if isinstance(failure, AcceptedNegativeData):
        return _is_accepted(case, response)
    if not isinstance(failure, RejectedPositiveData):
        return True
    sent = {name.lower() for name in (*case.query, *case.headers)}
    allowed = {rule for name, rule in BY_PARAMETER.items() if name in sent}
    allowed |= RULES.get(operation_id(case), set())
    return not all(
        any(fnmatchcase(reason, pattern) for pattern in allowed)
        for reason in _reasons(response.json())
    )


def _is_accepted(case: Request, response: Response) -> bool:
    if response.status_code == 412:
        return "if-match" not in case.headers  # refused, for the reason that is looked at first
    if response.status_code == 200 and operation_id(case) in JUDGED_IN_ANSWERS:
        return JUDGED_IN_ANSWERS[operation_id(case)](response.json())
    return True


JUDGED_IN_ANSWERS: dict[str, Callable[[Json], bool]] = {
    "quoteNumberOrder": lambda quote: not quote["violations"],
    "checkPortability": lambda found: all(n["portable"] for n in found["phoneNumbers"]),
}
"""Operations that are there to tell what is wrong with numbers: a number of the wrong form is not
refused but judged, and by this it was not."""


def _reasons(problem: Any) -> set[str]:
    if isinstance(problem, list):
        return {WEBEX}
    if problem["code"] not in ("policyViolation", "validationFailed"):
        return {problem["code"]}
    found = set()
    for violation in problem["violations"]:
        is_of_form = violation["code"] == "validationFailed"
        found.add(
            f"{violation['code']} {violation['pointer']}" if is_of_form else violation["code"]
        )
    return found

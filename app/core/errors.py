"""The one error type inside, `Problem`; how it looks on the wire is decided in `http.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from app.core.texts import Language, Text, text


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of refusal: its stable code, its HTTP status, its title, what to do about it.

    Each is one for the whole process; `known` has them all by code. Its page is
    `/docs/problems/{code}`.
    """

    code: str
    status: int
    title: Text
    advice: Text | None = None

    known: ClassVar[dict[str, ProblemType]] = {}

    def __post_init__(self) -> None:
        self.known[self.code] = self


class Detail(Protocol):
    """One of several things wrong with a request."""

    def to_json(self, language: Language) -> dict[str, object]:
        """As a member of `violations`: `code`, `pointer`, `detail` and what else it knows."""
        ...


class Problem(Exception):  # noqa: N818 - "problem" is RFC 9457's word
    """A request refused, with everything its sender needs to do better.

    `members` are further members of the answer; `keeps_changes` commits what the transaction
    wrote before the refusal.
    """

    def __init__(
        self,
        kind: ProblemType,
        detail: Text | None = None,
        *,
        violations: Sequence[Detail] = (),
        members: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        keeps_changes: bool = False,
    ) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.detail = detail
        self.violations = tuple(violations)
        self.members = dict(members or {})
        self.headers = dict(headers or {})
        self.keeps_changes = keeps_changes


@dataclass(frozen=True, slots=True)
class FieldError:
    """A field that has not the form it should have."""

    pointer: str
    detail: Text
    code: str = "validationFailed"

    def to_json(self, language: Language) -> dict[str, object]:
        return {"code": self.code, "pointer": self.pointer, "detail": self.detail.to(language)}


class ListedRefusal(Problem):
    """A refusal told as a list of errors, where Webex's clients read that form and no other."""


UNAUTHORIZED = ProblemType(
    "unauthorized",
    401,
    text("A valid access token is needed"),
    text(
        "Send a token that is neither expired nor revoked as Authorization: Bearer …; an"
        " administrator makes one with POST /v1/accessTokens."
    ),
)
FORBIDDEN = ProblemType(
    "forbidden",
    403,
    text("This role may not do that"),
    text(
        "Call with a token of a role that may; the detail names them. Asking again with the same"
        " token changes nothing."
    ),
)
NOT_FOUND = ProblemType(
    "notFound",
    404,
    text("There is no such thing here"),
    text(
        "Check path and ids. What belongs to another organisation is answered like this too: check"
        " whose token you use, and orgId."
    ),
)
METHOD_NOT_ALLOWED = ProblemType(
    "methodNotAllowed",
    405,
    text("This path has no such method"),
    text("Use one of the methods in the Allow header."),
)
MALFORMED_REQUEST = ProblemType(
    "malformedRequest",
    400,
    text("The request cannot be read"),
    text("Send JSON in UTF-8 that is whole, with lists and objects nested 32 deep at most."),
)
VALIDATION_FAILED = ProblemType(
    "validationFailed",
    422,
    text("Some fields are not as they should be"),
    text(
        "Each of the violations points at a field and says what it should be; correct all of them"
        " and send the request again."
    ),
)
PAYLOAD_TOO_LARGE = ProblemType(
    "payloadTooLarge",
    413,
    text("The request is too large"),
    text("Send less: a request may have 1 MiB, one with a file 64 MiB."),
)
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    "unsupportedMediaType",
    415,
    text("The request's media type is not taken here"),
    text("Send the media type that the Accept header of the answer names."),
)
PRECONDITION_FAILED = ProblemType(
    "preconditionFailed",
    412,
    text("The resource has changed since you read it"),
    text(
        "Read the resource again, look at what changed, and repeat your change with its new ETag in"
        " If-Match."
    ),
)
TOO_MANY_REQUESTS = ProblemType(
    "tooManyRequests",
    429,
    text("Too many requests"),
    text("Wait for as many seconds as Retry-After says, then go on more slowly."),
)
SERVICE_UNAVAILABLE = ProblemType(
    "serviceUnavailable",
    503,
    text("The service cannot answer just now"),
    text(
        "Nothing was changed. Repeat the request after the seconds of Retry-After, a POST with the"
        " same Idempotency-Key."
    ),
)
INTERNAL_ERROR = ProblemType(
    "internalError",
    500,
    text("Something went wrong on our side"),
    text(
        "A fault of the service. Repeat the request, a POST with the same Idempotency-Key; if that"
        " does not help, give the trackingId to support."
    ),
)
IDEMPOTENCY_KEY_REUSED = ProblemType(
    "idempotencyKeyReused",
    422,
    text("This Idempotency-Key was used for another request"),
    text("A key stands for one request. Use a fresh one for a request that differs in its body."),
)
IDEMPOTENCY_KEY_IN_FLIGHT = ProblemType(
    "idempotencyKeyInFlight",
    409,
    text("The first request with this Idempotency-Key still runs"),
    text(
        "Your first request is still at work. Ask again after a second with the same key, and you"
        " get its answer."
    ),
)
INVALID_CURSOR = ProblemType(
    "invalidCursor",
    400,
    text("This cursor does not belong here"),
    text(
        "Follow the Link header as it is, with the filters it has; or begin again without a cursor."
    ),
)
INVALID_TRANSITION = ProblemType(
    "invalidTransition",
    409,
    text("Not possible in this state"),
    text("The thing has moved on. Read it: status, stage and nextActor say what is possible now."),
)
POLICY_VIOLATION = ProblemType(
    "policyViolation",
    422,
    text("Rules of Cisco PSTN forbid this"),
    text(
        "Each of the violations names a rule, where in the request it is broken, and what to do;"
        " limits come with limit, used and remaining. Do all of it and send the request again."
    ),
)


class NotFound(Problem):
    """The thing asked for does not exist, or is somebody else's."""

    def __init__(self, detail: Text | None = None) -> None:
        super().__init__(NOT_FOUND, detail)

"""The one error type inside, `Problem`; how it looks on the wire is decided in `http.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from app.core.texts import Language, Text, text


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of refusal: its stable code, its HTTP status, its title.

    Each is one for the whole process; `known` has them all by code.
    """

    code: str
    status: int
    title: Text

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


UNAUTHORIZED = ProblemType("unauthorized", 401, text("A valid access token is needed"))
FORBIDDEN = ProblemType("forbidden", 403, text("This role may not do that"))
NOT_FOUND = ProblemType("notFound", 404, text("There is no such thing here"))
METHOD_NOT_ALLOWED = ProblemType("methodNotAllowed", 405, text("This path has no such method"))
MALFORMED_REQUEST = ProblemType("malformedRequest", 400, text("The request cannot be read"))
VALIDATION_FAILED = ProblemType(
    "validationFailed", 422, text("Some fields are not as they should be")
)
PAYLOAD_TOO_LARGE = ProblemType("payloadTooLarge", 413, text("The request is too large"))
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    "unsupportedMediaType", 415, text("The request's media type is not taken here")
)
PRECONDITION_FAILED = ProblemType(
    "preconditionFailed", 412, text("The resource has changed since you read it")
)
TOO_MANY_REQUESTS = ProblemType("tooManyRequests", 429, text("Too many requests"))
SERVICE_UNAVAILABLE = ProblemType(
    "serviceUnavailable", 503, text("The service cannot answer just now")
)
INTERNAL_ERROR = ProblemType("internalError", 500, text("Something went wrong on our side"))
IDEMPOTENCY_KEY_REUSED = ProblemType(
    "idempotencyKeyReused", 422, text("This Idempotency-Key was used for another request")
)
IDEMPOTENCY_KEY_IN_FLIGHT = ProblemType(
    "idempotencyKeyInFlight", 409, text("The first request with this Idempotency-Key still runs")
)
INVALID_CURSOR = ProblemType("invalidCursor", 400, text("This cursor does not belong here"))
INVALID_TRANSITION = ProblemType("invalidTransition", 409, text("Not possible in this state"))
POLICY_VIOLATION = ProblemType("policyViolation", 422, text("Rules of Cisco PSTN forbid this"))


class NotFound(Problem):
    """The thing asked for does not exist, or is somebody else's."""

    def __init__(self, detail: Text | None = None) -> None:
        super().__init__(NOT_FOUND, detail)

"""The conventions of HTTP: problems, tracking ids, languages, media types, ETags. See `install`."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Any
from uuid import uuid4

import structlog
from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import idempotency
from app.core.errors import (
    FORBIDDEN,
    INTERNAL_ERROR,
    MALFORMED_REQUEST,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    PAYLOAD_TOO_LARGE,
    PRECONDITION_FAILED,
    SERVICE_UNAVAILABLE,
    UNAUTHORIZED,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION_FAILED,
    FieldError,
    ListedRefusal,
    Problem,
    ProblemType,
)
from app.core.settings import get_settings
from app.core.texts import Language, Text, negotiate, text
from app.core.validation import (
    UNSTORABLE,
    field_errors,
    is_deeper_than,
    is_malformed,
    unstorable,
)

log = structlog.get_logger()

TRACKING_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
PROBLEM_JSON = "application/problem+json"
PARSED = frozenset({"cursor", "id", "locationId", "orgId"})
"""Parameters that are no texts to us: they are parsed, and refused as what they should be."""
DEEPEST_BODY = 32
DRAINED_BYTES = 4 << 20
DRAINED_SECONDS = 5


def language(
    request: Request,
    _accept_language: Annotated[
        str | None,
        Header(
            alias="Accept-Language",
            description="`en` or `pl`: the language of texts meant for people.",
            examples=["pl"],
        ),
    ] = None,
) -> Language:
    """The language this request is answered in."""
    return language_of(request)


Speaks = Annotated[Language, Depends(language)]


def language_of(request: Request) -> Language:
    """The language of a request outside of dependencies."""
    return spoken_in(request.headers)


def spoken_in(headers: Headers) -> Language:
    """The language these headers ask for; a header on several lines is one list."""
    return negotiate(",".join(headers.getlist("accept-language")))


class Guard:
    """A dependency that decides, before the body is looked at, whether a request may go on."""

    async def admit(self, request: Request) -> None:
        """Raise a `Problem` or let the request pass."""
        raise NotImplementedError


class ApiRoute(APIRoute):
    """A route under `/v1`: guard first, then the media type, then the body, then the answer.

    FastAPI reads the body before its dependencies run; a caller without a right would be told of
    faults in a body that we have no business reading. An answer to a request with an
    `Idempotency-Key` is kept in the transaction that is still open here.
    """

    ignores_unknown_parameters = False
    max_body_bytes = get_settings().max_body_bytes
    too_large = PAYLOAD_TOO_LARGE

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        extra: dict[str, Any] = self.openapi_extra or {}
        if self.ignores_unknown_parameters:
            extra["x-webex"] = True
        if any(dependant.call is _versioned for dependant in _walk(self.dependant)):
            headers = {"ETag": {"$ref": "#/components/headers/ETag"}}
            extra["responses"] = {str(self.status_code or 200): {"headers": headers}}
        self.openapi_extra = extra

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()
        dependants = list(_walk(self.dependant))
        calls: list[object] = [d.call for d in dependants]
        guards = [call for call in calls if isinstance(call, Guard)]
        known = {field.alias for d in dependants for field in d.query_params}

        async def handle(request: Request) -> Response:
            for guard in guards:
                await guard.admit(request)
            if not self.ignores_unknown_parameters:
                _refuse_unknown_parameters(request, known)
            idempotency.key_of(request)
            _refuse_unstorable({k: v for k, v in request.query_params.items() if k not in PARSED})
            self._check_media_type(request)
            request = _limited(request, self.max_body_bytes, self.too_large)
            if self.body_field is not None and "json" in request.headers.get("content-type", ""):
                await _refuse_unstorable_body(request)
            try:
                response = await answer(request)
            except idempotency.Replayed as replayed:
                return replayed.response
            if response.status_code == HTTPStatus.NO_CONTENT:
                # FastAPI names a media type all the same; there are clients that parse by it.
                del response.headers["Content-Type"]
            if _holds_texts(response.headers):
                response.headers["Content-Language"] = language_of(request).value
            await idempotency.keep(request, response)
            return response

        return handle

    def _check_media_type(self, request: Request) -> None:
        """415 when a body comes in a form that this route does not take."""
        if self.body_field is None:
            return
        has_body = "transfer-encoding" in request.headers or request.headers.get(
            "content-length", "0"
        ) not in ("0", "")
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not has_body and not sent:
            return
        wanted = self.body_field.field_info.media_type  # type: ignore[attr-defined]
        accepted = sent == wanted or (
            wanted == "application/json"
            and (sent == "application/merge-patch+json" or sent.endswith("+json"))
        )
        if not accepted:
            raise Problem(
                UNSUPPORTED_MEDIA_TYPE,
                text("Send the body as %(media_type)s.", media_type=wanted),
                headers={"Accept": wanted},
            )


class UploadRoute(ApiRoute):
    """A route that takes a file."""

    max_body_bytes = get_settings().max_upload_bytes


class WebexRoute(ApiRoute):
    """A route of Webex's own API, which ignores what it does not know."""

    ignores_unknown_parameters = True


def _holds_texts(headers: Headers) -> bool:
    """Whether an answer may hold texts in the caller's language; a file is in its own."""
    return "json" in headers.get("content-type", "")


def _walk(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for sub in dependant.dependencies:
        yield from _walk(sub)


def _limited(request: Request, max_bytes: int, too_large: ProblemType) -> Request:
    """The request, refused with 413 as soon as its body proves larger."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > max_bytes:
        raise HTTPException(413, too_large.code)
    read = 0

    async def receive() -> Message:
        nonlocal read
        message = await request.receive()
        read += len(message.get("body", b""))
        if read > max_bytes:
            # No Problem: FastAPI lets this exception alone pass through its reading of a body.
            raise HTTPException(413, too_large.code)
        return message

    return Request(request.scope, receive)


async def _refuse_unstorable_body(request: Request) -> None:
    try:
        content = await request.json()
    except ValueError:
        return  # FastAPI tells that the body cannot be read
    except RecursionError:
        raise _too_deep() from None
    # Well before Python's stack ends: whoever reads the body next has less of it left.
    if is_deeper_than(content, DEEPEST_BODY):
        raise _too_deep()
    _refuse_unstorable(content)


def _too_deep() -> Problem:
    return Problem(
        MALFORMED_REQUEST,
        text(
            "The body's lists and objects are nested more than %(count)s deep.", count=DEEPEST_BODY
        ),
    )


def _refuse_unstorable(content: object) -> None:
    """Raise 422 for texts that no database can hold: with a NUL, or half a surrogate pair."""
    found = [FieldError(pointer, UNSTORABLE) for pointer in unstorable(content)]
    if found:
        raise Problem(VALIDATION_FAILED, violations=found)


def _refuse_unknown_parameters(request: Request, known: set[str]) -> None:
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise Problem(
            VALIDATION_FAILED,
            violations=[
                FieldError(
                    "",
                    text(
                        "There is a query parameter that this operation does not know. It knows:"
                        " %(names)s.",
                        names=", ".join(sorted(known)) or "-",
                    ),
                )
            ],
        )


# --- ETag -------------------------------------------------------------------------------------

IfMatch = Annotated[
    str | None,
    Header(
        description="The `ETag` of the resource as you read it; 412 when it has changed since.",
        examples=['"3"'],
        max_length=200,
    ),
]


def _versioned(response: Response) -> Response:
    return response


Versioned = Annotated[Response, Depends(_versioned)]
"""The answer of an operation that shows a version of a resource, so that it is documented."""


def set_etag(response: Response, version: int) -> None:
    """Name the version of the resource that this answer shows."""
    response.headers["ETag"] = f'"{version}"'


def check_if_match(if_match: str | None, version: int) -> None:
    """Raise 412 `preconditionFailed` unless the header is absent or names this version."""
    if if_match is None or if_match.strip() == "*":
        return
    if f'"{version}"' not in [tag.strip() for tag in if_match.split(",")]:
        raise Problem(
            PRECONDITION_FAILED,
            text("Read the resource again and repeat your change with its new ETag."),
        )


# --- Problems on the wire ---------------------------------------------------------------------


def problem_json(
    problem: Problem, *, language: Language, instance: str, tracking_id: str
) -> dict[str, object]:
    """A problem as RFC 9457 has it, with our `code` and `violations` and Webex's three members."""
    title = problem.kind.title.to(language)
    violations = [violation.to_json(language) for violation in problem.violations]
    detail = problem.detail.to(language) if problem.detail else title
    descriptions = [str(violation["detail"]) for violation in violations] or [detail]
    return {
        "type": f"/docs/problems/{problem.kind.code}",
        "title": title,
        "status": problem.kind.status,
        "detail": detail,
        "instance": instance,
        "code": problem.kind.code,
        "violations": violations,
        **{name: _localised(value, language) for name, value in problem.members.items()},
        "message": title,
        "errors": [{"description": description} for description in descriptions],
        "trackingId": tracking_id,
    }


def _localised(value: object, language: Language) -> object:
    return value.to(language) if isinstance(value, Text) else value


def problem_response(request: Request, problem: Problem) -> Response:
    """The answer that tells a problem."""
    if isinstance(problem, ListedRefusal):
        errors = [violation.to_json(language_of(request)) for violation in problem.violations]
        return JSONResponse([{"errors": errors}], status_code=problem.kind.status)
    body = problem_json(
        problem,
        language=language_of(request),
        instance=request.scope.get("raw_path", b"/").decode("ascii", "replace"),
        tracking_id=request.scope.get("tracking_id", ""),
    )
    return Response(
        json.dumps(body, ensure_ascii=False).encode(),
        status_code=problem.kind.status,
        media_type=PROBLEM_JSON,
        headers=problem.headers,
    )


BY_STATUS: dict[int, ProblemType] = {
    kind.status: kind
    for kind in (
        MALFORMED_REQUEST,
        UNAUTHORIZED,
        FORBIDDEN,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        PAYLOAD_TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        SERVICE_UNAVAILABLE,
    )
}


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - registered for this type
    return problem_response(request, error)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type
    # Ours tell their code; of others only the status is known.
    kind = ProblemType.known.get(error.detail) or BY_STATUS.get(
        error.status_code, MALFORMED_REQUEST
    )
    headers = {}
    if kind is METHOD_NOT_ALLOWED:
        # The pages of /docs are in no document: of those the route itself knows.
        methods = allowed_methods(request.app, request.url.path)
        headers["Allow"] = ", ".join(methods) or (error.headers or {}).get("Allow", "")
    return problem_response(request, Problem(kind, headers=headers))


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type
    if is_malformed(error):
        return problem_response(
            request, Problem(MALFORMED_REQUEST, text("The body is not JSON that can be read."))
        )
    return problem_response(request, Problem(VALIDATION_FAILED, violations=field_errors(error)))


def allowed_methods(app: FastAPI, path: str) -> list[str]:
    """Every method some route takes on that path (a single route names only its own)."""
    table = getattr(app.state, "methods_by_path", None)
    if table is None:
        table = [
            (compile_path(template)[0], sorted(method.upper() for method in operations))
            for template, operations in app.openapi()["paths"].items()
        ]
        app.state.methods_by_path = table
    return sorted({m for pattern, methods in table if pattern.match(path) for m in methods})


# --- Around every request ---------------------------------------------------------------------


class Conventions:
    """Around every request: its tracking id, its log line, its headers, and 500 as a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        tracking_id = headers.get("trackingid", "")
        if not TRACKING_ID.fullmatch(tracking_id):
            tracking_id = f"PSTN_{uuid4()}"
        scope["tracking_id"] = tracking_id
        spoken = spoken_in(headers)
        started = time.perf_counter()
        status = 0

        body = _Body(receive)

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if status >= 400:
                    await body.drain()
                answer = MutableHeaders(scope=message)
                answer["TrackingID"] = tracking_id
                answer["X-Content-Type-Options"] = "nosniff"
                answer["Referrer-Policy"] = "no-referrer"
                if "cache-control" not in answer:
                    answer["Cache-Control"] = "no-store"
                is_ours = scope["path"].startswith("/v1") or status >= 400
                if is_ours and _holds_texts(answer):
                    answer.setdefault("Content-Language", spoken.value)
                    answer.add_vary_header("Accept-Language")
            await send(message)

        with structlog.contextvars.bound_contextvars(tracking_id=tracking_id):
            try:
                await self.app(scope, body.receive, send_with_headers)
            except Exception:
                log.exception("request failed", method=scope["method"], route=_route(scope))
                if status:
                    raise
                request = Request(scope, receive)
                await problem_response(request, Problem(INTERNAL_ERROR))(
                    scope, receive, send_with_headers
                )
            finally:
                log.info(
                    "request",
                    method=scope["method"],
                    route=_route(scope),
                    status=status,
                    milliseconds=round((time.perf_counter() - started) * 1000, 1),
                    credential=scope.get("credential"),
                )


class _Body:
    """The body of a request as it comes in."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_read = False

    async def receive(self) -> Message:
        """The next message of it."""
        message = await self._receive()
        self._is_read = not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Read what is left, within bounds: a connection closed on unread data loses the answer."""
        left = DRAINED_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAINED_SECONDS):
                while not self._is_read and left > 0:
                    left -= len((await self.receive()).get("body", b""))


def _route(scope: Scope) -> str:
    """The route's template: a path itself may hold a telephone number."""
    return getattr(scope.get("route"), "path", "unknown")


def install(app: FastAPI) -> None:
    """Make an application keep these conventions."""
    app.add_middleware(Conventions)
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_validation_error)

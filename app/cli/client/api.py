"""The public API over HTTP: what is safe to repeat is repeated, refusals are exceptions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx

from app.cli.client.answer import Answer
from app.cli.client.connection import Connection
from app.cli.client.errors import Misused, Refused, Unauthorized, Unreachable

PAUSES_SECONDS = (0.25, 0.5, 1.0, 2.0)
"""Before each repetition, where the service does not say how long."""
LONGEST_PAUSE_SECONDS = 30.0
TIMEOUT = httpx.Timeout(75, connect=5)
"""Advancing the simulated clock takes a minute at most."""
LARGEST_PAGE = 1000

Parameters = Mapping[str, str | int | None]


class Api:
    """A caller of the service.

    Every POST has an `Idempotency-Key` and every other method is idempotent by itself; so a request
    is repeated when the connection is lost, and when the service asks for patience (429, 503).

    Raises:
        Refused: the service says no.
        Unreachable: it says nothing, after all repetitions.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        language: str,
        organization: str | None,
        waiting: Callable[[str], None],
    ) -> None:
        self._url = connection.url
        self._organization = organization
        self._waiting = waiting
        try:
            self._client = httpx.Client(
                base_url=f"{connection.url}/v1",
                headers={
                    "Authorization": f"Bearer {connection.token}",
                    "Accept-Language": language,
                },
                timeout=TIMEOUT,
            )
        except (httpx.InvalidURL, UnicodeEncodeError):
            raise Misused("PSTN_URL is no address, or PSTN_TOKEN no token.") from None

    def get(self, path: str, **parameters: str | int | None) -> Answer:
        """Read."""
        return self._send("GET", path, parameters)

    def list(self, path: str, items: str, most: int, **parameters: str | int | None) -> Answer:
        """Read a list page by page, `most` entries at most; `items` is where the entries are."""
        answer = self.get(path, max=min(most, LARGEST_PAGE), **parameters)
        found, following = answer.body[items], answer.following
        while following and len(found) < most:
            page = self._send("GET", path, following)
            found += page.body[items]
            following = page.following
        del found[most:]
        return Answer(answer.body, json.dumps(answer.body, ensure_ascii=False))

    def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Put something in a place."""
        return self._send("PUT", path, {}, json=body)

    def patch(self, path: str, body: Mapping[str, Any], if_match: str | None = None) -> Answer:
        """Change by merge patch; with `if_match` only what has not changed since."""
        headers = {"If-Match": if_match} if if_match else {}
        return self._send("PATCH", path, {}, json=body, headers=headers)

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        form: Mapping[str, str] | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> Answer:
        """Do something, once, however often it has to be sent."""
        headers = {"Idempotency-Key": key or str(uuid4())}
        files = {"file": file} if file else None
        return self._send("POST", path, {}, json=body, data=form, files=files, headers=headers)

    def download(self, path: str) -> bytes:
        """A file."""
        return self._answered("GET", path, {}).content

    def _send(self, method: str, path: str, parameters: Parameters, **content: Any) -> Answer:
        response = self._answered(method, path, parameters, **content)
        body = self._understood(response) if response.content else {}
        # Only its parameters: the token goes where it was sent first, whatever an answer says.
        next_page = httpx.URL(response.links.get("next", {}).get("url", ""))
        return Answer(body, response.text, response.headers.get("etag"), dict(next_page.params))

    def _answered(
        self, method: str, path: str, parameters: Parameters, **content: Any
    ) -> httpx.Response:
        given = {"orgId": self._organization, **parameters}
        content["params"] = {name: value for name, value in given.items() if value is not None}
        response = self._patiently(method, path, content)
        if response.is_success:
            return response
        problem = self._understood(response)
        if response.status_code >= 500:
            raise Unreachable(f"{problem.get('title')} ({problem.get('trackingId')}).")
        kind = Unauthorized if response.status_code == 401 else Refused
        raise kind(response.status_code, problem, response.text)

    def _understood(self, response: httpx.Response) -> dict[str, Any]:
        with suppress(ValueError):
            content = response.json()
            if isinstance(content, dict):
                return content
        status = response.status_code
        raise Unreachable(f"{self._url} answers {status}, but not as this service does.")

    def _patiently(self, method: str, path: str, content: Mapping[str, Any]) -> httpx.Response:
        was_sent = False
        for pause in (*PAUSES_SECONDS, None):
            try:
                response = self._client.request(method, path, **content)
            except (httpx.TransportError, httpx.InvalidURL) as error:
                was_sent = was_sent or not isinstance(error, httpx.ConnectError)
                # Whoever waited so long for an answer does not wait as long again.
                if pause is None or isinstance(error, httpx.ReadTimeout):
                    reason = f"{self._url} cannot be reached: {str(error).rstrip('.')}."
                    key = content.get("headers", {}).get("Idempotency-Key")
                    raise Unreachable(reason, key=key if was_sent else None) from None
                time.sleep(pause)
                continue
            wait = _patience(response, pause)
            if wait is None:
                return response
            self._waiting(f"The service asks for patience; trying again in {wait:.0f} s.")
            time.sleep(wait)
        raise AssertionError


def _patience(response: httpx.Response, pause: float | None) -> float | None:
    """How long to wait before the same request again; none when this is the answer."""
    is_in_flight = response.status_code == 409 and "idempotencyKeyInFlight" in response.text
    if pause is None or not (response.status_code in (429, 503) or is_in_flight):
        return None
    told = response.headers.get("retry-after", "")
    wait = float(told) if told.isdecimal() else pause
    return wait if wait <= LONGEST_PAUSE_SECONDS else None

"""How a command ends that does not end well; the exit status of each."""

from __future__ import annotations

from typing import Any, ClassVar


class Failure(Exception):  # noqa: N818 - a refusal is none of our errors
    """A command cannot do its work."""

    exit_status: ClassVar[int] = 1


class Misused(Failure):
    """Something is missing or unclear in how the command was called."""

    exit_status = 2


class Unreachable(Failure):
    """The service does not answer, or not as this service does.

    `key` is the Idempotency-Key of a request that may have been done all the same.
    """

    exit_status = 3

    def __init__(self, reason: str, *, key: str | None = None) -> None:
        super().__init__(reason)
        self.key = key


class Refused(Failure):
    """The service refuses; `problem` is its `application/problem+json`, `text` as it came."""

    def __init__(self, status: int, problem: dict[str, Any], text: str) -> None:
        super().__init__(str(problem.get("title", status)))
        self.status = status
        self.problem = problem
        self.text = text


class Unauthorized(Refused):
    """The token is not taken."""

    exit_status = 4


class NotAsHoped(Failure):
    """The answer is there, and told: the order was rejected, failed, is not ready, or goes on."""

    exit_status = 5

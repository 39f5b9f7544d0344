"""Logs: a JSON object a line on the standard error, for every process.

An exception is logged by its types and places only: its message, and the variables around it, may
hold a token, a PIN or a telephone number.
"""

import logging
import sys
from collections.abc import MutableMapping
from traceback import extract_tb
from types import TracebackType
from typing import Any

import structlog


def configure(level: str) -> None:
    """Make this process log."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _name_exception,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _name_exception(
    logger: object,  # noqa: ARG001 - structlog's form
    method: str,  # noqa: ARG001 - structlog's form
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    if event.pop("exc_info", None):
        error = sys.exc_info()[1]
        event["exception"] = []
        while error is not None and len(event["exception"]) < 5:
            event["exception"].append(
                {"type": type(error).__qualname__, "at": _places(error.__traceback__)}
            )
            error = error.__cause__ or error.__context__
    return event


def _places(traceback: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(traceback)][-8:]

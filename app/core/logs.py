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
    """Make this process log, the libraries it uses and its last words too."""
    known: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _name_exception,
    ]
    structlog.configure(
        processors=[*known, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=known,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    sys.excepthook = _last_words


def _last_words(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        structlog.get_logger().critical("process failed", exc_info=(kind, error, traceback))


def _name_exception(
    logger: object,  # noqa: ARG001 - structlog's form
    method: str,  # noqa: ARG001 - structlog's form
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    if given := event.pop("exc_info", None):
        error = given[1] if isinstance(given, tuple) else sys.exc_info()[1]
        event["exception"] = []
        while error is not None and len(event["exception"]) < 5:
            event["exception"].append(
                {"type": type(error).__qualname__, "at": _places(error.__traceback__)}
            )
            if isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            else:
                error = error.__cause__ or error.__context__
    return event


def _places(traceback: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(traceback)][-8:]

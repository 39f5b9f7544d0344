"""The logs of the service under test, as a process of it writes them, held for looking into."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from app.core import logs


@pytest.fixture(scope="module", autouse=True)
def logged() -> Iterator[io.StringIO]:
    """Everything that the API and the worker in this process log, in the level of most detail."""
    stream, before = io.StringIO(), structlog.get_config()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        logs.configure("DEBUG")
    structlog.configure(cache_logger_on_first_use=False)
    handler = logging.StreamHandler(stream)
    loggers = [logging.getLogger(name) for name in (None, "uvicorn", "pgqueuer")]
    for logger in loggers:
        logger.addHandler(handler)
    yield stream
    for logger in loggers:
        logger.removeHandler(handler)
    structlog.configure(**before)

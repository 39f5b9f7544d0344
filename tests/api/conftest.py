"""Failures of the service under test are logged briefly: a picture of every frame takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(scope="package", autouse=True)
def brief_tracebacks() -> Iterator[None]:
    """Log as in a terminal, a traceback as Python writes it."""
    before = structlog.get_config()
    renderer = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[renderer])
    yield
    structlog.configure(**before)

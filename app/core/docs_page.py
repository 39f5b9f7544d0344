"""`/docs`: the OpenAPI document to read and to try, and each kind of problem; no network."""

from __future__ import annotations

import html
from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from app.core.errors import NotFound, ProblemType
from app.core.http import language_of

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/docs/files/favicon.png">
<link rel="stylesheet" href="/docs/files/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/docs/files/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, persistAuthorization: false,
});
"""

PROBLEM = """<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><title>{code}</title></head>
<body>
<h1>{code}</h1>
<p>HTTP {status}. {title}.</p>
</body>
</html>
"""

# Swagger UI writes style attributes and data: pictures of its own.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def files() -> Path:
    """Where Swagger UI's files are installed."""
    found = find_spec("fastapi_offline")
    assert found is not None  # noqa: S101 - a dependency
    assert found.origin is not None  # noqa: S101 - an ordinary package
    return Path(found.origin).parent / "static"


def install(app: FastAPI) -> None:
    """Serve the pages."""

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        page = PAGE.format(title=html.escape(app.title))
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})

    @app.get("/docs/start.js", include_in_schema=False)
    async def start() -> HTMLResponse:
        return HTMLResponse(START, media_type="text/javascript")

    @app.get("/docs/problems/{code}", include_in_schema=False)
    async def problem(code: str, request: Request) -> HTMLResponse:
        kind = ProblemType.known.get(code)
        if kind is None:
            raise NotFound
        language = language_of(request)
        return HTMLResponse(
            PROBLEM.format(
                language=language,
                code=kind.code,
                status=kind.status,
                title=html.escape(kind.title.to(language)),
            ),
            headers={"Content-Security-Policy": POLICY},
        )

    app.mount("/docs/files", StaticFiles(directory=files()), name="docs-files")

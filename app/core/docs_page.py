"""`/docs`: the OpenAPI document to read and to try, and each kind of problem; no network."""

from __future__ import annotations

from html import escape
from importlib.util import find_spec
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from app.core.errors import NotFound, ProblemType
from app.core.http import language_of
from app.core.texts import Language, text

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
  docExpansion: "none", defaultModelsExpandDepth: 0, displayRequestDuration: true,
  tryItOutEnabled: true,
});
"""

PROBLEM = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/docs/files/favicon.png">
<link rel="stylesheet" href="/docs/problems.css">
</head>
<body>
{body}
</body>
</html>
"""

STYLE = """body { font: 16px/1.5 sans-serif; color: #3b4151; max-width: 44rem; margin: 2rem auto;
  padding: 0 1rem; }
code { font-family: monospace; }
h2 { font-size: 1.1rem; margin: 2rem 0 0; }
a { color: #2f6fb3; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid #d8dde7; padding: .4rem .8rem .4rem 0; vertical-align: top; }
"""

# Swagger UI sets style attributes, and has data: pictures of its own.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src-elem 'self'; style-src-attr 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
PROBLEM_POLICY = (
    "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)

WHAT_TO_DO = text("What to do")
EVERY_PROBLEM = text("Every kind of problem")


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
        page = PAGE.format(title=escape(app.title))
        return HTMLResponse(page, headers={"Content-Security-Policy": POLICY})

    @app.get("/docs/start.js", include_in_schema=False)
    async def start() -> HTMLResponse:
        return HTMLResponse(START, media_type="text/javascript")

    @app.get("/docs/problems.css", include_in_schema=False)
    async def style() -> HTMLResponse:
        return HTMLResponse(STYLE, media_type="text/css")

    @app.get("/docs/problems", include_in_schema=False)
    async def problems(request: Request) -> HTMLResponse:
        language = language_of(request)
        rows = "".join(_row(kind, language) for kind in _kinds())
        title = escape(EVERY_PROBLEM.to(language))
        return _page(language, title, f"<h1>{title}</h1>\n<table>\n{rows}</table>")

    @app.get("/docs/problems/{code}", include_in_schema=False)
    async def problem(code: str, request: Request) -> HTMLResponse:
        kind = ProblemType.known.get(code)
        if kind is None:
            raise NotFound
        language = language_of(request)
        # Whoever looks a problem up may show it to somebody who reads the other language.
        spoken = [language, *(other for other in Language if other is not language)]
        sections = "\n".join(_section(kind, one) for one in spoken)
        head = f"<h1><code>{kind.code}</code></h1>\n<p>HTTP {kind.status}</p>"
        back = f'<p><a href="/docs/problems">{escape(EVERY_PROBLEM.to(language))}</a></p>'
        return _page(language, kind.code, f"{head}\n{sections}\n{back}")

    app.mount("/docs/files", StaticFiles(directory=files()), name="docs-files")


def _kinds() -> list[ProblemType]:
    return sorted(ProblemType.known.values(), key=lambda kind: (kind.status, kind.code))


def _row(kind: ProblemType, language: Language) -> str:
    link = f'<a href="/docs/problems/{kind.code}"><code>{kind.code}</code></a>'
    title = escape(kind.title.to(language))
    return f"<tr><td>{kind.status}</td><td>{link}</td><td>{title}</td></tr>\n"


def _section(kind: ProblemType, language: Language) -> str:
    """What the problem is and what to do about it, in one language."""
    lines = [f'<section lang="{language}">', f"<h2>{escape(kind.title.to(language))}</h2>"]
    if kind.advice is not None:
        advice = escape(kind.advice.to(language))
        lines.append(f"<p><strong>{escape(WHAT_TO_DO.to(language))}.</strong> {advice}</p>")
    return "\n".join([*lines, "</section>"])


def _page(language: Language, title: str, body: str) -> HTMLResponse:
    return HTMLResponse(
        PROBLEM.format(language=language, title=title, body=body),
        headers={
            "Content-Security-Policy": PROBLEM_POLICY,
            "Content-Language": language,
            "Vary": "Accept-Language",
        },
    )

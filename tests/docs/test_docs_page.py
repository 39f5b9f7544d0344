"""`/docs` in a real browser that reaches nothing but the service, and the pages of problems."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
from playwright.async_api import Page, Route, async_playwright

from app.core.errors import ProblemType
from app.core.texts import Language
from tests.conftest import Api, Customer, Service

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


@dataclass
class Visit:
    """A page in the browser, with what it asked for elsewhere and what it complained of."""

    page: Page
    url: str
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def answer(self, operation: str) -> str:
        """The status that the page shows for an operation once it is executed."""
        shown = self.page.locator(f"#operations-{operation}")
        await shown.locator("button.execute").click()
        status = shown.locator(".live-responses-table tbody .response-col_status").first
        return (await status.inner_text()).split()[0]

    async def unfold(self, tag: str, operation: str) -> None:
        """Open an operation of a tag."""
        await self.page.click(f'.opblock-tag[data-tag="{tag}"]')
        await self.page.click(f"#operations-{operation} .opblock-summary-control")


@pytest.fixture
async def visit(service: Service) -> AsyncIterator[Visit]:
    """A new profile of the browser that is installed."""
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        pytest.skip(f"no browser is installed here, none of {', '.join(BROWSERS)}")
    as_root = ["--no-sandbox"] if os.getuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_path, args=[*QUIET, *as_root]
        )
        context = await browser.new_context(viewport={"width": 1280, "height": 1000})
        page = await context.new_page()
        visit = Visit(page, service.url)

        async def decide(route: Route) -> None:
            if route.request.url.startswith((f"{service.url}/", "data:")):
                await route.continue_()
            else:
                visit.outside.append(route.request.url)
                await route.abort()

        await context.route("**/*", decide)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: visit.complaints.append(said.text) if said.type == "error" else None,
        )
        yield visit
        await browser.close()


async def test_the_docs_are_read_and_tried_with_no_network(
    visit: Visit, customer: Customer
) -> None:
    page = visit.page
    loaded = await page.goto(f"{visit.url}/docs")
    assert loaded is not None
    policy = (await loaded.all_headers())["content-security-policy"]
    assert "unsafe-eval" not in policy
    assert "script-src 'self';" in policy

    await page.wait_for_selector(".opblock-tag")
    async with httpx.AsyncClient() as client:
        document = (await client.get(f"{visit.url}/openapi.json")).json()
    tags = [await tag.get_attribute("data-tag") for tag in await page.locator(".opblock-tag").all()]
    assert tags == [tag["name"] for tag in document["tags"]]

    token = customer.api.headers["Authorization"].removeprefix("Bearer ")
    await page.click("button.authorize")
    await page.fill(".auth-container input", token)
    await page.click(".auth-btn-wrapper button.authorize")
    await page.click(".auth-btn-wrapper .btn-done")
    await visit.unfold("Who calls", "Who_calls-getMe")
    assert await visit.answer("Who_calls-getMe") == "200"
    shown = await page.locator("#operations-Who_calls-getMe .live-responses-table").inner_text()
    assert customer.organization_id in shown

    await visit.unfold("Ports", "Ports-checkPortability")
    body = page.locator("#operations-Ports-checkPortability textarea.body-param__text")
    assert "phoneNumbers" in await body.input_value()  # the example of the document
    await body.fill('{"phoneNumbers": ["+18005550123"]}')
    assert await visit.answer("Ports-checkPortability") == "200"
    shown = await page.locator("#operations-Ports-checkPortability").inner_text()
    assert "tollFreeNotSupported" in shown

    assert visit.outside == []
    assert visit.complaints == []


async def test_what_reaches_outside_or_complains_would_be_noticed(visit: Visit) -> None:
    await visit.page.goto(f"{visit.url}/docs/problems/notFound")
    assert (visit.outside, visit.complaints) == ([], [])  # its styles are allowed, too
    await visit.page.goto("about:blank")
    await visit.page.set_content('<img src="https://fonts.example/a.png">')
    assert visit.outside == ["https://fonts.example/a.png"]
    assert visit.complaints


@pytest.fixture
async def reader(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who follows links, with no token."""
    async with httpx.AsyncClient(base_url=service.url) as client:
        yield client


async def test_every_kind_of_problem_has_a_page_in_both_languages(
    reader: httpx.AsyncClient,
) -> None:
    listed = set()
    for language in Language:
        headers = {"Accept-Language": language}
        index = await reader.get("/docs/problems", headers=headers)
        assert index.headers["Content-Language"] == language
        listed |= set(re.findall(r'href="/docs/problems/(\w+)"', index.text))
        for kind in ProblemType.known.values():
            page = await reader.get(f"/docs/problems/{kind.code}", headers=headers)
            assert page.status_code == 200
            assert page.headers["Content-Language"] == language
            assert page.headers["Vary"] == "Accept-Language"
            assert "script-src 'none'" in page.headers["Content-Security-Policy"]
            first, second = re.findall(r'<section lang="(\w+)">', page.text)
            assert (first, {first, second}) == (language, set(Language))
    assert listed == set(ProblemType.known)


def test_every_kind_of_problem_says_what_to_do() -> None:
    silent = [kind.code for kind in ProblemType.known.values() if kind.advice is None]
    assert not silent, "give these an advice where they are defined"


async def test_an_unknown_problem_has_no_page(service: Service) -> None:
    async with Api(service.url, None) as nobody:
        answer = await nobody.get(f"{service.url}/docs/problems/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "notFound")

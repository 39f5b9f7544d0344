"""Reading refusals: `refused` checks what every problem has to have, `rules` lists what broke."""

from __future__ import annotations

from typing import Any

import httpx

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "violations"}
WEBEX_MEMBERS = {"message", "errors", "trackingId"}


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem of an answer, once it is a whole one with that status and code."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem.keys() >= MEMBERS | WEBEX_MEMBERS
    assert problem["code"] == code, problem
    assert problem["status"] == status
    assert problem["instance"] == response.request.url.raw_path.decode().partition("?")[0]
    assert problem["trackingId"] == response.headers["TrackingID"]
    assert len(problem["errors"]) == max(1, len(problem["violations"]))
    assert all(error["description"] for error in problem["errors"])
    assert all({"code", "pointer", "detail"} <= entry.keys() for entry in problem["violations"])
    return problem


def rules(
    response: httpx.Response, status: int = 422, code: str = "policyViolation"
) -> list[tuple[str, str]]:
    """Code and pointer of everything wrong with a request that was refused so."""
    problem = refused(response, status, code)
    return [(entry["code"], entry["pointer"]) for entry in problem["violations"]]


def fields(response: httpx.Response) -> list[str]:
    """The pointers of the fields that have not the form they should have."""
    found = rules(response, 422, "validationFailed")
    assert {code for code, _ in found} == {"validationFailed"}, found
    return [pointer for _, pointer in found]

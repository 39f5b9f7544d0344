"""What tests of papers share: files, and a draft that lacks only its papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from tests.conftest import Api, Customer
from tests.documents.making import pdf
from tests.ports.porting import ACCOUNT, PORTS, draft, fresh, patch

SIGNATURE = {"fullName": "Ada Example", "jobTitle": "Owner", "consent": True}


async def completed(customer: Customer, *numbers: str, **document: Any) -> dict[str, Any]:
    """A draft with everything but its papers."""
    order = await draft(customer, *(numbers or fresh(40, 41)))
    return await patch(customer, order, **({"portType": "full", "account": ACCOUNT} | document))


async def send(
    caller: Api,
    order: Mapping[str, Any],
    kind: str = "other",
    content: bytes | None = None,
    **fields: str,
) -> httpx.Response:
    """Upload a file."""
    return await caller.post(
        f"{PORTS}/{order['id']}/documents",
        data={"kind": kind, **fields},
        files={"file": ("paper.pdf", pdf() if content is None else content)},
    )


async def sent(
    caller: Api,
    order: Mapping[str, Any],
    kind: str = "other",
    content: bytes | None = None,
    **fields: str,
) -> dict[str, Any]:
    """A document uploaded."""
    response = await send(caller, order, kind, content, **fields)
    assert response.status_code == 201, response.text
    return dict(response.json())


def codes(response: httpx.Response) -> list[str]:
    """The codes of what is wrong."""
    return [violation["code"] for violation in response.json()["violations"]]


async def sign(caller: Api, order: Mapping[str, Any], **changed: Any) -> httpx.Response:
    """Sign the letter."""
    return await caller.post(f"{PORTS}/{order['id']}/loa/sign", json=SIGNATURE | changed)


async def read(customer: Customer, order: Mapping[str, Any], what: str = "") -> Any:
    """The order, or something of it."""
    response = await customer.api.get(f"{PORTS}/{order['id']}{what}")
    assert response.status_code == 200, response.text
    return response.json()

"""OpenAPI links: which operations go on from what a create answered, and with which values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

P = "/v1/telephony/pstn"
NAME = re.compile(r"\{(\w+)\}")
CREATED = "$response.body#/id"
LINKS: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "createAccessToken": ({"tokenId": CREATED}, ("/v1/accessTokens/",)),
    "createOrganization": ({"orgId": CREATED}, ("/v1/organizations/",)),
    "createLocation": ({"locationId": CREATED}, ("/v1/locations/", f"{P}/locations/")),
    "createEmergencyAddress": (
        {"locationId": "$request.path.locationId", "addressId": CREATED},
        (f"{P}/locations/{{locationId}}/emergencyAddresses/",),
    ),
    "createNumberOrder": ({"orderId": CREATED}, (f"{P}/orders/",)),
    "createReservation": ({"reservationId": CREATED}, (f"{P}/reservations/",)),
    "createPortOrder": ({"orderId": CREATED}, (f"{P}/portOrders/", f"{P}/support/orders/")),
    "addPortDocument": (
        {"orderId": "$request.path.orderId", "documentId": CREATED},
        (f"{P}/portOrders/{{orderId}}/documents/",),
    ),
    "createSupportCase": ({"caseId": CREATED}, (f"{P}/supportCases/",)),
    "createWebhook": ({"webhookId": CREATED}, ("/v1/webhooks/",)),
    "createInventoryImport": ({"importId": CREATED}, ("/v1/inventory/imports/",)),
}
"""By the operation that creates: values by the path parameters they fill, and the paths that go on,
by how they begin; those with further parameters are no part of it."""


def add(document: dict[str, Any]) -> None:
    """Write the links into the document."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            if link := LINKS.get(operation["operationId"]):
                parameters, beginnings = link
                operation["responses"]["201"]["links"] = {
                    target: {"operationId": target, "parameters": dict(parameters)}
                    for target in _targets(document, path, set(parameters), beginnings)
                }


def _targets(
    document: dict[str, Any], origin: str, names: set[str], beginnings: tuple[str, ...]
) -> Iterator[str]:
    for path, methods in document["paths"].items():
        if path != origin and path.startswith(beginnings) and set(NAME.findall(path)) == names:
            yield from (operation["operationId"] for operation in methods.values())

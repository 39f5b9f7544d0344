"""The document of a port order, read from its row and written to it; secrets sealed, or masked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, time
from typing import Any
from uuid import UUID

from app.core.sealing import HIDDEN, KeyRing, masked
from app.domains.port_orders.models import PortOrder
from app.domains.port_orders.policy.document import Document
from app.telephony.phone_number import PhoneNumber


def binding(order_id: UUID, column: str) -> str:
    """What a sealed value of a port is bound to."""
    return f"port_orders.{column}:{order_id}"


def document_of(port: PortOrder, keys: KeyRing) -> Document:
    """The document in full, secrets in the clear: for comparing and sending, never for answers."""
    account = {
        "carrierName": port.carrier_name,
        "accountNumber": _opened(port, "account_number", keys),
        "billingTelephoneNumber": _e164(port.billing_telephone_number),
        "authorizedName": port.authorized_name,
        "companyName": port.company_name,
        "pin": _opened(port, "pin", keys),
        "serviceAddress": port.service_address or None,
    }
    wished_time = port.requested_completion_time
    wished_date = port.requested_completion_date
    return _present(
        {
            "portType": port.port_type,
            "account": _present(account) or None,
            "newBillingTelephoneNumber": _e164(port.new_billing_telephone_number),
            "remainingNumbersAction": port.remaining_numbers_action,
            "requestedCompletionDate": wished_date.isoformat() if wished_date else None,
            "requestedCompletionTime": f"{wished_time:%H:%M}" if wished_time else None,
            "notificationEmail": port.notification_email,
            "additionalInformation": port.additional_information or None,
            "billOverrides": port.bill_overrides or None,
        }
    )


def write(port: PortOrder, document: Document, keys: KeyRing) -> None:
    """Write a document, whose values were checked, to the row."""
    account: Document = document.get("account", {})
    wished_date = document.get("requestedCompletionDate")
    wished_time = document.get("requestedCompletionTime")
    port.port_type = document.get("portType")
    port.carrier_name = account.get("carrierName")
    port.account_number = _sealed(port, "account_number", account.get("accountNumber"), keys)
    port.billing_telephone_number = _number(account.get("billingTelephoneNumber"))
    port.authorized_name = account.get("authorizedName")
    port.company_name = account.get("companyName")
    port.pin = _sealed(port, "pin", account.get("pin"), keys)
    port.service_address = account.get("serviceAddress", {})
    port.new_billing_telephone_number = _number(document.get("newBillingTelephoneNumber"))
    port.remaining_numbers_action = document.get("remainingNumbersAction")
    port.requested_completion_date = date.fromisoformat(wished_date) if wished_date else None
    port.requested_completion_time = time.fromisoformat(wished_time) if wished_time else None
    port.notification_email = document.get("notificationEmail")
    port.additional_information = document.get("additionalInformation", {})
    port.bill_overrides = document.get("billOverrides", [])


def keep_submitted(
    port: PortOrder, document: Document, numbers: Sequence[int], keys: KeyRing
) -> None:
    """Keep what is submitted, document and numbers, sealed as a whole."""
    content = json.dumps({"document": document, "numbers": list(numbers)})
    port.submitted = keys.seal(content, binding(port.order_id, "submitted"))


def submitted(port: PortOrder, keys: KeyRing) -> tuple[Document, list[int]]:
    """Document and numbers as they were last submitted; empty before the first time."""
    if port.submitted is None:
        return {}, []
    content = json.loads(keys.open(port.submitted, binding(port.order_id, "submitted")))
    return content["document"], content["numbers"]


def shown(document: Document) -> Document:
    """The document as it may be shown: the account number's end, of the PIN nothing."""
    account = document.get("account")
    if account is None:
        return document
    hidden = {
        name: shown_secret(f"/account/{name}", value)
        for name, value in account.items()
        if name in ("accountNumber", "pin")
    }
    return document | {"account": account | hidden}


def shown_secret(pointer: str, value: str) -> str:
    """A secret as it may be shown."""
    return HIDDEN if pointer == "/account/pin" else masked(value)


def _present(members: Document) -> Document:
    return {name: value for name, value in members.items() if value is not None}


def _e164(number: int | None) -> str | None:
    return None if number is None else f"+{number}"


def _number(given: str | None) -> int | None:
    return None if given is None else PhoneNumber.parse(given).value


def _opened(port: PortOrder, column: str, keys: KeyRing) -> str | None:
    sealed: bytes | None = getattr(port, column)
    return None if sealed is None else keys.open(sealed, binding(port.order_id, column))


def _sealed(port: PortOrder, column: str, plain: Any, keys: KeyRing) -> bytes | None:
    return None if plain is None else keys.seal(plain, binding(port.order_id, column))

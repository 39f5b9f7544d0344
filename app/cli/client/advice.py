"""The very commands that do what an answer asks for: its remedies, its next step."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

SECRETS = ("/account/accountNumber", "/account/pin")
"""Fields that are asked for, and never stand in a command."""
PORT_OPTIONS: Mapping[str, str] = {
    "/portType": "--type",
    "/account/carrierName": "--carrier",
    "/account/accountNumber": "--account-number",
    "/account/billingTelephoneNumber": "--btn",
    "/account/authorizedName": "--authorized-name",
    "/account/companyName": "--company",
    "/account/pin": "--pin",
    "/account/serviceAddress/address1": "--address1",
    "/account/serviceAddress/address2": "--address2",
    "/account/serviceAddress/city": "--city",
    "/account/serviceAddress/state": "--state",
    "/account/serviceAddress/postalCode": "--postal-code",
    "/account/serviceAddress/country": "--country",
    "/newBillingTelephoneNumber": "--new-btn",
    "/remainingNumbersAction": "--remaining",
    "/requestedCompletionDate": "--date",
    "/requestedCompletionTime": "--time",
    "/notificationEmail": "--notify",
    "/additionalInformation": "--info",
    "/billOverrides": "--override",
}
"""The option of `pstn port set` for each field of a port."""
OPTIONS: Mapping[str, str] = {
    **PORT_OPTIONS,
    "/contact/companyName": "--company",
    "/contact/firstName": "--first-name",
    "/contact/lastName": "--last-name",
    "/contact/email": "--email",
    "/contact/billingTelephoneNumber": "--btn",
    "/emergencyDisclaimer/acceptedBy": "--accepted-by",
    "/emergencyDisclaimer/jobTitle": "--job-title",
    "/emergencyAddress/address1": "--address1",
    "/emergencyAddress/address2": "--address2",
    "/emergencyAddress/city": "--city",
    "/emergencyAddress/state": "--state",
    "/emergencyAddress/postalCode": "--postal-code",
    "/emergencyAddress/country": "--country",
    "/areaCode": "--area-code",
    "/criteria/areaCode": "--area-code",
    "/criteria/state": "--state",
    "/criteria/prefix": "--prefix",
    "/criteria/city": "--city",
    "/size": "--block",
    "/fullName": "--name",
    "/jobTitle": "--title",
    "/issuedOn": "--issued-on",
}
"""The option of a command for what a refusal points at, where its name does not say it."""
COMPARED: Mapping[str, str] = {
    "accountNumber": "/account/accountNumber",
    "billingTelephoneNumber": "/account/billingTelephoneNumber",
    "authorizedName": "/account/authorizedName",
    "companyName": "/account/companyName",
}
"""Where a difference from the bill rejects a port; any other only warns."""
VALUES: Mapping[str, str] = {"--type": "full|partial", "--remaining": "keep|disconnect"}
CODES: Mapping[str, str] = {
    "pstnNotEnabled": "pstn enable",
    "pstnNotConfigured": "pstn enable",
    "useAssistedOrder": "pstn order --quantity N --number-type local",
    "useSelfServiceOrder": "pstn order --quantity N --state STATE",
    "searchTooWide": "pstn search --state STATE --area-code NPA",
    "customerAdminOnly": "pstn … --as customerAdmin",
    "orgIdRequired": "pstn … --org ORGID",
}
"""What to run after a refusal whose remedy is another command."""


def option_for(pointer: str) -> str | None:
    """The option by which one says what a pointer points at."""
    if pointer.startswith("/additionalInformation/"):
        return "--info"
    return OPTIONS.get(pointer)


def setting(order: str, pointers: Iterable[str]) -> str:
    """The command that changes these fields of a port."""
    parts = ["pstn port set", order]
    for pointer in pointers:
        option = option_for(pointer) or pointer
        if pointer in SECRETS:
            parts.append(option)
        elif option == "--info":
            parts.append(f"--info {pointer.rpartition('/')[2]}=…")
        else:
            parts.append(f"{option} {VALUES.get(option, '…')}")
    return " ".join(parts)


def uploading(order: str, kind: str) -> str:
    """The command that adds a document to a port."""
    return f"pstn port upload {order} FILE --kind {kind}"


def signing(order: str, name: str | None = None) -> str:
    """The command that signs the letter of authorisation."""
    return f"pstn port sign {order} --name {shlex.quote(name) if name else 'NAME'} --title TITLE"


def remedying(order: str, remedy: Mapping[str, Any]) -> str | None:
    """The command that does a remedy, where there is one."""
    numbers = remedy["phoneNumbers"] or ["NUMBER"]
    match remedy["action"]:
        case "updateField":
            return setting(order, remedy["pointers"])
        case "removeNumbers":
            return " ".join(["pstn port remove", order, *numbers])
        case "splitOrder":
            return " ".join(["pstn port split", order, *(f"{number}=BTN" for number in numbers)])
        case "uploadDocument":
            return uploading(order, remedy["documentKind"])
        case "signLoa":
            return signing(order)
        case "contactSupport":
            return f'pstn support {order} "…"'
        case "orderAgain":
            return "pstn search --state STATE --area-code NPA"
    return None


def is_unremedied(readiness: Mapping[str, Any]) -> bool:
    """Whether an error of the last submission still waits for its remedy."""
    return any(item["code"] == "remedyOutstanding" for item in readiness["checklist"])


def completing(
    order: Mapping[str, Any], readiness: Mapping[str, Any], *, is_signed_here: bool
) -> list[str]:
    """What a port still needs beside remedies, in the order in which it is best done.

    The letter of authorisation comes last: a change of account or numbers voids it.
    """
    number, name = order["orderNumber"], (order.get("account") or {}).get("authorizedName")
    pointers = [
        item["pointer"]
        for item in readiness["checklist"]
        if item["status"] != "done" and item["code"] != "remedyOutstanding"
    ]
    fields = [each for each in pointers if not each.startswith(("/documents/", "/phoneNumbers"))]
    commands = [setting(number, fields)] if fields else []
    commands += [
        f"{setting(number, [COMPARED[item['field']]])}  or  --override {item['field']}=REASON"
        for item in readiness["billComparison"]
        if item["result"] == "mismatch" and item["field"] in COMPARED and not item["overridden"]
    ]
    kinds = [each.removeprefix("/documents/") for each in pointers if each.startswith("/documents")]
    commands += [uploading(number, kind) for kind in kinds if kind != "loa"]
    if "loa" in kinds or (is_unremedied(readiness) and _voids_letter(order)):
        commands.append(signing(number, name) if is_signed_here else uploading(number, "loa"))
    return [*commands, f"pstn port submit {number} --watch"]


def _voids_letter(order: Mapping[str, Any]) -> bool:
    return any(
        remedy["action"] == "removeNumbers"
        or any(pointer.startswith("/account/") for pointer in remedy["pointers"])
        for error in order["errors"]
        for remedy in error["remedies"]
    )


def following(order: Mapping[str, Any]) -> list[str]:
    """What the customer runs next, where it is the customer's turn."""
    number = order["orderNumber"]
    match (order["status"], order["stage"]):
        case (_, "draft"):
            return [f"pstn port readiness {number}"]
        case (_, "awaitingLoa"):
            return [uploading(number, "loa")]
        case (_, "awaitingDocument"):
            kinds = order.get("requestedDocuments") or ["KIND"]
            return [uploading(number, kind) for kind in kinds]
        case ("provisioned", "awaitingTermsOfService"):
            return ["pstn tos accept"]
        case ("actionRequired", _):
            return [f"pstn support {number}"]
        case ("rejected", _):
            return [f"pstn port status {number}"]
    return []

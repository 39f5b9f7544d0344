"""What somebody reads whose field has not the form it should have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

import app.main  # noqa: F401 - every schema tells its forms
from app.core.texts import Language
from app.core.validation import FORMS, RequestSchema, field_errors
from app.domains.locations.schemas import Contact, LocationAddress
from app.domains.port_orders.schemas import Account

DOCUMENT = Path(__file__).parents[2] / "openapi" / "openapi.json"

JUDGED_ELSEWHERE = {
    r"^\+[1-9][0-9]{6,14}$",  # a telephone number, by policies
    "^[!#-~]([ -~]{0,253}[!#-~])?$",  # Idempotency-Key, where keys are kept
    # Degrees written as a string.
    r"^-?(90|([1-8]?[0-9])(\.[0-9]{1,17})?)$",
    r"^-?(180|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,17})?)$",
}


def patterns(node: object) -> Iterator[str]:
    """Every pattern of a JSON schema, or of a document of them."""
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for entry in node.values():
            yield from patterns(entry)
    elif isinstance(node, list):
        for entry in node:
            yield from patterns(entry)


def test_every_pattern_of_the_document_says_which_form_it_means() -> None:
    told = set(patterns(json.loads(DOCUMENT.read_text()))) - JUDGED_ELSEWHERE
    assert told == FORMS.keys()


CONTACT = {"companyName": "Northwind", "firstName": "Ada", "lastName": "E", "email": "a@b.example"}
ADDRESS = {"address1": "1 Main Street", "city": "Seattle", "postalCode": "98109", "country": "US"}


@pytest.mark.parametrize(
    ("schema", "body", "pointer", "english", "polish"),
    [
        (Contact, CONTACT | {"email": "secret@b"}, "/email", "ada@northwind.example", "adres"),
        (Contact, CONTACT | {"companyName": " "}, "/companyName", "1 or more characters", "znaków"),
        (LocationAddress, ADDRESS | {"country": "secret"}, "/country", "like US", "kod kraju"),
        (Account, {"pin": "secret!"}, "/pin", "1 to 20", "1–20 liter"),
        (Account, {"accountNumber": "secret!"}, "/accountNumber", "1 to 40", "1–40 liter"),
    ],
)
def test_a_missed_form_is_told_and_the_input_is_not(
    schema: type[RequestSchema], body: dict[str, str], pointer: str, english: str, polish: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        schema.model_validate(body)
    faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in refused.value.errors()]
    [found] = field_errors(RequestValidationError(faults, body=body))
    assert found.pointer == pointer
    for language, part in ((Language.en, english), (Language.pl, polish)):
        told = found.detail.to(language)
        assert part in told
        assert "secret" not in told

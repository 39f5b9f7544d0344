"""The links of the document lead to operations that there are, and tell them where."""

from __future__ import annotations

import json
import re

from app.core import links
from app.core.settings import Settings
from app.main import create_app

DOCUMENT = create_app(Settings()).openapi()
PATHS = {
    operation["operationId"]: path
    for path, methods in DOCUMENT["paths"].items()
    for operation in methods.values()
}


def test_each_create_with_a_link_is_an_operation_that_answers_with_an_id() -> None:
    for source in links.LINKS:
        created = next(
            operation["responses"]["201"]
            for methods in DOCUMENT["paths"].values()
            for operation in methods.values()
            if operation["operationId"] == source
        )
        schema = created["content"]["application/json"]["schema"]
        name = schema["$ref"].rpartition("/")[2]
        assert "id" in DOCUMENT["components"]["schemas"][name]["properties"], source
        assert created["links"], source


def test_a_link_fills_every_parameter_of_its_path() -> None:
    found = re.findall(r'"links": (\{.*?\}\}\})', json.dumps(DOCUMENT))
    assert found
    for text in found:
        for target, link in json.loads(text).items():
            assert link["operationId"] == target
            assert set(link["parameters"]) == set(re.findall(r"\{(\w+)\}", PATHS[target]))


def test_from_an_order_one_goes_on_to_reading_and_cancelling_it() -> None:
    path = DOCUMENT["paths"]["/v1/telephony/pstn/locations/{locationId}/numberOrders"]
    assert {"getOrder", "cancelOrder"} <= set(path["post"]["responses"]["201"]["links"])

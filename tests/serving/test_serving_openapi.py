"""The service is what its own description says: schemathesis holds one to the other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from servers import Server, serving

from intercom_conformance.serving.operations import OPERATIONS
from intercom_conformance.specification import load_specification


@pytest.fixture(scope="module")
def description(server: Server) -> Any:
    return server.ask("GET", "/openapi.json")[1]


def test_the_description_is_openapi(description: Any, garage: Server) -> None:
    """It is a valid document of OpenAPI 3.1, for the embedded specification and for another."""
    for document in (description, garage.ask("GET", "/openapi.json")[1]):
        assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_description_comes_from_the_specification(description: Any) -> None:
    """Methods, events, payloads, states and examples are those of the documents."""
    spec = load_specification()
    schemas = description["components"]["schemas"]
    for name, method in spec.api.methods.items():
        assert schemas[f"call-{name}"]["description"] == method.summary
        assert [one["arguments"] for one in schemas[f"call-{name}"]["examples"]] == [
            list(one) for one in method.examples
        ]
    for name, body in spec.chart["environment"].items():
        assert schemas[f"event-{name}"]["description"] == body["summary"]
    for name in spec.payloads.schema_names():
        assert f"payload-{name}" in schemas
    assert "$id" not in json.dumps(schemas)
    login = {"userId": "ada", "companies": [{"id": "navy"}]}
    assert {"allOf", "examples"} <= schemas["payload-login"].keys()
    assert spec.payloads.is_valid("login", login)


def test_every_reference_leads_somewhere(description: Any) -> None:
    """Bundling left no reference behind."""
    references = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(description)))
    assert len(references) > 40
    for reference in references:
        target = description
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def test_payloads_are_told_apart_by_the_description(description: Any) -> None:
    """A payload schema in the description decides as it does in its file."""
    import jsonschema_rs

    spec = load_specification()
    for name in spec.payloads.schema_names():
        whole = {"$ref": f"#/components/schemas/payload-{name}", "components": description["components"]}
        validator = jsonschema_rs.Draft202012Validator(whole)
        values: list[Any] = [*spec.payloads.schema(name).get("examples", ()), None, 5, "x", [], {}, {"userId": 5}]
        original = jsonschema_rs.Draft202012Validator(spec.payloads.schema(name))
        assert [validator.is_valid(one) for one in values] == [original.is_valid(one) for one in values]


def test_every_operation_is_linked_from_a_new_session(description: Any) -> None:
    """What can be done with a session is told where it begins."""
    links = description["paths"]["/sessions"]["post"]["responses"]["201"]["links"]
    assert set(links) == {one.name for one in OPERATIONS if one.of_session}


def hammered(server: Server, *options: str) -> Any:
    """Runs schemathesis with all of its checks, which have to find nothing; its report."""
    report = server.log.with_name("report.json")
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.places['http']}/openapi.json"]
    command += ["--checks", "all", "--seed", "7", "--no-color", "--report-json-path", str(report), *options]
    if server.token:
        command += ["-H", f"Authorization: Bearer {server.token}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=170, cwd=server.log.parent)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return json.loads(report.read_text())


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    """Generated requests, valid and not, alone and in sequences: every answer is as described, and none is a fault."""
    with serving(tmp_path) as server:
        report = hammered(server, "--phases", "examples,fuzzing,stateful", "--max-examples", "8")
    # The description itself is where schemathesis reads it, which it does not count.
    assert report["operations"]["tested"] == len(OPERATIONS) - 1
    assert report["test_cases"]["generated"] > 200


def test_schemathesis_covers_what_is_told_of_values(tmp_path: Path) -> None:
    """Every bound of every parameter, from both sides, at the operations with the most of them."""
    chosen = [f"--include-operation-id={name}" for name in ("beginSession", "showHistory", "advance")]
    with serving(tmp_path) as server:
        report = hammered(server, "--phases", "coverage", *chosen)
    assert report["test_cases"]["generated"] > 200


def test_schemathesis_with_a_token(tmp_path: Path) -> None:
    """What asks for a token refuses every request without it."""
    with serving(tmp_path, token="a-token-that-nobody-guesses") as server:
        hammered(server, "--phases", "fuzzing", "--max-examples", "3")

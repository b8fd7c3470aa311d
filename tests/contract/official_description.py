"""Microsoft's published OpenAPI description of Graph, where this machine has a copy of it.

Its schemas leave unknown members open and do not say who may write a member; the check here takes
both strictly, so that a misspelt or read-only member is an error.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

FOLDER = Path(__file__).parents[2].parent / "shared" / "contracts"

type Schema = dict[str, Any]


@cache
def description(version: str) -> Schema:
    """The description of one version; skips the test where there is no copy."""
    file = FOLDER / f"graph-{version}.json"
    if not file.exists():
        pytest.skip(f"no copy of Microsoft's description of Graph at {FOLDER}")
    document: Schema = json.loads(file.read_text())
    return document


def body_schema(version: str, method: str, path: str) -> Schema | None:
    """The schema of the body of a route; None where the description does not have the route."""
    wanted = _without_names(path)
    for known, item in description(version)["paths"].items():
        if _without_names(known) == wanted and method.lower() in item:
            schema: Schema = item[method.lower()]["requestBody"]["content"]["application/json"][
                "schema"
            ]
            return schema
    return None


def _without_names(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def errors_in(version: str, schema: Schema, value: Any, path: str = "") -> list[str]:
    """What is wrong with a body, each with its place."""
    schema = _resolved(version, schema)
    if value is None:
        return [] if schema.get("nullable") else [f"{path}: null"]
    if isinstance(value, list) and "items" in schema:
        inner = [errors_in(version, schema["items"], item, f"{path}[]") for item in value]
        return [error for errors in inner for error in errors]
    if not isinstance(value, dict):
        return [f"{path}: {e.message}" for e in Draft202012Validator(schema).iter_errors(value)]
    known = _members(version, _subtype(version, schema, value))
    found = []
    for name, member in value.items():
        place = f"{path}/{name}"
        if name == "@odata.type":
            continue
        if name not in known:
            found.append(f"{place}: unknown")
        elif known[name].get("readOnly"):
            found.append(f"{place}: read-only")
        else:
            found += errors_in(version, known[name], member, place)
    return found


def _resolved(version: str, schema: Schema) -> Schema:
    for way in (schema.get("anyOf"), schema.get("oneOf")):
        if way:
            return _resolved(version, way[0])
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return _resolved(version, description(version)["components"]["schemas"][name])
    return schema


def _subtype(version: str, schema: Schema, value: dict[str, Any]) -> Schema:
    """The schema of the type that a value says it is."""
    said = value.get("@odata.type")
    mapped = schema.get("discriminator", {}).get("mapping", {}).get(said)
    return _resolved(version, {"$ref": mapped}) if mapped else schema


def _members(version: str, schema: Schema) -> dict[str, Schema]:
    members = dict(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        members |= _members(version, _resolved(version, part))
    return members

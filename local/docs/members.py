"""The members of `set`, from the models that requests are checked against."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from local.docs.markdown import code, table
from shared.changes.properties import BETA_ONLY
from shared.changes.request import NOT_WRITABLE, REQUEST

type Schema = dict[str, Any]

_NULL: Schema = {"type": "null"}
_WORDS = {"boolean": "`true` or `false`"}
_PATTERNS = {
    "^[A-Z]{2}$": "two capital letters",
    r"^[^@\s]+@[^@\s]+$": "an address: `name@domain`",
    "^[0-9]{1,9}$": "the number of a scope tag",
    "^[0-9a-f]{32}$": "the 32 hexadecimal digits of a version",
    "^[0-9a-zA-Z-]{1,127}$": "a name in Key Vault: letters, digits and hyphens, 127 at most",
    r"^[a-z]{2,3}(-[A-Za-z]+)*$": "a language: `en`, `de-CH`",
}
"""What the patterns of the models say, for people."""


def members(operation: str) -> str:
    """The table of what an operation can set."""
    schemas = REQUEST.json_schema()["$defs"]
    request = next(
        each
        for each in schemas.values()
        if each.get("properties", {}).get("operation", {}).get("const") == operation
    )
    beta = BETA_ONLY.get(operation, {})
    found = [
        (name, [what, null, "beta" if name in beta else ""])
        for name, what, null in _rows(schemas, "", request["properties"]["set"])
    ]
    rows = [
        [_series([name for name, _ in same]), *cells]
        for (_, cells), same in (
            (key, list(group))
            for key, group in groupby(found, key=lambda row: (row[0].rstrip("0123456789"), row[1]))
        )
    ]
    return table(["member", "value", "null", "version"], rows)


def unwritable(operation: str) -> str:
    """The properties that exist and are refused, under the reason why."""
    reasons: dict[str, list[str]] = {}
    for name, reason in NOT_WRITABLE[operation].items():
        reasons.setdefault(reason, []).append(name)
    rows = [[", ".join(map(code, sorted(names))), reason] for reason, names in reasons.items()]
    return table(["property", "why not"], rows)


def _rows(schemas: Schema, path: str, schema: Schema) -> Iterator[tuple[str, str, str]]:
    """Name, value and whether null clears it, of every member below."""
    schema = _resolved(schemas, schema)
    for name, member in schema.get("properties", {}).items():
        here, required = f"{path}{name}", name in schema.get("required", ())
        kinds = [_resolved(schemas, kind) for kind in member.get("anyOf", [member])]
        null = "clears it" if _NULL in kinds and "default" not in member else ""
        [kind] = [kind for kind in kinds if kind != _NULL]
        said = _value(schemas, kind)
        yield here, f"{said}; required" if required else said, null
        yield from _of_kinds(schemas, here, kind.get("oneOf", [kind]))


def _of_kinds(schemas: Schema, path: str, kinds: list[Schema]) -> Iterator[tuple[str, str, str]]:
    """The members of a value of one of these kinds; what only some of them have, says which."""
    having: dict[tuple[str, str, str], list[str]] = {}
    for kind in kinds:
        for row in _rows(schemas, f"{path}/", kind):
            having.setdefault(row, []).append(_resolved(schemas, kind)["title"])
    for (name, what, null), titles in having.items():
        only = "" if len(titles) == len(kinds) else f" ({' and '.join(titles)})"
        yield name, what + only, null


def _value(schemas: Schema, schema: Schema) -> str:
    """What a value has to be, for people."""
    match schema:
        case {"oneOf": kinds}:
            titles = (_resolved(schemas, kind)["title"] for kind in kinds)
            text = f"an object, see below: {' or '.join(titles)}"
        case {"enum": values}:
            text = " or ".join(code(value) for value in values)
        case {"const": value}:
            text = code(value)
        case {"type": "object"}:
            text = "an object, see below"
        case {"type": "array", "items": items, "minItems": least, "maxItems": most}:
            text = f"{least} to {most}, each {_value(schemas, _resolved(schemas, items))}"
        case {"pattern": pattern}:
            text = _PATTERNS[pattern]
            if most := schema.get("maxLength"):
                text += f", {most} characters at most"
        case {"type": "string", "maxLength": most}:
            text = f"text of {schema.get('minLength', 0)} to {most} characters"
        case _:
            text = _WORDS[schema["type"]]
    return text


def _resolved(schemas: Schema, schema: Schema) -> Schema:
    reference = schema.get("$ref")
    return schemas[reference.rpartition("/")[2]] if reference else schema


def _series(names: list[str]) -> str:
    return code(names[0]) if len(names) == 1 else f"{code(names[0])} … {code(names[-1])}"

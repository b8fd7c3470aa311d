"""Payloads that are nearly those of a tool: some parts replaced, taken away, doubled or renamed."""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import strategies as st

NASTY: list[Any] = [
    None, True, False, 0, -1, 2**53 + 1, 10**400, 1.5, -0.0, 1e308, "", " ", "\0", "\r\n", "null",
    "${jndi:ldap://x}", "{{7*7}}", "<script>", "[code]", "../../etc/passwd", "' OR 1=1 --",
    "\u202e", "\ufeff", "é" * 300, "x" * 9000, [], {}, [[]], [None], {"value": None},
    {"value": {"value": {"value": "x"}}}, {"display_value": []}, {"": ""}, {"__proto__": {}},
    {"toString": "x"}, {"password": "Tr0ub4dor-canary"}, "Your password is Tr0ub4dor-canary",
    "2026-12-01T20:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "6a59ea83-02bd-468f-a40b-f2c3d1821983",
]  # fmt: skip
"""Values that have broken receivers elsewhere."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
_DEEDS = ("replace", "remove", "wrap", "rename", "repeat")


def mutated(chance: Random, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with one to four mutations."""
    document = copy.deepcopy(payload)
    for _ in range(chance.randint(1, 4)):
        if places := list(_places(document)):
            holder, key = chance.choice(places)
            _mutate(holder, key, chance.choice(_DEEDS), chance.choice(NASTY))
    return document


def damaged(chance: Random, data: bytes) -> bytes:
    """The bytes with some replaced, taken out or doubled; often cut."""
    damaged = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(damaged) + 1)
        deed = chance.randrange(3)
        if deed:
            damaged[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        else:
            damaged[at:at] = damaged[at : at + chance.randint(1, 40)]
    return bytes(
        damaged[: chance.randrange(len(damaged) + 1)] if chance.random() < 0.2 else damaged
    )


def _mutate(holder: Any, key: Any, deed: str, value: Any) -> None:
    match deed:
        case "replace":
            holder[key] = copy.deepcopy(value)
        case "remove":
            del holder[key]
        case "wrap":
            holder[key] = [holder[key]] if isinstance(value, list) else {"value": holder[key]}
        case "rename" if isinstance(holder, dict) and not isinstance(value, str):
            # Names are told in pointers, so none of them may be what must not be repeated.
            holder[f"{key}{type(value).__name__}"] = holder.pop(key)
        case _:
            holder[key] = [holder[key]] * 30


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    members = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in list(members):
        yield document, key
        if isinstance(value, dict | list):
            yield from _places(value)


def as_sent(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")

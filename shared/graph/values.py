"""Comparing what is wanted of an object with what it is."""

from typing import Any

from shared.changes.operation import Json


def difference(wanted: Json, values: Json) -> Json:
    """The members of `wanted` whose value is another in `values`."""
    needed: dict[str, Any] = {}
    for name, value in wanted.items():
        if isinstance(value, dict):
            if inner := difference(value, values.get(name) or {}):
                needed[name] = inner
        elif not _same(values.get(name), value):
            needed[name] = value
    return needed


def _same(now: Any, wanted: Any) -> bool:
    """Equal, the collections of Graph without regard to order."""
    if isinstance(now, list) and isinstance(wanted, list):
        return set(now) == set(wanted)
    return bool(now == wanted)

"""The demo's rows as a table for a terminal."""

import json
from collections.abc import Sequence

from local.demo.row import Row

WIDTHS = (5, 39, 9, 30, 30)
WHY = 100


def table(rows: Sequence[Row]) -> str:
    """One line a row; the reason, where there is one, on a line of its own."""
    lines = [_line(("way", "change", "state", "before", "after")), _line(["-" * w for w in WIDTHS])]
    for row in rows:
        mark = row.state if row.as_expected else f"{row.state} !"
        lines.append(_line((row.way, row.shows, mark, _flat(row.before), _flat(row.after))))
        if row.why:
            lines.append(f"{'':5}   {row.why[:WHY]}")
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "  ".join(
        cell[:width].ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)
    ).rstrip()


def _flat(value: object) -> str:
    """The innermost names and values, which is what differs."""
    if not isinstance(value, dict):
        return "" if value is None else json.dumps(value)
    inner = next(iter(value.values()), None)
    if isinstance(inner, dict):
        return inner["actionState"] if "actionState" in inner else _flat(inner)
    return ", ".join(f"{name}={json.dumps(inner)}" for name, inner in value.items())

"""Markdown."""

import json
from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar within a cell would end it."""
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [columns, ["---"] * len(columns), *cells]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def code(text: str) -> str:
    """A piece of code within a text."""
    return f"`{text}`"


def json_block(document: object) -> str:
    """A document on lines of its own."""
    return f"```json\n{json.dumps(document, indent=2, ensure_ascii=False)}\n```\n"

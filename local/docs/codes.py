"""The codes of errors, from the tables of docs/errors.md, which is written by hand."""

import re
from functools import cache
from pathlib import Path

from local.docs.markdown import table

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([a-z-]+\.md)")


@cache
def documented() -> dict[str, tuple[str, str]]:
    """What each code means and what to do about it."""
    found: dict[str, tuple[str, str]] = {}
    for line in PAGE.read_text().splitlines():
        names, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if line.startswith("| `") and len(cells) > 1:
            found |= dict.fromkeys(_CODE.findall(names), (cells[-2], cells[-1]))
    return found


def rows(codes: str) -> str:
    """The rows of these codes, for a page in a folder beside theirs."""
    return table(
        ["code", "what happened", "what to do"],
        [[f"`{each}`", *map(_from_below, documented()[each])] for each in codes.split()],
    )


def _from_below(cell: str) -> str:
    return _LINK.sub(r"](../\1", cell)

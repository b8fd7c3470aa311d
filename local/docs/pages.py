"""Which pages are made, and how: all of one, and of the others the blocks between two markers.

    <!-- made by `make docs`: members patchDevice -->
    …
    <!-- made -->

What stands around the blocks is written by hand.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from local.docs import codes, members, routes
from local.docs.examples import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.up.endpoints import Endpoints

FOLDER = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"(<!-- made by `make docs`: (\w+) (.+?) -->\n).*?(<!-- made -->\n)", re.DOTALL)


async def pages(endpoints: "Endpoints") -> dict[str, str]:
    """Every page that is made, by its name in docs/, as it has to be now."""
    example = await examples(endpoints)
    makers: dict[str, Callable[[str], str]] = {
        "targets": routes.targets,
        "permissions": routes.permissions,
        "members": members.members,
        "unwritable": members.unwritable,
        "example": example.__getitem__,
        "errors": codes.rows,
    }

    def made(block: re.Match[str]) -> str:
        begin, what, of, end = block.groups()
        return f"{begin}\n{makers[what](of)}\n{end}"

    written = sorted((FOLDER / "operations").glob("*.md"))
    return {
        "routes.md": routes.page(),
        **{str(each.relative_to(FOLDER)): _BLOCK.sub(made, each.read_text()) for each in written},
    }

"""`make docs`: start the stack, run the examples, write the pages anew."""

import asyncio
import os

from local.docs.pages import FOLDER, pages
from local.up.stack import running_stack

SETTINGS = {"ACTION_CHECK_SECONDS": "0.3,1,2,4"}
"""A device of the stand-in acts at once, not within an hour."""


async def main() -> None:
    """Say which pages have changed."""
    os.environ.pop("GRAPH_ENDPOINT", None)  # the examples have devices that only a stand-in takes
    async with running_stack(settings=SETTINGS) as stack:
        made = await pages(stack.endpoints)
    for name, text in made.items():
        path = FOLDER / name
        if path.read_text() != text:
            path.write_text(text)
            print(f"docs/{name} was made anew")


if __name__ == "__main__":
    asyncio.run(main())

"""The register a page at a time."""

from urllib.parse import quote, unquote

from shared.changes.problems import Problem, RequestRefused
from shared.register.entry import Entry
from shared.register.ports import Register

_LONGEST_TOKEN = 1_024


async def page(register: Register, after: str | None, top: int) -> tuple[list[Entry], str | None]:
    """As many entries as `top` behind the token `after`; the token to go on, None at the end.

    Raises RequestRefused (400) for what is no token.
    """
    if after and (len(after) > _LONGEST_TOKEN or not after.isprintable()):
        detail = "`after` is what the page before answered with."
        raise RequestRefused(400, [Problem("invalid-query", "", detail)])
    entries: list[Entry] = []
    async for entry in register.all(unquote(after) if after else None, at_once=top + 1):
        if len(entries) == top:
            return entries, quote(entries[-1].id)
        entries.append(entry)
    return entries, None

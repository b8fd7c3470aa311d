"""Bulk changes for people: how far one has come, and what can be done with it."""

import json
import sys

from shared import composition
from shared.bulk.actions import cancel_bulk, resume_bulk
from shared.bulk.view import show
from shared.changes.operation import Json
from shared.changes.problems import RequestRefused

ACTIONS = {
    "show": "how far it has come",
    "resume": "let one that has halted go on",
    "cancel": "begin no more of its targets, and cancel those that can be",
}


async def act(action: str, bulk: str, *, failure_share: float | None, as_json: bool) -> int:
    """Do it and print how far it has come; 1 when the bulk change does not allow it."""
    use = composition.bulk()
    try:
        if action == "resume":
            await resume_bulk(use, bulk, failure_share)
        if action == "cancel":
            await cancel_bulk(use, bulk)
        found = await show(use, bulk)
    except RequestRefused as refused:
        print(f"{refused.first.code}: {refused.first.detail}", file=sys.stderr)
        return 1
    finally:
        await composition.close()
    print(json.dumps(found, indent=2, ensure_ascii=False) if as_json else _page(found))
    return 0


def _page(bulk: Json) -> str:
    counts = [f"{number} {what}" for what, number in bulk["counts"].items() if number]
    failures = [
        f"  {each['index']:5}  {each['code']}  {each['change'] or ''}" for each in bulk["failures"]
    ]
    halted = [f"{bulk['failure']['code']}: {bulk['failure']['detail']}"] if bulk["failure"] else []
    first = f"{bulk['id']}  {bulk['state']}{' (cancelling)' if bulk['cancelling'] else ''}"
    return "\n".join([first, f"{bulk['targets']} targets: {', '.join(counts)}", *halted, *failures])

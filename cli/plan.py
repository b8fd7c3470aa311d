"""The plan of a request file for people: what would be written, and the hash to send with it."""

import json
import sys
from typing import Any

from shared import composition
from shared.changes.operation import Json
from shared.changes.problems import RequestRefused
from shared.changes.request import read_request
from shared.faults import Transient
from shared.planning.plan import Outlook, Plan
from shared.policy.subject import Asker


async def show(request: bytes, *, as_json: bool) -> int:
    """Print the plan; 0 when the change would go through, 1 when it would not."""
    try:
        plan = await composition.dry_run().plan(read_request(request), Asker("http"))
    except RequestRefused as refused:
        for problem in refused.problems:
            print(f"{problem.code} at {problem.pointer or '/'}: {problem.detail}", file=sys.stderr)
        return 1
    except Transient as fault:
        print(f"not now: {fault}", file=sys.stderr)
        return 1
    finally:
        await composition.close()
    print(json.dumps(plan.view) if as_json else _page(plan))
    return 1 if plan.outlook is Outlook.REFUSED else 0


def _page(plan: Plan) -> str:
    document: Json = plan.view["plan"]
    route, secret = document["route"], document["secret"]
    facts = {
        "effect": document["effect"],
        "because": document["code"] and f"{document['code']}: {document['detail']}",
        "route": f"{plan.way.write.line} ({route['used']}, {route['version']})",
        "permission": document["permission"],
        "target": ", ".join(f"{name} {value}" for name, value in document["target"].items()),
        "basis": document["basis"],
        "secret": secret
        and f"{secret['name']} {'can' if secret['readable'] else 'cannot'} be read",
        "hash": plan.hash,
    }
    lines = [f"{name:10}  {value}" for name, value in facts.items() if value]
    return "\n".join([*lines, *_table(document["changes"])])


def _table(changes: list[Json]) -> list[str]:
    rows = [["property", "before", "after"]]
    rows += [[each["property"], _cell(each["before"]), _cell(each["after"])] for each in changes]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return ["", *lines] if changes else []


def _cell(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)

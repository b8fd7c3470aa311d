"""Source files of webhooks for people: try their examples, and explain a payload. Asks nobody."""

import argparse
import json
import os
import sys
from collections.abc import Coroutine
from typing import Any

from shared.changes.operation import Json
from shared.changes.problems import RequestRefused
from shared.webhooks.delivery import Delivery
from shared.webhooks.explain import Explainer
from shared.webhooks.sources import FOLDER, SourceError, Sources, load


def act(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    """What the command line asks for."""
    if options.action == "check":
        return check(options.sources)
    return explain(options.source, options.payload, as_json=options.json)


async def check(names: list[str]) -> int:
    """Try every example of the sources, of all without names; 1 when one is not as it says."""
    wrong = 0
    for name in names or sorted(file.stem for file in FOLDER.glob("*.yaml")):
        try:
            loaded = load(FOLDER, name, os.environ)
        except SourceError as error:
            wrong = 1
            print(f"{name:20}  {error.detail}")
        else:
            print(f"{name:20}  ok, {len(loaded.source.examples)} examples, {loaded.digest[:12]}")
    return wrong


async def explain(name: str, payload: bytes, *, as_json: bool) -> int:
    """Print what the payload becomes; 1 when it is refused.

    For a source that fetches tickets, the payload is a ticket as the tool answers it.
    """
    headers = {"content-type": "application/json"}
    delivery = Delivery(name, "POST", f"/api/webhooks/{name}", headers, payload)
    try:
        told = await Explainer(Sources((name,))).explain(delivery)
    except (RequestRefused, SourceError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(told) if as_json else _page(told))
    return 1 if told["status"] == "refused" else 0


def _page(told: Json) -> str:
    ticket = told["ticket"] or {}
    facts = {
        "status": told["status"],
        "reason": told["reason"],
        "ticket": " ".join(ticket[part] for part in ("id", "number") if part in ticket),
    }
    lines = [f"{name:8}  {value}" for name, value in facts.items() if value]
    lines += [f"{each['code']} at {each['pointer']}: {each['detail']}" for each in told["problems"]]
    lines += [json.dumps(each, indent=2, ensure_ascii=False) for each in told["changes"]]
    return "\n".join(lines)

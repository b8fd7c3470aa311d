"""Imports the app as told, does as told, and prints after each which modules were loaded by then.

A process of its own, because imports of other tests would count. `alone` imports the app without a
loop, as a tool would, and `worker` on one, as the host's worker does: the latter is got ready.
"""

import asyncio
import importlib
import json
import sys
import threading
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import azure.functions as func

RESULTS = [sorted(sys.modules)]


def took() -> None:
    RESULTS.append(sorted(sys.modules))


async def warmed() -> None:
    [thread] = [each for each in threading.enumerate() if each.name == "warming"]
    await asyncio.to_thread(thread.join)
    await asyncio.gather(*(t for t in asyncio.all_tasks() if t.get_name().startswith("warming")))


class Watch:
    """Finds no module, but tells which ones this thread has looked for."""

    def __init__(self) -> None:
        self._thread = threading.current_thread()
        self.names: list[str] = []

    def find_spec(self, name: str, *_: object) -> None:
        if threading.current_thread() is self._thread:
            self.names.append(name)


async def watched() -> None:
    """As `warmed`; its result is what the loop's thread loaded meanwhile."""
    watch = Watch()
    sys.meta_path.insert(0, cast("Any", watch))
    await warmed()
    RESULTS.append(watch.names)


async def work() -> None:
    from shared.composition.warming import WARMING

    await WARMING.ready()


async def webhook() -> None:
    from functions.webhooks import post_webhook

    asked: dict[str, Any] = json.loads(sys.stdin.readline())
    headers, body = asked["headers"], asked["body"].encode()
    route = {"source": "servicenow"}
    url = "https://sluice.example/api/webhooks/servicenow"
    request = func.HttpRequest("POST", url, headers=headers, route_params=route, body=body)
    answer = await post_webhook(request)
    assert answer.status_code == 202, answer.get_body()


async def changes() -> None:
    from functions.processing import changes_message

    message = SimpleNamespace(
        message_id="of nobody",
        sequence_number=1,
        delivery_count=1,
        enqueued_time_utc=None,
        session_id="directory-00",
        subject=None,
        correlation_id=None,
        content_type=None,
        application_properties={},
        get_body=lambda: b"{}",
    )
    with suppress(Exception):  # no change is meant by it
        await changes_message(message)


async def timer(module: str, name: str) -> None:
    await getattr(importlib.import_module(f"functions.{module}"), name)(None)


STEPS = {
    "warmed": warmed,
    "watched": watched,
    "work": work,
    "webhook": webhook,
    "changes": changes,
    "resend": lambda: timer("resend", "resend_unqueued"),
    "rotate": lambda: timer("rotation", "rotate_due"),
    "reconcile": lambda: timer("rotation", "reconcile_accounts"),
}


async def main(how: str, steps: list[str]) -> None:
    if how == "worker":
        importlib.import_module("function_app")
        took()
    for step in steps:
        await STEPS[step]()
        took()


if sys.argv[1] == "alone":
    importlib.import_module("function_app")
    took()
asyncio.run(main(sys.argv[1], sys.argv[2:]))
sys.stdout.write(json.dumps(RESULTS))

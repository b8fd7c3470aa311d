"""The kill switch, the brakes, and what the policy holds, for people."""

import argparse
import json
import sys
from collections.abc import Awaitable, Coroutine
from typing import Any

from shared import composition
from shared.actions.brake import switch_view
from shared.changes.operation import Json
from shared.changes.problems import RequestRefused


def add_parser(areas: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add what can be said on the command line."""
    area = areas.add_parser("brake", help="stop everything, and decide on what the policy holds")
    actions = area.add_subparsers(dest="action", required=True)
    on = actions.add_parser("on", help="turn the kill switch on: no change begins")
    on.add_argument("--reason", metavar="TEXT", help="for those who find it on")
    actions.add_parser("off", help="turn it off: everything goes on")
    looked = actions.add_parser("show", help="how everything stands, and what is held")
    looked.add_argument("--json", action="store_true", help="one JSON document")
    for name, told in _DECISIONS.items():
        actions.add_parser(name, help=told).add_argument("rule", metavar="RULE")


_DECISIONS = {
    "release": "let a brake go, and all changes that it or another rule holds",
    "cancel": "give up all changes that a rule holds",
}


def act(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    """What the command line asks for."""
    if options.action == "show":
        return show(as_json=options.json)
    if options.action in _DECISIONS:
        return decide(options.action, options.rule)
    on = options.action == "on"
    return turn(on=on, reason=options.reason if on else None)


async def show(*, as_json: bool) -> int:
    """Print how everything stands; 1 while anything is stopped or held."""
    try:
        told = await composition.stops().show()
    finally:
        await composition.close()
    print(json.dumps(told) if as_json else "\n".join(_lines(told)))
    engaged = any(each["engagedAt"] for each in told["brakes"])
    return 1 if told["killSwitch"]["on"] or engaged or told["held"] else 0


async def turn(*, on: bool, reason: str | None) -> int:
    """Turn the kill switch."""
    try:
        state = await composition.kill_switch().turn(on=on, reason=reason)
    finally:
        await composition.close()
    print(_switch(switch_view(state)))
    return 0


async def decide(action: str, rule: str) -> int:
    """Release or cancel all that a rule holds; 1 when that cannot be."""
    stops = composition.stops()
    act = stops.release if action == "release" else stops.cancel
    try:
        while await _left(act(rule)):
            pass
    except RequestRefused as refused:
        print(f"{refused.first.code}: {refused.first.detail}", file=sys.stderr)
        return 1
    finally:
        await composition.close()
    return 0


async def _left(deciding: Awaitable[Json]) -> bool:
    done = await deciding
    print(f"{done['rule']}: {done['decided']} decided, {done['left']} left")
    return bool(done["left"])


def _switch(state: Json) -> str:
    since = f" since {state['since']}" if state["since"] else ""
    reason = f": {state['reason']}" if state["reason"] else ""
    return f"kill switch: {'on' if state['on'] else 'off'}{since}{reason}"


def _lines(told: Json) -> list[str]:
    brakes = [
        f"{each['name']}: {each['devices']} devices in {each['minutes']} minutes, "
        + (f"engaged since {each['engagedAt']}" if each["engagedAt"] else "not engaged")
        for each in told["brakes"]
    ]
    held = [f"held by {rule}: {number}" for rule, number in told["held"].items()]
    changes = [f"{each['id']}  {each['rule']}  {each['heldAt']}" for each in told["changes"]]
    return [_switch(told["killSwitch"]), *brakes, *held, *changes]

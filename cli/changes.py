"""Changes for people: one as it is on record, and what can be done with it."""

import json
import sys
from collections.abc import Awaitable, Callable

from shared import composition
from shared.actions.cancel import cancel
from shared.actions.decide import known
from shared.actions.release import release
from shared.actions.reverse import reverse
from shared.changes.operation import Operation
from shared.changes.problems import RequestRefused
from shared.changes.view import view

ACTIONS = {
    "show": "all that is on record of a change, as JSON",
    "cancel": "end a change before it is written",
    "release": "let a held change go on now",
    "reverse": "undo a verified patch with a change of its own, or a held rotation",
}


INSISTING = {
    "cancel": ("--abandon", "also one that is held, whatever it has written"),
    "release": ("--window", "even though its window is not open"),
}


async def act(action: str, change: str, *, insist: bool) -> int:
    """Do it and print what came of it; 1 when the change does not allow it."""
    try:
        print(await _DO[action](change, insist))
    except RequestRefused as refused:
        print(f"{refused.first.code}: {refused.first.detail}", file=sys.stderr)
        return 1
    finally:
        await composition.close()
    return 0


async def _show(change: str, _: bool) -> str:
    operation = await known(composition.actions(), change)
    return json.dumps(view(operation), indent=2, ensure_ascii=False)


async def _cancel(change: str, abandon: bool) -> str:
    return _line(await cancel(composition.actions(), change, abandon=abandon))


async def _release(change: str, window: bool) -> str:
    use, stop = composition.actions(), composition.kill_switch()
    return _line(await release(use, stop, change, window=window))


async def _reverse(change: str, _: bool) -> str:
    accepted = await reverse(composition.actions(), composition.intake(), change)
    return _line(accepted.operation)


def _line(operation: Operation) -> str:
    return f"{operation.id}  {operation.state}"


_DO: dict[str, Callable[[str, bool], Awaitable[str]]] = {
    "show": _show,
    "cancel": _cancel,
    "release": _release,
    "reverse": _reverse,
}

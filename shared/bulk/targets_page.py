"""The targets of a bulk change as people see them, page by page."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from shared.actions.decide import known
from shared.bulk.dependencies import Dependencies
from shared.bulk.record import Progress, child_id, size
from shared.bulk.request import MOST_TARGETS
from shared.bulk.view import NOT_BEGUN, OPEN, STATES
from shared.changes.operation import Json, Operation
from shared.changes.problems import Problem, RequestRefused

PAGE = 100
_DIGITS = len(str(MOST_TARGETS))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which targets: those behind index `after`, and in `state` if one is given."""

    after: int
    state: str | None


def read_page(query: Mapping[str, str]) -> Wanted:
    """What the query of a request asks for. Raises RequestRefused (400)."""
    after, state = query.get("after"), query.get("state")
    if after is not None and not (after.isascii() and after.isdecimal() and len(after) <= _DIGITS):
        raise _refused("after is the index of a target, as a page tells it.")
    if state not in (None, *STATES):
        raise _refused(f"state is one of {', '.join(STATES)}.")
    return Wanted(-1 if after is None else int(after), state)


async def show_page(use: Dependencies, bulk: str, wanted: Wanted) -> Json:
    """A page of its targets, and behind which the next one starts. Raises RequestRefused (404)."""
    operation = await known(use.actions, bulk, bulk=True)
    results = {result.index: result for result in await use.results.all(operation.id)}
    begun = Progress.of(operation).begun

    def state(index: int) -> str:
        result = results.get(index)
        if result and result.state.ended:
            return str(result.state)
        return OPEN if index < begun else NOT_BEGUN

    def change(index: int) -> str | None:
        if result := results.get(index):
            return result.change
        return child_id(operation.id, index) if index < begun else None

    indexes = range(wanted.after + 1, size(operation))
    found = list(islice((i for i in indexes if wanted.state in (None, state(i))), PAGE + 1))
    page = found[:PAGE]
    targets = await _targets(use, operation, page)
    return {
        "targets": [
            {
                "index": index,
                "target": target,
                "state": state(index),
                "change": change(index),
                "code": results[index].code if index in results else None,
            }
            for index, target in zip(page, targets, strict=True)
        ],
        "after": page[-1] if len(found) > PAGE else None,
    }


async def _targets(use: Dependencies, operation: Operation, indexes: list[int]) -> list[Json]:
    if not indexes:
        return []
    first = indexes[0]
    found = await use.targets.some(operation.fingerprint, first, indexes[-1] + 1)
    return [found[index - first] for index in indexes]


def _refused(detail: str) -> RequestRefused:
    return RequestRefused(400, [Problem("invalid-query", "", detail)])

"""The targets of a bulk change as people see them, page by page."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from shared.actions.decide import known
from shared.bulk.count import BLOCK, counted
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
    progress, _ = await counted(use.results, operation)
    found: list[Json] = []
    async for each in _rows(use, operation, progress, wanted):
        found.append(each)
        if len(found) > PAGE:
            break
    page = found[:PAGE]
    targets = await _targets(use, operation, [each["index"] for each in page])
    return {
        "targets": [
            {"index": each["index"], "target": target, **each}
            for each, target in zip(page, targets, strict=True)
        ],
        "after": page[-1]["index"] if len(found) > PAGE else None,
    }


async def _rows(
    use: Dependencies, operation: Operation, progress: Progress, wanted: Wanted
) -> AsyncIterator[Json]:
    """What is known of each target, but itself: from the blocks that have such as are wanted."""
    first, last = wanted.after + 1, size(operation)
    for start in range(first - first % BLOCK, last, BLOCK):
        stop = min(start + BLOCK, last)
        if wanted.state and not _counts(progress, start, stop)[wanted.state]:
            continue
        results = {each.index: each for each in await use.results.some(operation.id, start, stop)}
        for index in range(max(start, first), stop):
            result, begun = results.get(index), index < progress.begun
            state = OPEN if begun else NOT_BEGUN
            if result and result.state.ended:
                state = str(result.state)
            if wanted.state in (None, state):
                made = child_id(operation.id, index) if begun else None
                change = result.change if result else made
                code = result.code if result else None
                yield {"index": index, "state": state, "change": change, "code": code}


def _counts(progress: Progress, start: int, stop: int) -> Counter[str]:
    """How many of a block of targets are in each state."""
    counts = Counter(progress.counted.get(str(start // BLOCK), {}))
    begun = max(0, min(stop, progress.begun) - start)
    return counts + Counter({OPEN: begun - counts.total(), NOT_BEGUN: stop - start - begun})


async def _targets(use: Dependencies, operation: Operation, indexes: list[int]) -> list[Json]:
    if not indexes:
        return []
    first = indexes[0]
    found = await use.targets.some(operation.fingerprint, first, indexes[-1] + 1)
    return [found[index - first] for index in indexes]


def _refused(detail: str) -> RequestRefused:
    return RequestRefused(400, [Problem("invalid-query", "", detail)])

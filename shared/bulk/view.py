"""A bulk change as people see it: the whole, and its targets page by page."""

from itertools import islice

from shared.bulk.dependencies import Dependencies
from shared.bulk.record import Progress, change_of, child_id, size
from shared.bulk.tally import Tally
from shared.changes.operation import Json, Operation
from shared.changes.states import State
from shared.changes.view import time_text
from shared.records.ports import TargetResult

PAGE = 100
_MOST_FAILURES = 20

NOT_BEGUN, OPEN = "notBegun", "open"
STATES = (NOT_BEGUN, OPEN, *(str(state) for state in State if state.ended))
"""What a target can be: beside the ends of its change, to come or under way."""


async def view(use: Dependencies, operation: Operation) -> Json:
    """How far the bulk change has come, with the first of its failures."""
    results = await use.results.all(operation.id)
    progress, failure = Progress.of(operation), operation.failure
    tally = Tally.of(size(operation), progress.begun, results)
    canary = int(operation.request["canary"])
    over = tally.begun > canary or (tally.begun == canary and not tally.open)
    failed = [result for result in results if result.state is State.FAILED]
    return {
        "id": operation.id,
        "state": operation.state,
        **change_of(operation),
        "ticket": operation.request.get("ticket"),
        "source": operation.source,
        "key": operation.key,
        "targets": tally.targets,
        "counts": {
            NOT_BEGUN: tally.not_begun,
            OPEN: tally.open,
            **{str(state): tally.ended[state] for state in State if state.ended},
        },
        "canary": {"targets": canary, "over": over},
        "failureShare": progress.failure_share,
        "cancelling": progress.cancelling and not operation.state.ended,
        "acceptedAt": time_text(operation.accepted_at),
        "updatedAt": time_text(operation.updated_at),
        "failure": failure
        and {"code": failure.code, "detail": failure.detail, "at": time_text(failure.at)},
        "failures": [
            {"index": r.index, "change": r.change, "code": r.code, "detail": r.detail}
            for r in failed[:_MOST_FAILURES]
        ],
        "timeline": [
            {"state": step.state, "at": time_text(step.at), "detail": step.detail}
            for step in operation.timeline
        ],
    }


async def view_targets(
    use: Dependencies, operation: Operation, *, start: int, state: str | None
) -> Json:
    """A page of the targets from index `start` on, of those in `state` if one is given."""
    results = {result.index: result for result in await use.results.all(operation.id)}
    begun = Progress.of(operation).begun

    def is_in(index: int) -> str:
        result = results.get(index)
        if result and result.state.ended:
            return str(result.state)
        return OPEN if index < begun else NOT_BEGUN

    wanted = (i for i in range(start, size(operation)) if state in (None, is_in(i)))
    page = list(islice(wanted, PAGE + 1))
    further = page.pop() if len(page) > PAGE else None
    return {
        "targets": [
            {
                "index": index,
                "target": target,
                "state": is_in(index),
                "change": _change(operation, index, begun, results.get(index)),
                "code": results[index].code if index in results else None,
            }
            for index, target in zip(page, await _targets(use, operation, page), strict=True)
        ],
        "next": further,
    }


def _change(
    operation: Operation, index: int, begun: int, result: TargetResult | None
) -> str | None:
    """The id of the change for a target; None for one that was not begun, or was refused."""
    if result:
        return result.change
    return child_id(operation.id, index) if index < begun else None


async def _targets(use: Dependencies, operation: Operation, indexes: list[int]) -> list[Json]:
    if not indexes:
        return []
    first = indexes[0]
    found = await use.targets.some(operation.fingerprint, first, indexes[-1] + 1)
    return [found[index - first] for index in indexes]

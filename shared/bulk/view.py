"""A bulk change as people see it: how far it has come."""

from shared.actions.decide import known
from shared.bulk.count import counted, failed_targets
from shared.bulk.dependencies import Dependencies
from shared.bulk.record import Progress, change_of, size
from shared.bulk.tally import Tally
from shared.changes.operation import Json, Operation
from shared.changes.states import State
from shared.changes.times import in_utc
from shared.records.ports import TargetResult

NOT_BEGUN, OPEN = "notBegun", "open"
STATES = (NOT_BEGUN, OPEN, *(str(state) for state in State if state.ended))
"""What a target can be: to come, under way, or the end of its change."""

_MOST_FAILURES = 20


async def show(use: Dependencies, bulk: str) -> Json:
    """How far it has come, with the first of its failures. Raises RequestRefused (404)."""
    operation = await known(use.actions, bulk, bulk=True)
    progress, _ = await counted(use.results, operation)
    tally, failure = Tally.of(size(operation), progress), operation.failure
    canary = int(operation.request["canary"])
    over = tally.begun > canary or (tally.begun == canary and not tally.open)
    failures = await _first_failures(use, operation, progress)
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
            **{state: tally.ended[State(state)] for state in STATES[2:]},
        },
        "canary": {"targets": canary, "over": over},
        "failureShare": progress.failure_share,
        "cancelling": progress.cancelling and not operation.state.ended,
        "acceptedAt": in_utc(operation.accepted_at),
        "updatedAt": in_utc(operation.updated_at),
        "failure": failure
        and {"code": failure.code, "detail": failure.detail, "at": in_utc(failure.at)},
        "failures": [
            {"index": r.index, "change": r.change, "code": r.code, "detail": r.detail}
            for r in failures
        ],
        "timeline": [
            {"state": step.state, "at": in_utc(step.at), "detail": step.detail}
            for step in operation.timeline
        ],
    }


async def _first_failures(
    use: Dependencies, operation: Operation, progress: Progress
) -> list[TargetResult]:
    failures: list[TargetResult] = []
    async for each in failed_targets(use.results, operation, progress):
        failures.append(each)
        if len(failures) == _MOST_FAILURES:
            break
    return failures

"""What a person may do with a bulk change: cancel it, or resume it after it has halted."""

from dataclasses import replace

from shared.actions.decide import conflict, decide, known
from shared.bulk.count import counted
from shared.bulk.dependencies import Dependencies
from shared.bulk.record import Progress, size
from shared.bulk.tally import Tally
from shared.changes.operation import Operation
from shared.changes.states import State
from shared.messaging.messages import nudge


async def cancel_bulk(use: Dependencies, bulk: str) -> Operation:
    """Begin no more targets, and cancel those that can be; what is written goes to its end.

    Doing it again does nothing. Raises RequestRefused: 404, or 409 `not-cancellable`.
    """

    def decision(operation: Operation) -> Operation:
        progress = Progress.of(operation)
        if progress.cancelling:
            return operation
        if operation.state.ended:
            detail = f"The bulk change has ended: it is {operation.state}."
            raise conflict("not-cancellable", detail)
        cancelling = progress.on(operation, cancelling=True)
        return _going_on(cancelling.moved(State.APPLYING, use.clock(), "cancelling"))

    operation = await decide(use.actions, bulk, decision, bulk=True)
    await use.sender.send(nudge(operation))
    return operation


async def resume_bulk(use: Dependencies, bulk: str, failure_share: float | None) -> Operation:
    """Let a bulk change that has halted go on, within another share of failures if one is given.

    Raises RequestRefused: 404, or 409 `not-resumable`, `still-failing`.
    """
    found = await known(use.actions, bulk, bulk=True)
    fresh, _ = await counted(use.results, found)

    def decision(operation: Operation) -> Operation:
        if not operation.awaits_person:
            raise conflict("not-resumable", f"It has not halted: it is {operation.state}.")
        progress = Progress.of(operation)
        share = progress.failure_share if failure_share is None else failure_share
        tally = Tally.of(size(operation), fresh)
        if tally.failure_share > share:
            detail = (
                f"{tally.failure_share:.2%} of the begun targets have failed. Redrive them, or "
                "resume with a failureShare that allows for them."
            )
            raise conflict("still-failing", detail)
        resumed = progress.on(operation, failure_share=share)
        return _going_on(resumed.moved(State.APPLYING, use.clock(), "resumed"))

    operation = await decide(use.actions, bulk, decision, bulk=True)
    await use.sender.send(nudge(operation))
    return operation


def _going_on(operation: Operation) -> Operation:
    return replace(operation, attempts=0, checks=0, failure=None)

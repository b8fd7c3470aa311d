"""How often a step is tried: faults that seldom pass count by themselves, and steps apart."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

from simulation.boundary import Boundary
from simulation.tenant import Tenant
from simulation.world import Post, World

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.faults import Transient
from shared.messaging.instructions import Instruction
from shared.processing.messages import ChangesMessages
from shared.processing.process import Processor
from shared.processing.turn import Turn

PATCH = {
    "operation": "patchDevice",
    "target": {"deviceId": "aaaaaaaa-0000-0000-0000-000000000001"},
    "set": {"extensionAttributes": {"extensionAttribute1": "x"}},
}


def end_of(*tries: str) -> Operation:
    """The change whose tries end so, one after the other: a status, or "taken" for a step done."""
    boundary, left = Boundary(), iter(tries)
    world = World(boundary, Tenant(boundary, []), [Post("change", PATCH)])

    class Tried(Turn):
        async def advance(self) -> Instruction:
            return await _next(self, left)

    use = world._messages.processor.use
    world._messages = ChangesMessages(Processor(use, lambda operation: Tried(use, operation)))
    asyncio.run(world.run())
    assert next(left, None) is None
    [operation] = world.operations.all()
    return operation


async def _next(turn: Turn, left: Iterator[str]) -> Instruction:
    match next(left):
        case "taken":
            taken = turn._operation.moved(State.APPLIED, turn.now())
            turn._operation = replace(taken, attempts=0)
            return await _next(turn, left)
        case "done":
            return await turn.end(State.VERIFIED)
        case status:
            most = 3 if status == "500" else None
            raise Transient(f"graph-{status}", "No.", most_attempts=most)


def test_faults_that_seldom_pass_are_not_used_up_by_others() -> None:
    assert end_of("429", "429", "429", "500", "500", "done").state is State.VERIFIED
    assert end_of("500", "429", "500", "429", "500").state is State.FAILED


def test_the_tries_of_a_step_that_is_done_do_not_count() -> None:
    assert end_of("500", "500", "taken", "429", "429", "500", "done").state is State.VERIFIED

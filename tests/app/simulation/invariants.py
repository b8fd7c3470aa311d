"""What holds at the end of every history."""

from collections import Counter

from shared.changes.operation import Operation
from shared.changes.states import State
from simulation.world import Post, World


def check(world: World, script: list[Post]) -> None:
    """Raise AssertionError unless every change came to one true end."""
    operations = {operation.key: operation for operation in world.operations.all()}
    assert operations.keys() == {post.key for post in script}, "a change was lost"
    assert list(world.answered) == [post.key for post in script]
    assert not world.tenant.overlaps, "two writes to one device at once"
    assert not world.operations.marks, "accepted and never queued"
    assert not world.broker.entries, "a message is left"
    # One that has ended may still stand there: who comes next leads it out.
    ended = {operation.id for operation in operations.values() if operation.state.ended}
    assert set().union(*world.lines.lines.values()) <= ended, "somebody waits in line"
    effects = Counter(text for each in world.tenant.devices for text in each.effects)
    told = Counter((str(m.id).split(".")[0], m.subject) for m in world.broker.outcomes)
    for key, operation in operations.items():
        cancelled = key in world.cancelled
        wanted = State.CANCELLED if cancelled else State.VERIFIED
        assert operation.state is wanted, f"{key} ended {operation.state}"
        least, most = (0, 0) if cancelled else (1, 1 + _failures(operation))
        assert least <= effects[str(key)] <= most, f"{key}: {effects[str(key)]}"
        assert told[operation.id, wanted] == 1, f"{key} was told {told[operation.id, wanted]} times"
    _check_order(world, script, operations)


def _check_order(world: World, script: list[Post], operations: dict[str | None, Operation]) -> None:
    """Changes that name a device in one way are applied as they were accepted.

    One that failed, or that the policy held, gave up its place; one that was cancelled is not
    applied.
    """
    for device in world.tenant.devices:
        for one in script:
            asked = [
                post.key
                for post in script
                if post.body["target"] == one.body["target"]
                and device.identities & set(post.body["target"].values())
                and post.key not in world.cancelled
                and not _failures(operations[post.key])
                and not _was_held(operations[post.key])
            ]
            done = [text for text in device.effects if text in asked]
            assert done == asked, f"{done} instead of {asked}"


def _failures(operation: Operation) -> int:
    return sum(step.state is State.FAILED for step in operation.timeline)


def _was_held(operation: Operation) -> bool:
    return operation.decision is not None and operation.decision.outcome == "hold"

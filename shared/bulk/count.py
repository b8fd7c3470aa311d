"""Counting what became of the targets, block by block: only the blocks that there is news of.

Counting a block anew is safe however often it is done, so that news that is told twice, or that a
crash left behind after it was counted, changes nothing. Of ten thousand targets one turn reads a
few hundred rows, and all turns together a few for each target.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from shared.bulk.record import Progress
from shared.changes.operation import Operation
from shared.changes.states import State
from shared.records.ports import News, TargetResult, TargetResults

BLOCK = 100
"""Targets that are counted together."""


async def counted(results: TargetResults, operation: Operation) -> tuple[Progress, Sequence[News]]:
    """The progress with everything that has ended by now, and the news that it has from that."""
    progress, news = Progress.of(operation), await results.news(operation.id)
    blocks = dict(progress.counted)
    for block in sorted({each.index // BLOCK for each in news}):
        start = block * BLOCK
        found = await results.some(operation.id, start, start + BLOCK)
        # A result that is no end is of a target that is under way again.
        blocks[str(block)] = dict(Counter(str(each.state) for each in found if each.state.ended))
    return replace(progress, counted=blocks), news


async def open_targets(
    results: TargetResults, operation: Operation, progress: Progress
) -> AsyncIterator[int]:
    """The indexes of those that have begun and not ended, from the blocks that have such."""
    for start in range(0, progress.begun, BLOCK):
        stop = min(start + BLOCK, progress.begun)
        ends = progress.counted.get(str(start // BLOCK), {})
        if sum(ends.values()) < stop - start:
            found = await results.some(operation.id, start, stop)
            ended = {each.index for each in found if each.state.ended}
            for index in range(start, stop):
                if index not in ended:
                    yield index


async def failed_targets(
    results: TargetResults, operation: Operation, progress: Progress
) -> AsyncIterator[TargetResult]:
    """Those that have failed, by index, from the blocks that have such."""
    for block in sorted(map(int, progress.counted)):
        if progress.counted[str(block)].get(State.FAILED):
            for each in await results.some(operation.id, block * BLOCK, (block + 1) * BLOCK):
                if each.state is State.FAILED:
                    yield each

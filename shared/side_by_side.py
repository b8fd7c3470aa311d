"""Do the same with many things, a few at once, without ever holding all of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable


async def side_by_side[T](
    things: AsyncIterator[T], work: Callable[[T], Awaitable[object]], at_once: int
) -> None:
    """Work on each thing, taken one after the other; raises what the first failure raises."""
    free = asyncio.Semaphore(at_once)

    async def worker(thing: T) -> None:
        try:
            await work(thing)
        finally:
            free.release()

    try:
        async with asyncio.TaskGroup() as group:
            await free.acquire()
            async for thing in things:
                group.create_task(worker(thing))
                await free.acquire()
    except* Exception as failures:  # noqa: BLE001  told on, without the group around it
        raise _first(failures) from None


def _first(failures: BaseExceptionGroup[Exception]) -> Exception:
    failure = failures.exceptions[0]
    return _first(failure) if isinstance(failure, BaseExceptionGroup) else failure

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from graph_recorder import Connected, connected


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Connected]:
    async with connected() as graph:
        yield graph


@pytest.fixture
def graph(running: Connected) -> Connected:
    """Nothing recorded yet."""
    running.recorder.forget()
    return running

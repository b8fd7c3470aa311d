"""A broker in a thread for clients over a socket, and queues on a virtual clock without one."""

from __future__ import annotations

import asyncio
import itertools
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from azure.servicebus import ServiceBusClient
from azure.servicebus.aio import ServiceBusClient as AsyncServiceBusClient

from local.broker.engine.settings import QueueSettings
from local.broker.server import Broker
from local.broker.thread import BrokerThread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

SECOND = 1000
MINUTE = 60 * SECOND
KINDS: dict[str, dict[str, Any]] = {
    "plain": {"max_delivery_count": 3, "lock_duration": MINUTE},
    "sessions": {"requires_session": True, "lock_duration": MINUTE},
    # The SDK renews it from a second on, and then has ten left.
    "renewedsessions": {"requires_session": True, "lock_duration": 11 * SECOND},
    "unique": {"duplicate_detection_history_time_window": MINUTE},
    "mortal": {
        "default_message_time_to_live": SECOND // 2,
        "dead_lettering_on_message_expiration": True,
    },
}
PER_KIND = 20


class FastForward:
    """Time as the broker's event loop sees it: the real time, which a test can put forward."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None

    def control(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take over the clock of the broker's loop."""
        self._loop, real = loop, loop.time
        loop.time = lambda: real() + self._ahead  # type: ignore[method-assign]

    def __call__(self, milliseconds: int) -> None:
        """Let that much time pass for the broker at once; callable from any thread."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._jump, milliseconds / SECOND)

    def _jump(self, seconds: float) -> None:
        self._ahead += seconds


@pytest.fixture(scope="module")
def let_pass() -> FastForward:
    """Let milliseconds pass for the broker at once, instead of waiting for a lock to end."""
    return FastForward()


@pytest.fixture(scope="module")
def broker(let_pass: FastForward) -> Iterator[Broker]:
    """Serve some queues of each kind to a module's tests."""
    queues = [
        QueueSettings(name=f"{kind}-{number}", **properties)
        for kind, properties in KINDS.items()
        for number in range(PER_KIND)
    ]

    def make() -> Broker:
        let_pass.control(asyncio.get_running_loop())
        return Broker(queues)

    with BrokerThread(make) as thread:
        yield thread.broker


@pytest.fixture(scope="module")
def new_queue() -> Callable[[str], str]:
    """Give the name of a queue of a kind that no other test has."""
    numbers = {kind: itertools.count() for kind in KINDS}
    return lambda kind: f"{kind}-{next(numbers[kind])}"


@pytest.fixture
def client(broker: Broker) -> Iterator[ServiceBusClient]:
    """Connect with the synchronous SDK."""
    with ServiceBusClient.from_connection_string(
        broker.connection_string, retry_total=0
    ) as connected:
        yield connected


@pytest.fixture
def opened_sync() -> Callable[..., Any]:
    """Open several synchronous handlers at the same time, and close them so: see `opened`."""

    @contextmanager
    def opening(*handlers: Any) -> Iterator[tuple[Any, ...]]:
        with ThreadPoolExecutor() as pool:
            try:
                list(pool.map(lambda handler: handler.__enter__(), handlers))
                yield handlers
            finally:
                list(pool.map(lambda handler: handler.close(), handlers))

    return opening


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def aio(broker: Broker) -> AsyncIterator[AsyncServiceBusClient]:
    """Connect with the asynchronous SDK."""
    async with AsyncServiceBusClient.from_connection_string(
        broker.connection_string, retry_total=0
    ) as connected:
        yield connected


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened() -> AsyncIterator[Callable[..., Any]]:
    """Open several handlers of the SDK at the same time, and close them when nobody waits for it.

    Each takes about half a second for either, most of it asleep.
    """
    closing: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def opening(*handlers: Any) -> AsyncIterator[tuple[Any, ...]]:
        try:
            await asyncio.gather(*(handler.__aenter__() for handler in handlers))
            yield handlers
        finally:
            closing.extend(asyncio.create_task(handler.close()) for handler in handlers)

    yield opening
    await asyncio.gather(*closing)

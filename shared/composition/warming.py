"""What the first invocations will need, got ready while nobody waits for it.

Importing the app loads none of it, so that the host has its functions soon. From then on the host
has things of its own to do before it can hand over an invocation, and the process would be idle. A
thread loads the libraries meanwhile; as soon as one is there, its connection is opened on the loop.
The AMQP link alone takes half a second, most of which the SDK sleeps.

Whatever comes first finds what every function needs, or waits for the rest of it, as it would have
to load it anyway. What only some functions need is loaded as long as nothing has come: whatever
comes waits for the step that is under way, a quarter of a second at most, and for no further one.
See docs/adr/0020-cold-start.md.
"""

import asyncio
import atexit
import importlib
import logging
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from shared.composition.policies import policy_file
from shared.composition.processing import changes_messages
from shared.composition.services import graph_client, graph_credential, sender, settings, tables
from shared.composition.ways_in import intake

_log = logging.getLogger(__name__)


def _tables() -> None:
    # The first request would load this, on the loop: see the ADR on why only one thread loads.
    importlib.import_module("azure.core.rest._aiohttp")
    tables()


async def _link() -> None:
    from shared.messaging.messages import CHANGES

    await sender().open(CHANGES)


def _webhooks() -> None:
    from shared.webhooks.composition import receiver, sources

    receiver()
    for name in settings().webhook_sources:
        sources().find(name)


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing to get ready: what to load, in the thread, and what to reach then, on the loop."""

    name: str
    load: Callable[[], object]
    reach: Callable[[], Awaitable[object]] | None = None


_FOR_ALL = (
    _Step("queues", sender, _link),
    _Step("records", _tables, lambda: tables().ping()),
    _Step("policy", lambda: policy_file().policy()),
    _Step("intake", intake),
)
_WHILE_IDLE = (
    _Step("webhooks", _webhooks),
    _Step("graph", graph_client, lambda: graph_credential().get_token()),
    _Step("changes", changes_messages),
)


class Warming:
    """Goes through the steps, once in a process, in a thread that never keeps it from ending."""

    def __init__(self) -> None:
        self._idle, self._ending = True, False
        self._through = asyncio.Event()
        self._through.set()
        self._reaching = set[asyncio.Task[None]]()

    def begin(self) -> None:
        """Begin, in a worker: that imports the app on its loop. Nobody else has invocations."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        self._through.clear()
        thread = threading.Thread(target=self._work, args=(loop,), name="warming", daemon=True)
        # The interpreter must not be taken away under a library that is being loaded.
        atexit.register(self._end, thread)
        thread.start()

    async def ready(self) -> None:
        """There is work: wait for what every function needs, and begin with nothing else."""
        self._idle = False
        await self._through.wait()

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            for step in (*_FOR_ALL, *_WHILE_IDLE):
                if self._ending or (step in _WHILE_IDLE and not self._idle):
                    break
                self._load(step, loop)
        finally:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(self._through.set)

    def _load(self, step: _Step, loop: asyncio.AbstractEventLoop) -> None:
        try:
            step.load()
            if step.reach:
                loop.call_soon_threadsafe(self._begin_to_reach, step.name, step.reach)
        except Exception as error:  # noqa: BLE001  whoever needs it finds the same, and tells it
            _not_ready(step.name, error)

    def _begin_to_reach(self, name: str, reach: Callable[[], Awaitable[object]]) -> None:
        task = asyncio.create_task(_reached(name, reach), name=f"warming {name}")
        self._reaching.add(task)
        task.add_done_callback(self._reaching.discard)

    def _end(self, thread: threading.Thread) -> None:
        self._ending = True
        thread.join()


async def _reached(name: str, reach: Callable[[], Awaitable[object]]) -> None:
    try:
        await reach()
    except Exception as error:  # noqa: BLE001  as above
        _not_ready(name, error)


def _not_ready(name: str, error: Exception) -> None:
    _log.info("%s could not be got ready ahead of time: %s", name, type(error).__name__)


WARMING = Warming()
"""That of this process."""

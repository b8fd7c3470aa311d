"""Fires a timer function when its schedule says so."""

import asyncio
import contextlib
import json
import logging
from datetime import UTC, datetime

from local.host.functions import Function
from local.host.protos import rpc_pb2 as rpc
from local.host.timers.ncrontab import Schedule
from local.host.tracing import continue_trace
from local.host.worker import Worker

_log = logging.getLogger(__name__)
_NEVER = datetime.min.replace(tzinfo=UTC)


class TimerListener:
    """One function on its schedule, never twice at a time (Microsoft's TimerListener).

    What it knows of the past lives in memory: after a restart nothing is past due.
    """

    def __init__(self, function: Function, schedule: Schedule, worker: Worker) -> None:
        trigger = function.trigger
        self._function = function
        self._schedule = schedule
        self._worker = worker
        self._run_on_startup = trigger.flag("runOnStartup")
        monitored = trigger.flag("useMonitor", default=True)
        self._monitored = monitored and not schedule.is_under_a_minute
        self._last = _NEVER

    async def run(self, stopping: asyncio.Event) -> None:
        """Fire until `stopping` is set; a running invocation is awaited, not cut off."""
        if self._run_on_startup:
            self._last = datetime.now(UTC)
            await self.fire()
        due = self._schedule.next_after(datetime.now(UTC))
        while not await _set_within(stopping, due):
            self._last = max(due, datetime.now(UTC))
            # The next time counts from the start of this invocation: one that overruns is followed
            # at once by the occurrence it missed.
            due = self._schedule.next_after(self._last)
            await self.fire()

    async def fire(self) -> None:
        """Invoke the function now. Its failure is logged and the schedule goes on."""
        await self._worker.invoke(
            self._function,
            rpc.TypedData(json=json.dumps(self._timer_info())),
            trace_parent=continue_trace(None),
        )

    def _timer_info(self) -> dict[str, object]:
        """TimerInfo as the extension serialises it."""
        status = None
        if self._monitored:
            status = {
                "Last": self._last.isoformat(),
                "Next": self._schedule.next_after(datetime.now(UTC)).isoformat(),
                "LastUpdated": self._last.isoformat(),
            }
        return {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": False}


async def _set_within(stopping: asyncio.Event, until: datetime) -> bool:
    """Whether `stopping` was set before `until` came."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout((until - datetime.now(UTC)).total_seconds()):
            await stopping.wait()
    return stopping.is_set()

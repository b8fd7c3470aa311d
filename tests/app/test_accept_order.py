"""Requests for one device that arrive together, when each call of a store may take any time."""

import asyncio
import json

from simulation.boundary import Boundary
from simulation.broker import Broker
from simulation.policy import allowing_all
from simulation.records import MemoryLines, MemoryOperations

from shared.intake.accept import Intake

DEVICE = "6a59ea83-02bd-468f-a40b-f2c3d1821983"


def request(value: int) -> bytes:
    return json.dumps(
        {
            "operation": "patchDevice",
            "target": {"deviceId": DEVICE},
            "set": {"extensionAttributes": {"extensionAttribute1": str(value)}},
        }
    ).encode()


async def test_requests_for_one_device_are_accepted_in_the_order_they_came() -> None:
    boundary = Boundary()
    lines = MemoryLines(boundary)
    intake = Intake(
        MemoryOperations(boundary),
        lines,
        Broker(boundary),
        boundary.clock,
        allowing_all(),
        lanes=4,
    )
    asked = [
        asyncio.create_task(intake.accept(request(n), source="intake", key=str(n)))
        for n in range(5)
    ]
    while not all(task.done() for task in asked):
        await asyncio.sleep(0)
        ready = [call for call in boundary.waiting if not call.go.done()]
        if ready:
            ready[-1].go.set_result(None)  # whoever came last is served first
    looking = asyncio.create_task(lines.enter(f"device:{DEVICE}", "nobody", 0))
    await asyncio.sleep(0)
    boundary.waiting[-1].go.set_result(None)
    line = await looking
    assert [task.result().operation.id for task in asked] == list(line.operations[:-1])

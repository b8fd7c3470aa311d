"""A change that was recorded and never queued is queued by the timer."""

import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asking import set_attribute
from simulation.policy import allowing_all
from sluice_client import Sluice
from tenant_control import TenantControl

from local.up.blocking import BlockingStack
from shared.changes.operation import Operation
from shared.changes.states import State
from shared.intake.accept import Intake
from shared.intake.resend import LONGEST, resend_unqueued
from shared.messaging.messages import Message, SendFailed
from shared.records.lines import TableLines
from shared.records.operations import TableOperations
from shared.records.tables import Tables


class DeadSender:
    """A broker that nobody reaches."""

    async def send(self, message: Message) -> None:
        raise SendFailed(message.queue)


async def test_what_could_not_be_sent_is_accepted_and_queued_by_the_timer(
    stack: BlockingStack, sluice: Sluice, graph: TenantControl
) -> None:
    device = graph.add_device()
    tables = Tables.connect(stack.endpoints.table_connection, None)
    operations = TableOperations(tables)
    intake = Intake(
        operations,
        TableLines(tables),
        DeadSender(),
        lambda: datetime.now(UTC),
        allowing_all(),
        lanes=16,
    )
    try:
        body = json.dumps(set_attribute(device, "x")).encode()
        accepted = await intake.accept(body, source="http", key=str(uuid.uuid4()))
        change = accepted.operation.id
        # It was first, so a later one has to wait for it, however quick its own message is.
        later = sluice.accepted(set_attribute(device, "y"))
        assert sluice.wait(change)["state"] == "verified"
        assert sluice.wait(later)["state"] == "verified"
        written = [
            entry["body"]["extensionAttributes"]["extensionAttribute1"]
            for entry in graph.effects(device["id"])
        ]
        assert written == ["x", "y"]
        assert [each async for each in operations.unqueued(datetime.now(UTC))] == []
    finally:
        await tables.close()


@dataclass
class SlowQueue:
    """Stands for an Intake with very many marked records, each of which takes a second."""

    marked: list[str]
    now: datetime = datetime(2026, 12, 1, tzinfo=UTC)
    sent: list[str] = field(default_factory=list)

    @property
    def operations(self) -> "SlowQueue":
        return self

    def clock(self) -> datetime:
        return self.now

    async def unqueued(self, before: datetime) -> AsyncIterator[str]:
        assert before < self.now
        for each in [each for each in self.marked if each not in self.sent]:
            yield each

    async def get(self, operation_id: str) -> Operation:
        accepted = State.ACCEPTED
        return Operation(operation_id, "", None, "", {}, "", "", accepted, self.now, self.now)

    async def queue(self, operation: Operation, *, again: str) -> None:
        assert again
        self.now += timedelta(seconds=1)
        self.sent.append(operation.id)


async def test_very_many_are_sent_in_several_runs_that_the_host_lets_come_to_their_end() -> None:
    queue = SlowQueue([str(number) for number in range(400)])
    grace = timedelta(minutes=1)
    assert await resend_unqueued(queue, older_than=grace) == LONGEST.seconds  # type: ignore[arg-type]
    assert await resend_unqueued(queue, older_than=grace) == 400 - LONGEST.seconds  # type: ignore[arg-type]
    assert queue.sent == queue.marked

"""A change that was recorded and never queued is queued by the timer."""

import json
import uuid
from datetime import UTC, datetime

from asking import set_attribute
from simulation.policy import allowing_all
from sluice_client import Sluice
from tenant_control import TenantControl

from local.up.blocking import BlockingStack
from shared.intake.accept import Intake
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

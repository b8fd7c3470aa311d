"""No hot path reads more rows of a table because the table has more: docs/performance.md tells."""

import asyncio
import itertools
import json
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.core.pipeline.transport import AioHttpTransport
from azure.data.tables.aio import TableServiceClient

from shared.changes.operation import Operation
from shared.changes.problems import Problem
from shared.changes.states import State
from shared.messaging.lanes import lane_of
from shared.policy.ports import Cell, HeldChange
from shared.quota.window import Window
from shared.records.bulk_results import TableTargetResults
from shared.records.bulk_targets import TableTargets
from shared.records.codec import to_columns
from shared.records.held import TableHeld
from shared.records.lines import TableLines
from shared.records.operations import TableOperations
from shared.records.policy_cells import TableCells
from shared.records.ports import News, Refusal, TargetResult
from shared.records.quotas import TableWindows
from shared.records.refusals import TableRefusals
from shared.records.register import TableRegister
from shared.records.register_in_bulk import TableRegisterInBulk
from shared.records.tables import BULK_RESULTS, OPERATIONS, REFUSALS, TICKETS, Tables
from shared.records.tickets import TableTickets
from shared.register.document import DeviceAccountDocument
from shared.register.entry import Entry, EntryState, entry_id
from shared.register.pages import page
from shared.register.ports import Edit

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=9)
FEW, MANY = 150, 450
BULK, FINGERPRINT = str(uuid.UUID(int=1)), "f" * 64
MINE = str(uuid.UUID(int=2))
ACCOUNT = "mine@contoso.com"


class Counting(AioHttpTransport):
    """Counts requests, and the rows in their answers; notes by what they are chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.requests = self.rows = 0
        self.chosen_by: set[str] = set()

    async def send(self, request: Any, **options: Any) -> Any:
        query = parse_qs(urlsplit(request.url).query).get("$filter", [""])[0]
        self.chosen_by |= set(re.findall(r"(\w+) (?:eq|ne|[gl][te]) ", query))
        response = await super().send(request, **options)
        self.requests += 1
        if response.status_code == 200 and request.method == "GET":
            await response.load_body()
            answer = json.loads(response.body())
            found = answer.get("value")
            self.rows += len(found) if isinstance(found, list) else 1
        return response


def operation(number: int) -> Operation:
    identity, device = str(uuid.UUID(int=number)), f"device:{uuid.UUID(int=number)}"
    request = {"operation": "patchDevice", "target": {"deviceId": str(uuid.UUID(int=number))}}
    lane = lane_of(device, 16, "directory")
    return Operation(
        identity, "http", None, "f", request, device, lane, State.VERIFIED, NOW, NOW
    ).moved(State.VERIFIED, NOW)


def entry(account: str, due: datetime, **members: Any) -> Entry:
    document = DeviceAccountDocument(account=account, family="directoryOnly")
    members = {"state": EntryState.VERIFIED, "scheduled": due, **members}
    return Entry(entry_id(account), document, due=due, **members)


async def in_transactions(tables: Tables, table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows, a hundred of a partition at a time."""
    ordered = sorted(rows, key=lambda row: str(row["PartitionKey"]))
    for _, part in itertools.groupby(ordered, key=lambda row: row["PartitionKey"]):
        for some in itertools.batched(part, 100, strict=False):
            writes = [("upsert", row) for row in some]
            await tables.writing(
                table, lambda client, these=writes: client.submit_transaction(these)
            )  # type: ignore[misc]


async def fill(tables: Tables, count: int) -> None:
    """Have so many rows of others in every table; and of ours just what a hot path looks for."""
    records = (operation(1_000 + number) for number in range(count))
    await in_transactions(
        tables,
        OPERATIONS,
        (
            {"PartitionKey": o.id[0], "RowKey": f"operation.{o.id}", **to_columns(o)}
            for o in records
        ),
    )
    accounts = [entry(f"other-{number}@contoso.com", LATER) for number in range(count)]
    under_way = entry(ACCOUNT, NOW, state=EntryState.QUEUED, operation=MINE)
    edits = [Edit(each, None) for each in (*accounts, under_way)]
    assert await TableRegisterInBulk(tables).save(edits) == []
    results = TableTargetResults(tables)
    await in_transactions(
        tables,
        BULK_RESULTS,
        (
            {"PartitionKey": BULK, "RowKey": f"{n:05d}.{0:010d}", "state": "verified"}
            for n in range(count)
        ),
    )
    await results.put(BULK, TargetResult(17, State.VERIFIED))
    targets = [{"deviceId": str(uuid.UUID(int=number))} for number in range(count)]
    await TableTargets(tables).put(FINGERPRINT, targets)
    for table, partition in ((REFUSALS, "intake"), (TICKETS, "servicenow")):
        await in_transactions(
            tables, table, ({"PartitionKey": partition, "RowKey": str(n)} for n in range(count))
        )
    waiting = iter(range(count // 4))  # each in a partition of its own

    async def lines() -> None:
        for number in waiting:
            await TableLines(tables).enter(f"device:{number}", MINE, 0)

    await asyncio.gather(*(lines() for _ in range(16)))
    await TableLines(tables).enter("device:mine", MINE, 0)
    await TableRefusals(tables).put(Refusal("intake", MINE, (Problem("c", "", ""),), NOW))
    await TableTickets(tables).see("servicenow", "mine", "1")
    await TableOperations(tables).create(operation(2))
    await TableWindows(tables).write("intune", Window(), None)
    await TableCells(tables).swap("brake.all", Cell({}, None), {"devices": {}})
    for number in range(count // 10):
        await TableHeld(tables).add(HeldChange(str(number), "rule", NOW))


def hot_paths(tables: Tables) -> dict[str, Callable[[], Awaitable[object]]]:
    operations, register = TableOperations(tables), TableRegister(tables)
    results = TableTargetResults(tables)

    async def drained(rows: Any) -> list[Any]:
        return [each async for each in rows]

    return {
        "the record of a change": lambda: operations.get(MINE),
        "what was recorded and never queued": lambda: drained(operations.unqueued(LATER)),
        "the line of a device": lambda: TableLines(tables).enter("device:mine", MINE, 0),
        "the window of a quota": lambda: TableWindows(tables).read("intune"),
        "a budget, a brake, the kill switch": lambda: TableCells(tables).read("brake.all"),
        "a change that the policy holds": lambda: TableHeld(tables).add(
            HeldChange(MINE, "rule", NOW)
        ),
        "the refusal of a message": lambda: TableRefusals(tables).get("intake", MINE),
        "the newest version of a ticket": lambda: TableTickets(tables).see(
            "servicenow", "mine", "1"
        ),
        "one device account": lambda: register.get(ACCOUNT),
        "a page of ten device accounts": lambda: page(register, None, 10),
        "the accounts that are due": lambda: drained(register.due(NOW)),
        "the rotations under way": lambda: drained(register.under_way()),
        "how many are overdue": lambda: register.overdue(NOW + timedelta(seconds=1), 10_000),
        "the targets that a turn of a bulk change makes": lambda: TableTargets(tables).some(
            FINGERPRINT, 48, 96
        ),
        "what is new of a bulk change": lambda: results.news(BULK),
        "a block of a hundred of its targets": lambda: results.some(BULK, 0, 100),
        "that its news was counted": lambda: results.heard(BULK, [News(17, 0, State.VERIFIED)]),
    }


def stated() -> dict[str, tuple[int, int]]:
    """The requests and rows of each hot path, as the document has them."""
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \| (\d+) \|$", DOCUMENT.read_text(), re.MULTILINE)
    return {name: (int(requests), int(read)) for name, requests, read in rows}


@pytest.mark.parametrize("count", [FEW, MANY])
async def test_a_hot_path_reads_just_the_rows_that_the_document_states(
    tables_at: str, count: int
) -> None:
    counting = Counting()
    service = TableServiceClient.from_connection_string(tables_at, transport=counting)
    tables = Tables(service)
    try:
        await fill(tables, count)
        found: dict[str, tuple[int, int]] = {}
        for name, path in hot_paths(tables).items():
            counting.requests = counting.rows = 0
            await path()
            found[name] = (counting.requests, counting.rows)
    finally:
        async for table in service.list_tables():
            await service.delete_table(table.name)
        await tables.close()
    # By anything else the service would go over rows that it does not return. Marks are few.
    assert counting.chosen_by == {"PartitionKey", "RowKey", "acceptedAt"}
    assert found == stated()

"""The register in Table Storage: conditional, and found by what is due without reading it all."""

import asyncio
import gc
import itertools
import os
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.intake.accept import Accepted, operation_id
from shared.records.register import TableRegister
from shared.records.register_in_bulk import TableRegisterInBulk
from shared.records.register_rows import shard_of
from shared.records.tables import REGISTER, Tables
from shared.register.document import DeviceAccountDocument
from shared.register.edit import with_document
from shared.register.entry import Entry, EntryState, entry_id
from shared.register.ports import Edit, EntryChanged, SecretNameTaken
from shared.register.settled import asked_for, settled
from shared.register.tick import Timer

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def entry(account: str, due: datetime | None, **members: Any) -> Entry:
    document = DeviceAccountDocument(account=account, family="directoryOnly", **members)
    return Entry(entry_id(account), document, EntryState.NEW, due, scheduled=due)


async def rows(tables: Tables, account: str) -> list[str]:
    found = tables[REGISTER].query_entities(f"PartitionKey eq '{shard_of(account)}'")
    return sorted([row["RowKey"] async for row in found if account in row["RowKey"]])


async def test_an_entry_and_its_due_rows_are_one(register: TableRegister, tables: Tables) -> None:
    first = await register.save(entry("one@contoso.com", NOW), was=None)
    assert await register.get("one@contoso.com") == first
    assert await rows(tables, "one@contoso.com") == [
        "account.one@contoso.com",
        "due.2026-12-01T12:00:00Z.one@contoso.com",
        "scheduled.2026-12-01T12:00:00Z.one@contoso.com",
    ]
    moved = await register.save(replace(first, due=NOW + DAY), was=first)
    assert [row for row in await rows(tables, "one@contoso.com") if row.startswith("due.")] == [
        "due.2026-12-02T12:00:00Z.one@contoso.com"
    ]
    with pytest.raises(EntryChanged):
        await register.save(replace(first, due=None), was=first)
    with pytest.raises(EntryChanged):
        await register.save(entry("one@contoso.com", NOW), was=None)
    with pytest.raises(EntryChanged):
        await register.delete(first)
    await register.delete(moved)
    assert await rows(tables, "one@contoso.com") == []
    with pytest.raises(EntryChanged):
        await register.save(moved, was=moved)


async def test_of_many_who_write_at_once_one_does(register: TableRegister) -> None:
    first = await register.save(entry("many@contoso.com", NOW), was=None)
    writes = (register.save(replace(first, detail=str(n)), was=first) for n in range(20))
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert Counter(type(each) for each in results) == {Entry: 1, EntryChanged: 19}
    names = [
        register.save(entry(f"name-{n}@contoso.com", NOW, secretName="the-name"), was=None)
        for n in range(8)
    ]
    results = await asyncio.gather(*names, return_exceptions=True)
    assert Counter(type(each) for each in results) == {Entry: 1, SecretNameTaken: 7}


async def test_what_is_asked_for_and_how_it_ended_is_kept_once(register: TableRegister) -> None:
    first = await register.save(entry("end@contoso.com", NOW), was=None)
    await asked_for(register, first, "op-1")
    await asked_for(register, first, "op-1")
    [due] = [each async for each in register.due(NOW) if each.entry == first.id]
    assert (due.at, due.operation) == (NOW, "op-1")

    async def end(operation: str, state: EntryState, hours: float) -> Entry:
        at = NOW + timedelta(hours=hours)
        for _ in range(2):
            await settled(
                register, first.id, operation, state=state, at=at, detail="why", retry_after=DAY
            )
        found = await register.get(first.id)
        assert found
        return found

    failed = await end("op-1", EntryState.FAILED, 1)
    assert (failed.state, failed.due) == (EntryState.FAILED, NOW + timedelta(hours=25))
    assert failed.scheduled == NOW
    assert await register.overdue(NOW + timedelta(seconds=1), 10) >= 1
    verified = await end("op-1", EntryState.VERIFIED, 2)
    assert verified.due == verified.scheduled == NOW + timedelta(days=30, hours=2)
    late = await end("op-0", EntryState.FAILED, 1.5)
    assert late == verified, "a later end is on record"
    await asked_for(register, first, "op-1")
    assert await register.get(first.id) == verified, "asked for, told late"
    await settled(
        register, "gone@contoso.com", "x", state=EntryState.FAILED, at=NOW, retry_after=DAY
    )


async def fill(tables: Tables, entries: Iterable[Entry]) -> None:
    """Register many accounts, a file's worth at a time."""
    in_bulk = TableRegisterInBulk(tables)
    for some in itertools.batched(entries, 10_000, strict=False):
        assert await in_bulk.save([Edit(each, None) for each in some]) == []


async def test_of_hundreds_of_accounts_those_that_are_due_are_found(
    register: TableRegister, tables: Tables
) -> None:
    documents = (
        DeviceAccountDocument(account=f"bulk-{n}@contoso.com", family="directoryOnly")
        for n in range(400)
    )
    entries = [with_document(None, each, NOW) for each in documents]
    await fill(tables, entries)
    found = [each.id async for each in register.all() if each.id.startswith("bulk-")]
    assert len(found) == len(set(found)) == 400
    rest = [each.id async for each in register.all(found[199]) if each.id.startswith("bulk-")]
    assert rest == found[200:]
    week = {each.id: each.due for each in entries if each.due and each.due <= NOW + 7 * DAY}
    assert 60 < len(week) < 130
    due = {each.entry: each.at async for each in register.due(NOW + 7 * DAY)}
    assert {entry: at for entry, at in due.items() if entry.startswith("bulk-")} == week
    others = len(due) - len(week)
    overdue = await register.overdue(NOW + 7 * DAY, 10_000)
    assert len(week) - 1 <= overdue <= len(week) + others
    assert await register.overdue(NOW + 7 * DAY, 10) == 10


class CountingIntake:
    """Accepts each rotation once, and keeps of it only a count, and how much memory there was."""

    def __init__(self) -> None:
        self.accepted = self.most_memory = 0

    async def accept(self, body: bytes, *, source: str, key: str) -> Accepted:
        self.accepted += 1
        if self.accepted % 1_000 == 0:
            self.most_memory = max(self.most_memory, _memory())
        operation = Operation(
            operation_id(source, key), source, key, "", {}, "", "", State.ACCEPTED, NOW, NOW
        )
        return Accepted(operation, repeated=False)


@pytest.mark.slow
@pytest.mark.timeout(7200)
async def test_a_hundred_thousand_due_accounts_are_asked_for_in_flat_memory(
    tables: Tables, register: TableRegister, capsys: pytest.CaptureFixture[str]
) -> None:
    count = int(os.environ.get("ACCOUNTS", "100000"))
    late = (NOW - timedelta(seconds=1 + number % 3_600) for number in range(count))
    await fill(tables, (entry(f"due-{n}@contoso.com", due) for n, due in enumerate(late)))

    intake = CountingIntake()
    timer = Timer(register, intake, lambda: NOW, _nobody)  # type: ignore[arg-type]
    before, began = _memory(), time.process_time()
    done = await timer.tick()
    grown, took = intake.most_memory - before, time.process_time() - began
    with capsys.disabled():
        each = 1_000 * took / count
        sys.stdout.write(f"\n{done}, {grown / 2**20:.0f} MiB more, {each:.1f} ms of CPU each\n")
    assert intake.accepted == done.asked >= count
    assert grown < 64 * 2**20
    again = await timer.tick()
    assert again.asked == 0
    assert again.under_way == done.due


def _memory() -> int:
    """What this process holds now, in bytes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def _nobody(operation: Operation) -> None:
    raise AssertionError("nothing has ended")

"""Whole files into the register: few requests, never over somebody else's write, repeatable."""

import itertools
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.changes.problems import RequestRefused
from shared.records.register import TableRegister
from shared.records.register_in_bulk import TableRegisterInBulk
from shared.records.register_table import RegisterTable
from shared.records.tables import Tables
from shared.register.document import DeviceAccountDocument
from shared.register.edit import with_document
from shared.register.importing import Importing
from shared.register.ports import Edit

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
ROWS = 200
FEWEST_REQUESTS = 2 * 16
"""One for each partition of the names, and of the accounts."""


def edit(account: str, **members: Any) -> Edit:
    document = DeviceAccountDocument(account=account, family="directoryOnly", **members)
    return Edit(with_document(None, document, NOW), None)


def file(name: str, *, paused: str = "", rows: int = ROWS) -> bytes:
    lines = (f"{name}-{n}@contoso.com,directoryOnly,{paused}" for n in range(rows))
    return "\n".join(["account,family,paused", *lines]).encode()


class CountingTable(RegisterTable):
    """Counts the requests, and dies with the write that it is told."""

    def __init__(self, tables: Tables, dies_at: int | None = None) -> None:
        super().__init__(tables)
        self.requests, self._writes, self._dies_at = 0, itertools.count(), dies_at

    async def row(self, partition: str, row: str) -> Any:
        self.requests += 1
        return await super().row(partition, row)

    async def commit(self, writes: Collection[Any]) -> str:
        self.requests += 1
        if next(self._writes) == self._dies_at:
            raise ConnectionError
        return await super().commit(writes)  # type: ignore[arg-type]


@pytest.fixture
def in_bulk(tables: Tables) -> TableRegisterInBulk:
    return TableRegisterInBulk(tables)


async def test_a_file_takes_few_requests(tables: Tables, register: TableRegister) -> None:
    in_bulk = TableRegisterInBulk(tables)
    in_bulk._table = table = CountingTable(tables)
    importing = Importing(register, in_bulk)
    assert (await importing.run(file("few"), NOW)).created == ROWS
    assert table.requests <= 2 * FEWEST_REQUESTS
    table.requests = 0
    assert (await importing.run(file("few"), NOW)).unchanged == ROWS
    assert table.requests == 0, "ranges alone are read"
    assert (await importing.run(file("few", paused="true"), NOW)).updated == ROWS
    assert table.requests <= FEWEST_REQUESTS
    found = [each async for each in register.all() if each.id.startswith("few-")]
    assert len(found) == ROWS
    assert {(each.due, each.scheduled) for each in found} == {(None, None)}
    later = NOW + timedelta(days=60)
    assert [due.entry async for due in register.due(later) if due.entry.startswith("few-")] == []


@pytest.mark.parametrize("dies_at", [0, 9, 25])
async def test_an_import_that_was_interrupted_is_finished_by_doing_it_again(
    tables: Tables, register: TableRegister, dies_at: int
) -> None:
    body = file(f"cut-{dies_at}", rows=40)
    dying = TableRegisterInBulk(tables)
    dying._table = CountingTable(tables, dies_at)
    with pytest.raises(ConnectionError):
        await Importing(register, dying).run(body, NOW)
    done = await Importing(register, TableRegisterInBulk(tables)).run(body, NOW)
    assert (done.created + done.unchanged, done.updated) == (40, 0)
    assert done.created > 0
    found = [each async for each in register.all() if each.id.startswith(f"cut-{dies_at}-")]
    assert len(found) == 40
    assert all([await register.owner(each.secret_name) == each.id for each in found])


async def test_what_was_overtaken_is_left_and_the_rest_is_written(
    register: TableRegister, in_bulk: TableRegisterInBulk
) -> None:
    old = await register.save(edit("old@contoso.com").entry, was=None)
    now = await register.save(replace(old, detail="by another"), was=old)
    stale = Edit(replace(old, detail="by us"), old)
    taken = edit("taken@contoso.com", secretName="Old-Contoso-com")
    twice = edit("old@contoso.com")
    good = [edit(f"good-{n}@contoso.com") for n in range(20)]
    left = await in_bulk.save([stale, taken, *good])
    assert {each.entry.id for each in left} >= {old.id, "taken@contoso.com"}
    written = [each for each in good if each not in left]
    assert len(written) > 10, "only those of the same transaction are left with it"
    for each in written:
        assert await register.get(each.entry.id)
    assert await in_bulk.save([twice]) == [twice]
    assert await register.get(old.id) == now
    assert await register.get("taken@contoso.com") is None


class Overtaken(TableRegisterInBulk):
    """Behind the check and before the first write, somebody else registers these."""

    others: tuple[Edit, ...] = ()

    async def save(self, edits: Collection[Edit]) -> list[Edit]:
        for each in self.others:
            await TableRegister(self.tables).save(each.entry, was=None)
        return await super().save(edits)

    def __init__(self, tables: Tables) -> None:
        super().__init__(tables)
        self.tables = tables


async def test_an_import_writes_over_what_came_meanwhile_and_tells_what_became_impossible(
    tables: Tables, register: TableRegister
) -> None:
    in_bulk = Overtaken(tables)
    body = file("race", paused="true", rows=3)
    in_bulk.others = (edit("race-1@contoso.com"),)
    done = await Importing(register, in_bulk).run(body, NOW)
    assert (done.created, done.updated, done.unchanged) == (2, 1, 0)
    found = await register.get("race-1@contoso.com")
    assert found
    assert found.document.paused

    in_bulk.others = (edit("thief@contoso.com", secretName="rob-1-contoso-com"),)
    with pytest.raises(RequestRefused) as refused:
        await Importing(register, in_bulk).run(file("rob", rows=3), NOW)
    assert [(each.code, each.pointer) for each in refused.value.problems] == [
        ("secret-name-taken", "/3/secretName")
    ]
    assert await register.get("rob-0@contoso.com")
    assert await register.get("rob-1@contoso.com") is None

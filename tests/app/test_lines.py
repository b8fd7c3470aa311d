"""The lines in Table Storage, as two processes use them at once."""

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest

from local.up.blocking import BlockingStack
from shared.records.lines import TableLines
from shared.records.tables import Tables


@pytest.fixture
async def lines(stack: BlockingStack) -> AsyncIterator[tuple[TableLines, TableLines]]:
    """Those of two processes."""
    tables = [Tables.connect(stack.endpoints.table_connection, None) for _ in range(2)]
    yield TableLines(tables[0]), TableLines(tables[1])
    for each in tables:
        await each.close()


def new_address(kind: str = "device") -> str:
    return f"{kind}:{uuid.uuid4()}"


async def test_who_leaves_a_line_that_another_has_entered_since_leaves_the_other_in_it(
    lines: tuple[TableLines, TableLines],
) -> None:
    here, there = lines
    device = new_address()
    await here.enter(device, "first", 0)
    assert (await there.enter(device, "second", 0)).operations == ("first", "second")
    assert (await here.leave(device, "first", 0)).operations == ("second",)
    assert (await there.leave(device, "second", 0)).operations == ()


async def test_who_was_led_out_of_a_line_by_another_leaves_it_as_it_is(
    lines: tuple[TableLines, TableLines],
) -> None:
    here, there = lines
    device = new_address()
    await here.enter(device, "first", 0)
    await there.leave(device, "first", 0)
    await there.enter(device, "second", 0)
    assert (await here.leave(device, "first", 0)).operations == ("second",)


async def test_who_was_let_go_on_is_not_taken_out_by_who_is_late(
    lines: tuple[TableLines, TableLines],
) -> None:
    here, there = lines
    device = new_address()
    await here.enter(device, "first", 1)
    await there.enter(device, "second", 0)
    assert (await here.enter(device, "first", 2)).operations == ("first", "second")
    assert (await there.leave(device, "first", 1)).operations == ("first", "second")
    assert (await there.leave(device, "first", 2)).operations == ("second",)
    assert (await here.leave(device, "second", None)).operations == ()


async def test_who_is_said_to_stand_in_a_line_and_does_not_enters_it(
    lines: tuple[TableLines, TableLines],
) -> None:
    here, _ = lines
    device = new_address()
    assert (await here.enter(device, "first", 0, standing=True)).operations == ("first",)
    assert (await here.enter(device, "second", 0, standing=True)).operations == ("first", "second")


async def test_nobody_is_lost_who_is_moved_to_a_line_that_is_full(
    lines: tuple[TableLines, TableLines], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.records.lines.LONGEST_LINE", 2)
    here, there = lines
    address, device, other = new_address("managed"), new_address(), new_address("serial")
    for operation in ("a", "b", "too many"):
        await there.enter(device, operation, 0)
    for operation in ("c", "d"):
        await here.enter(address, operation, 3)
    await there.enter(other, "e", 4)
    assert await here.move(address, device) == await there.move(other, device) == device
    assert (await there.leave(device, "a", 0)).operations == ("b", "c", "d", "e")
    assert (await here.leave(device, "c", 2)).operations == ("b", "c", "d", "e")
    assert (await here.leave(device, "c", 3)).operations == ("b", "d", "e")
    assert (await there.enter(device, "too many", 0)).operations == ("b", "d", "e")


async def test_a_line_that_two_move_at_once_keeps_its_order_and_goes_to_one_device(
    lines: tuple[TableLines, TableLines],
) -> None:
    here, there = lines
    address, device = new_address("managed"), new_address()
    await here.enter(address, "first", 0)
    await there.enter(address, "second", 0)
    moved = await asyncio.gather(*(each.move(address, device) for each in lines))
    assert moved == [device, device]
    assert (await here.enter(address, "third", 0)).operations == ("first", "second", "third")
    assert await here.move(address, new_address()) == device

"""The stores, in memory, with the conditions and the encoding of the real ones."""

import functools
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from shared.changes.operation import Operation
from shared.records.codec import from_columns, to_columns
from shared.records.ports import Line, Overtaken
from simulation.boundary import Boundary


class StoreDown(Exception):
    """What a store raises when it does not answer."""


class MemoryOperations:
    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary
        self._columns: dict[str, tuple[dict[str, Any], int]] = {}
        self._written: dict[str, Operation] = {}
        self.marks: dict[str, datetime] = {}

    def all(self) -> list[Operation]:
        """For those who look on: each as it was read last when it was written."""
        return list(self._written.values())

    async def create(self, operation: Operation) -> Operation | None:
        def create() -> Operation | None:
            if operation.id in self._columns:
                return None
            self.marks[operation.id] = operation.accepted_at
            return self._write(operation)

        return await self._boundary.call("operations.create", create, StoreDown)

    async def get(self, operation_id: str) -> Operation | None:
        return await self._boundary.call(
            "operations.get", lambda: self._read(operation_id), StoreDown
        )

    async def find(self, text: str) -> Operation | None:
        return await self.get(text)

    async def save(self, operation: Operation) -> Operation:
        def save() -> Operation:
            if self._columns[operation.id][1] != int(operation.etag or 0):
                raise Overtaken(operation.id)
            return self._write(operation)

        return await self._boundary.call("operations.save", save, StoreDown)

    async def queued(self, operation_id: str) -> None:
        await self._boundary.call(
            "operations.queued", lambda: self.marks.pop(operation_id, None), StoreDown
        )

    async def unqueued(self, before: datetime) -> AsyncIterator[str]:
        def marked() -> list[str]:
            return [key for key, at in self.marks.items() if at < before]

        for operation_id in await self._boundary.call("operations.unqueued", marked, StoreDown):
            yield operation_id

    def _read(self, operation_id: str) -> Operation | None:
        if operation_id not in self._columns:
            return None
        columns, etag = self._columns[operation_id]
        return from_columns(columns, str(etag))

    def _write(self, operation: Operation) -> Operation:
        _, etag = self._columns.get(operation.id, ({}, 0))
        self._columns[operation.id] = (to_columns(operation), etag + 1)
        read = from_columns(*self._columns[operation.id][:1], str(etag + 1))
        self._written[operation.id] = read
        return read


class MemoryLines:
    """Lines whose every step is one call; `move` is several, as in the real store."""

    def __init__(self, boundary: Boundary) -> None:
        self._boundary = boundary
        self.lines: dict[str, dict[str, int]] = {}
        self._moved: dict[str, str] = {}
        self._moving: dict[str, str] = {}

    async def find(self, address: str) -> str:
        return await self._boundary.call(
            "lines.find", lambda: self._moved.get(address, address), StoreDown
        )

    async def enter(
        self, address: str, operation_id: str, turn: int, *, standing: bool = False
    ) -> Line:
        def enter() -> Line:
            device = self._moved.get(address, address)
            line = self.lines.setdefault(device, {})
            line[operation_id] = max(turn, line.get(operation_id, 0))
            return Line(device, tuple(line))

        return await self._boundary.call("lines.enter", enter, StoreDown)

    async def leave(self, address: str, operation_id: str, turn: int | None) -> Line:
        def leave() -> Line:
            device = self._moved.get(address, address)
            line = self.lines.setdefault(device, {})
            if operation_id in line and (turn is None or line[operation_id] <= turn):
                del line[operation_id]
            return Line(device, tuple(line), self._moving.get(device))

        return await self._boundary.call("lines.leave", leave, StoreDown)

    async def move(self, address: str, device: str) -> str:
        await self._boundary.call(
            "lines.moving", lambda: self._moving.setdefault(address, device), StoreDown
        )
        while address not in self._moved:
            seen = dict(self.lines.get(address, {}))
            for operation_id, turn in seen.items():
                await self.enter(device, operation_id, turn)
            moved = functools.partial(self._try_to_move, address, device, seen)
            await self._boundary.call("lines.move", moved, StoreDown)
        return self._moved[address]

    def _try_to_move(self, address: str, device: str, seen: dict[str, int]) -> None:
        if self.lines.get(address, {}) == seen:
            self.lines.pop(address, None)
            self._moving.pop(address, None)
            self._moved[address] = device

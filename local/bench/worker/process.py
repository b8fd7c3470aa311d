"""The host's side of a worker process: starts it, and has it invoke functions."""

import asyncio
import base64
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.host.protos import rpc_pb2 as rpc
from local.up.process import ROOT, environment


class WorkerEnded(Exception):
    """The worker ended before it answered; the text is what it last logged."""


@dataclass(frozen=True)
class Report:
    """What the process is, and what became of the invocation before."""

    cpu: float
    """Seconds, of all its threads."""
    modules: int
    memory: int
    """Bytes, resident."""
    succeeded: bool = True
    status: str = ""
    """Of an HTTP function."""


class WorkerProcess:
    """A worker that has indexed its app."""

    def __init__(self, asking: asyncio.StreamWriter, answers: "_Answers", indexed: Report) -> None:
        self._asking, self._answers = asking, answers
        self.indexed = indexed

    async def invoke(
        self,
        function: str,
        data: rpc.TypedData,
        metadata: Mapping[str, rpc.TypedData] | None = None,
    ) -> Report:
        """Run one of its functions, and wait until it ends. Raises WorkerEnded."""
        asked: dict[str, Any] = {
            "function": function,
            "data": _text(data),
            "metadata": {name: _text(each) for name, each in (metadata or {}).items()},
        }
        self._asking.write(json.dumps(asked).encode() + b"\n")
        await self._asking.drain()
        return await self._answers.next()


@asynccontextmanager
async def running_worker(
    app: Path, settings: Mapping[str, str], log: Path
) -> AsyncIterator[WorkerProcess]:
    """A worker of the app in that folder, from its start to its end. Raises WorkerEnded."""
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "local.bench.worker", str(app)),
            stdin=PIPE,
            stdout=PIPE,
            stderr=errors,
            cwd=ROOT,
            env=environment({**os.environ, **settings}),
        )
    if process.stdin is None or process.stdout is None:
        raise TypeError("both must be pipes")
    try:
        answers = _Answers(process.stdout, log)
        yield WorkerProcess(process.stdin, answers, await answers.next())
    finally:
        process.stdin.close()
        await process.wait()


@dataclass(frozen=True)
class _Answers:
    lines: asyncio.StreamReader
    log: Path

    async def next(self) -> Report:
        if line := await self.lines.readline():
            return Report(**json.loads(line))
        raise WorkerEnded(self.log.read_text()[-2000:])


def _text(data: rpc.TypedData) -> str:
    return base64.b64encode(data.SerializeToString()).decode()

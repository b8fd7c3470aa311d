"""One run of one component: from the command line to its ready line to its end."""

import asyncio
import json
import os
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from local.serving import SUPERVISED
from local.up.components import Launch, ReadyLine
from local.up.log import Log

ROOT = Path(__file__).parents[2]
"""The repository: the folder from which every component is started."""

READY_SECONDS = 60.0
"""How long a component may take to answer."""

STOP_SECONDS = 40.0
"""How long a component may take to stop before it is killed; the host gives invocations 30."""

LOOPBACK = "127.0.0.1,localhost"

OUTPUT_SECONDS = 1.0
"""How long the last output may take: something that the component started may hold the pipe."""


class ComponentFailed(Exception):
    """A component did not start, or not as the same one again; the message says why."""


class Process:
    """A component that was started. Its standard error and later output go to its log."""

    def __init__(self, process: asyncio.subprocess.Process, log: Log) -> None:
        if process.stdout is None or process.stderr is None:
            raise TypeError("both outputs must be pipes")
        self._process = process
        self._log = log
        self._stdout = process.stdout
        self._pumps = [asyncio.create_task(_pump(process.stderr, log))]

    @classmethod
    async def start(
        cls, launch: Launch, port: int, log: Log, inherited: tuple[int, ...]
    ) -> "Process":
        """Start the process; `inherited` are open files that it holds for as long as it lives.

        Its standard input is a pipe whose other end closes with this process, however it ends
        (see local/serving.py). A session of its own keeps Ctrl-C away from it, because what needs
        a component must stop before it does.
        """
        process = await asyncio.create_subprocess_exec(
            *launch.command(port),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            cwd=ROOT,
            env=environment({**os.environ, **launch.environment}),
            start_new_session=True,
            pass_fds=inherited,
        )
        return cls(process, log)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    async def ready(self) -> ReadyLine:
        """Wait for the ready line and return its fields.

        Raises ComponentFailed when the process ends or says something else first, or takes longer
        than READY_SECONDS.
        """
        try:
            async with asyncio.timeout(READY_SECONDS):
                line = await self._stdout.readline()
                code = None if line else await self.wait()
        except TimeoutError:
            raise ComponentFailed(f"did not answer within {READY_SECONDS:g} s") from None
        if not line:
            raise ComponentFailed(f"ended with {code} before it answered\n{self._log.tail()}")
        self._pumps.append(asyncio.create_task(_pump(self._stdout, self._log)))
        try:
            fields = json.loads(line)
        except ValueError:
            fields = None
        if not isinstance(fields, dict) or fields.pop("ready", None) is not True:
            raise ComponentFailed(f"printed something that is no ready line: {line[:200]!r}")
        return fields

    async def wait(self) -> int:
        """Wait for the end of the process and of its output; return the exit code."""
        code = await self._process.wait()
        await asyncio.wait(self._pumps, timeout=OUTPUT_SECONDS)
        return code

    def kill(self) -> None:
        """End the process with SIGKILL, as a crash would."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def stop(self) -> bool:
        """Stop the process with SIGTERM; return False when it had to be killed in the end."""
        with suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.wait()
        except TimeoutError:
            self.kill()
            await self.wait()
            return False
        return True


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a component: supervised, and with no proxy between components."""
    outside = variables.get("NO_PROXY") or variables.get("no_proxy")
    no_proxy = f"{outside},{LOOPBACK}" if outside else LOOPBACK
    return {**variables, "NO_PROXY": no_proxy, "no_proxy": no_proxy, SUPERVISED: "1"}


async def _pump(stream: asyncio.StreamReader, log: Log) -> None:
    while chunk := await stream.read(65536):
        log.write(chunk)

"""A Graph that answers what it is told to, byte for byte, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    line: str
    headers: dict[str, str]

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass
class RecordingGraph:
    """Each connection carries one exchange; an answer of None hangs up instead."""

    root: str = ""
    answers: list[bytes | None] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def will_answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """The next answer; `_` in the name of a header stands for a hyphen."""
        named = {"Content-Length": str(len(body)), "Connection": "close"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
        self.answers.append(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + body)

    def will_say(self, raw: bytes | None) -> None:
        """The next answer as bytes, whatever they are; None hangs up without one."""
        self.answers.append(raw)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One exchange."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *rest = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in rest)}
        await reader.readexactly(int(headers.get("content-length", 0)))
        self.asked.append(Asked(line, headers))
        answer = self.answers.pop(0)
        if answer is None:
            writer.transport.abort()
        else:
            writer.write(answer)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def recording_graph() -> AsyncIterator[RecordingGraph]:
    """Serve on a free port of 127.0.0.1."""
    graph = RecordingGraph()
    server = await asyncio.start_server(graph.serve, "127.0.0.1", 0)
    graph.root = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield graph

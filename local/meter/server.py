"""Passes bytes on, and keeps a journal of the calls and connections that they are."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from typing import Protocol
from urllib.parse import urlsplit

from aiohttp import web

from local.meter.amqp import AmqpMessages
from local.meter.http import HttpRequests, Note
from local.standins.control import PREFIX
from local.standins.listening import LOOPBACK, listening

CONNECT = "connect"


class Reading(Protocol):
    """Whoever reads along."""

    def sent(self, data: bytes) -> None:
        """Bytes from the client."""

    def answered(self, data: bytes) -> None:
        """Bytes to the client."""


class _Sealed:
    """Behind TLS only connections can be counted. Implements Reading."""

    def __init__(self, note: Note) -> None:
        pass

    def sent(self, data: bytes) -> None:
        pass

    def answered(self, data: bytes) -> None:
        pass


_READING: Mapping[str, Callable[[Note], Reading]] = {
    "http": HttpRequests,
    "https": _Sealed,
    "amqp": AmqpMessages,
}

type Journal = list[dict[str, str]]


@asynccontextmanager
async def meter(services: Mapping[str, str], *, port: int) -> AsyncIterator[Mapping[str, object]]:
    """Stand before services, given by their addresses; yields the ready line.

    `through` is the authority of each service's own gauge, by the authority of the service.
    """
    journal: Journal = []
    async with AsyncExitStack() as stack:
        through = {}
        for name, address in services.items():
            gauge = _Gauge(name, address, journal)
            server = await asyncio.start_server(gauge.pass_on, LOOPBACK, 0)
            stack.enter_context(closing(server))
            through[urlsplit(address).netloc] = f"{LOOPBACK}:{server.sockets[0].getsockname()[1]}"
        control = await stack.enter_async_context(listening(_control(journal), port))
        yield {"meter": control, "through": through}


def _control(journal: Journal) -> web.Application:
    async def read(_: web.Request) -> web.Response:
        return web.json_response(journal)

    async def clear(_: web.Request) -> web.Response:
        journal.clear()
        return web.Response(status=204)

    app = web.Application()
    app.add_routes(
        [web.get(f"{PREFIX}/journal", read), web.delete(f"{PREFIX}/journal", clear)],
    )
    return app


class _Gauge:
    """All connections to one service."""

    def __init__(self, name: str, address: str, journal: Journal) -> None:
        self._name, self._address, self._journal = name, urlsplit(address), journal

    async def pass_on(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        self._note(CONNECT, "")
        reading = _READING[self._address.scheme](self._note)
        with closing(to_near), contextlib.suppress(ConnectionError):
            far, to_far = await asyncio.open_connection(self._address.hostname, self._address.port)
            with closing(to_far):
                pumps = {
                    asyncio.create_task(_pump(near, to_far, reading.sent)),
                    asyncio.create_task(_pump(far, to_near, reading.answered)),
                }
                # Whichever side ends, the other is told by the end of its own connection.
                done, others = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                for other in others:
                    other.cancel()
                for each in done:
                    each.result()

    def _note(self, what: str, where: str) -> None:
        self._journal.append({"service": self._name, "what": what, "where": where})


async def _pump(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, read: Callable[[bytes], None]
) -> None:
    while data := await source.read(65536):
        read(data)
        sink.write(data)
        await sink.drain()

"""A service of Graph that takes requests and does not answer."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared.clock import utc_now
from shared.graph.client import GraphClient
from shared.graph.credential import ForgetfulCredential
from shared.graph.routes import ROUTES

LANES = 96
"""As many calls as can be under way at once in one process."""


class HangingIntune:
    """Answers nothing below /deviceManagement, and all else at once."""

    def __init__(self) -> None:
        self.root, self._hanging, self._more = "", 0, asyncio.Condition()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        if b"/deviceManagement/" in asked:
            async with self._more:
                self._hanging += 1
                self._more.notify_all()
            await reader.read()  # until it is given up
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n")
            writer.write(b'{"id": "d1"}')
            await writer.drain()
        writer.close()

    async def hangs(self, count: int) -> None:
        async with self._more:
            await self._more.wait_for(lambda: self._hanging >= count)


@pytest.fixture
async def intune() -> AsyncIterator[HangingIntune]:
    intune = HangingIntune()
    server = await asyncio.start_server(intune.serve, "127.0.0.1", 0)
    intune.root = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield intune
    server.close()


async def test_while_intune_hangs_the_directory_is_asked_all_the_same(
    intune: HangingIntune, credential: ForgetfulCredential
) -> None:
    client = GraphClient(intune.root, credential, utc_now)
    managed, device = ROUTES["get-managed-device"], ROUTES["get-device"]
    async with asyncio.timeout(20):
        hanging = [
            asyncio.create_task(client.call(managed, {"managedDeviceId": str(n)}, calls=[]))
            for n in range(LANES)
        ]
        await intune.hangs(LANES)
        assert await client.call(device, {"id": "d1"}, calls=[]) == {"id": "d1"}
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    await client.close()

"""An answer that never ends: it comes drop by drop, so that no wait between two of them is long."""

import asyncio
from contextlib import suppress

from aiohttp import web


async def drips(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    with suppress(ConnectionError):
        while True:
            await answer.write(b" ")
            await asyncio.sleep(0.02)
    return answer

"""Whether the app under the stack says that it can do its work."""

import asyncio
import time

import aiohttp

from local.up.endpoints import Endpoints

PATIENCE = 30.0
"""Seconds the app has to become healthy: its first look at its parts loads their libraries."""


async def unhealthy(app: Endpoints) -> str:
    """Ask GET /api/health/details until it is well; what is wrong in the end, or nothing.

    An app without that route is taken to be well once it answers.
    """
    key = {"x-functions-key": app.function_key}
    end = time.monotonic() + PATIENCE
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{app.http}/api/health/details", headers=key) as answer:
                if answer.status != 503:  # noqa: PLR2004
                    return ""
                checks = (await answer.json())["checks"]
            wrong = [f"{each['name']}: {each['detail']}" for each in checks if not each["ok"]]
            # Settings stay as they are, however long one waits.
            if time.monotonic() > end or any(each.startswith("settings:") for each in wrong):
                return "; ".join(wrong)
            await asyncio.sleep(0.2)

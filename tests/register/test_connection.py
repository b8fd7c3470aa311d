"""How Table Storage is reached: through a proxy where one is named, without a detour, in time."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from azure.core.exceptions import AzureError, HttpResponseError

from shared.records import tables as tables_module
from shared.records.policy_cells import TableCells
from shared.records.tables import TRIES, Tables

ELSEWHERE = (
    "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=AAAA;"
    "TableEndpoint=http://tables.invalid/a;"
)


class NoThreads(ThreadPoolExecutor):
    def submit(self, *_: Any, **__: Any) -> Any:
        raise AssertionError("a thread was asked for")


async def test_a_proxy_that_the_environment_names_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(proxy, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        tables = Tables.connect(ELSEWHERE, None)
        with pytest.raises(HttpResponseError):
            await tables.ping()
        await tables.close()
    assert asked[0].startswith(b"GET http://tables.invalid/a/")


async def test_a_table_that_takes_requests_and_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tables_module, "ANSWERED", 0.2)
    asked = 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1
        await reader.read()  # until it is given up
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        tables = Tables.connect(ELSEWHERE.replace("tables.invalid", f"127.0.0.1:{port}"), None)
        async with asyncio.timeout(30):
            with pytest.raises(AzureError):
                await tables.ping()
        await tables.close()
    assert asked == TRIES


async def test_without_a_proxy_no_request_waits_for_a_thread(
    tables_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    asyncio.get_running_loop().set_default_executor(NoThreads(1))
    tables = Tables.connect(tables_at, None)
    assert (await TableCells(tables).read("nothing-there")).etag is None
    await tables.close()

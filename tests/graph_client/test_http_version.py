"""Graph is spoken to in HTTP/1.1, so that no server can retire a connection with requests on it."""

import asyncio
from pathlib import Path

import pytest

from local.vault.certificate import server_tls
from shared.clock import utc_now
from shared.graph.client import GraphClient
from shared.graph.credential import ForgetfulCredential
from shared.graph.routes import ROUTES

NO_CONTENT = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


async def test_http_2_is_not_spoken_with_a_server_that_offers_it(
    credential: ForgetfulCredential, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str | None, bytes]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = writer.get_extra_info("ssl_object").selected_alpn_protocol()
        heard.append((protocol, await reader.readline()))
        writer.write(NO_CONTENT)
        await writer.drain()
        writer.close()

    context, authority = server_tls(tmp_path)
    context.set_alpn_protocols(["h2", "http/1.1"])
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        root = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        client = GraphClient(root, credential, utc_now)
        await client.call(ROUTES["patch-device"], {"id": "1"}, body={"x": 1}, calls=[])
        await client.close()
    assert heard == [("http/1.1", b"PATCH /v1.0/devices/1 HTTP/1.1\r\n")]

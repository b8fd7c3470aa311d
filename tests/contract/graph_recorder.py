"""A Graph that only listens, the real client in front of it, and one change sent through both."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from azure.core.credentials import AccessToken
from pydantic import SecretStr

from local.standins.listening import listening
from shared.clock import utc_now
from shared.graph.catalogue import GraphCatalogue
from shared.graph.client import GraphClient
from shared.graph.credential import ForgetfulCredential
from shared.graph.effects import Effect
from shared.vault.ports import Secret

PASSWORD = "Contr4ct-Passw0rd"
FOUND = {
    "id": "0000000a-0000-4000-8000-000000000000",
    "deviceId": "0000000b-0000-4000-8000-000000000000",
    "azureADDeviceId": "0000000b-0000-4000-8000-000000000000",
    "operatingSystem": "Windows",
    "extensionAttributes": {"extensionAttribute15": "old"},
}
"""What every read finds: nothing as a change sets it."""


@dataclass(frozen=True)
class Recorded:
    """One request as it came over the wire; `target` is the path as sent, with its query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class Recorder:
    """What was sent. Writes are answered with `success`, or with `refusal` as a 400."""

    requests: list[Recorded] = field(default_factory=list)
    success: int = 204
    refusal: str = ""

    def forget(self) -> None:
        self.requests, self.success, self.refusal = [], 204, ""

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        self.requests.append(Recorded(request.method, request.raw_path, request.headers, body))
        if request.method == "GET":
            return web.json_response(FOUND)
        if self.refusal:
            error = {"code": "BadRequest", "message": self.refusal}
            return web.json_response({"error": error}, status=400)
        if self.success == 204:
            return web.Response(status=204)
        return web.json_response(FOUND, status=self.success)


class _Token:
    async def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken("token", 4_000_000_000)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


class _Vault:
    async def read(self, name: str, version: str | None) -> Secret:
        return Secret(SecretStr(PASSWORD), version)


@dataclass(frozen=True)
class Connected:
    """The real effects over the real client, and what came of them at the other end."""

    recorder: Recorder
    client: GraphClient
    catalogue: GraphCatalogue

    async def change(self, request: dict[str, Any]) -> Effect:
        """Everything that a change asks of Graph, once: who is it, read, write."""
        effect = self.catalogue.effect(request)
        await effect.device()
        await effect.write(effect.needed(await effect.read()))
        return effect


@asynccontextmanager
async def connected() -> AsyncIterator[Connected]:
    recorder = Recorder()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", recorder.answer)
    async with listening(app, 0) as base:
        client = GraphClient(base, ForgetfulCredential(_Token, "scope"), utc_now)
        try:
            yield Connected(recorder, client, GraphCatalogue(client, _Vault()))
        finally:
            await client.close()

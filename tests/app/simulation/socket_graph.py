"""A simulation's Graph on a socket: the stand-in and the real client, on the virtual clock."""

import os
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from azure.identity.aio import ManagedIdentityCredential

from local.graph.server import graph
from local.graph.tenant import Seed
from local.identity.issuer import GRAPH, Issuer
from local.identity.server import identity
from local.standins.tokens import TokenChecker
from shared.changes.operation import Operation
from shared.graph.client import GraphClient
from shared.graph.credential import ForgetfulCredential
from simulation.boundary import Boundary
from simulation.world import Post, World


@dataclass
class History:
    """What became of one change: its record, and what reached Graph on the way."""

    operation: Operation
    writes: int
    """Requests to write, as they arrived."""
    effects: int
    dead: bool
    """Whether its last message is in the dead-letter queue."""

    @property
    def first_wait(self) -> timedelta:
        """From the first trouble on record to what was done next."""
        steps = iter(self.operation.timeline)
        trouble = next(step for step in steps if ": " in step.detail)
        return next(steps).at - trouble.at


@dataclass
class SocketGraph:
    """One tenant for many histories; each of them has devices, time and stores of its own."""

    boundary: Boundary = field(default_factory=Boundary)
    http: httpx.AsyncClient = None  # type: ignore[assignment]
    client: GraphClient = None  # type: ignore[assignment]

    async def add(self, kind: str, **properties: Any) -> str:
        """A new object of this kind; its id."""
        object_id = str(uuid.uuid4())
        await self._control("POST", "/objects", {kind: [{"id": object_id, **properties}]})
        return object_id

    async def play(self, request: Any, faults: Iterable[dict[str, Any]]) -> History:
        """Carry out one change from its acceptance to its end; its write meets these faults."""
        self.boundary = Boundary()
        writes = {"method": "POST" if request["operation"] == "updateDeviceAccount" else "PATCH"}
        await self._control("DELETE", "/faults")
        await self._control("DELETE", "/journal")
        for fault in faults:
            await self._control("POST", "/faults", {"match": writes, **fault})
        world = World(self.boundary, self.client, [Post("change", request)], releasing=False)
        await world.run()
        [operation] = world.operations.all()
        arrived = (await self._control("GET", f"/journal?method={writes['method']}")).json()
        effects = sum(entry["effect"] for entry in arrived)
        return History(operation, len(arrived), effects, bool(world.broker.dead))

    async def _control(self, method: str, path: str, body: Any = None) -> httpx.Response:
        answer = await self.http.request(method, f"/_control{path}", json=body)
        answer.raise_for_status()
        return answer


@asynccontextmanager
async def socket_graph() -> AsyncIterator[SocketGraph]:
    """Serve a tenant without objects, to an identity that may do everything on it."""
    tenant = SocketGraph()

    def now() -> float:
        return tenant.boundary.now.timestamp()

    async with identity(port=0, issuer=Issuer(lifetime=3600)) as known:
        tokens = TokenChecker(str(known["jwks"]), GRAPH)
        async with graph(port=0, seed=Seed(), tokens=tokens, quotas={}, clock=now) as ready:
            root = str(ready["graph"])
            with pytest.MonkeyPatch.context() as patch:
                patch.setitem(os.environ, "IDENTITY_ENDPOINT", str(known["identity"]))
                patch.setitem(os.environ, "IDENTITY_HEADER", str(known["identityHeader"]))
                credential = ForgetfulCredential(ManagedIdentityCredential, f"{GRAPH}/.default")
                tenant.client = GraphClient(root, credential, lambda: tenant.boundary.now)
                async with httpx.AsyncClient(base_url=root, trust_env=False) as tenant.http:
                    yield tenant
                await tenant.client.close()

"""A running tenant as a test drives it: plain HTTP, the control API, and a clock by hand."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

import local.graph
from local.graph.tenant import Seed
from local.identity.issuer import GRAPH, Issuer

SEED = json.loads((Path(local.graph.__file__).parent / "seed.json").read_text())


def device(name: str) -> dict[str, Any]:
    """The seeded Entra device of that name."""
    return next(one for one in SEED["devices"] if one["displayName"] == name)


def managed(name: str) -> dict[str, Any]:
    """The seeded Intune device of that name."""
    return next(one for one in SEED["managedDevices"] if one["deviceName"] == name)


def user(name: str) -> dict[str, Any]:
    """The seeded user whose UPN starts with that name."""
    return next(one for one in SEED["users"] if one["userPrincipalName"].startswith(name))


def seed() -> Seed:
    return Seed.model_validate(json.loads(json.dumps(SEED)))


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Tenant:
    base: str
    issuer: Issuer
    clock: Clock
    http: httpx.AsyncClient
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.token = self.issuer.issue(GRAPH, None)["access_token"]

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """A request to v1.0, or to beta when the path starts with /beta."""
        versioned = path if path.startswith("/beta") else f"/v1.0{path}"
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return await self.http.request(method, self.base + versioned, headers=headers, **more)

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.http.request(method, f"{self.base}/_control{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def stored(self, kind: str, object_id: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.control("GET", f"/objects/{kind}/{object_id}")
        return found


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]

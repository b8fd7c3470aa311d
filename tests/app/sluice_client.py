"""Sluice over HTTP, as its callers use it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Self

import httpx
from waiting import eventually

from local.up.endpoints import Endpoints

ENDED = ("verified", "unchanged", "failed", "reversed", "cancelled", "expired")


class Sluice:
    """A caller with the function key."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.http = httpx.Client(
            base_url=f"{endpoints.http}/api",
            headers={"x-functions-key": endpoints.function_key},
            timeout=30,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def post(
        self, body: Any, *, key: str | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """POST /changes with bytes as they are, or anything else as JSON."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if key is not None:
            sent["Idempotency-Key"] = key
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post("/changes", content=content, headers=sent)

    def accepted(self, body: Any, *, key: str | None = None) -> str:
        """POST a change that has to be accepted; its id."""
        answer = self.post(body, key=key)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def get(self, change: str) -> dict[str, Any]:
        """GET /changes/{id} of a change that is on record."""
        answer = self.http.get(f"/changes/{change}")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def act(self, change: str, action: str, options: Any = None) -> httpx.Response:
        """POST /changes/{id}/{cancel, release or reverse}."""
        return self.http.post(f"/changes/{change}/{action}", json=options)

    def wait(self, change: str, *states: str, within: float = 20.0) -> dict[str, Any]:
        """The change, once it is in one of these states (without any: once it has ended)."""
        wanted = states or ENDED
        return self.wait_until(change, lambda seen: seen["state"] in wanted, within=within)

    def wait_until(
        self, change: str, wanted: Callable[[dict[str, Any]], bool], *, within: float = 20.0
    ) -> dict[str, Any]:
        """The change, once it is as `wanted`."""
        last = dict[str, Any]()

        def reached() -> dict[str, Any] | None:
            last.update(self.get(change))
            return dict(last) if wanted(last) else None

        try:
            return eventually(reached, within=within)
        except AssertionError:
            raise AssertionError(f"it is {json.dumps(last, indent=1)}") from None

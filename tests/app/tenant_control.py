"""The tenant behind the Graph stand-in, through its control API."""

import uuid
from typing import Any, Self

import httpx

from local.up.endpoints import Endpoints


class TenantControl:
    """Adds objects, plans faults, reads what was asked of Graph."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.http = httpx.Client(
            base_url=f"{endpoints.graph}/_control", timeout=30, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def call(self, method: str, path: str, body: Any = None, /, **query: str) -> Any:
        """A control request that has to succeed."""
        answer = self.http.request(method, path, json=body, params=query)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def add_device(self, **properties: Any) -> dict[str, Any]:
        """A new Entra device, Windows unless said otherwise."""
        device = {
            "id": str(uuid.uuid4()),
            "deviceId": str(uuid.uuid4()),
            "displayName": "HUB",
            "accountEnabled": True,
            "operatingSystem": "Windows",
            "operatingSystemVersion": "10.0.19045.5011",
            "extensionAttributes": {f"extensionAttribute{n}": None for n in range(1, 16)},
            **properties,
        }
        self.call("POST", "/objects", {"devices": [device]})
        return device

    def add_managed_device(self, **properties: Any) -> dict[str, Any]:
        """A new Intune device of no Entra device (unless named by azureADDeviceId)."""
        device = {
            "id": str(uuid.uuid4()),
            "azureADDeviceId": str(uuid.uuid4()),
            "deviceName": "HUB",
            "managedDeviceName": "HUB_managed",
            "managedDeviceOwnerType": "company",
            "operatingSystem": "Windows",
            "notes": None,
            "deviceActionResults": [],
            **properties,
        }
        self.call("POST", "/objects", {"managedDevices": [device]})
        return device

    def stored(self, kind: str, object_id: str) -> dict[str, Any]:
        """An object as it is."""
        found: dict[str, Any] = self.call("GET", f"/objects/{kind}/{object_id}")
        return found

    def fault(self, path: str, *, method: str | None = None, **fault: Any) -> None:
        """Let the next matching exchanges suffer; `path` is a regular expression."""
        match = {"path": path} | ({"method": method} if method else {})
        self.call("POST", "/faults", {"match": match, **fault})

    def behave(self, managed_device: str, **behaviour: Any) -> None:
        """What a device does with an account action."""
        self.call("PUT", f"/actions/{managed_device}", behaviour)

    def protect(self, path: str) -> None:
        """Let writes to paths that match happen with another administrator's approval only."""
        self.call("POST", "/approvals", {"path": path})

    def approve(self, code: str) -> None:
        """Be that other administrator."""
        self.call("POST", f"/approvals/{code}/approve")

    def journal(self, path: str, method: str | None = None) -> list[dict[str, Any]]:
        """The exchanges whose path matches, oldest first."""
        query = {"path": path} | ({"method": method} if method else {})
        entries: list[dict[str, Any]] = self.call("GET", "/journal", **query)
        return entries

    def effects(self, path: str) -> list[dict[str, Any]]:
        """The exchanges that changed something."""
        return [entry for entry in self.journal(path) if entry["effect"]]

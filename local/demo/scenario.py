"""What the demo asks for, one change of each kind, and how each has to end."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEED = Path(__file__).parent.parent / "graph" / "seed.json"
VAULT_ENTRY = "hub-atrium-account"

type Json = dict[str, Any]

PASSWORD: str = next(
    user["passwordProfile"]["password"]
    for user in json.loads(SEED.read_text())["users"]
    if user["userPrincipalName"] == "hub-atrium@contoso.example"
)
"""The one that opens the account in the stand-in's directory."""


@dataclass(frozen=True)
class Wish:
    """One change: what it shows, how it goes in, and the state that it has to end in."""

    key: str
    shows: str
    request: Json
    ends: str
    by_queue: bool = False
    text: str = ""
    """What is sent instead of the request, where it is no JSON."""

    @property
    def body(self) -> bytes:
        """The body of the message."""
        return (self.text or json.dumps(self.request)).encode()


def wishes() -> list[Wish]:
    """The changes of the demo, on the devices of the stand-in's seed."""
    seed = json.loads(SEED.read_text())
    hub, laptop, phone = seed["devices"][0], seed["devices"][5], _not_windows(seed)
    managed = {device["azureADDeviceId"]: device["id"] for device in seed["managedDevices"]}
    return [
        Wish(
            "good-http",
            "PATCH devices(deviceId='…') over HTTP",
            _patch({"deviceId": hub["deviceId"]}, {"extensionAttribute1": "CC-1042"}),
            "verified",
        ),
        Wish(
            "good-queue",
            "PATCH devices/{id} by queue message",
            _patch({"id": phone["id"]}, {"extensionAttribute2": "lobby"}),
            "verified",
            by_queue=True,
        ),
        Wish(
            "unchanged",
            "already so: nothing is written",
            _patch({"deviceId": laptop["deviceId"]}, dict(_one_attribute(laptop))),
            "unchanged",
        ),
        Wish(
            "account",
            "device account, password from Key Vault",
            {
                "operation": "updateDeviceAccount",
                "target": {"managedDeviceId": managed[hub["deviceId"]]},
                "set": {
                    "deviceAccount": {
                        "userPrincipalName": "hub-atrium@contoso.example",
                        "passwordSecret": {"name": VAULT_ENTRY},
                    },
                    "passwordRotationEnabled": False,
                    "calendarSyncEnabled": True,
                },
            },
            "verified",
        ),
        Wish(
            "retry",
            "Graph answers 429, then 503, then yes",
            _notes(managed[laptop["deviceId"]], "Moved to B2.14"),
            "verified",
            by_queue=True,
        ),
        Wish("dead", "the device is not enrolled yet", _notes(NOT_ENROLLED, "New"), "failed"),
        Wish("garbage", "not JSON at all", {}, "failed", by_queue=True, text="{ not json"),
    ]


def refused() -> Json:
    """A request that is answered 422."""
    request = _patch({"deviceId": NOT_ENROLLED}, {})
    return {**request, "set": {"isCompliant": True}}


NOT_ENROLLED = "0d1c7a52-9a39-4c0e-8f0b-3f6f0c9f8a11"


def enrolled_device() -> Json:
    """The device that `dead` misses, for the time when it is enrolled at last."""
    seed = json.loads(SEED.read_text())
    return {
        **seed["managedDevices"][0],
        "id": NOT_ENROLLED,
        "azureADDeviceId": "00000000-0000-0000-0000-000000000000",
        "deviceName": "HUB-NEW",
        "serialNumber": "019999999999",
        "notes": None,
    }


def retried_path(wish: Wish) -> str:
    """A regular expression for the path that the faults of `retry` are put on."""
    return f"/v1.0/deviceManagement/managedDevices/{wish.request['target']['managedDeviceId']}"


def _patch(target: Json, attributes: Json) -> Json:
    return {
        "operation": "patchDevice",
        "target": target,
        "set": {"extensionAttributes": attributes},
        "reason": "Demo",
    }


def _notes(managed_device_id: str, notes: str) -> Json:
    return {
        "operation": "patchManagedDevice",
        "target": {"managedDeviceId": managed_device_id},
        "set": {"notes": notes},
    }


def _one_attribute(device: Json) -> tuple[tuple[str, str], ...]:
    present = ((name, value) for name, value in device["extensionAttributes"].items() if value)
    return tuple(present)[:1]


def _not_windows(seed: Json) -> Json:
    return next(dict(d) for d in seed["devices"] if d["operatingSystem"] != "Windows")

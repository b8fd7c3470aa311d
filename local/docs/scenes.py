"""What the examples are about: objects of a tenant, and a request and a refused one about each."""

from dataclasses import dataclass
from typing import Any

type Json = dict[str, Any]

_DEVICE = "0b8e5b0c-3f0a-4c53-9c35-7f1f7a4b1d10"
_MANAGED = "5c1d1f4e-8a37-4a7e-9d0b-c2f8a1f0b6e3"
_HUB = "9f27c3a1-64de-4b0f-a1b5-0e6f6c1d7a42"
_ROOM_HUB = "c81e5a7d-3b94-4f26-8d0e-5a6b7c8d9e0f"
_ROOM_USER = "4e6f8a1c-7d92-4b35-9c0d-2a3b4c5d6e7f"
_USER = "d3a4c6f8-1b2e-4f5a-8c7d-9e0f1a2b3c4d"
SECRET = "hub-library"  # noqa: S105  its name

OBJECTS: Json = {
    "devices": [
        {
            "id": "e4b9a7d2-5c60-4e8b-b1f3-6a9d2c8e7f05",
            "deviceId": _DEVICE,
            "displayName": "HUB-LIBRARY",
            "operatingSystem": "Windows",
            "extensionAttributes": {"extensionAttribute1": "CC-0815"},
        }
    ],
    "managedDevices": [
        {
            "id": managed,
            "azureADDeviceId": device,
            "deviceName": "HUB-LIBRARY",
            "managedDeviceName": "HUB-LIBRARY",
            "operatingSystem": "Windows",
            "notes": None,
            "deviceActionResults": [],
        }
        for managed, device in (
            (_MANAGED, "7a1f0c3b-92d4-4e65-8b7a-1c2d3e4f5a6b"),
            (_HUB, "2f6e8d1c-0a9b-4c7d-b5e4-3f2a1b0c9d8e"),
        )
    ],
    "users": [
        {
            "id": _ROOM_USER,
            "userPrincipalName": "room-library@contoso.example",
            "displayName": "Library",
            "accountEnabled": True,
            "lastPasswordChangeDateTime": "2026-11-01T20:00:00Z",
        },
        {
            "id": _USER,
            "userPrincipalName": "grady.archie@contoso.example",
            "displayName": "Grady Archie",
            "department": "Facilities",
            "officeLocation": None,
        },
    ],
    "actions": {
        hub: {"outcome": "done", "pickUpSeconds": 0, "finishSeconds": 0}
        for hub in (_HUB, _ROOM_HUB)
    },
}
"""In the form of the control API of the Graph stand-in."""


ROOM_HUB: Json = {
    "id": _ROOM_HUB,
    "azureADDeviceId": "b7d9e1f3-5a2c-4e80-9b6d-1f0e2d3c4b5a",
    "deviceName": "HUB-LIBRARY-2",
    "serialNumber": "0123456789",
    "model": "Surface Hub 2S",
    "operatingSystem": "Windows",
    "osVersion": "10.0.19045.5011",
    "deviceActionResults": [],
}
"""Its lastSyncDateTime is for whoever plays the scene: it has to be now."""

ROW: Json = {
    "account": "room-library@contoso.example",
    "family": "surfaceHub",
    "devices": [{"serialNumber": "0123456789"}],
    "schedule": {"everyDays": None},
}
ROTATE: Json = {
    "operation": "rotateDeviceAccount",
    "target": {"account": "room-library@contoso.example"},
    "reason": "A contractor has left",
}


@dataclass(frozen=True)
class Scene:
    """A request that is carried out, and one that is refused."""

    request: Json
    refused: Json
    """The members in which that one differs."""


SCENES = {
    scene.request["operation"]: scene
    for scene in (
        Scene(
            {
                "operation": "patchDevice",
                "target": {"deviceId": _DEVICE},
                "set": {"extensionAttributes": {"extensionAttribute1": "CC-1042"}},
                "reason": "Cost centre moved",
                "ticket": {"source": "servicenow", "id": "9d385017", "number": "CHG0030052"},
            },
            {"set": {"isCompliant": True}},
        ),
        Scene(
            {
                "operation": "patchManagedDevice",
                "target": {"managedDeviceId": _MANAGED},
                "set": {"managedDeviceOwnerType": "company", "notes": "Library, ground floor"},
                "reason": "Inventory of the library",
            },
            {"set": {"roleScopeTagIds": ["7"]}},
        ),
        Scene(
            {
                "operation": "updateDeviceAccount",
                "target": {"managedDeviceId": _HUB},
                "set": {
                    "deviceAccount": {
                        "userPrincipalName": "hub-library@contoso.example",
                        "passwordSecret": {"name": SECRET},
                    },
                    "passwordRotationEnabled": False,
                    "calendarSyncEnabled": True,
                    "exchangeServer": "outlook.office365.com",
                },
                "reason": "New room account",
            },
            {
                "set": {
                    "deviceAccount": {
                        "userPrincipalName": "hub-library@contoso.example",
                        "password": "not even once",
                    }
                }
            },
        ),
        Scene(
            {
                "operation": "patchUser",
                "target": {"userId": "grady.archie@contoso.example"},
                "set": {"department": "Library", "officeLocation": "L0.12"},
                "reason": "Moved to the library",
            },
            {"set": {"userPrincipalName": "grady@contoso.example"}},
        ),
    )
}
"""By operation."""

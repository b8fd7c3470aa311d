"""Devices that can be reached on every route, and the requests that do."""

import uuid
from typing import Any

from tenant_control import TenantControl

SCRIPT, APP = str(uuid.uuid4()), "0000d1e3bd8a4ba63ecd3bb0ccc2f9ad4ee80000ffff"
SECRET = "hub-routes"
ACCOUNT = {
    "deviceAccount": {
        "userPrincipalName": "hub-routes@contoso.example",
        "passwordSecret": {"name": SECRET},
    }
}


class Devices:
    """A user with a device, and another device; runs of scripts on the first."""

    def __init__(self, graph: TenantControl) -> None:
        self.user = add_user(graph)
        self.device = graph.add_managed_device(userId=self.user["id"], ownerType="company")
        self.other = graph.add_managed_device()
        self.run = f"{SCRIPT}:{self.device['id']}"
        graph.call("POST", "/objects", {"runStates": {self.run: self.device["id"]}})

    @property
    def script_run(self) -> dict[str, str]:
        return {"deviceManagementScriptId": SCRIPT, "deviceRunStateId": self.run}

    def target(self, name: str) -> dict[str, str]:
        managed, user = {"managedDeviceId": self.device["id"]}, {"userId": self.user["id"]}
        app = {"detectedAppId": APP}
        return {
            "plain": managed,
            "comanaged": {"comanagedDeviceId": self.device["id"]},
            "user": {**user, **managed},
            "root": {"rootManagedDeviceId": self.device["id"]},
            "health run": {"deviceHealthScriptId": SCRIPT, "deviceRunStateId": self.run},
            "compliance run": {"deviceComplianceScriptId": SCRIPT, "deviceRunStateId": self.run},
            "script run": self.script_run,
            "script run, user": {**self.script_run, **user, **managed},
            "script run, app": {**self.script_run, **app, **managed},
            "app": {**app, **managed},
            "app, user": {
                **app,
                **user,
                "managedDeviceId": self.other["id"],
                "userManagedDeviceId": self.device["id"],
            },
        }[name]


def add_user(graph: TenantControl, **properties: Any) -> dict[str, Any]:
    object_id = str(uuid.uuid4())
    user = {
        "id": object_id,
        "userPrincipalName": f"hub-{object_id[:8]}@contoso.example",
        "displayName": "Hub",
        "department": "AV",
        "accountEnabled": True,
        **properties,
    }
    graph.call("POST", "/objects", {"users": [user]})
    return user


def patch(target: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "operation": "patchManagedDevice",
        "target": target,
        "set": {"managedDeviceName": "X"},
    } | more


def account(target: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"operation": "updateDeviceAccount", "target": target, "set": ACCOUNT} | more

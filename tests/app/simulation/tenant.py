"""Graph and the vault, in memory, under the real effects. Every write says whose it is."""

import asyncio
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from pydantic import SecretStr

from shared.changes.operation import GraphCall
from shared.faults import Fault, NeedsApproval, Permanent, Transient
from shared.graph.approval import CODE
from shared.graph.routes import Route
from shared.vault.ports import Secret
from simulation.boundary import Boundary

_BUSY = timedelta(seconds=20)
"""How long a device takes for an action."""


@dataclass
class Device:
    """One device as the directory and Intune know it; `done_at` is when its action ends."""

    object_id: str
    device_id: str
    managed_id: str
    name: str = ""
    serial: str = ""
    attribute: str | None = None
    notes: str | None = None
    action: dict[str, Any] | None = None
    done_at: datetime | None = None
    writers: set[asyncio.Task[None] | None] = field(default_factory=set)
    effects: list[str] = field(default_factory=list)
    """The texts that were written, in order."""

    @property
    def identities(self) -> set[str]:
        return {self.object_id, self.device_id, self.managed_id, self.name, self.serial}


class Tenant:
    """Stands in for GraphClient."""

    def __init__(self, boundary: Boundary, devices: list[Device]) -> None:
        self._boundary = boundary
        self.devices = devices
        self.overlaps: list[str] = []
        self.refusing: set[str] = set()
        """Texts that Graph refuses to write."""
        self.failing: set[str] = set()
        """Accounts that the device reports it could not set."""
        self.protected: set[str] = set()
        """Texts that Intune lets be written with an approval only, and not with the first one."""
        self.absent: set[str] = set()
        """Ids of devices that Graph does not know yet."""
        self.renamed_at = datetime.max.replace(tzinfo=UTC)
        """When the devices give their names to each other."""
        self._asked: dict[str, Any] = {}

    async def call(
        self,
        route: Route,
        parameters: dict[str, Any],
        *,
        select: list[str] | tuple[str, ...] = (),
        where: str | None = None,
        top: int | None = None,
        page: str | None = None,
        body: Any = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        secrets: Any = (),
        calls: list[GraphCall],
    ) -> Any:
        if where:
            return await self._boundary.call(
                route.name, lambda: {"value": self._list(route, where)}, _unavailable
            )
        device = self._device(parameters)
        if route.method == "GET":
            read = functools.partial(self._read, route, device)
            return await self._boundary.call(route.name, read, _unavailable)
        writer = asyncio.current_task()
        if device.writers:
            self.overlaps.append(device.device_id)
        device.writers.add(writer)
        try:
            return await self._boundary.call(
                route.name, lambda: self._write(device, body, headers.get(CODE)), _in_doubt
            )
        finally:
            device.writers.discard(writer)

    def _device(self, parameters: dict[str, Any]) -> Device:
        wanted = next(iter(parameters.values()))
        for device in self.devices:
            if wanted not in self.absent and wanted in (
                device.object_id,
                device.device_id,
                device.managed_id,
            ):
                return device
        raise Permanent("graph-404-Request_ResourceNotFound", "no such device")

    def _list(self, route: Route, where: str) -> list[dict[str, Any]]:
        member, value = where.removesuffix("'").split(" eq '")
        listed = [self._read(route, device) for device in self.devices]
        return [each for each in listed if each[member] == value]

    def _read(self, route: Route, device: Device) -> dict[str, Any]:
        if device.action and device.done_at and device.done_at <= self._boundary.now:
            failed = device.effects and device.action["whose"] in self.failing
            device.action["actionState"] = "failed" if failed else "done"
        action = {k: v for k, v in (device.action or {}).items() if k != "whose"}
        managed = "managed-device" in route.name
        others = [each for each in self.devices if each is not device] or [device]
        name = (others[0] if self._boundary.now >= self.renamed_at else device).name
        return {
            "id": device.managed_id if managed else device.object_id,
            "deviceName": name,
            "displayName": name,
            "serialNumber": device.serial,
            "deviceId": device.device_id,
            "azureADDeviceId": device.device_id,
            "operatingSystem": "Windows",
            "extensionAttributes": {"extensionAttribute1": device.attribute},
            "notes": device.notes,
            "deviceActionResults": [action] if action else [],
        }

    def _approve(self, whose: str, body: dict[str, Any], code: str | None) -> None:
        """Let a write pass that is the one which the code was given for."""
        number, asked = self._asked.get(whose, (0, None))
        if number > 1 and code == f"{whose}-{number}" and body == asked:
            self._asked[whose] = (number, None)
            return
        self._asked[whose] = (number + 1, body)
        raise NeedsApproval("not approved", f"{whose}-{number + 1}")

    def _write(self, device: Device, body: dict[str, Any], code: str | None) -> None:
        now = self._boundary.now
        if parameter := body.get("updateWindowsDeviceAccountActionParameter"):
            whose = str(parameter["deviceAccount"]["userPrincipalName"])
        else:
            whose = body.get("notes") or body["extensionAttributes"]["extensionAttribute1"]
        if whose in self.refusing:
            raise Permanent("graph-403-Authorization_RequestDenied", "not allowed")
        if whose in self.protected:
            self._approve(whose, body, code)
        if parameter:
            device.action = {
                "actionName": "updateDeviceAccount",
                "actionState": "pending",
                "startDateTime": now.isoformat(),
                "whose": whose,
            }
            device.done_at = now + _BUSY
        elif "notes" in body:
            device.notes = whose
        else:
            device.attribute = whose
        device.effects.append(whose)


class MemoryVault:
    async def read(self, name: str, version: str | None) -> Secret:
        return Secret(SecretStr("P" * 20), version or "0" * 32)


def _unavailable() -> Fault:
    return Transient("graph-503", "busy")


def _in_doubt() -> Fault:
    return Transient("graph-504", "a gateway gave up", in_doubt=True)

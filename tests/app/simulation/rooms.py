"""The parties of a rotation, in memory: vault, directory, devices, calendar, register.

What must hold at every instant is checked at every effect.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from shared.faults import Permanent, Transient
from shared.register.document import DeviceAccountDocument, DeviceReference
from shared.register.entry import Entry, EntryState, entry_id
from shared.rotation.ports import Calls, Device, DirectoryAccount, PasswordRejected
from shared.vault.ports import Secret
from simulation.boundary import Boundary
from simulation.register import MemoryRegister

_BUSY = timedelta(seconds=20)


@dataclass
class Hub:
    """A device: what it signs in with, and what it does with account actions."""

    id: str
    password: str
    outcomes: list[str] = field(default_factory=lambda: ["done"])
    """One per action; the last one stays. "pending" is never picked up, "gone" leaves Intune,
    "forbidden" is refused by Intune at once."""
    result: str = ""
    began_at: str = ""
    done_at: datetime | None = None
    given: str = ""
    shows_after: timedelta = timedelta()
    """How long Intune goes on telling of the action before."""
    shows_at: datetime | None = None
    told: tuple[str, str] = ("", "")
    """What Intune tells until then: result and beginning."""


class Rooms:
    """One account, its devices, and everything that knows its password."""

    def __init__(
        self,
        boundary: Boundary,
        document: DeviceAccountDocument,
        hubs: list[Hub],
        *,
        password: str = "Initial-Password-1",
        in_vault: bool = True,
    ) -> None:
        self.boundary = boundary
        self.register = MemoryRegister(boundary)
        self.entry = Entry(entry_id(document.account), document, EntryState.NEW, boundary.now)
        self.hubs = {hub.id: hub for hub in hubs}
        self.password = password
        self._unknown = None if in_vault else password
        self.changed_at = "2026-01-01T00:00:00Z"
        self.rejecting = 0
        """How many new passwords the directory rejects from now on."""
        self.rejected: set[str] = set()
        self.rotations = 1
        """How many are asked for."""
        self.verified = {password}
        self.secrets: dict[str, list[Secret]] = {}
        self.overlaps: list[str] = []
        self.wrong: list[str] = []
        self.vault, self.directory = MemoryVault(self), MemoryDirectory(self)
        self.devices = MemoryDevices(self)
        self.calendar = MemoryCalendar(self)
        self._writing: set[Any] = set()
        self.minted: list[str] = []
        if in_vault:
            self.secrets[self.entry.secret_name] = [Secret(SecretStr(password), "v0")]

    def mint(self, policy: Any) -> SecretStr:
        password = f"Minted-{len(self.minted)}-{'x' * 12}"
        self.minted.append(password)
        return SecretStr(password)

    @property
    def entry(self) -> Entry:
        """The account's row of the register, the only one there."""
        (entry,) = self.register.entries()
        return entry

    @entry.setter
    def entry(self, entry: Entry) -> None:
        self.register.replace(entry)

    @property
    def current(self) -> str | None:
        versions = self.secrets.get(self.entry.secret_name)
        return versions[-1].value.get_secret_value() if versions else None

    @property
    def kept(self) -> set[str]:
        return {
            each.value.get_secret_value() for versions in self.secrets.values() for each in versions
        }

    def check(self) -> None:
        """What holds at every instant."""
        if self.password not in {*self.kept, self._unknown}:
            self.wrong.append("no password in the vault opens the account")
        if self.current is not None and self.current not in self.verified:
            self.wrong.append("the current password was never verified")
        if len(set(self.minted) & self.kept) > self.rotations + len(self.rejected):
            self.wrong.append("a second password without a rejection")

    async def write(self, name: str, effect: Any, failure: Any) -> Any:
        """An effect on the account, its devices or its secrets; two at once are an overlap."""
        writer = asyncio.current_task()
        if self._writing:
            self.overlaps.append(name)
        self._writing.add(writer)
        try:
            return await self.boundary.call(name, lambda: self._checked(effect), failure)
        finally:
            self._writing.discard(writer)

    def _checked(self, effect: Any) -> Any:
        try:
            return effect()
        finally:
            self.check()


class MemoryVault:
    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def read(self, name: str, version: str | None) -> Secret:
        def read() -> Secret:
            for secret in reversed(self._rooms.secrets.get(name, [])):
                if version in (None, secret.version):
                    return secret
            raise Permanent("secret-not-found", f"Key Vault has no secret {name}.")

        return await self._rooms.boundary.call("vault.read", read, _vault_down)

    async def find(self, name: str) -> Secret | None:
        def find() -> Secret | None:
            versions = self._rooms.secrets.get(name)
            return versions[-1] if versions else None

        return await self._rooms.boundary.call("vault.find", find, _vault_down)

    async def write(
        self, name: str, value: SecretStr, tags: Mapping[str, str], expires_at: datetime | None
    ) -> Secret:
        def write() -> Secret:
            versions = self._rooms.secrets.setdefault(name, [])
            secret = Secret(value, f"v{len(versions)}", dict(tags))
            versions.append(secret)
            return secret

        return await self._rooms.write("vault.write", write, _vault_in_doubt)  # type: ignore[no-any-return]


class MemoryDirectory:
    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self.synced = self.has_roles = False
        self.enabled = True

    async def account(self, name: str, calls: Calls) -> DirectoryAccount:
        return await self._rooms.boundary.call(
            "directory.account",
            lambda: DirectoryAccount(
                id="11111111-2222-3333-4444-555555555555",
                name=self._rooms.entry.document.account,
                enabled=self.enabled,
                synced=self.synced,
                has_roles=self.has_roles,
                password_changed_at=self._rooms.changed_at,
            ),
            _unavailable,
        )

    async def set_password(self, user_id: str, password: SecretStr, calls: Calls) -> None:
        rooms, value = self._rooms, password.get_secret_value()

        def set_() -> None:
            for hub in rooms.hubs.values():
                rooms.devices.advance(hub)
            if value in rooms.rejected or (rooms.rejecting and value in rooms.minted):
                if value not in rooms.rejected:
                    rooms.rejecting -= 1
                rooms.rejected.add(value)
                raise PasswordRejected("password-rejected", "not this one")
            rooms.password = value
            rooms.changed_at = f"{rooms.boundary.now:%Y-%m-%dT%H:%M:%SZ}"  # in whole seconds
            if not rooms.hubs:
                rooms.verified.add(value)

        await rooms.write("directory.set_password", set_, _in_doubt)


class MemoryDevices:
    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self.seen_ago = timedelta(minutes=5)
        self.name = "HUB"
        self.enrolled_at: datetime | None = None

    async def find(self, reference: DeviceReference, calls: Calls) -> Device:
        def find() -> Device:
            hub = self._rooms.hubs.get(str(reference.managedDeviceId))
            if hub is None:
                raise Permanent("device-not-found", "Intune has no such device.")
            self.advance(hub)
            shown = hub.shows_at is None or hub.shows_at <= self._rooms.boundary.now
            result, began_at = (hub.result, hub.began_at) if shown else hub.told
            if hub.result == "gone":
                raise Permanent("device-not-found", "Intune has no such device any more.")
            return Device(
                id=hub.id,
                address=f"device:{hub.id}",
                name=self.name,
                operating_system="Windows",
                model="Surface Hub 2S",
                seen_at=self._rooms.boundary.now - self.seen_ago,
                enrolled_at=self.enrolled_at,
                result=result,
                began_at=began_at,
            )

        return await self._rooms.boundary.call("devices.find", find, _unavailable)

    async def set_account(
        self, device_id: str, parameter: Any, password: SecretStr, calls: Calls, **_: Any
    ) -> None:
        hub, now = self._rooms.hubs[device_id], self._rooms.boundary

        def set_() -> None:
            self.advance(hub)
            if hub.outcomes[0] == "forbidden":
                raise Permanent("graph-403-Forbidden", "not allowed")
            hub.told, hub.shows_at = (hub.result, hub.began_at), now.now + hub.shows_after
            hub.began_at, hub.result = now.now.isoformat(), "pending"
            hub.given, hub.done_at = password.get_secret_value(), now.now + _BUSY

        await self._rooms.write("devices.set_account", set_, _in_doubt)

    async def sync(self, device_id: str, calls: Calls) -> None:
        await self._rooms.boundary.call("devices.sync", lambda: None, _unavailable)

    def advance(self, hub: Hub) -> None:
        """What the device has done by now: it tries the password before it keeps it."""
        if hub.done_at is None or self._rooms.boundary.now < hub.done_at:
            return
        outcome = hub.outcomes[0]
        if outcome == "pending":
            return
        if len(hub.outcomes) > 1:
            hub.outcomes.pop(0)
        hub.done_at = None
        if outcome == "done" and hub.given == self._rooms.password:
            hub.password = hub.given
            self._rooms.verified.add(hub.given)
        hub.result = outcome if outcome != "done" or hub.password == hub.given else "failed"


class MemoryCalendar:
    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self.busy: datetime | None = None

    async def busy_until(self, account: str, at: datetime, calls: Calls) -> datetime | None:
        return await self._rooms.boundary.call(
            "calendar",
            lambda: self.busy if self.busy and self.busy > self._rooms.boundary.now else None,
            _unavailable,
        )


def _vault_down() -> Transient:
    return Transient("vault-unavailable", "busy")


def _vault_in_doubt() -> Transient:
    return Transient("vault-unavailable", "no answer", in_doubt=True)


def _unavailable() -> Transient:
    return Transient("graph-503", "busy")


def _in_doubt() -> Transient:
    return Transient("graph-504", "a gateway gave up", in_doubt=True)

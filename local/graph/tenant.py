"""The tenant: everything that requests read and change."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from local.standins.faults import STRICT
from local.standins.journal import digest

from .accounts import Accounts, DeviceAccount, UserPassword
from .clock import Clock
from .device_actions import Behaviour, DeviceActions
from .objects import Kind, Objects, Stored

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class SeededAccount(BaseModel):
    """The account a device signs in with before anybody changes it."""

    model_config = STRICT
    name: str
    password: str
    rotates_itself: bool = False


class Seed(BaseModel):
    """What a tenant holds; also the body of `POST /_control/objects`, which adds to it.

    A user may come with `passwordProfile.password`: what the directory accepts from the start.
    `actions` and `deviceAccounts` are keyed by managed device id; `runStates` maps the id of a
    script's run, of whatever script, to that of its managed device. `memberships` (with their
    "@odata.type") and `calendars` (events, their times in UTC) are keyed by user id. `groups` have
    the ids of their members by group id: devices, users, and other groups.
    """

    model_config = STRICT
    devices: list[dict[str, Any]] = []
    managed_devices: list[dict[str, Any]] = []
    users: list[dict[str, Any]] = []
    actions: dict[str, Behaviour] = {}
    run_states: dict[str, str] = {}
    device_accounts: dict[str, SeededAccount] = {}
    memberships: dict[str, list[dict[str, Any]]] = {}
    calendars: dict[str, list[dict[str, Any]]] = {}
    groups: dict[str, list[str]] = {}


class Tenant:
    """Objects, accounts and the remote actions under way."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.objects = Objects()
        self.accounts = Accounts()
        self.run_states: dict[str, str] = {}
        self.memberships: dict[str, list[Stored]] = {}
        self.calendars: dict[str, list[Stored]] = {}
        self.groups: dict[str, list[str]] = {}
        self.actions = DeviceActions(self.objects, self.accounts, clock)

    def add(self, seed: Seed) -> None:
        """Add what the seed holds; an object with a known id replaces the old one."""
        for device in seed.devices:
            self.objects.add(Kind.DEVICE, device)
        for managed in seed.managed_devices:
            self.objects.add(Kind.MANAGED_DEVICE, managed)
        for user in seed.users:
            self._add_user(user)
        self.actions.behaviours |= {key.lower(): value for key, value in seed.actions.items()}
        self.run_states |= {key.lower(): value for key, value in seed.run_states.items()}
        self.memberships |= {key.lower(): value for key, value in seed.memberships.items()}
        self.calendars |= {key.lower(): value for key, value in seed.calendars.items()}
        self.groups |= {
            key.lower(): [member.lower() for member in members]
            for key, members in seed.groups.items()
        }
        for device_id, account in seed.device_accounts.items():
            self.accounts.devices[device_id.lower()] = DeviceAccount(
                account.name, digest(account.password), account.rotates_itself
            )

    def _add_user(self, user: Mapping[str, Any]) -> None:
        profile = user.get("passwordProfile") or {}
        added = self.objects.add(
            Kind.USER, {name: value for name, value in user.items() if name != "passwordProfile"}
        )
        if "password" in profile:
            must_change = profile.get("forceChangePasswordNextSignIn", False)
            self.accounts.users[added["id"]] = UserPassword(
                digest(profile["password"]), must_change
            )

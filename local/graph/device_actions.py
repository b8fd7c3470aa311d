"""Remote actions of Intune: 204 means queued, the device does or does not do it later."""

import heapq
import itertools
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel, NonNegativeFloat

from local.standins.faults import STRICT

from .accounts import Accounts, DeviceAccount
from .clock import Clock, intune_time
from .objects import Kind, Objects, Stored

UPDATE_ACCOUNT = "updateDeviceAccount"
"""The name in `deviceActionResults`: the value of the beta enum `remoteAction`."""
SYNC = "syncDevice"


class Behaviour(BaseModel):
    """What a device does with an action; `pending` means that it never picks it up."""

    model_config = STRICT
    outcome: Literal["done", "failed", "notSupported", "canceled", "pending"] = "done"
    pick_up_seconds: NonNegativeFloat = 0.2
    finish_seconds: NonNegativeFloat = 0.2
    """From picking up to finishing."""
    waits_for_sync: bool = False
    """Whether the device picks up nothing before it is asked to sync."""


NOT_WINDOWS = Behaviour(outcome="notSupported")


@dataclass(frozen=True, slots=True)
class _Begun:
    run: int
    """Tells it from the one that replaced it."""
    device_id: str
    action: str
    account: DeviceAccount | None
    behaviour: Behaviour


@dataclass(order=True, slots=True)
class _Step:
    at: float
    number: int
    """Keeps steps of the same instant in order."""
    begun: _Begun = field(compare=False)
    state: str = field(compare=False)


class DeviceActions:
    """The queue of every device and its way through pending, active and an outcome.

    A new action replaces an unfinished one of the same name, as `deviceActionResults` keeps one
    result per name.
    """

    def __init__(self, objects: Objects, accounts: Accounts, clock: Clock) -> None:
        self.behaviours: dict[str, Behaviour] = {}
        self._objects = objects
        self._accounts = accounts
        self._clock = clock
        self._steps: list[_Step] = []
        self._numbers = itertools.count()
        self._latest: dict[tuple[str, str], int] = {}
        self._waiting: dict[str, list[_Begun]] = {}
        """By device: what it picks up once it is asked to sync."""

    def begin(self, device: Stored, action: str, account: DeviceAccount | None = None) -> None:
        """Queue an action; its result is `pending` from now on."""
        now, device_id, run = self._clock(), device["id"], next(self._numbers)
        behaviour = self._behaviour(device, action)
        self._latest[device_id, action] = run
        started = intune_time(now)
        others = [r for r in device.get("deviceActionResults", []) if r["actionName"] != action]
        device["deviceActionResults"] = [
            *others,
            {
                "actionName": action,
                "actionState": "pending",
                "startDateTime": started,
                "lastUpdatedDateTime": started,
            },
        ]
        if behaviour.outcome == "pending":
            return
        begun = _Begun(run, device_id, action, account, behaviour)
        if action == SYNC:
            for waiting in self._waiting.pop(device_id, []):
                self._schedule(waiting, now)
        if behaviour.waits_for_sync and action != SYNC:
            self._waiting.setdefault(device_id, []).append(begun)
        else:
            self._schedule(begun, now)

    def _schedule(self, begun: _Begun, now: float) -> None:
        picked_up = now + begun.behaviour.pick_up_seconds
        finished = picked_up + begun.behaviour.finish_seconds
        for at, state in ((picked_up, "active"), (finished, begun.behaviour.outcome)):
            step = _Step(at, next(self._numbers), begun, state)
            heapq.heappush(self._steps, step)

    def advance(self) -> None:
        """Let happen what is due by now. Called before each request, so nothing is seen early."""
        now = self._clock()
        while self._steps and self._steps[0].at <= now:
            step = heapq.heappop(self._steps)
            begun = step.begun
            device = self._objects.current(Kind.MANAGED_DEVICE, begun.device_id)
            if device is not None and self._latest[begun.device_id, begun.action] == begun.run:
                self._take(step, device)

    def _take(self, step: _Step, device: Stored) -> None:
        state = step.state
        if state == "done" and step.begun.account is not None:
            state = self._commit(device["id"], step.begun.account)
        if state == "done":
            device["lastSyncDateTime"] = intune_time(step.at)
        device["deviceActionResults"] = [
            result | {"actionState": state, "lastUpdatedDateTime": intune_time(step.at)}
            if result["actionName"] == step.begun.action
            else result
            for result in device["deviceActionResults"]
        ]

    def _commit(self, device_id: str, account: DeviceAccount) -> str:
        # ValidateAndCommit of the SurfaceHub CSP: the credential is tried before it is stored.
        if account.name is None:
            return "failed"
        name = account.name.casefold()
        users = (
            user
            for user in self._objects.all(Kind.USER)
            if user.get("userPrincipalName", "").casefold() == name
        )
        if not all(self._accounts.admits(user["id"], account) for user in users):
            return "failed"
        self._accounts.devices[device_id] = account
        return "done"

    def _behaviour(self, device: Stored, action: str) -> Behaviour:
        behaviour = self.behaviours.get(device["id"], Behaviour())
        if behaviour.outcome == "pending":
            return behaviour  # switched off, whatever is asked of it
        if action != UPDATE_ACCOUNT:
            return behaviour.model_copy(update={"outcome": "done"})
        return behaviour if device.get("operatingSystem") == "Windows" else NOT_WINDOWS

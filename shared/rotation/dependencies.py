"""What a rotation reaches the world through."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pydantic import SecretStr

from shared.clock import Clock
from shared.messaging.messages import Sender
from shared.passwords.policy import PasswordPolicy
from shared.policy.clearance import Clearance
from shared.processing.patience import Patience
from shared.processing.settle import Ended
from shared.records.ports import Lines, Operations
from shared.register.ports import Register
from shared.rotation.ports import Calendar, Devices, Directory
from shared.vault.ports import RotatingVault


@dataclass(frozen=True, slots=True)
class RotationPatience:
    """What a rotation waits for beside what every operation does."""

    most_mints: int = 3
    """Passwords that are tried when the directory rejects them."""
    most_tries: int = 3
    """Of the account action on one device, with the same password."""
    look_again: timedelta = timedelta(minutes=15)
    """Between looks at a device that has not been seen, before anything is touched."""
    looks: tuple[float, ...] = (60.0, 120.0, 300.0, 600.0, 1_800.0)
    """Seconds between looks for a confirmation; the last one goes on as long as it may."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The ports of a rotation, and how patient it is."""

    operations: Operations
    lines: Lines
    sender: Sender
    clock: Clock
    patience: Patience
    clearance: Clearance
    ended: Ended
    register: Register
    vault: RotatingVault
    directory: Directory
    devices: Devices
    calendar: Calendar
    mint: Callable[[PasswordPolicy], SecretStr]
    waits: RotationPatience = RotationPatience()
